import { Readable } from 'node:stream';
import { MigrationError, Transient } from '../core/errors.ts';
import type { Origins } from './origins.ts';

/** A request as it goes out: real URL, plain options, a body whose progress is seen. */
export interface OutboundRequest {
  url: string;
  init: RequestInit;
  /** The SDK's own signal, if it has one. */
  signal: AbortSignal | null;
  /** Bytes of a body that is sent in one piece; 0 for none and for streams. */
  bodyBytes: number;
  /** The error that a streamed body ended with, null while it is well. */
  bodyFailure(): MigrationError | null;
  /** Called with each chunk of a streamed body that is taken. */
  onProgress(listener: () => void): void;
  /** Lets go of a streamed body that will not be read any more. */
  abandon(): void;
}

/** Reads what an SDK hands to `fetch` (a URL and options, or a `Request`) and admits its origin. */
export function outboundRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  origins: Origins,
): OutboundRequest {
  const given = typeof input === 'object' && 'url' in input ? input : null;
  const url = origins.admit(given ? given.url : String(input));
  const body = init?.body ?? given?.body ?? null;
  const upload = isStream(body) ? new StreamedBody(body) : null;
  return {
    url,
    init: {
      method: init?.method ?? given?.method ?? 'GET',
      headers: init?.headers ?? given?.headers ?? {},
      redirect: 'manual',
      ...(upload ? { body: upload.chunks(), duplex: 'half' } : body === null ? {} : { body }),
    },
    signal: init?.signal ?? given?.signal ?? null,
    bodyBytes: upload ? 0 : sizeOf(body),
    bodyFailure: () => upload?.failure ?? null,
    onProgress: (listener) => upload?.onProgress(listener),
    abandon: () => upload?.abandon(),
  };
}

type Chunks = AsyncIterable<Uint8Array | string>;

function isStream(body: unknown): body is Chunks {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

function sizeOf(body: unknown): number {
  if (typeof body === 'string') return body.length;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return body instanceof Blob ? body.size : 0;
}

class StreamedBody {
  readonly #source: Chunks;
  #listener: () => void = () => {};
  failure: MigrationError | null = null;

  constructor(source: Chunks) {
    this.#source = source;
  }

  onProgress(listener: () => void): void {
    this.#listener = listener;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#source) {
        this.#listener();
        yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      }
    } catch (cause) {
      this.failure = bodyFailure(cause);
      throw this.failure;
    }
  }

  abandon(): void {
    if (this.#source instanceof Readable) this.#source.destroy();
    else if (this.#source instanceof ReadableStream && !this.#source.locked) {
      this.#source.cancel().catch(() => undefined);
    }
  }
}

/** A request whose body broke off never became whole, so nothing can have come of it. */
function bodyFailure(cause: unknown): MigrationError {
  if (cause instanceof MigrationError) return cause;
  return new Transient({ code: 'request-body-failed', message: 'the bytes to send broke off', cause });
}
