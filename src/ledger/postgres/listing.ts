import { sql } from 'kysely';
import type { Page, SourceItem } from '../../core/types.ts';
import { isOpen, statusWhenSeen } from '../rules.ts';
import type { Within } from './commits.ts';
import { STANDING_COLUMNS, type StandingRow } from './rows.ts';
import { runsWithoutRepeats } from './runs.ts';

/** No source names a stream like this, so derived rows never meet listed ones. */
const DERIVED = '\u0001derived';

interface Known extends StandingRow {
  container: string;
  stream: string;
  state: string;
}

/** Columns of an item that a listing writes, one array a column, as `unnest` takes them. */
interface Columns {
  key: string[];
  version: string[];
  container: string[];
  identity: (string | null)[];
  rank: number[];
  after: (string | null)[];
  order: number[];
  state: string[];
  inline: (string | null)[];
  bytes: (number | null)[];
  status: string[];
}

/**
 * Writes one page: removals first, since a page that removes and shows the same key shows where it is now. Each full
 * reading of a stream is an epoch; at its last page, items of the stream that it did not show are gone.
 */
export async function writePage(within: Within, job: number, page: Page): Promise<void> {
  const { stream, cursor, removed, items, mode } = page;
  const epoch = (await epochOf(within, job, stream)) + (mode === 'full' && page.first ? 1 : 0);
  if (removed.length > 0) await remove(within, job, removed);
  await writeItems(within, job, items, stream, epoch);
  if (mode === 'full' && page.last) await sweep(within, job, stream, epoch);
  await saveStream(within, job, stream, cursor, epoch);
}

/** Replaces the derived rows of a job as a whole. */
export async function writeDerived(within: Within, job: number, items: readonly SourceItem[]): Promise<void> {
  const epoch = (await epochOf(within, job, DERIVED)) + 1;
  await writeItems(within, job, items, DERIVED, epoch);
  await sweep(within, job, DERIVED, epoch);
  await saveStream(within, job, DERIVED, null, epoch);
}

async function epochOf(within: Within, job: number, stream: string): Promise<number> {
  const row = await within
    .selectFrom('stream')
    .select('epoch')
    .where('job', '=', job)
    .where('stream', '=', stream)
    .executeTakeFirst();
  return row?.epoch ?? 0;
}

async function saveStream(
  within: Within,
  job: number,
  stream: string,
  cursor: string | null,
  epoch: number,
): Promise<void> {
  await within
    .insertInto('stream')
    .values({ job, stream, cursor, epoch })
    .onConflict((same) => same.columns(['job', 'stream']).doUpdateSet({ cursor, epoch }))
    .execute();
}

async function remove(within: Within, job: number, removed: Page['removed']): Promise<void> {
  const keys = removed.map(({ key }) => key);
  const containers = removed.map(({ container }) => container);
  await sql`UPDATE item SET status = 'gone', inline = NULL
    FROM unnest(${keys}::text[], ${containers}::text[]) AS removed (key, container)
    WHERE item.job = ${job} AND item.key = removed.key AND item.container = removed.container
      AND item.status <> 'gone'`.execute(within);
}

async function sweep(within: Within, job: number, stream: string, epoch: number): Promise<void> {
  await sql`UPDATE item SET status = 'gone', inline = NULL
    WHERE job = ${job} AND stream = ${stream} AND epoch <> ${epoch} AND status <> 'gone'`.execute(within);
}

async function writeItems(
  within: Within,
  job: number,
  items: readonly SourceItem[],
  stream: string,
  epoch: number,
): Promise<void> {
  for (const run of runsWithoutRepeats(items)) {
    const known = await knownItems(
      within,
      job,
      run.map(({ key }) => key),
    );
    const untouched: string[] = [];
    const columns = noColumns();
    for (const item of run) {
      const row = known.get(item.key);
      const state = JSON.stringify(item.state);
      const status = statusWhenSeen(row ?? null, item.version);
      const seen = { status, version: item.version, container: item.container, stream, state };
      if (row && isUntouched(row, seen)) untouched.push(item.key);
      else addTo(columns, item, state, status);
    }
    await touch(within, job, untouched, epoch);
    await upsert(within, job, columns, stream, epoch);
  }
}

async function knownItems(
  within: Within,
  job: number,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Known>> {
  const { rows } = await sql<Known>`
    SELECT ${STANDING_COLUMNS}, container, stream, state FROM item
    WHERE job = ${job} AND key = ANY(${keys}::text[]) ORDER BY key FOR UPDATE`.execute(within);
  return new Map(rows.map((row) => [row.key, row]));
}

/** Settled and shown as it was: only its epoch moves. */
function isUntouched(
  known: Known,
  seen: Omit<Known, keyof StandingRow> & Pick<Known, 'status' | 'version'>,
): boolean {
  const names = ['status', 'version', 'container', 'stream', 'state'] as const;
  return !isOpen(known.status) && names.every((name) => known[name] === seen[name]);
}

function noColumns(): Columns {
  return {
    key: [],
    version: [],
    container: [],
    identity: [],
    rank: [],
    after: [],
    order: [],
    state: [],
    inline: [],
    bytes: [],
    status: [],
  };
}

function addTo(
  columns: Columns,
  item: SourceItem,
  state: string,
  status: Parameters<typeof isOpen>[0],
): void {
  columns.key.push(item.key);
  columns.version.push(item.version);
  columns.container.push(item.container);
  columns.identity.push(item.identity);
  columns.rank.push(item.rank);
  columns.after.push(item.after);
  columns.order.push(Number.isFinite(item.order) ? item.order : 0);
  columns.state.push(state);
  columns.inline.push(item.inline === null || !isOpen(status) ? null : JSON.stringify(item.inline));
  columns.bytes.push(item.bytes);
  columns.status.push(status);
}

/** Settled and shown as it was: only the epoch moves, which touches no index. */
async function touch(within: Within, job: number, keys: readonly string[], epoch: number): Promise<void> {
  if (keys.length === 0) return;
  await sql`UPDATE item SET epoch = ${epoch}
    WHERE job = ${job} AND key = ANY(${keys}::text[]) AND epoch <> ${epoch}`.execute(within);
}

async function upsert(
  within: Within,
  job: number,
  columns: Columns,
  stream: string,
  epoch: number,
): Promise<void> {
  if (columns.key.length === 0) return;
  const { key, version, container, identity, rank, after, order, state, inline, bytes, status } = columns;
  await sql`INSERT INTO item (job, stream, epoch, key, version, container, identity, rank, after_key, ord, state,
      inline, bytes, status)
    SELECT ${job}::bigint, ${stream}::text, ${epoch}::bigint, seen.* FROM unnest(${key}::text[], ${version}::text[],
      ${container}::text[], ${identity}::text[], ${rank}::integer[], ${after}::text[], ${order}::float8[],
      ${state}::text[], ${inline}::text[], ${bytes}::bigint[], ${status}::text[]) AS seen
    ON CONFLICT (job, key) DO UPDATE SET stream = excluded.stream, epoch = excluded.epoch,
      version = excluded.version, container = excluded.container, identity = excluded.identity,
      rank = excluded.rank, after_key = excluded.after_key, ord = excluded.ord, state = excluded.state,
      inline = excluded.inline, bytes = excluded.bytes, status = excluded.status`.execute(within);
}
