import type { AddressRow } from '../core/estate-rows.ts';

/** A row of `people.csv` or `groups.csv` as far as its address goes. */
export interface ChosenTarget {
  source: string;
  target: string;
}

/**
 * The rows of `addresses.csv` with the targets that `people.csv` and `groups.csv` say now: where somebody's own row
 * leads elsewhere, it and the rows that led there with it follow. Rows that lead somewhere of their own stay.
 */
export function followTargets(rows: readonly AddressRow[], chosen: readonly ChosenTarget[]): AddressRow[] {
  const targets = new Map(
    chosen.filter(({ target }) => target !== '').map((row) => [row.source, row.target]),
  );
  const owned = Map.groupBy(
    rows.filter((row) => targets.has(row.old)),
    (row) => row.new,
  );
  const followed = (row: AddressRow): string => {
    const owners = new Set(owned.get(row.new)?.map(({ old }) => targets.get(old)));
    const [only = row.new] = owners.size === 1 ? owners : [];
    return row.new === '' ? '' : (targets.get(row.old) ?? only);
  };
  return rows.map((row) => ({ ...row, new: followed(row) }));
}
