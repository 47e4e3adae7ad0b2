import { createRandom, hash } from '../service/random.ts';

/** What a message says, before it is written down as MIME. */
export interface Composition {
  /** With angle brackets; null leaves the field out. */
  messageId: string | null;
  inReplyTo: string | null;
  /** Empty leaves From out. */
  from: string;
  fromName: string;
  to: readonly string[];
  subject: string;
  sentAt: number;
  receivedAt: number;
  paragraphs: readonly string[];
  attachment: { name: string; type: string; bytes: number } | null;
  /** Further fields; an empty `Date` here leaves the Date field out. */
  extra: readonly [string, string][];
  lineEnd: '\r\n' | '\n';
}

/** Writes a message as Exchange renders it: alternatives inside, attachment outside, its own header fields. */
export function compose(mail: Composition): Uint8Array {
  const key = hash(mail.messageId ?? '', mail.subject, mail.sentAt).slice(0, 20);
  const alternative = alternativePart(mail, `_000_${key}alt_`);
  const { type, body } =
    mail.attachment === null ? alternative : mixedPart(mail, alternative, `_004_${key}mix_`);
  const lines = [...headerLines(mail), `Content-Type: ${type}`, 'MIME-Version: 1.0', '', ...body, ''];
  return Buffer.from(lines.join(mail.lineEnd), 'utf8');
}

function headerLines(mail: Composition): string[] {
  const hidesDate = mail.extra.some(([name, value]) => name === 'Date' && value === '');
  const received = `Received: from mx.example.org (192.0.2.1) by store.example.org with SMTP;`;
  return [
    received,
    ` ${rfc5322Date(mail.receivedAt)}`,
    ...(mail.from === '' ? [] : [`From: ${encodeWord(mail.fromName)} <${mail.from}>`]),
    `To: ${mail.to.join(', ')}`,
    `Subject: ${encodeWord(mail.subject)}`,
    `Thread-Topic: ${encodeWord(mail.subject)}`,
    ...(hidesDate ? [] : [`Date: ${rfc5322Date(mail.sentAt)}`]),
    ...(mail.messageId === null ? [] : [`Message-ID: ${mail.messageId}`]),
    ...(mail.inReplyTo === null ? [] : [`In-Reply-To: ${mail.inReplyTo}`, `References: ${mail.inReplyTo}`]),
    ...mail.extra.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}`),
    'X-MS-Has-Attach:',
  ];
}

interface Part {
  type: string;
  body: string[];
}

function alternativePart(mail: Composition, boundary: string): Part {
  const html = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body>${mail.paragraphs.map((text) => `<p>${text}</p>`).join('')}</body></html>`;
  return {
    type: `multipart/alternative; boundary="${boundary}"`,
    body: [
      `--${boundary}`,
      'Content-Type: text/plain; charset="utf-8"',
      'Content-Transfer-Encoding: base64',
      '',
      ...base64Lines(Buffer.from(mail.paragraphs.join('\r\n\r\n'), 'utf8')),
      '',
      `--${boundary}`,
      'Content-Type: text/html; charset="utf-8"',
      'Content-Transfer-Encoding: 8bit',
      '',
      html,
      '',
      `--${boundary}--`,
    ],
  };
}

function mixedPart(mail: Composition, inner: Part, boundary: string): Part {
  const { name, type, bytes } = mail.attachment ?? { name: '', type: '', bytes: 0 };
  return {
    type: `multipart/mixed; boundary="${boundary}"`,
    body: [
      `--${boundary}`,
      `Content-Type: ${inner.type}`,
      '',
      ...inner.body,
      '',
      `--${boundary}`,
      `Content-Type: ${type}; name="${encodeWord(name)}"`,
      `Content-Disposition: attachment; filename="${encodeWord(name)}"; size=${bytes}`,
      'Content-Transfer-Encoding: base64',
      '',
      ...base64Lines(noise(`${mail.messageId}${mail.subject}`, bytes)),
      '',
      `--${boundary}--`,
    ],
  };
}

function noise(name: string, bytes: number): Buffer {
  const random = createRandom(Number.parseInt(hash(name).slice(0, 8), 16));
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) buffer[at] = random.int(256);
  return buffer;
}

function base64Lines(bytes: Buffer): string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [''];
}

/** RFC 2047 where it is needed, in words of at most 75 characters. */
function encodeWord(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let part = '';
  for (const character of text) {
    if (Buffer.byteLength(part + character, 'utf8') > 42) {
      words.push(part);
      part = '';
    }
    part += character;
  }
  return [...words, part]
    .map((word) => `=?utf-8?B?${Buffer.from(word, 'utf8').toString('base64')}?=`)
    .join('\r\n ');
}

function rfc5322Date(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
