import type { DirectoryAction } from '../src/core/google.ts';
import type { Loss, SkipReason, SourceItem } from '../src/core/types.ts';
import { asJson, versionOf } from './digest.ts';

/** Order of the directory's actions: lower ranks settle first. */
export const RANK = {
  user: 100,
  group: 110,
  alias: 120,
  settings: 130,
  member: 140,
  deepestMember: 149,
  building: 150,
  room: 151,
  manager: 200,
  suspend: 900,
} as const;

/** One action, or something that becomes none and says by which rule. */
export interface ActionRow {
  key: string;
  rank: number;
  after: string | null;
  action: DirectoryAction | null;
  skip: SkipReason | null;
  losses: readonly Loss[];
}

/** An action row. `after` is the key of the action that must have happened before. */
export function act(
  key: string,
  rank: number,
  action: DirectoryAction,
  { after = null, losses = [] }: { after?: string | null; losses?: readonly Loss[] } = {},
): ActionRow {
  return { key, rank, after, action, skip: null, losses };
}

/** A row for what is left out, so that it is counted under its rule. */
export function leave(key: string, rank: number, skip: SkipReason): ActionRow {
  return { key, rank, after: null, action: null, skip, losses: [] };
}

/** Rows as ledger items in order of rank; of two with one key the first that acts stays. */
export function asItems(rows: readonly ActionRow[]): SourceItem[] {
  const byKey = new Map<string, ActionRow>();
  for (const row of rows) {
    const known = byKey.get(row.key);
    if (known === undefined || (known.action === null && row.action !== null)) byKey.set(row.key, row);
  }
  return [...byKey.values()].sort((a, b) => a.rank - b.rank).map(asItem);
}

function asItem(row: ActionRow, order: number): SourceItem {
  return {
    key: row.key,
    version: versionOf({ action: row.action, skip: row.skip, losses: row.losses }),
    container: '',
    identity: null,
    rank: row.rank,
    after: row.after,
    order,
    state: { skip: asJson(row.skip), losses: asJson(row.losses) },
    inline: asJson(row.action),
    bytes: null,
  };
}
