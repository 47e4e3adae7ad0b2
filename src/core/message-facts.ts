import { createHash } from 'node:crypto';

/** What raw message bytes say, independent of transfer encoding, boundaries, folding and line ends. */
export interface RawMessageFacts {
  /** Without angle brackets; null where there is none. */
  messageId: string | null;
  /** Hash of Date (instant), From, To, Cc (addresses) and Subject; equal for the same letter at both ends. */
  headerHash: string;
  /**
   * Hash over the ordered leaf parts: type, declared charset, file name, decoded content; and over which multiparts
   * lack their end. Two messages under one Message-ID are the same message when this is equal.
   */
  bodyHash: string;
  /** Hash of all bytes with line ends as LF and trace fields left out. */
  bytesHash: string;
  /** Header field names in lower case, sorted, repeated as they repeat; trace fields left out. */
  headerNames: string[];
}

/** Fields that a receiving system adds or rewrites on its own. */
const TRACE_FIELDS = new Set(['received', 'x-received', 'delivered-to', 'return-path']);

interface Field {
  name: string;
  /** Unfolded, trimmed. */
  value: string;
  /** As it stands, LF line ends. */
  raw: string;
}

/** Reads a whole message. Bytes are taken as Latin-1 while they are cut, so that nothing is lost. */
export function readMessageFacts(bytes: Uint8Array): RawMessageFacts {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/\r\n?/g, '\n');
  const { fields, body } = cut(text);
  const own = fields.filter(({ name }) => !TRACE_FIELDS.has(name));
  const leaves: string[] = [];
  collectLeaves(fields, body, leaves, 0);
  return {
    messageId: bareMessageId(fieldValue(fields, 'message-id')),
    headerHash: headerHashOf(fields),
    bodyHash: sha256(leaves.join('\n')),
    bytesHash: sha256(`${own.map(({ raw }) => raw).join('\n')}\n\n${body.replace(/\n+$/, '')}`),
    headerNames: own.map(({ name }) => name).sort(),
  };
}

/** `<a@b>` → `a@b`; comments and blanks around it go. Null for nothing. */
export function bareMessageId(value: string | null): string | null {
  if (value === null) return null;
  const inside = /<([^<>]*)>/.exec(value)?.[1] ?? value;
  const bare = inside.trim();
  return bare === '' ? null : bare;
}

function cut(text: string): { fields: Field[]; body: string } {
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const body = end < 0 ? '' : text.slice(end + (end === 0 ? 1 : 2));
  const fields: Field[] = [];
  for (const line of head.split('\n')) {
    // A line of blanks says nothing, and folds into whatever trace field a receiver puts before it.
    if (line.trim() === '') continue;
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.raw += `\n${line}`;
      last.value = `${last.value} ${line.trim()}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    if (colon > 0)
      fields.push({
        name: line.slice(0, colon).trim().toLowerCase(),
        value: line.slice(colon + 1).trim(),
        raw: line,
      });
    else if (line !== '') fields.push({ name: '', value: line, raw: line });
  }
  return { fields, body };
}

function fieldValue(fields: readonly Field[], name: string): string | null {
  return fields.find((field) => field.name === name)?.value ?? null;
}

function headerHashOf(fields: readonly Field[]): string {
  const date = Date.parse((fieldValue(fields, 'date') ?? '').replace(/\([^)]*\)/g, ''));
  const addresses = (name: string) => {
    const all = fields.filter((field) => field.name === name).map(({ value }) => value);
    return (
      all
        .join(',')
        .toLowerCase()
        .match(/[^\s<>,;"()]+@[^\s<>,;"()]+/g) ?? []
    )
      .sort()
      .join(',');
  };
  const subject = (fieldValue(fields, 'subject') ?? '').replace(/\s+/g, ' ');
  const instant = Number.isNaN(date) ? '' : String(Math.floor(date / 1000));
  return sha256([instant, addresses('from'), addresses('to'), addresses('cc'), subject].join('\n'));
}

const MAX_DEPTH = 40;

function collectLeaves(fields: readonly Field[], body: string, leaves: string[], depth: number): void {
  const contentType = fieldValue(fields, 'content-type') ?? 'text/plain';
  const type = (/^\s*([^\s;]+)/.exec(contentType)?.[1] ?? 'text/plain').toLowerCase();
  const boundary = parameter(contentType, 'boundary');
  if (type.startsWith('multipart/') && boundary !== null && depth < MAX_DEPTH) {
    const { parts, isClosed } = partsOf(body, boundary);
    for (const part of parts) {
      const inner = cut(part);
      collectLeaves(inner.fields, inner.body, leaves, depth + 1);
    }
    if (!isClosed) leaves.push('unclosed');
    return;
  }
  const content = decode(body, fieldValue(fields, 'content-transfer-encoding'));
  if (type === 'message/rfc822' && depth < MAX_DEPTH) {
    const inner = cut(content.toString('latin1').replace(/\r\n?/g, '\n'));
    leaves.push(`message ${headerHashOf(inner.fields)}`);
    collectLeaves(inner.fields, inner.body, leaves, depth + 1);
    return;
  }
  const name =
    parameter(fieldValue(fields, 'content-disposition') ?? '', 'filename') ??
    parameter(contentType, 'name') ??
    '';
  const charset = parameter(contentType, 'charset');
  leaves.push(`${type} ${charset?.toLowerCase() ?? ''} ${name} ${leafHash(type, content, charset)}`);
}

function leafHash(type: string, content: Buffer, charset: string | null): string {
  if (!type.startsWith('text/')) return sha256(content);
  const text = decodeText(content, charset).normalize('NFC').replace(/\r\n?/g, '\n');
  return sha256(text.replace(/[ \t]+(?=\n|$)/g, '').replace(/\n+$/, ''));
}

function decodeText(content: Buffer, charset: string | null): string {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(content);
  } catch {
    return content.toString('latin1');
  }
}

function decode(body: string, encoding: string | null): Buffer {
  switch ((encoding ?? '').trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64');
    case 'quoted-printable': {
      const joined = body.replace(/[ \t]+\n/g, '\n').replace(/=\n/g, '');
      const plain = joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
      return Buffer.from(plain, 'latin1');
    }
    default:
      return Buffer.from(body, 'latin1');
  }
}

function partsOf(body: string, boundary: string): { parts: string[]; isClosed: boolean } {
  const parts: string[] = [];
  let current: string[] | null = null;
  let isClosed = false;
  for (const line of body.split('\n')) {
    const mark = line.trimEnd();
    isClosed ||= mark === `--${boundary}--`;
    if (mark === `--${boundary}` || mark === `--${boundary}--`) {
      if (current !== null) parts.push(current.join('\n'));
      current = mark === `--${boundary}` ? [] : null;
    } else current?.push(line);
  }
  if (current !== null) parts.push(current.join('\n'));
  return { parts, isClosed };
}

function parameter(value: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(
    `;${value}`,
  );
  const found = match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2] ?? null;
  return found === '' ? null : found;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
