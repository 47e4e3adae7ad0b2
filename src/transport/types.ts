import type { Clock } from '../core/clock.ts';
import type { MigrationError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Budget } from './budget.ts';

/** One quota of a vendor as a row of data: so many units in a window, so many requests at once, per key. */
export interface BucketRow {
  /** E.g. `graph:mailbox`, `gmail:user`, `gmail:project`. Each distinct key (mailbox, user …) has its own allowance. */
  bucket: string;
  /** Null where only concurrency is limited. */
  rate: { units: number; windowMs: number } | null;
  /** Requests in flight at once; null where unlimited. Slots adapt between 1 and this. */
  concurrency: number | null;
  /** Vendor page, and the date it was read. */
  source: string;
}

/** What one API method costs and how it behaves. A call without a row is an error. */
export interface MethodRow {
  method: string;
  /** Units per bucket; every bucket named here must have a key in the call. */
  costs: readonly { bucket: string; units: number }[];
  /** `no`: reads; `idempotent`: a repeat changes nothing; `once`: a lost answer must not be followed by a blind repeat. */
  write: 'no' | 'idempotent' | 'once';
  /** Milliseconds after a write until a search is sure to see it; 0 for a get by key. */
  visibleAfterMs?: number;
}

export interface LimitTable {
  buckets: readonly BucketRow[];
  methods: readonly MethodRow[];
}

/** An answer that is not a success, read whole (at most 64 kB) for classification. */
export interface FailedAnswer {
  method: string;
  status: number;
  headers: Headers;
  body: string;
}

/** What an adapter makes of a failed answer: the error, and the bucket that a throttle closes. */
export interface Verdict {
  error: MigrationError;
  /** Narrowest bucket that the answer names; default: the first in the method's costs. */
  fence?: string;
}

/** One logical request. `keys` holds the key of each bucket in the method's costs, e.g. `{ 'graph:mailbox': 'ann@…' }`. */
export interface Call {
  method: string;
  keys: Readonly<Record<string, string>>;
  /** `bulk` yields to `interactive` and `check`. Default `bulk`. */
  priority?: 'bulk' | 'check' | 'interactive';
}

/**
 * What an attempt may use. `fetch` passes fence → rate → slot, checks the origin, sends exactly one request, and on
 * a failed answer remembers the classified error (which `run` throws whatever the SDK makes of it). The slot is free
 * when the answer's body is consumed or cancelled.
 */
export interface Wire {
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}

/** The one place where a request waits, is retried and is timed. One per vendor and credential. */
export interface Transport {
  /**
   * Runs `attempt` until it succeeds or fails for good: bounded attempts and total wait, full jitter, `Retry-After`
   * as a floor. Calls marked `once` are repeated only after answers that prove that nothing happened (throttles);
   * a lost answer or 5xx becomes `AmbiguousWrite`. After a 401 `onUnauthorized` is asked and
   * the call repeated, at most three times: tokens are refused in passing while a tenant moves between servers.
   */
  run<T>(call: Call, attempt: (wire: Wire) => Promise<T>, signal: AbortSignal): Promise<T>;
  visibleAfterMs(method: string): number;
  readonly meter: Meter;
}

/** Counts since start; ids and numbers only. */
export interface Meter {
  requests: Record<string, number>;
  units: Record<string, number>;
  throttled: number;
  retries: number;
  /** Requests started to a closed bucket before its time: always 0 unless ferry has a defect. */
  retryAfterViolations: number;
  /** Origins that a connection was opened to. */
  origins: Record<string, number>;
}

export interface TransportOptions {
  limits: LimitTable;
  classify(answer: FailedAnswer): Verdict;
  /** Origins that requests may go to, e.g. `https://graph.microsoft.com`. Everything else is refused before it is sent. */
  origins: readonly string[];
  /**
   * SDKs that insist on https meet plain-http loopback tenants through twins: an `https` origin that they are given
   * and the `http` origin that is really meant.
   */
  twins?: Readonly<Record<string, string>>;
  clock: Clock;
  log: Log;
  /** Sends one request; default: undici with `HTTPS_PROXY` honoured. Tests pass their own. */
  fetch?: typeof globalThis.fetch;
  maxAttempts?: number;
  /** Scaled milliseconds between the attempts of one call; a vendor that asks for more parks the job. */
  maxWaitMs?: number;
  /** Asked before each request: what may be spent in a day. */
  budget?: Budget;
  /** Time without a first byte after which an attempt is given up, real milliseconds. Default 60,000. */
  headersTimeoutMs?: number;
  /** Time without a further byte after which a body is given up. Default 60,000. */
  bodyTimeoutMs?: number;
  /** Called after a 401 before the repeat that follows it (drop the cached token). */
  onUnauthorized?(call: Call): void;
}
