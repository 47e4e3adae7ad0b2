import type { Page, SourceItem } from '../core/types.ts';
import type { Database } from './database.ts';
import type { Items, StoredRow } from './items.ts';
import type { Row } from './rows.ts';
import { isOpen, statusWhenSeen } from './rules.ts';

const EPOCH = 'SELECT epoch FROM stream WHERE job = ? AND stream = ?';
const SAVE_STREAM = `INSERT INTO stream (job, stream, cursor, epoch) VALUES (?, ?, ?, ?)
  ON CONFLICT (job, stream) DO UPDATE SET cursor = excluded.cursor, epoch = excluded.epoch`;
const ROWS_A_SWEEP = 1_000;

/** No source names a stream like this, so derived rows never meet listed ones. */
const DERIVED = '\u0001derived';

/** A stream of a job as it is read. */
interface Reading {
  items: Items;
  job: number;
  stream: string;
  epoch: number;
}

/**
 * Writes one page: removals first, since a page that removes and shows the same key shows where it is now. Each full
 * reading of a stream is an epoch; at its last page, items of the stream that it did not show are gone. Must run
 * inside a transaction.
 */
export function writePage(database: Database, items: Items, job: number, page: Page): void {
  const { stream } = page;
  const restarts = page.mode === 'full' && page.first;
  const before = epochOf(database, job, stream);
  const reading: Reading = { items, job, stream, epoch: (before ?? 0) + (restarts ? 1 : 0) };
  for (const { key, container } of page.removed) remove(items, job, key, container);
  for (const item of page.items) writeItem(reading, item);
  if (page.mode === 'full' && page.last) sweep(reading);
  database.prepare(SAVE_STREAM).run(job, stream, page.cursor, reading.epoch);
}

/** Replaces the derived rows of a job as a whole. Must run inside a transaction. */
export function writeDerived(
  database: Database,
  items: Items,
  job: number,
  derived: readonly SourceItem[],
): void {
  const epoch = (epochOf(database, job, DERIVED) ?? 0) + 1;
  const reading: Reading = { items, job, stream: DERIVED, epoch };
  for (const item of derived) writeItem(reading, item);
  sweep(reading);
  database.prepare(SAVE_STREAM).run(job, DERIVED, null, epoch);
}

function epochOf(database: Database, job: number, stream: string): number | null {
  return (database.prepare(EPOCH).get(job, stream)?.epoch as number | undefined) ?? null;
}

function remove(items: Items, job: number, key: string, container: string): void {
  const known = items.find(job, key);
  if (known !== null && known.row.container === container) vanish(items, known);
}

function vanish(items: Items, known: StoredRow): void {
  if (known.row.status !== 'gone') items.conclude(known, { ...known.row, status: 'gone', inline: null });
}

/** Place by place; a changed row may move to the end, where it is gone already. */
function sweep({ items, job, stream, epoch }: Reading): void {
  for (const place of items.places.ofStream(job, stream)) {
    let afterId = 0;
    for (;;) {
      const unseen = items.unseen(place.id, epoch, afterId, ROWS_A_SWEEP);
      for (const known of unseen) vanish(items, known);
      if (unseen.length < ROWS_A_SWEEP) break;
      afterId = unseen.at(-1)?.id ?? 0;
    }
  }
}

function writeItem({ items, job, stream, epoch }: Reading, item: SourceItem): void {
  const known = items.find(job, item.key);
  const status = statusWhenSeen(known?.row ?? null, item.version);
  const order = Number.isFinite(item.order) ? item.order : 0;
  const listed = {
    ...factsOf(item),
    order,
    inline: isOpen(status) ? item.inline : null,
    stream,
    epoch,
    status,
  };
  if (known === null) items.add(job, { ...UNTOUCHED, ...listed });
  else if (isUntouched(known.row, listed)) items.see(known.id, epoch);
  else items.change(known, { ...known.row, ...listed });
}

const UNTOUCHED = {
  settledVersion: null,
  settledStatus: null,
  receipt: null,
  begunAt: null,
  begunVersion: null,
  attempts: 0,
  reason: null,
  fingerprint: null,
  losses: [],
} as const;

function factsOf({ key, version, container, identity, rank, after, order, state, bytes }: SourceItem) {
  return { key, version, container, identity, rank, after, order, state, bytes };
}

type Listed = Pick<Row, 'status' | 'stream' | 'state' | (typeof PLAIN_FACTS)[number]>;

const PLAIN_FACTS = ['version', 'container', 'identity', 'rank', 'after', 'order', 'bytes'] as const;

/** Settled and shown as it was: only its epoch moves. */
function isUntouched(known: Row, listed: Listed): boolean {
  return (
    !isOpen(known.status) &&
    known.status === listed.status &&
    known.stream === listed.stream &&
    PLAIN_FACTS.every((fact) => known[fact] === listed[fact]) &&
    JSON.stringify(known.state) === JSON.stringify(listed.state)
  );
}
