import type { Clock } from '../../src/core/clock.ts';
import { Interrupted } from '../../src/core/errors.ts';

/** A clock that stands still until a test moves it. Deterministic: waits that end together end in order of asking. */
export interface VirtualClock extends Clock {
  /** Moves time on by `ms`, stopping at each wait that ends on the way, so that what follows it runs at its time. */
  advance(ms: number): Promise<void>;
  /** Moves time on from wait to wait until the work settles; returns what it returns, throws what it throws. */
  drive<T>(work: Promise<T>): Promise<T>;
  /** Waits under way. */
  readonly pending: number;
}

interface Alarm {
  at: number;
  ring(): void;
}

/** Starts at `startMs` (UTC epoch ms, default 2027-01-01); `ticks` starts at 0. `scale` is only told, waits take it as given. */
export function virtualClock(startMs = Date.UTC(2027, 0, 1), scale = 1): VirtualClock {
  let elapsedMs = 0;
  let alarms: Alarm[] = [];
  const ringNext = async (untilMs: number): Promise<boolean> => {
    const next = alarms.reduce<Alarm | null>(
      (first, one) => (first && first.at <= one.at ? first : one),
      null,
    );
    if (!next || next.at > untilMs) return false;
    elapsedMs = Math.max(elapsedMs, next.at);
    alarms = alarms.filter((alarm) => alarm !== next);
    next.ring();
    await settleWork();
    return true;
  };
  return {
    scale,
    now: () => startMs + elapsedMs,
    ticks: () => elapsedMs,
    get pending() {
      return alarms.length;
    },
    wait: (ms, signal) =>
      new Promise((resolve, reject) => {
        const alarm = { at: elapsedMs + Math.max(0, ms), ring: resolve };
        const onAbort = () => {
          alarms = alarms.filter((other) => other !== alarm);
          reject(signal?.reason instanceof Interrupted ? signal.reason : new Interrupted());
        };
        if (signal?.aborted) return onAbort();
        alarm.ring = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        alarms.push(alarm);
      }),
    async advance(ms) {
      const untilMs = elapsedMs + ms;
      await settleWork();
      while (await ringNext(untilMs));
      elapsedMs = untilMs;
      await settleWork();
    },
    async drive(work) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      work.then(settle, settle);
      await settleWork();
      while (!isSettled) if (!(await ringNext(Number.POSITIVE_INFINITY))) await settleWork();
      return work;
    },
  };
}

/** Lets everything run that can run without time passing: promises, then one turn of input and output. */
function settleWork(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
