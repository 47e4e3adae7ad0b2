import PostalMime, { type Attachment, type Email } from 'postal-mime';
import { sha256Hex } from './digest.ts';

/** Messages inside messages that are looked into; deeper ones count by their bytes. */
const MAX_DEPTH = 8;

/**
 * Hash of what a message holds (mapping 6.1, F3): its leaf parts in order, each by type, file name and decoded
 * content. Text is compared as Unicode without trailing blanks; boundaries, transfer encodings, header folding and
 * dates of parts do not count; messages inside are taken apart likewise. What cannot be parsed counts by its bytes.
 */
export async function bodyHash(bytes: Uint8Array): Promise<string> {
  return sha256Hex(JSON.stringify(await leaves(bytes, 0)));
}

type Leaf = readonly [type: string, name: string, content: string];

async function leaves(bytes: Uint8Array, depth: number): Promise<readonly Leaf[]> {
  const email = await parse(bytes);
  if (email === null) return [['application/octet-stream', '', sha256Hex(bytes)]];
  const parts: Leaf[] = [];
  if (email.text !== undefined) parts.push(['text/plain', '', sha256Hex(plainText(email.text))]);
  if (email.html !== undefined) parts.push(['text/html', '', sha256Hex(plainText(email.html))]);
  for (const attachment of email.attachments) parts.push(await leaf(attachment, depth));
  return parts;
}

async function leaf(attachment: Attachment, depth: number): Promise<Leaf> {
  const content = bytesOf(attachment.content);
  const type = attachment.mimeType.toLowerCase();
  const name = (attachment.filename ?? '').normalize('NFC');
  if (type === 'message/rfc822' && depth < MAX_DEPTH)
    return [type, name, sha256Hex(JSON.stringify(await leaves(content, depth + 1)))];
  if (type.startsWith('text/'))
    return [type, name, sha256Hex(plainText(Buffer.from(content).toString('latin1')))];
  return [type, name, sha256Hex(content)];
}

async function parse(bytes: Uint8Array): Promise<Email | null> {
  try {
    return await PostalMime.parse(bytes, { forceRfc822Attachments: true, maxHeadersSize: 16 * 1024 * 1024 });
  } catch {
    // Nesting or headers beyond the parser's limits: such a message is compared as a whole.
    return null;
  }
}

function plainText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n+$/, '')
    .normalize('NFC');
}

function bytesOf(content: Attachment['content']): Uint8Array {
  if (typeof content === 'string') return Buffer.from(content, 'latin1');
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
