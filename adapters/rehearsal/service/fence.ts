import type { Clock } from '../../../src/core/clock.ts';
import type { QuotaCharge } from './types.ts';

/** Real milliseconds in which the answer may still be on its way and the client cannot know of it. */
const GRACE_MS = 150;
/** Real milliseconds by which a request may come early (timers of the client). */
const TOLERANCE_MS = 5;

interface Closure {
  sentAtTicks: number;
  untilTicks: number;
}

/** Remembers which buckets were closed by an announced `Retry-After`, and until when. */
export interface Fences {
  close(bucket: string, key: string, retryAfterSeconds: number): void;
  /** True where a request that arrived then (ticks) disregards a `Retry-After` that its client must know. */
  isViolatedBy(charges: readonly QuotaCharge[], arrivedAtTicks: number): boolean;
}

/** Creates the fences of one service; announced seconds are seconds of the clock's scaled time. */
export function createFences(clock: Clock): Fences {
  const closures = new Map<string, Closure[]>();
  const standing = (name: string, now: number) => {
    const left = (closures.get(name) ?? []).filter((one) => one.untilTicks > now);
    if (left.length > 0) closures.set(name, left);
    else closures.delete(name);
    return left;
  };
  return {
    close(bucket, key, retryAfterSeconds) {
      const name = `${bucket}:${key}`;
      const now = clock.ticks();
      const closure = { sentAtTicks: now, untilTicks: now + retryAfterSeconds * 1000 };
      closures.set(name, [...standing(name, now), closure]);
    },
    isViolatedBy(charges, arrivedAtTicks) {
      const known = arrivedAtTicks - GRACE_MS * clock.scale;
      const early = arrivedAtTicks + TOLERANCE_MS * clock.scale;
      return charges.some(({ bucket, key }) =>
        standing(`${bucket}:${key}`, arrivedAtTicks).some(
          (one) => one.sentAtTicks <= known && one.untilTicks > early,
        ),
      );
    },
  };
}
