import {
  AmbiguousWrite,
  MigrationError,
  NotFound,
  Rejected,
  Throttled,
  Transient,
} from '../../src/core/errors.ts';
import type { GoogleConnection, SignedWire } from './client.ts';
import { MESSAGE_BYTES_MAX, SINGLE_UPLOAD_BYTES } from './limits.ts';
import {
  type MessageUpload,
  readStored,
  refusal,
  type StoredMessage,
  tooLarge,
  verified,
} from './upload-source.ts';

interface ChunkedUpload extends MessageUpload {
  /** Path of the method below the root, without the prefix for uploads. */
  path: string;
  /** Bytes of the whole message, null when they are not known ahead. */
  size: number | null;
}

/** A piece of a message between two multiples of the chunk size. */
export interface Chunk {
  bytes: Uint8Array;
  /** Position of the first byte in the message. */
  offset: number;
  /** Size of the whole message; null until the source has ended well, thus for every chunk but the last. */
  total: number | null;
}

/**
 * The upload guide names `/upload` with `uploadType=resumable`; the discovery document's `resumable` protocol names
 * the other. Google serves both; the second is tried where the first is not found.
 */
const PREFIXES = ['/upload', '/resumable/upload'] as const;
/** A session that Google lost before the last chunk has stored nothing: the upload starts over this often. */
const SESSIONS_MAX = 3;

/**
 * Stores a message through a resumable session: chunks of 5 MiB with a total that stays unknown until the source was
 * read to its end and verified. Before that Google holds no message, whatever happens.
 * Source: https://developers.google.com/workspace/gmail/api/guides/uploads, read 2026-11.
 */
export async function uploadInChunks(
  google: GoogleConnection,
  subject: string,
  upload: ChunkedUpload,
  signal: AbortSignal,
): Promise<StoredMessage> {
  for (let session = 1; ; session += 1) {
    try {
      return await uploadOnce(google, subject, upload, signal);
    } catch (error) {
      const lost = error instanceof Transient && error.code === 'upload-session-lost';
      if (!lost || session === SESSIONS_MAX) throw error;
    }
  }
}

async function uploadOnce(
  google: GoogleConnection,
  subject: string,
  upload: ChunkedUpload,
  signal: AbortSignal,
): Promise<StoredMessage> {
  // The session is opened before the source: rate and slot of the target are had first.
  const session = await openSession(google, subject, upload, signal);
  for await (const chunk of chunksOf(upload, signal)) {
    const stored = await sendChunk(google, subject, session, chunk, signal);
    if (stored !== null) return stored;
  }
  throw new AmbiguousWrite({
    code: 'upload-unfinished',
    message: 'Gmail took all chunks of a message and did not confirm it',
  });
}

async function openSession(
  google: GoogleConnection,
  subject: string,
  upload: ChunkedUpload,
  signal: AbortSignal,
): Promise<string> {
  const open = (prefix: string) =>
    google.send('gmail.upload.open', subject, (wire) => requestSession(wire, upload, prefix), signal);
  try {
    return await open(PREFIXES[0]);
  } catch (error) {
    if (!isUnrouted(error)) throw error;
    return open(PREFIXES[1]).catch((second: unknown) => {
      throw refusal(second);
    });
  }
}

function isUnrouted(error: unknown): boolean {
  return error instanceof NotFound || (error instanceof Rejected && error.status === 405);
}

async function requestSession(wire: SignedWire, upload: ChunkedUpload, prefix: string): Promise<string> {
  const query = new URLSearchParams({
    uploadType: 'resumable',
    ...upload.query,
    quotaUser: wire.quotaUser,
  });
  const length = upload.size === null ? {} : { 'x-upload-content-length': String(upload.size) };
  const response = await wire.fetch(`${wire.root}${prefix}${upload.path}?${query}`, {
    method: 'POST',
    headers: {
      authorization: wire.authorization,
      'content-type': 'application/json; charset=UTF-8',
      'x-upload-content-type': 'message/rfc822',
      ...length,
    },
    body: JSON.stringify(upload.metadata),
    signal: wire.signal,
  });
  await response.arrayBuffer();
  return sessionUrl(response.headers.get('location'), wire.root);
}

/** Google's own hosts in a session URI give way to the configured root; the transport refuses all foreign origins. */
function sessionUrl(location: string | null, root: string): string {
  if (location === null || !URL.canParse(location, root)) {
    throw new Transient({ code: 'no-upload-session', message: 'Gmail opened an upload without naming it' });
  }
  const url = new URL(location, root);
  const base = new URL(root);
  const ours = base.hostname.endsWith('.googleapis.com');
  if (!ours && url.hostname.endsWith('.googleapis.com')) return `${base.origin}${url.pathname}${url.search}`;
  return url.href;
}

/**
 * Cuts header and rest into chunks. A chunk leaves only when a byte beyond it is there, so the last one is held back
 * until the source has ended well; it alone tells the total.
 */
export async function* chunksOf(
  upload: Pick<MessageUpload, 'header' | 'rest'>,
  signal: AbortSignal,
  chunkBytes: number = SINGLE_UPLOAD_BYTES,
): AsyncGenerator<Chunk> {
  let held: Uint8Array[] = [upload.header];
  let heldBytes = upload.header.byteLength;
  let offset = 0;
  for await (const piece of verified(upload.rest, signal)) {
    held.push(piece);
    heldBytes += piece.byteLength;
    if (offset + heldBytes > MESSAGE_BYTES_MAX) throw tooLarge();
    while (heldBytes > chunkBytes) {
      const joined = Buffer.concat(held);
      yield { bytes: joined.subarray(0, chunkBytes), offset, total: null };
      offset += chunkBytes;
      held = [joined.subarray(chunkBytes)];
      heldBytes -= chunkBytes;
    }
  }
  yield { bytes: Buffer.concat(held), offset, total: offset + heldBytes };
}

/** Sends one chunk; after a lost answer asks first how far Google got. Null: taken, and more is expected. */
async function sendChunk(
  google: GoogleConnection,
  subject: string,
  session: string,
  chunk: Chunk,
  signal: AbortSignal,
): Promise<StoredMessage | null> {
  let attempts = 0;
  try {
    return await google.send(
      'gmail.upload.chunk',
      subject,
      async (wire) => {
        attempts += 1;
        const state = attempts === 1 ? { received: chunk.offset } : await askState(wire, session);
        return 'stored' in state ? state.stored : putFrom(wire, session, chunk, state.received);
      },
      signal,
    );
  } catch (error) {
    throw chunkFailure(error, chunk, attempts);
  }
}

type State = { stored: StoredMessage } | { received: number };

async function putFrom(
  wire: SignedWire,
  session: string,
  chunk: Chunk,
  from: number,
): Promise<StoredMessage | null> {
  const end = chunk.offset + chunk.bytes.byteLength;
  let position = from;
  while (position < end) {
    if (position < chunk.offset) throw sessionLost();
    const bytes = chunk.bytes.subarray(position - chunk.offset);
    const range = `bytes ${position}-${end - 1}/${chunk.total ?? '*'}`;
    const state = await put(wire, session, range, bytes);
    if ('stored' in state) return state.stored;
    if (state.received <= position) {
      throw new Transient({ code: 'upload-stalled', message: 'Gmail took none of the bytes of a chunk' });
    }
    position = state.received;
  }
  return null;
}

function askState(wire: SignedWire, session: string): Promise<State> {
  return put(wire, session, 'bytes */*', null);
}

/** 308 tells in `Range` how far Google got (absent: nothing); 200 or 201 carries what was stored. */
async function put(
  wire: SignedWire,
  session: string,
  range: string,
  bytes: Uint8Array | null,
): Promise<State> {
  const response = await wire.fetch(session, {
    method: 'PUT',
    headers: { authorization: wire.authorization, 'content-range': range, 'content-type': 'message/rfc822' },
    // An empty body makes the request carry `Content-Length: 0`, which Google asks for.
    body: (bytes ?? new Uint8Array(0)) as NonNullable<RequestInit['body']>,
    signal: wire.signal,
  });
  const text = await response.text();
  if (response.status !== 308) return { stored: readStored(text) };
  const last = /^bytes=\d+-(\d+)$/.exec(response.headers.get('range')?.trim() ?? '')?.[1];
  return { received: last === undefined ? 0 : Number(last) + 1 };
}

function sessionLost(cause?: unknown): Transient {
  return new Transient({
    code: 'upload-session-lost',
    message: 'Gmail forgot an upload that was under way',
    cause,
  });
}

/** Before the last chunk nothing can have been stored; after it, only a definite answer tells. */
function chunkFailure(error: unknown, chunk: Chunk, attempts: number): unknown {
  if (!(error instanceof MigrationError)) return error;
  const forgotten = error instanceof NotFound;
  if (chunk.total === null) return forgotten ? sessionLost(error) : error;
  const untouched = error instanceof Throttled && attempts <= 1;
  if (untouched || (!error.retryable && !forgotten)) return error;
  return new AmbiguousWrite({
    code: error.code,
    message: 'the last chunk of a message was sent and its answer never came',
    scope: error.scope,
    cause: error,
  });
}
