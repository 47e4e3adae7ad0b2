import { createHash } from 'node:crypto';
import { Rejected, Transient } from '../../src/core/errors.ts';
import type { MimeMessage, MimeRest } from '../../src/core/microsoft.ts';
import { brokenBody } from './graph-client.ts';
import type { Mailbox } from './mailbox.ts';
import { BoundaryWatch, boundaryOf, headerLength, renameBoundary } from './mime-bytes.ts';

/** Messages up to this size are read whole and verified before they are handed over. */
const WHOLE_BYTES = 1024 * 1024;
/** A message without its closing boundary is believed once it came back alike this often. */
const ALIKE_READINGS = 3;
const MOST_READINGS = 6;
/** Incomplete large messages whose length is remembered at a time. */
const REMEMBERED = 1000;

/** Reads messages as MIME. Remembers the lengths of large messages that ended without their closing boundary. */
export interface MimeReader {
  /**
   * One message: whole where it is small, else its header and a rest to open. Throws `NotFound`, `Rejected` (code
   * `mime-conversion-failed` where Exchange cannot render it) and `Transient` for one that breaks off.
   */
  read(mailbox: Mailbox, id: string, signal: AbortSignal): Promise<MimeMessage>;
}

export function createMimeReader(): MimeReader {
  const suspects = new Map<string, number>();
  return {
    async read(mailbox, id, signal) {
      const source: MimeSource = { mailbox, id, suspects };
      const beginning = await readVerified(source, signal);
      const length = headerLength(beginning.bytes);
      if (length === null && !beginning.isWhole) throw endlessHeader();
      const header = beginning.bytes.subarray(0, length ?? beginning.bytes.length);
      const rest = beginning.isWhole
        ? wholeRest(beginning.bytes.subarray(header.length))
        : { bytes: null, whole: null, open: (opened: AbortSignal) => streamRest(source, header, opened) };
      return { kind: 'message', header, rest };
    },
  };
}

interface MimeSource {
  mailbox: Mailbox;
  id: string;
  suspects: Map<string, number>;
}

interface Beginning {
  bytes: Uint8Array;
  isWhole: boolean;
}

function wholeRest(whole: Uint8Array): MimeRest {
  return {
    bytes: whole.length,
    whole,
    open: async function* () {
      yield whole;
    },
  };
}

/**
 * The message or its first megabyte. A multipart without its closing boundary may have been cut, or may be like that:
 * it is read again until it is complete, or has come back alike three times.
 * Source: field reports of `$value` breaking off (microsoft-graph-docs #1808), mapping 3.1.
 */
async function readVerified(source: MimeSource, signal: AbortSignal): Promise<Beginning> {
  const seen = new Map<string, number>();
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    const beginning = await readBeginning(source, signal);
    if (!beginning.isWhole || isComplete(beginning.bytes)) return beginning;
    const digest = createHash('sha256').update(beginning.bytes).digest('hex');
    const times = (seen.get(digest) ?? 0) + 1;
    if (times >= ALIKE_READINGS) return beginning;
    seen.set(digest, times);
  }
  throw cut('keeps ending before its closing boundary, at another place each time');
}

function isComplete(bytes: Uint8Array): boolean {
  const length = headerLength(bytes);
  const boundary = boundaryOf(bytes.subarray(0, length ?? bytes.length));
  if (boundary === null) return true;
  const watch = new BoundaryWatch(boundary);
  watch.take(bytes.subarray(length ?? bytes.length));
  return watch.isClosed();
}

async function readBeginning(source: MimeSource, signal: AbortSignal): Promise<Beginning> {
  return converting(() =>
    source.mailbox.raw(requestOf(source.id), signal, async (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of bodyOf(response)) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > WHOLE_BYTES) return { bytes: Buffer.concat(chunks), isWhole: false };
      }
      verifyLength(response, bytes);
      if (bytes === 0) throw cut('came without a byte');
      return { bytes: Buffer.concat(chunks), isWhole: true };
    }),
  );
}

/** The rest of a large message, read anew; a header that was rendered otherwise this time is reconciled. */
async function* streamRest(
  source: MimeSource,
  header: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const response = await converting(() =>
    source.mailbox.raw(requestOf(source.id), signal, (answer) => Promise.resolve(answer)),
  );
  const expected = boundaryOf(header);
  const watch = expected === null ? null : new BoundaryWatch(expected);
  let total = 0;
  const counted = async function* () {
    for await (const chunk of bodyOf(response)) {
      total += chunk.length;
      yield chunk;
    }
  };
  for await (const chunk of afterHeader(counted(), header)) {
    watch?.take(chunk);
    yield chunk;
  }
  verifyLength(response, total);
  if (watch?.isClosed() === false) admitSuspect(source, total);
}

/** Lets a message without its closing boundary pass when it ended at the same place before. */
function admitSuspect({ id, suspects }: MimeSource, total: number): void {
  if (suspects.get(id) === total) return;
  const oldest = suspects.keys().next();
  if (suspects.size >= REMEMBERED && !oldest.done) suspects.delete(oldest.value);
  suspects.set(id, total);
  throw cut('ended before its closing boundary');
}

/**
 * Drops the header block from a stream. Exchange renders MIME on each read, so the boundary may differ from the one in
 * `header`: then the stream's is renamed to it. Any other difference is `Transient`: the item is read afresh.
 */
async function* afterHeader(
  chunks: AsyncIterable<Uint8Array>,
  header: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  let rename: ReturnType<typeof renameBoundary> | null = null;
  for await (const chunk of chunks) {
    if (rename !== null) {
      yield* rename.take(chunk);
      continue;
    }
    held = Buffer.concat([held, chunk]);
    const length = headerLength(held);
    if (length === null && held.length > WHOLE_BYTES * 2) throw endlessHeader();
    if (length === null) continue;
    rename = renameBoundary(held.subarray(0, length), header);
    if (rename === null) throw cut('was rendered with another header than before');
    yield* rename.take(held.subarray(length));
  }
  if (rename === null) throw cut('ended within its header');
  yield* rename.end();
}

function requestOf(id: string) {
  return { method: 'messages.mime', path: `/messages/${encodeURIComponent(id)}/$value` };
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) yield part.value;
  } catch (cause) {
    throw brokenBody(cause);
  } finally {
    // Frees the slot of an answer that is put down half read; nobody waits for how that goes.
    await reader?.cancel().catch(() => undefined);
  }
}

/** Content-Length counts encoded bytes, so it says nothing about a compressed answer. */
function verifyLength(response: Response, bytes: number): void {
  const named = response.headers.get('content-length');
  if (named === null || response.headers.has('content-encoding')) return;
  if (Number(named) !== bytes) throw cut('is shorter or longer than its Content-Length');
}

/** Exchange cannot render some items (opaque S/MIME and its reports), for good. Source: limits 1.5. */
async function converting<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Rejected) || !/ContentConversionFailed$/i.test(error.code)) throw error;
    const { message, status, requestId } = error;
    throw new Rejected({
      code: 'mime-conversion-failed',
      message,
      ...(status === undefined ? {} : { status }),
      ...(requestId === undefined ? {} : { requestId }),
      cause: error,
    });
  }
}

function cut(how: string): Transient {
  return new Transient({ code: 'mime-cut', message: `a message ${how}` });
}

function endlessHeader(): Rejected {
  return new Rejected({ code: 'mime-header-too-large', message: 'a message has no end of its header' });
}
