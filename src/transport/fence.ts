/**
 * Buckets that a vendor has closed, by id, each with the ticks until which nothing may start. A fence only moves
 * outwards: a shorter closing never opens what a longer one holds shut.
 */
export class Fences {
  readonly #closedUntil = new Map<string, number>();

  /**
   * Closes a bucket for everyone. Returns what takes this closing back, for a closing that turns out to belong to
   * another bucket; it does nothing when the fence was moved since.
   */
  close(id: string, untilTicks: number): () => void {
    const before = this.#closedUntil.get(id);
    if (before !== undefined && before >= untilTicks) return () => {};
    this.#closedUntil.set(id, untilTicks);
    return () => {
      if (this.#closedUntil.get(id) !== untilTicks) return;
      if (before === undefined) this.#closedUntil.delete(id);
      else this.#closedUntil.set(id, before);
    };
  }

  /** Ticks at which the bucket opens; minus infinity when nothing closes it. */
  opensAt(id: string): number {
    return this.#closedUntil.get(id) ?? Number.NEGATIVE_INFINITY;
  }

  /** Forgets fences that have opened. */
  sweep(now: number): void {
    for (const [id, until] of this.#closedUntil) if (until <= now) this.#closedUntil.delete(id);
  }
}
