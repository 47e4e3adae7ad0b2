import { type ExpressionBuilder, sql } from 'kysely';
import type { Claim, JobProgress, ListedItem, Position, ProgressFilter } from '../core/ports.ts';
import type { ItemStatus, Loss, WorkloadName } from '../core/types.ts';
import type { Database } from './database.ts';
import type { Items } from './items.ts';
import { type Row, toListedItem } from './rows.ts';
import type { Tables } from './schema.ts';

const CLAIMS_A_PAGE = 1_000;
const NEXT_RANK = 'SELECT min(rank) AS rank FROM work WHERE job = ? AND rank > ?';
const BEFORE_ALL: Position = { order: Number.NEGATIVE_INFINITY, key: '' };
const AFTER_ALL: Position = { order: Number.POSITIVE_INFINITY, key: '' };

/** Hot: one row by its key. */
export function selectItem(items: Items, job: number, key: string): ListedItem | null {
  const found = items.find(job, key);
  return found === null ? null : toListedItem(found.row);
}

/** Hot: the rows under one identity in order. */
export function selectByIdentity(
  items: Items,
  job: number,
  identity: string,
  withGone: boolean,
): readonly ListedItem[] {
  const rows = items.withIdentity(job, identity).map(({ row }) => row);
  return rows
    .filter(({ status }) => withGone || status !== 'gone')
    .sort(byOrder)
    .map(toListedItem);
}

/** Hot: the next open rows of a rank after a position. */
export function selectOpen(
  items: Items,
  job: number,
  rank: number,
  after: Position | null,
  limit: number,
  descending: boolean,
): readonly ListedItem[] {
  const from = after ?? (descending ? AFTER_ALL : BEFORE_ALL);
  return items.open(job, rank, from, limit, descending).map(toListedItem);
}

/** By rank, order and key. */
export function selectContainers(items: Items, job: number, containerRank: number): readonly ListedItem[] {
  const places = items.places.belowRank(job, containerRank);
  const rows = places.flatMap(({ id }) => items.inPlace(id, 0, -1).map(({ row }) => row));
  return rows
    .filter(({ status }) => status !== 'gone')
    .sort((one, other) => one.rank - other.rank || byOrder(one, other))
    .map(toListedItem);
}

/** One step in the index per rank, however many rows it holds. */
export function selectOpenRanks(database: Database, job: number): readonly number[] {
  const ranks: number[] = [];
  for (;;) {
    const found = database.prepare(NEXT_RANK).get(job, ranks.at(-1) ?? Number.MIN_SAFE_INTEGER)?.rank;
    if (typeof found !== 'number') return ranks;
    ranks.push(found);
  }
}

export async function selectCursors(database: Database, job: number): Promise<ReadonlyMap<string, string>> {
  const rows = await database.query
    .selectFrom('stream')
    .select(['stream', 'cursor'])
    .where('job', '=', job)
    .execute();
  return new Map(rows.flatMap(({ stream, cursor }) => (cursor === null ? [] : [[stream, cursor] as const])));
}

/** Bytes are those of written items; reasons cover what is settled without being at the target. */
export async function selectProgress(
  database: Database,
  filter: ProgressFilter,
): Promise<readonly JobProgress[]> {
  const jobs = await database.query
    .selectFrom('job')
    .selectAll()
    .where((each) => matches(each, filter))
    .orderBy('job')
    .execute();
  const counts = Map.groupBy(
    await countItems(database, filter.job === undefined ? null : (jobs[0]?.id ?? null)),
    ({ job }) => job,
  );
  return jobs.map(({ id, workload, ...job }) => {
    const own = counts.get(id) ?? [];
    const byStatus: Partial<Record<ItemStatus, number>> = {};
    for (const { status, count } of own) byStatus[status] = (byStatus[status] ?? 0) + count;
    return {
      ...job,
      workload: workload as WorkloadName,
      counts: byStatus,
      bytes: own.reduce((sum, { status, bytes }) => sum + (status === 'written' ? bytes : 0), 0),
      reasons: own
        .filter(({ status }) => !['written', 'merged', 'listed', 'begun'].includes(status))
        .map(({ status, reason, count }) => ({ outcome: status, reason, count })),
    };
  });
}

interface ItemCount {
  job: number;
  status: ItemStatus;
  reason: string;
  count: number;
  bytes: number;
}

async function countItems(database: Database, job: number | null): Promise<readonly ItemCount[]> {
  const tally = database.query.selectFrom('tally');
  const rows = await (job === null ? tally : tally.where('job', '=', job))
    .select(['job', 'status', 'reason'])
    .select(({ fn }) => [fn.sum<number>('count').as('count'), fn.sum<number>('bytes').as('bytes')])
    .groupBy(['job', 'status', 'reason'])
    .execute();
  return rows.map((row) => ({ ...row, status: row.status as ItemStatus }));
}

function matches(each: ExpressionBuilder<Tables, 'job'>, { organisation, wave, job }: ProgressFilter) {
  return each.and([
    ...(organisation === undefined ? [] : [each('organisation', '=', organisation)]),
    ...(wave === undefined ? [] : [each('wave', '=', wave)]),
    ...(job === undefined ? [] : [each('job', '=', job)]),
  ]);
}

/** Losses of items whose outcome stands, that is, that are neither open again nor gone. */
export async function selectLosses(
  database: Database,
): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]> {
  const { rows } = await sql<{
    workload: string;
    field: string;
    kind: string;
    reason: string;
    count: number;
  }>`
    SELECT job.workload AS workload, loss.value ->> 'field' AS field, loss.value ->> 'kind' AS kind,
      loss.value ->> 'reason' AS reason, sum(tally.count) AS count
    FROM tally JOIN job ON job.id = tally.job, json_each(tally.losses) AS loss
    WHERE tally.losses <> ''
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`.execute(database.query);
  return rows.map(({ workload, field, kind, reason, count }) => ({
    workload: workload as WorkloadName,
    loss: { field, kind: kind as Loss['kind'], reason },
    count,
  }));
}

/** Every item of the job, folder by folder, a page at a time, so that writes may go on in between. */
export async function* selectClaims(items: Items, job: number): AsyncIterable<Claim> {
  for (const { id } of items.places.ofJob(job)) {
    let last = 0;
    for (;;) {
      const found = items.inPlace(id, last, CLAIMS_A_PAGE);
      for (const { row } of found) yield claimOf(row);
      if (found.length < CLAIMS_A_PAGE) break;
      last = found.at(-1)?.id ?? 0;
    }
  }
}

function claimOf({ key, container, identity, status, reason, receipt, losses }: Row): Claim {
  return { key, container, identity, status, reason, targetId: receipt?.targetId ?? null, losses };
}

function byOrder(one: Row, other: Row): number {
  return one.order - other.order || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}
