import { Interrupted } from './errors.ts';

/**
 * The only source of time and of waiting. `now` is wall-clock UTC milliseconds; waits and windows of limits are
 * given in real milliseconds and shortened by the scale, latency and bytes never are.
 */
export interface Clock {
  /** UTC milliseconds since 1970 as shown to people and written to files; never scaled. */
  now(): number;
  /** Monotonic milliseconds in the scaled time of waits and windows: one real second is `scale` seconds here. */
  ticks(): number;
  /** Resolves after `ms` of scaled time; rejects with `Interrupted` as soon as the signal aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  readonly scale: number;
}

/** The clock of the machine; `scale` divides every wait (`FERRY_TIME_SCALE`, rehearsal tenants only). */
export function systemClock(scale = 1): Clock {
  const origin = performance.now();
  return {
    scale,
    now: () => Date.now(),
    ticks: () => (performance.now() - origin) * scale,
    wait: (ms, signal) => realWait(Math.max(0, ms) / scale, signal),
  };
}

/** Throws `Interrupted` when the signal has aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interruption(signal);
}

function interruption(signal: AbortSignal): Error {
  return signal.reason instanceof Interrupted ? signal.reason : new Interrupted();
}

function realWait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interruption(signal));
    const onAbort = () => {
      clearTimeout(timer);
      if (signal) reject(interruption(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
