import type { MigrationError } from '../core/errors.ts';

interface Fence {
  untilTicks: number;
  /** The answer that closed the bucket; null until it has been read. */
  why: MigrationError | null;
}

/**
 * Buckets that a vendor has closed, by id, each with the ticks until which nothing may start. A fence only moves
 * outwards: a shorter closing never opens what a longer one holds shut.
 */
export class Fences {
  readonly #closed = new Map<string, Fence>();

  /**
   * Closes a bucket for everyone; `why` is known once the answer has been read. Returns what takes this closing
   * back, for a closing that turns out to belong to another bucket; it does nothing when the fence was moved since.
   */
  close(id: string, untilTicks: number, why: MigrationError | null = null): () => void {
    const before = this.#closed.get(id);
    if (before !== undefined && before.untilTicks >= untilTicks) {
      before.why ??= why;
      return () => {};
    }
    const fence = { untilTicks, why };
    this.#closed.set(id, fence);
    return () => {
      if (this.#closed.get(id) !== fence) return;
      if (before === undefined) this.#closed.delete(id);
      else this.#closed.set(id, before);
    };
  }

  /** True where nothing has been closed of late. */
  get isEmpty(): boolean {
    return this.#closed.size === 0;
  }

  /** Ticks at which the bucket opens; minus infinity when nothing closes it. */
  opensAt(id: string): number {
    return this.#closed.get(id)?.untilTicks ?? Number.NEGATIVE_INFINITY;
  }

  /** What closed the bucket; null where nothing does, or where the answer is still being read. */
  why(id: string): MigrationError | null {
    return this.#closed.get(id)?.why ?? null;
  }

  /** Forgets fences that have opened. */
  sweep(now: number): void {
    for (const [id, { untilTicks }] of this.#closed) if (untilTicks <= now) this.#closed.delete(id);
  }
}
