import type { Page, SourceItem } from '../core/types.ts';
import type { Database } from './database.ts';
import { toStanding } from './rows.ts';
import { isOpen, statusWhenSeen } from './rules.ts';
import type { ItemTable } from './schema.ts';

const EPOCH = 'SELECT epoch FROM stream WHERE job = ? AND stream = ?';
const SAVE_STREAM = `INSERT INTO stream (job, stream, cursor, epoch) VALUES (?, ?, ?, ?)
  ON CONFLICT (job, stream) DO UPDATE SET cursor = excluded.cursor, epoch = excluded.epoch`;
const KNOWN = `SELECT id, version, status, container, stream, state, settled_version, settled_status, begun_at
  FROM item WHERE job = ? AND key = ?`;
const INSERT = `INSERT INTO item (job, key, version, container, identity, rank, after_key, ord, state, inline, bytes,
  stream, epoch, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'listed')`;
const UPDATE = `UPDATE item SET version = ?, container = ?, identity = ?, rank = ?, after_key = ?, ord = ?, state = ?,
  inline = ?, bytes = ?, stream = ?, epoch = ?, status = ? WHERE id = ?`;
const SEEN = 'UPDATE item SET epoch = ? WHERE id = ?';
const REMOVE = `UPDATE item SET status = 'gone', inline = NULL
  WHERE job = ? AND key = ? AND container = ? AND status <> 'gone'`;
const SWEEP = `UPDATE item SET status = 'gone', inline = NULL
  WHERE job = ? AND stream = ? AND epoch <> ? AND status <> 'gone'`;

/** No source names a stream like this, so derived rows never meet listed ones. */
const DERIVED = '\u0001derived';

type Known = Pick<
  ItemTable,
  | 'id'
  | 'version'
  | 'status'
  | 'container'
  | 'stream'
  | 'state'
  | 'settled_version'
  | 'settled_status'
  | 'begun_at'
>;

/**
 * Writes one page: removals first, since a page that removes and shows the same key shows where it is now. Each full
 * reading of a stream is an epoch; at its last page, items of the stream that it did not show are gone. Must run
 * inside a transaction.
 */
export function writePage(database: Database, job: number, page: Page): void {
  const restarts = page.mode === 'full' && page.first;
  const epoch = epochOf(database, job, page.stream) + (restarts ? 1 : 0);
  for (const { key, container } of page.removed) database.prepare(REMOVE).run(job, key, container);
  for (const item of page.items) writeItem(database, job, item, page.stream, epoch);
  if (page.mode === 'full' && page.last) database.prepare(SWEEP).run(job, page.stream, epoch);
  database.prepare(SAVE_STREAM).run(job, page.stream, page.cursor, epoch);
}

/** Replaces the derived rows of a job as a whole. Must run inside a transaction. */
export function writeDerived(database: Database, job: number, items: readonly SourceItem[]): void {
  const epoch = epochOf(database, job, DERIVED) + 1;
  for (const item of items) writeItem(database, job, item, DERIVED, epoch);
  database.prepare(SWEEP).run(job, DERIVED, epoch);
  database.prepare(SAVE_STREAM).run(job, DERIVED, null, epoch);
}

function epochOf(database: Database, job: number, stream: string): number {
  return Number(database.prepare(EPOCH).get(job, stream)?.epoch ?? 0);
}

function writeItem(database: Database, job: number, item: SourceItem, stream: string, epoch: number): void {
  const known = database.prepare(KNOWN).get(job, item.key) as unknown as Known | undefined;
  const state = JSON.stringify(item.state);
  const status = statusWhenSeen(known ? toStanding(known) : null, item.version);
  if (known && isUntouched(known, item, status, stream, state)) {
    database.prepare(SEEN).run(epoch, known.id);
    return;
  }
  const inline = item.inline === null || !isOpen(status) ? null : JSON.stringify(item.inline);
  const order = Number.isFinite(item.order) ? item.order : 0;
  const place = [item.version, item.container, item.identity, item.rank, item.after, order] as const;
  const rest = [state, inline, item.bytes, stream, epoch] as const;
  if (known) database.prepare(UPDATE).run(...place, ...rest, status, known.id);
  else database.prepare(INSERT).run(job, item.key, ...place, ...rest);
}

/** Settled and shown as it was: only its epoch moves, which touches no index. */
function isUntouched(known: Known, item: SourceItem, status: string, stream: string, state: string): boolean {
  return (
    !isOpen(known.status as never) &&
    known.status === status &&
    known.version === item.version &&
    known.container === item.container &&
    known.stream === stream &&
    known.state === state
  );
}
