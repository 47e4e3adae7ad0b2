import { throwIfAborted } from '../core/clock.ts';
import { AmbiguousWrite, Interrupted, MigrationError, Throttled } from '../core/errors.ts';
import type { Admission, Ticket } from './admission.ts';
import { guardAnswer, isSuccess, readFailed } from './answer.ts';
import { backoffMs } from './backoff.ts';
import { connectionFailure, lostAnswer } from './failures.ts';
import type { Fences } from './fence.ts';
import { tally } from './meter.ts';
import type { Origins } from './origins.ts';
import type { Plan } from './plan.ts';
import { type OutboundRequest, outboundRequest } from './request.ts';
import { readRetryAfterMs } from './retry-after.ts';
import type { Meter, TransportOptions, Verdict, Wire } from './types.ts';
import { Watch } from './watch.ts';

/** What all attempts of a transport share. */
export interface Line {
  options: TransportOptions;
  fetch: typeof globalThis.fetch;
  origins: Origins;
  admission: Admission;
  fences: Fences;
  meter: Meter;
  headersTimeoutMs: number;
  bodyTimeoutMs: number;
}

/** Added to every `Retry-After`, so that a vendor whose clock counts whole seconds never sees us early. */
export const RETRY_AFTER_MARGIN_MS = 1000;

/** Bytes per millisecond below which the upload of a body in one piece counts as stalled (128 kB/s). */
const SLOWEST_UPLOAD = 128;
const CLOSING_STATUSES = new Set([403, 429, 503]);

/**
 * One attempt of a call. Its `wire.fetch` sends single requests and remembers how the last one failed, whatever an
 * SDK makes of it.
 */
export class Attempt {
  readonly wire: Wire;
  readonly #line: Line;
  readonly #plan: Plan;
  readonly #number: number;
  readonly #signal: AbortSignal;
  readonly #scope = new AbortController();
  readonly #open = new Set<() => void>();
  #isOver = false;
  #isAnswered = false;
  #failure: MigrationError | null = null;
  #retryAfterMs: number | undefined;

  constructor(line: Line, plan: Plan, number: number, signal: AbortSignal) {
    this.#line = line;
    this.#plan = plan;
    this.#number = number;
    this.#signal = signal;
    this.wire = { fetch: (input, init) => this.#fetch(input, init), signal: this.#scope.signal };
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Floor of the wait before the next attempt, where the vendor named one; scaled ms. */
  get retryAfterMs(): number | undefined {
    return this.#retryAfterMs;
  }

  /** The attempt returned; answers that it handed out may still be read. */
  succeed(): void {
    this.#isOver = true;
    this.#letGo();
  }

  /** The attempt threw `cause`: stops whatever of it is still under way and says what that means. */
  fail(cause: unknown): MigrationError {
    this.#isOver = true;
    const error = this.#meaning(cause);
    this.#scope.abort(new Interrupted('the attempt is over'));
    for (const end of this.#open) end();
    this.#letGo();
    return error;
  }

  readonly #onAbort = (): void => this.#scope.abort(this.#signal.reason);

  #letGo(): void {
    if (this.#isOver && this.#open.size === 0) this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #meaning(cause: unknown): MigrationError {
    if (this.#signal.aborted) return this.#interruption();
    if (cause instanceof MigrationError) return cause === this.#failure ? cause : this.#ownError(cause);
    if (this.#failure) return this.#failure;
    if (this.#isAnswered) return lostAnswer(this.#plan.row.write, 'answer-unreadable', cause);
    const message = `a call of ${this.#plan.row.method} failed before it sent a request`;
    return new MigrationError({ code: 'attempt-failed', message, cause });
  }

  /** An error that the adapter found by itself, e.g. a throttle inside a batch whose answer was 200. */
  #ownError(error: MigrationError): MigrationError {
    this.#retryAfterMs = error.retryAfterMs;
    if (error instanceof Throttled) this.#throttle(error, undefined, this.#line.options.clock.ticks());
    return error;
  }

  async #fetch(input: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    try {
      throwIfAborted(this.#scope.signal);
      const request = outboundRequest(input, init, this.#line.origins);
      const entry = { asks: this.#plan.asks, rank: this.#plan.rank, signal: this.#scope.signal };
      await this.#line.options.budget?.spend(this.#plan.asks);
      const answer = await this.#line.admission.enter(entry, (ticket) => this.#exchange(ticket, request));
      this.#failure = null;
      return answer;
    } catch (cause) {
      if (cause instanceof MigrationError) this.#failure = cause;
      throw cause;
    }
  }

  /** Sends the request. Everything up to the call of `fetch` happens in the instant of admission. */
  async #exchange(ticket: Ticket, request: OutboundRequest): Promise<Response> {
    const { headersTimeoutMs } = this.#line;
    const watch = new Watch([this.#scope.signal, ...(request.signal ? [request.signal] : [])]);
    this.#count(request, ticket);
    request.onProgress(() => watch.touch());
    let answer: Response;
    try {
      const sending = this.#send(request, watch);
      const patienceMs = headersTimeoutMs + request.bodyBytes / SLOWEST_UPLOAD;
      answer = await watch.within(patienceMs, 'headers-timeout', sending);
    } catch (cause) {
      ticket.release('bad');
      watch.abandon();
      request.abandon();
      throw this.#sendFailure(cause, watch, request);
    }
    return isSuccess(answer.status)
      ? this.#accept(answer, ticket, watch)
      : this.#refuse(answer, ticket, watch);
  }

  async #send(request: OutboundRequest, watch: Watch): Promise<Response> {
    const answer = await this.#line.fetch(request.url, { ...request.init, signal: watch.signal });
    // A sender that heeds no signal may answer when nobody waits any more.
    if (watch.signal.aborted) await answer.body?.cancel();
    return answer;
  }

  #count(request: OutboundRequest, { startedAt }: Ticket): void {
    const { meter, fences } = this.#line;
    tally(meter.requests, this.#plan.row.method);
    tally(meter.origins, new URL(request.url).origin);
    for (const { bucket, id, units } of this.#plan.asks) {
      tally(meter.units, bucket, units);
      if (fences.opensAt(id) > startedAt) meter.retryAfterViolations += 1;
    }
  }

  #sendFailure(cause: unknown, watch: Watch, request: OutboundRequest): MigrationError {
    if (this.#signal.aborted) return this.#interruption();
    const { write } = this.#plan.row;
    const bodyFailure = request.bodyFailure();
    if (bodyFailure) return bodyFailure;
    if (watch.timedOut) return lostAnswer(write, watch.timedOut, cause);
    return connectionFailure(write, cause);
  }

  #accept(answer: Response, ticket: Ticket, watch: Watch): Response {
    this.#isAnswered = true;
    const end = () => {
      this.#open.delete(end);
      watch.abandon();
      ticket.release('bad');
      this.#letGo();
    };
    this.#open.add(end);
    return guardAnswer(answer, {
      watch,
      bodyTimeoutMs: this.#line.bodyTimeoutMs,
      ended: (how) => {
        if (how === 'whole') {
          ticket.release('good');
          watch.close();
          this.#open.delete(end);
          this.#letGo();
        } else end();
      },
      fail: (cause) => {
        this.#failure = this.#cutAnswer(cause, watch);
        return this.#failure;
      },
    });
  }

  #interruption(): Interrupted {
    const { reason } = this.#signal;
    return reason instanceof Interrupted ? reason : new Interrupted();
  }

  #cutAnswer(cause: unknown, watch: Watch): MigrationError {
    if (this.#signal.aborted) return this.#interruption();
    return lostAnswer(this.#plan.row.write, watch.timedOut ?? 'answer-cut', cause);
  }

  /** Reads a failed answer, closes what it closes, and throws what it means. */
  async #refuse(answer: Response, ticket: Ticket, watch: Watch): Promise<never> {
    const { options, bodyTimeoutMs } = this.#line;
    const receivedAt = options.clock.ticks();
    const headerMs = readRetryAfterMs(answer.headers, options.clock);
    // The fence falls as soon as the headers are here: the body that names the bucket may take its time.
    const reopen =
      headerMs !== undefined && CLOSING_STATUSES.has(answer.status)
        ? this.#close(undefined, receivedAt + headerMs + RETRY_AFTER_MARGIN_MS)
        : () => {};
    let how: 'bad' | 'throttled' = 'bad';
    try {
      const body = await readFailed(answer, watch, bodyTimeoutMs);
      const { status, headers } = answer;
      const verdict = options.classify({ method: this.#plan.row.method, status, headers, body });
      if (verdict.error instanceof Throttled) how = 'throttled';
      this.#retryAfterMs = longer(headerMs, verdict.error.retryAfterMs);
      this.#applyVerdict(verdict, receivedAt, reopen);
      throw this.#afterRefusal(verdict.error, status);
    } finally {
      watch.abandon();
      ticket.release(how);
    }
  }

  #applyVerdict(verdict: Verdict, receivedAt: number, reopen: () => void): void {
    const { error, fence } = verdict;
    if (fence !== undefined && fence !== this.#plan.asks[0]?.bucket && this.#ask(fence)?.bucket === fence)
      reopen();
    const closes = error instanceof Throttled || (error.retryable && this.#retryAfterMs !== undefined);
    if (closes) this.#throttle(error, fence, receivedAt);
    // What the header closed stays closed; now it is known why.
    else this.#close(undefined, receivedAt, error);
  }

  /** Closes the bucket for as long as the vendor says, else for about half of what this call itself waits. */
  #throttle(error: MigrationError, fence: string | undefined, receivedAt: number): void {
    const named = this.#retryAfterMs;
    const closedMs = named === undefined ? backoffMs(this.#number) / 2 : named + RETRY_AFTER_MARGIN_MS;
    if (error instanceof Throttled) this.#line.meter.throttled += 1;
    this.#close(fence, receivedAt + closedMs, error);
    this.#line.options.log('info', 'bucket-closed', {
      method: this.#plan.row.method,
      bucket: this.#ask(fence)?.bucket ?? null,
      code: error.code,
      closedMs: Math.round(closedMs),
    });
  }

  #close(fence: string | undefined, untilTicks: number, why: MigrationError | null = null): () => void {
    const ask = this.#ask(fence);
    return ask ? this.#line.fences.close(ask.id, untilTicks, why) : () => {};
  }

  /** The bucket that a fence names, or the first one of the method. */
  #ask(fence: string | undefined) {
    return this.#plan.asks.find((ask) => ask.bucket === fence) ?? this.#plan.asks[0];
  }

  /** A failure on the server's side does not prove that a write did not happen. */
  #afterRefusal(error: MigrationError, status: number): MigrationError {
    const isDefinite = status < 500 && status !== 408;
    if (this.#plan.row.write !== 'once' || isDefinite || !error.retryable) return error;
    return new AmbiguousWrite({
      code: error.code,
      message: error.message,
      status,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
      ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
      cause: error,
    });
  }
}

function longer(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.max(one, other);
}
