import { AmbiguousWrite, NotFound, Rejected, Transient } from '../../src/core/errors.ts';
import type { MimeRest } from '../../src/core/microsoft.ts';

export type UploadMethod = 'gmail.messages.import' | 'gmail.messages.insert' | 'gmail.drafts.create';

/** One message on its way into a mailbox: the call, its metadata, and the bytes. */
export interface MessageUpload {
  method: UploadMethod;
  query: Readonly<Record<string, string>>;
  /** The JSON part: a `Message` or `Draft` without its content. */
  metadata: object;
  header: Uint8Array;
  rest: MimeRest;
}

/** What Google says of a stored message. */
export interface StoredMessage {
  id: string;
  /** Null where the answer does not tell. */
  labelIds: string[] | null;
  draftId: string | null;
}

/** Bytes of the whole message, null when they are not known ahead. */
export function sizeOf({ header, rest }: Pick<MessageUpload, 'header' | 'rest'>): number | null {
  const restBytes = rest.whole?.byteLength ?? rest.bytes;
  return restBytes === null ? null : header.byteLength + restBytes;
}

export function tooLarge(): Rejected {
  return new Rejected({ code: 'too-large', message: 'the message exceeds what Gmail accepts' });
}

/** The bytes after the header; throws when the source ends with fewer or more of them than it announced. */
export async function* verified(rest: MimeRest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of rest.open(signal)) {
    bytes += piece.byteLength;
    if (piece.byteLength > 0) yield piece;
  }
  if (rest.bytes === null || rest.bytes === bytes) return;
  throw new Transient({
    code: 'source-length',
    message: `the source ended after ${bytes} bytes instead of ${rest.bytes}`,
  });
}

/** Google's 404 for an upload concerns the mailbox; the engine's `NotFound` is kept for items gone at the source. */
export function refusal(error: unknown): unknown {
  if (!(error instanceof NotFound)) return error;
  return new Rejected({ code: 'mailbox-not-found', message: error.message, status: 404, cause: error });
}

/** Reads a `Message` or a `Draft`. An answer without an id leaves open what happened. */
export function readStored(text: string): StoredMessage {
  const answer = parse(text);
  const message = isFields(answer['message']) ? answer['message'] : answer;
  const id = message['id'];
  if (typeof id !== 'string' || id === '') throw unreadable();
  const labelIds = message['labelIds'];
  const draftId = message === answer ? null : answer['id'];
  return {
    id,
    labelIds: Array.isArray(labelIds) ? labelIds.filter((label) => typeof label === 'string') : null,
    draftId: typeof draftId === 'string' ? draftId : null,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function parse(text: string): Fields {
  try {
    const answer: unknown = JSON.parse(text);
    if (isFields(answer)) return answer;
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable();
}

function unreadable(cause?: unknown): AmbiguousWrite {
  return new AmbiguousWrite({
    code: 'answer-unreadable',
    message: 'Gmail took a message and its answer names no id',
    cause,
  });
}
