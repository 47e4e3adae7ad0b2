import type { Watch } from './watch.ts';

/** Bytes that are read ahead, so that a small answer frees its slot even when nobody reads it. */
const READ_AHEAD_BYTES = 64 * 1024;
/** A failed answer is read this far. */
const FAILED_BYTES = 64 * 1024;

/** Statuses that carry what was asked for; 308 is Google's "resume incomplete" of resumable uploads. */
export function isSuccess(status: number): boolean {
  return (status >= 200 && status < 300) || status === 304 || status === 308;
}

export interface BodyRule {
  watch: Watch;
  bodyTimeoutMs: number;
  /** Called once, when the body was read to its end, cancelled, or failed. */
  ended(how: 'whole' | 'cancelled' | 'failed'): void;
  /** Turns a failure while reading into the error that readers see. */
  fail(cause: unknown): Error;
}

/** The same answer with a body that is watched: stalls end it, and its end is told. */
export function guardAnswer(answer: Response, rule: BodyRule): Response {
  const init = { status: answer.status, statusText: answer.statusText, headers: answer.headers };
  const bodiless = answer.body === null || [204, 205, 304].includes(answer.status);
  if (bodiless) rule.ended('whole');
  const guarded = new Response(bodiless || !answer.body ? null : guardBody(answer.body, rule), init);
  Object.defineProperty(guarded, 'url', { value: answer.url });
  return guarded;
}

function guardBody(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  rule: BodyRule,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  let isCancelled = false;
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await readNext(reader, rule).catch((cause: unknown) => ({ cause }));
        if (isCancelled) return;
        if ('cause' in next) {
          // The reader's error is on its way to whoever reads; the connection is of no more use.
          reader.cancel(next.cause).catch(() => undefined);
          const error = rule.fail(next.cause);
          rule.ended('failed');
          controller.error(error);
        } else if (next.done) {
          rule.ended('whole');
          controller.close();
        } else controller.enqueue(next.value);
      },
      async cancel(reason) {
        isCancelled = true;
        rule.ended('cancelled');
        // The connection was aborted a moment ago; that its stream says so is no news.
        await reader.cancel(reason).catch(() => undefined);
      },
    },
    { highWaterMark: READ_AHEAD_BYTES, size: (chunk) => chunk.byteLength },
  );
}

function readNext(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, rule: BodyRule) {
  return rule.watch.within(rule.bodyTimeoutMs, 'body-timeout', reader.read());
}

/** The text of a failed answer, at most 64 kB; what came before a break is enough to classify it. */
export async function readFailed(answer: Response, watch: Watch, bodyTimeoutMs: number): Promise<string> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    while (reader && bytes < FAILED_BYTES) {
      const { done, value } = await watch.within(bodyTimeoutMs, 'body-timeout', reader.read());
      if (done) return text + decoder.decode();
      const part = value.subarray(0, FAILED_BYTES - bytes);
      bytes += part.byteLength;
      text += decoder.decode(part, { stream: true });
    }
  } catch {
    // The status is known and decides; a cut error body only makes the vendor's code harder to read.
    return text;
  }
  reader?.cancel().catch(() => undefined);
  return text;
}
