import type { Clock } from '../core/clock.ts';

/**
 * A put may wait so long for its turn (throttles, quota) between its begin mark and its request, in scaled ms. A mark
 * that is older than this and the method's visibility needs no waiting; a younger one is waited for from the start
 * of this pass, before which no process of ours can have sent anything.
 */
const MOST_HELD_MS = 3_600_000;

/** When a search that sees nothing proves that nothing is there, for each standing begin mark. */
export class Doubts {
  readonly #clock: Clock;
  readonly #startedTicks: number;
  readonly #due = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedTicks = clock.ticks();
  }

  /** Ticks from which on a miss counts, for a mark of an earlier pass or one that this pass left unanswered. */
  dueTicks(key: string, begunAt: number, visibleAfterMs: number): number {
    const known = this.#due.get(key);
    if (known !== undefined) return known;
    const elapsedMs = (this.#clock.now() - begunAt) * this.#clock.scale;
    const isOld = elapsedMs >= visibleAfterMs + MOST_HELD_MS;
    const due = isOld ? this.#clock.ticks() : this.#startedTicks + visibleAfterMs;
    this.#due.set(key, due);
    return due;
  }

  /** An attempt of this pass ended without an answer: whatever it sent is visible so long after this moment. */
  unanswered(keys: readonly string[], visibleAfterMs: number): void {
    const due = this.#clock.ticks() + visibleAfterMs;
    for (const key of keys) this.#due.set(key, due);
  }

  resolved(keys: readonly string[]): void {
    for (const key of keys) this.#due.delete(key);
  }
}
