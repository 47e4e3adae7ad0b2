import type { DatabaseSync } from 'node:sqlite';
import type { ItemStatus, Json, JsonObject, Loss, Outcome, Receipt } from '../core/types.ts';
import type { Database } from './database.ts';
import { Items } from './items.ts';
import type { Row } from './rows.ts';

const BEFORE = 'SELECT * FROM item_1 ORDER BY id';

/** A row of the table `item` of schema version 1. */
interface ItemOfVersion1 {
  job: number;
  key: string;
  version: string;
  container: string;
  identity: string | null;
  rank: number;
  after_key: string | null;
  ord: number;
  state: string;
  inline: string | null;
  bytes: number | null;
  stream: string;
  epoch: number;
  status: string;
  settled_version: string | null;
  settled_status: string | null;
  receipt: string | null;
  losses: string | null;
  reason: string | null;
  begun_at: number | null;
  begun_version: string | null;
  attempts: number;
  fingerprint: string | null;
}

/** Rewrites the items of schema version 1, which `item_1` holds, as those of version 2. */
export function packItems(connection: DatabaseSync, database: Database): void {
  const items = new Items(database);
  for (const each of connection.prepare(BEFORE).iterate()) {
    const item = each as unknown as ItemOfVersion1;
    items.add(item.job, rowOf(item));
  }
  connection.exec('DROP TABLE item_1');
}

function rowOf(item: ItemOfVersion1): Row {
  const { key, version, container, identity, rank, bytes, stream, epoch, reason, attempts, fingerprint } =
    item;
  return {
    ...{ key, version, container, identity, rank, bytes, stream, epoch, reason, attempts, fingerprint },
    after: item.after_key,
    order: item.ord,
    state: JSON.parse(item.state) as JsonObject,
    inline: item.inline === null ? null : (JSON.parse(item.inline) as Json),
    status: item.status as ItemStatus,
    settledVersion: item.settled_version,
    settledStatus: item.settled_status as Outcome | null,
    receipt: item.receipt === null ? null : (JSON.parse(item.receipt) as Receipt),
    losses: item.losses === null ? [] : (JSON.parse(item.losses) as Loss[]),
    begunAt: item.begun_at,
    begunVersion: item.begun_version,
  };
}
