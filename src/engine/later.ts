/** A row that goes again after others: at once, after a pause, or when a search proves something. */
export interface LaterRow {
  unit: string;
  key: string;
  dueTicks: number;
}

/** The rows of a rank that wait, one per unit and key. */
export class Later {
  readonly #rows = new Map<string, LaterRow>();
  readonly #units = new Map<string, number>();

  /** True when the unit waits, whichever row stands for it. */
  hasUnit(unit: string): boolean {
    return this.#units.has(unit);
  }

  add(row: LaterRow): void {
    if (!this.#rows.has(row.key)) this.#units.set(row.unit, (this.#units.get(row.unit) ?? 0) + 1);
    this.#rows.set(row.key, row);
  }

  /** Takes the next row that is due and whose unit is not busy. */
  take(nowTicks: number, isBusy: (unit: string) => boolean): LaterRow | null {
    for (const row of this.#rows.values()) {
      if (row.dueTicks > nowTicks || isBusy(row.unit)) continue;
      this.#remove(row);
      return row;
    }
    return null;
  }

  /** When the first row is due; null when none waits. */
  get earliestTicks(): number | null {
    let earliest: number | null = null;
    for (const { dueTicks } of this.#rows.values())
      if (earliest === null || dueTicks < earliest) earliest = dueTicks;
    return earliest;
  }

  #remove({ key, unit }: LaterRow): void {
    const left = (this.#units.get(unit) ?? 1) - 1;
    this.#rows.delete(key);
    if (left > 0) this.#units.set(unit, left);
    else this.#units.delete(unit);
  }
}
