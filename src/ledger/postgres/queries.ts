import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Claim, JobProgress, ListedItem, Position, ProgressFilter } from '../../core/ports.ts';
import type { Loss, WorkloadName } from '../../core/types.ts';
import {
  type ClaimRow,
  type ItemCount,
  LISTED_COLUMNS,
  type ListedRow,
  toClaim,
  toListedItem,
  toLosses,
  toProgress,
} from './rows.ts';
import type { PostgresTables } from './schema.ts';

type Query = Kysely<PostgresTables>;

/** Rows that `selectClaimsAfter` gives at most. */
export const CLAIMS_A_PAGE = 1_000;
const IS_OPEN = sql.raw("status IN ('listed', 'begun')");

async function items(query: Query, tail: RawBuilder<unknown>): Promise<ListedItem[]> {
  const { rows } = await sql<ListedRow>`SELECT ${LISTED_COLUMNS} FROM item WHERE ${tail}`.execute(query);
  return rows.map(toListedItem);
}

export async function selectItem(query: Query, job: number, key: string): Promise<ListedItem | null> {
  const [found] = await items(query, sql`job = ${job} AND key = ${key}`);
  return found ?? null;
}

export function selectByIdentity(
  query: Query,
  job: number,
  identity: string,
  withGone: boolean,
): Promise<readonly ListedItem[]> {
  return items(
    query,
    sql`job = ${job} AND identity = ${identity} AND (${withGone} OR status <> 'gone') ORDER BY ord, key`,
  );
}

export function selectContainers(query: Query, job: number, rank: number): Promise<readonly ListedItem[]> {
  return items(query, sql`job = ${job} AND rank < ${rank} AND status <> 'gone' ORDER BY rank, ord, key`);
}

/** The next open rows of a rank after a position. */
export function selectOpen(
  query: Query,
  job: number,
  rank: number,
  after: Position | null,
  limit: number,
  descending: boolean,
): Promise<readonly ListedItem[]> {
  const beyond = sql.raw(descending ? '<' : '>');
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const from = after === null ? sql`` : sql` AND (ord, key) ${beyond} (${after.order}, ${after.key})`;
  return items(
    query,
    sql`job = ${job} AND rank = ${rank} AND ${IS_OPEN}${from}
      ORDER BY ord ${direction}, key ${direction} LIMIT ${limit}`,
  );
}

export async function selectOpenRanks(query: Query, job: number): Promise<readonly number[]> {
  const { rows } = await sql<{ rank: number }>`
    SELECT DISTINCT rank FROM item WHERE job = ${job} AND ${IS_OPEN} ORDER BY rank`.execute(query);
  return rows.map(({ rank }) => rank);
}

export async function selectCursors(query: Query, job: number): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ stream: string; cursor: string }>`
    SELECT stream, cursor FROM stream WHERE job = ${job} AND cursor IS NOT NULL`.execute(query);
  return new Map(rows.map(({ stream, cursor }) => [stream, cursor]));
}

/** Bytes are those of written items; reasons cover what is settled without being at the target. */
export async function selectProgress(query: Query, filter: ProgressFilter): Promise<readonly JobProgress[]> {
  let named = query.selectFrom('job').selectAll();
  for (const column of ['organisation', 'wave', 'job'] as const) {
    const wanted = filter[column];
    if (wanted !== undefined) named = named.where(column, '=', wanted);
  }
  const jobs = await named.orderBy('job').execute();
  const ids = jobs.map(({ id }) => id);
  const counts = Map.groupBy(await countItems(query, ids), ({ job }) => job);
  return jobs.map((job) => toProgress(job, counts.get(job.id) ?? []));
}

async function countItems(query: Query, jobs: readonly number[]): Promise<readonly ItemCount[]> {
  const { rows } = await sql<ItemCount>`
    SELECT job, status, count(*) AS count, coalesce(sum(bytes), 0) AS bytes,
      CASE WHEN status IN ('written', 'merged', 'listed', 'begun') THEN ''
        WHEN status = 'gone' THEN 'removed-at-source' ELSE coalesce(reason, '') END AS reason
    FROM item WHERE job = ANY(${jobs}::bigint[]) GROUP BY 1, 2, 5`.execute(query);
  return rows;
}

/** Losses of items whose outcome stands, that is, that are neither open again nor gone. */
export async function selectLosses(
  query: Query,
): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]> {
  const { rows } = await sql<{ workload: WorkloadName; losses: string; count: number }>`
    SELECT job.workload, item.losses, count(*) AS count FROM item JOIN job ON job.id = item.job
    WHERE item.losses IS NOT NULL AND item.status = item.settled_status GROUP BY 1, 2`.execute(query);
  const totals = new Map<string, { workload: WorkloadName; loss: Loss; count: number }>();
  for (const { workload, losses, count } of rows) {
    for (const { field, kind, reason } of toLosses(losses)) {
      const name = JSON.stringify([workload, field, kind, reason]);
      const total = totals.get(name) ?? { workload, loss: { field, kind, reason }, count: 0 };
      totals.set(name, { ...total, count: total.count + count });
    }
  }
  return [...totals].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, total]) => total);
}

/** The next items of the job in key order after `last`; page by page, so that writes may go on in between. */
export async function selectClaimsAfter(query: Query, job: number, last: string): Promise<readonly Claim[]> {
  const { rows } = await sql<ClaimRow>`
    SELECT key, container, identity, status, reason, receipt, losses FROM item
    WHERE job = ${job} AND key > ${last} ORDER BY key LIMIT ${CLAIMS_A_PAGE}`.execute(query);
  return rows.map(toClaim);
}
