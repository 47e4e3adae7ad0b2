import type { ListedItem } from '../core/ports.ts';
import type { ItemStatus, Json, JsonObject, Loss, Outcome, Receipt } from '../core/types.ts';
import type { Standing } from './rules.ts';
import type { ItemTable } from './schema.ts';

/** The columns that make a `ListedItem`. */
export const ITEM_COLUMNS = [
  'key',
  'version',
  'container',
  'identity',
  'rank',
  'after_key',
  'ord',
  'state',
  'inline',
  'bytes',
  'status',
  'settled_version',
  'receipt',
  'begun_at',
  'begun_version',
  'attempts',
  'reason',
  'fingerprint',
] as const;

export type ItemRow = Pick<ItemTable, (typeof ITEM_COLUMNS)[number]>;

export function toListedItem(row: ItemRow): ListedItem {
  return {
    key: row.key,
    version: row.version,
    container: row.container,
    identity: row.identity,
    rank: row.rank,
    after: row.after_key,
    order: row.ord,
    state: JSON.parse(row.state) as JsonObject,
    inline: row.inline === null ? null : (JSON.parse(row.inline) as Json),
    bytes: row.bytes,
    status: row.status as ItemStatus,
    settledVersion: row.settled_version,
    receipt: parseReceipt(row.receipt),
    begunAt: row.begun_at,
    begunVersion: row.begun_version,
    attempts: row.attempts,
    reason: row.reason,
    fingerprint: row.fingerprint,
  };
}

export function toStanding(
  row: Pick<ItemTable, 'version' | 'status' | 'settled_version' | 'settled_status' | 'begun_at'>,
): Standing {
  return {
    version: row.version,
    status: row.status as ItemStatus,
    settledVersion: row.settled_version,
    settledStatus: row.settled_status as Outcome | null,
    begunAt: row.begun_at,
  };
}

export function parseReceipt(text: string | null): Receipt | null {
  return text === null ? null : (JSON.parse(text) as Receipt);
}

export function parseLosses(text: string | null): readonly Loss[] {
  return text === null ? [] : (JSON.parse(text) as Loss[]);
}
