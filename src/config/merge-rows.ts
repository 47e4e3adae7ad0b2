export interface MergedRows<T> {
  rows: T[];
  added: number;
  kept: number;
  /** Keys that only the file has. */
  gone: string[];
}

/** Lays a fresh list over the rows of a file: a row that stands in the file stays as it stands, whatever it says. */
export function mergeRows<T>(
  known: readonly T[],
  fresh: readonly T[],
  keyOf: (row: T) => string,
): MergedRows<T> {
  const standing = new Set(known.map(keyOf));
  const current = new Set(fresh.map(keyOf));
  const added = fresh.filter((row) => !standing.has(keyOf(row)));
  return {
    rows: [...known, ...added],
    added: added.length,
    kept: known.length,
    gone: [...standing].filter((key) => !current.has(key)),
  };
}
