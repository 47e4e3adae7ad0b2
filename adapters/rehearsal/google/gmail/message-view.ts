import type { Call } from '../api.ts';
import { compact, type Json } from '../json.ts';
import type { StoredMessage } from './mailbox.ts';
import { contentOf, decodeWords, type HeaderField, type MimePart, readStructure } from './mime.ts';

export type MessageFormat = 'minimal' | 'full' | 'raw' | 'metadata';

/** Header fields whose values Gmail gives as they stand. */
const VERBATIM = /^(message-id|references|in-reply-to|content-|received|date)/i;

/** Schema `Message` in one of its formats; `metadataHeaders` narrows the header fields of `metadata`. */
export function describeMessage(
  call: Call,
  message: StoredMessage,
  format: MessageFormat,
  metadataHeaders: readonly string[] = [],
): Json {
  const bytes = call.tenant.mail.file.read(message.place);
  const structure = readStructure(bytes);
  const common: Json = {
    id: message.id,
    threadId: message.threadId,
    labelIds: [...message.labels],
    snippet: snippetOf(bytes, structure),
    sizeEstimate: message.place.bytes,
    historyId: String(message.historyId),
    internalDate: String(message.internalDate),
  };
  if (format === 'minimal') return common;
  if (format === 'raw') return { ...common, raw: bytes.toString('base64url') };
  if (format === 'full') return { ...common, payload: describePart(bytes, structure) };
  const wanted = new Set(metadataHeaders.map((name) => name.toLowerCase()));
  const headers = structure.headers.filter(
    (field) => wanted.size === 0 || wanted.has(field.name.toLowerCase()),
  );
  return { ...common, payload: { mimeType: structure.mimeType, headers: headers.map(describeHeader) } };
}

function describeHeader({ name, value }: HeaderField): Json {
  return { name, value: VERBATIM.test(name) ? value : decodeWords(value) };
}

function describePart(bytes: Buffer, part: MimePart): Json {
  const isAttachment = part.filename !== '' || !part.mimeType.startsWith('text/');
  return compact({
    partId: part.partId,
    mimeType: part.mimeType,
    filename: part.filename,
    headers: part.headers.map(describeHeader),
    body: part.parts.length > 0 ? { size: 0 } : bodyOf(contentOf(bytes, part), part.partId, isAttachment),
    parts: part.parts.length > 0 ? part.parts.map((below) => describePart(bytes, below)) : undefined,
  });
}

/** Text stands in the answer; an attachment is fetched by an id of its own. */
function bodyOf(content: Buffer, partId: string, isAttachment: boolean): Json {
  if (isAttachment) return { attachmentId: attachmentIdOf(partId), size: content.length };
  return { size: content.length, data: content.toString('base64url') };
}

function attachmentIdOf(partId: string): string {
  return `ANGjdJ_${Buffer.from(`part:${partId}`).toString('base64url')}`;
}

/** The content of the part that an attachment id names; null for none. */
export function readAttachment(call: Call, message: StoredMessage, attachmentId: string): Buffer | null {
  const bytes = call.tenant.mail.file.read(message.place);
  const part = findPart(readStructure(bytes), attachmentId);
  return part ? contentOf(bytes, part) : null;
}

function findPart(part: MimePart, attachmentId: string): MimePart | null {
  if (part.parts.length === 0 && attachmentIdOf(part.partId) === attachmentId) return part;
  for (const below of part.parts) {
    const found = findPart(below, attachmentId);
    if (found) return found;
  }
  return null;
}

function snippetOf(bytes: Buffer, part: MimePart): string {
  const leaf = firstText(part);
  if (!leaf) return '';
  const text = contentOf(bytes, leaf).subarray(0, 600).toString('utf8');
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 150);
}

function firstText(part: MimePart): MimePart | null {
  if (part.parts.length === 0) return part.mimeType.startsWith('text/') && part.filename === '' ? part : null;
  for (const below of part.parts) {
    const found = firstText(below);
    if (found) return found;
  }
  return null;
}
