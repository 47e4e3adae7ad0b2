import type { Meter } from './types.ts';

/** A meter that has counted nothing yet. */
export function createMeter(): Meter {
  return { requests: {}, units: {}, throttled: 0, retries: 0, retryAfterViolations: 0, origins: {} };
}

/** Adds to one count of a tally. */
export function tally(counts: Record<string, number>, name: string, amount = 1): void {
  counts[name] = (counts[name] ?? 0) + amount;
}
