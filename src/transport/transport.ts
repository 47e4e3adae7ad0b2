import { throwIfAborted } from '../core/clock.ts';
import type { MigrationError } from '../core/errors.ts';
import { Admission } from './admission.ts';
import { Attempt, type Line, RETRY_AFTER_MARGIN_MS } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { Fences } from './fence.ts';
import { RateBuckets, rulesOf } from './gcra.ts';
import { createMeter } from './meter.ts';
import { createOrigins } from './origins.ts';
import { createOutbound } from './outbound.ts';
import { maySitOut, Parked, parked } from './park.ts';
import { indexLimits, type LimitIndex, type Plan } from './plan.ts';
import { Slots } from './slots.ts';
import type { Call, Meter, Transport, TransportOptions, Wire } from './types.ts';

const MAX_ATTEMPTS = 8;
const MAX_WAIT_MS = 15 * 60_000;
/** A token that is refused in passing is asked for anew; one that is refused for good ends the call soon. */
const MAX_REAUTHORIZATIONS = 3;
const TIMEOUT_MS = 60_000;

/**
 * Makes the transport of one vendor and credential. Defaults: 8 attempts, 15 minutes of waiting between attempts of
 * one call (scaled time; a longer `Retry-After` parks the job), 60 s without a byte (real time). Throws `Config` for a limit table that contradicts
 * itself, and `run` for a method without a row.
 */
export function createTransport(options: TransportOptions): Transport {
  const limits = indexLimits(options.limits);
  const { clock } = options;
  const fences = new Fences();
  const slots = new Slots(limits.ceilings);
  const rates = new RateBuckets(rulesOf(options.limits.buckets, limits.dearest), clock.ticks());
  const line: Line = {
    options,
    fetch: options.fetch ?? createOutbound(),
    origins: createOrigins(options.origins, options.twins),
    admission: new Admission({ clock, fences, rates, slots, patienceMs: options.maxWaitMs ?? MAX_WAIT_MS }),
    fences,
    meter: createMeter(),
    headersTimeoutMs: options.headersTimeoutMs ?? TIMEOUT_MS,
    bodyTimeoutMs: options.bodyTimeoutMs ?? TIMEOUT_MS,
  };
  return new RetryingTransport(line, limits);
}

/** Where a run stands between two attempts. */
interface Progress {
  attempts: number;
  waitedMs: number;
  reauthorizations: number;
}

class RetryingTransport implements Transport {
  readonly #line: Line;
  readonly #limits: LimitIndex;

  constructor(line: Line, limits: LimitIndex) {
    this.#line = line;
    this.#limits = limits;
  }

  get meter(): Meter {
    return this.#line.meter;
  }

  visibleAfterMs(method: string): number {
    return this.#limits.row(method).visibleAfterMs ?? 0;
  }

  async run<T>(call: Call, attempt: (wire: Wire) => Promise<T>, signal: AbortSignal): Promise<T> {
    const plan = this.#limits.plan(call);
    const progress: Progress = { attempts: 0, waitedMs: 0, reauthorizations: 0 };
    for (;;) {
      throwIfAborted(signal);
      progress.attempts += 1;
      const trial = new Attempt(this.#line, plan, progress.attempts, signal);
      try {
        const result = await attempt(trial.wire);
        trial.succeed();
        return result;
      } catch (cause) {
        const error = trial.fail(cause);
        await this.#beforeNext(plan, progress, error, trial.retryAfterMs, signal);
      }
    }
  }

  /** Waits until the next attempt may begin, or throws the error when there is none. */
  async #beforeNext(
    plan: Plan,
    progress: Progress,
    error: MigrationError,
    retryAfterMs: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { options, meter } = this.#line;
    this.#refuseLongWait(error, retryAfterMs);
    const delayMs = this.#delayMs(plan, progress, error, retryAfterMs);
    if (delayMs === null) throw error;
    meter.retries += 1;
    options.log('debug', 'request-retried', {
      method: plan.row.method,
      attempt: progress.attempts,
      code: error.code,
      status: error.status,
      delayMs: Math.round(delayMs),
    });
    progress.waitedMs += delayMs;
    await options.clock.wait(delayMs, signal);
  }

  /** A wait of hours is nothing to sit out here: the job is parked, and others go on. */
  #refuseLongWait(error: MigrationError, retryAfterMs: number | undefined): void {
    const { clock, maxWaitMs = MAX_WAIT_MS } = this.#line.options;
    if (error instanceof Parked) throw error;
    if (retryAfterMs === undefined || retryAfterMs <= maxWaitMs || !maySitOut(error)) return;
    throw parked(error, retryAfterMs, clock);
  }

  /** Scaled ms until the next attempt; null when the error is final. */
  #delayMs(
    plan: Plan,
    progress: Progress,
    error: MigrationError,
    retryAfterMs: number | undefined,
  ): number | null {
    const { options } = this.#line;
    if (error.status === 401 && options.onUnauthorized && progress.reauthorizations < MAX_REAUTHORIZATIONS) {
      progress.reauthorizations += 1;
      options.onUnauthorized(plan.call);
      return progress.reauthorizations === 1 ? 0 : backoffMs(progress.reauthorizations);
    }
    if (!error.retryable || progress.attempts >= (options.maxAttempts ?? MAX_ATTEMPTS)) return null;
    const floorMs = retryAfterMs === undefined ? 0 : retryAfterMs + RETRY_AFTER_MARGIN_MS;
    const delayMs = Math.max(floorMs, backoffMs(progress.attempts));
    return progress.waitedMs + delayMs > (options.maxWaitMs ?? MAX_WAIT_MS) ? null : delayMs;
  }
}
