import { type ExpressionBuilder, sql } from 'kysely';
import type { Claim, JobProgress, ListedItem, Position, ProgressFilter } from '../core/ports.ts';
import type { ItemStatus, Loss, WorkloadName } from '../core/types.ts';
import type { Database } from './database.ts';
import { ITEM_COLUMNS, type ItemRow, parseLosses, parseReceipt, toListedItem } from './rows.ts';
import type { Tables } from './schema.ts';

const CLAIMS_A_PAGE = 1_000;
const COLUMNS = ITEM_COLUMNS.join(', ');
const ITEM = `SELECT ${COLUMNS} FROM item WHERE job = ? AND key = ?`;
const BY_IDENTITY = `SELECT ${COLUMNS} FROM item WHERE job = ? AND identity = ? ORDER BY ord, key`;
const OPEN_WHERE = "job = ? AND rank = ? AND status IN ('listed', 'begun')";
const OPEN_ASCENDING = `SELECT ${COLUMNS} FROM item WHERE ${OPEN_WHERE} AND (ord, key) > (?, ?)
  ORDER BY ord, key LIMIT ?`;
const OPEN_DESCENDING = `SELECT ${COLUMNS} FROM item WHERE ${OPEN_WHERE} AND (ord, key) < (?, ?)
  ORDER BY ord DESC, key DESC LIMIT ?`;
const BEFORE_ALL: Position = { order: Number.NEGATIVE_INFINITY, key: '' };
const AFTER_ALL: Position = { order: Number.POSITIVE_INFINITY, key: '' };

/** Hot: one row by its key. */
export function selectItem(database: Database, job: number, key: string): ListedItem | null {
  const row = database.prepare(ITEM).get(job, key) as unknown as ItemRow | undefined;
  return row ? toListedItem(row) : null;
}

/** Hot: the rows under one identity in order. */
export function selectByIdentity(
  database: Database,
  job: number,
  identity: string,
  withGone: boolean,
): readonly ListedItem[] {
  const rows = database.prepare(BY_IDENTITY).all(job, identity) as unknown as ItemRow[];
  return rows.filter(({ status }) => withGone || status !== 'gone').map(toListedItem);
}

/** Hot: the next open rows of a rank after a position. */
export function selectOpen(
  database: Database,
  job: number,
  rank: number,
  after: Position | null,
  limit: number,
  descending: boolean,
): readonly ListedItem[] {
  const { order, key } = after ?? (descending ? AFTER_ALL : BEFORE_ALL);
  const statement = database.prepare(descending ? OPEN_DESCENDING : OPEN_ASCENDING);
  return (statement.all(job, rank, order, key, limit) as unknown as ItemRow[]).map(toListedItem);
}

export async function selectContainers(
  database: Database,
  job: number,
  containerRank: number,
): Promise<readonly ListedItem[]> {
  const rows = await database.query
    .selectFrom('item')
    .select(ITEM_COLUMNS)
    .where('job', '=', job)
    .where('rank', '<', containerRank)
    .where('status', '<>', 'gone')
    .orderBy('rank')
    .orderBy('ord')
    .orderBy('key')
    .execute();
  return rows.map(toListedItem);
}

export async function selectOpenRanks(database: Database, job: number): Promise<readonly number[]> {
  const rows = await database.query
    .selectFrom('item')
    .select('rank')
    .distinct()
    .where('job', '=', job)
    .where(sql<boolean>`status IN ('listed', 'begun')`)
    .orderBy('rank')
    .execute();
  return rows.map(({ rank }) => rank);
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
  const ids = new Set(jobs.map(({ id }) => id));
  const only = filter.job === undefined ? null : (jobs[0]?.id ?? null);
  const counts = groupByJob(await countItems(database, only), ids);
  return jobs.map((job) => {
    const own = counts.get(job.id) ?? [];
    const byStatus: Partial<Record<ItemStatus, number>> = {};
    for (const { status, count } of own) byStatus[status] = (byStatus[status] ?? 0) + count;
    return {
      job: job.job,
      workload: job.workload as WorkloadName,
      organisation: job.organisation,
      wave: job.wave,
      source: job.source,
      target: job.target,
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
  const reason = sql<string>`CASE WHEN status IN ('written', 'merged', 'listed', 'begun') THEN ''
    WHEN status = 'gone' THEN 'removed-at-source' ELSE coalesce(reason, '') END`;
  const items = database.query.selectFrom('item');
  const rows = await (job === null ? items : items.where('job', '=', job))
    .select(['job', 'status', reason.as('why')])
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.sum<number | null>('bytes').as('bytes')])
    .groupBy(['job', 'status', 'why'])
    .execute();
  return rows.map(({ job, status, why, count, bytes }) => {
    return { job, status: status as ItemStatus, reason: why, count, bytes: bytes ?? 0 };
  });
}

function groupByJob(counts: readonly ItemCount[], ids: ReadonlySet<number>): Map<number, ItemCount[]> {
  const groups = new Map<number, ItemCount[]>();
  for (const count of counts) {
    if (!ids.has(count.job)) continue;
    const group = groups.get(count.job);
    if (group) group.push(count);
    else groups.set(count.job, [count]);
  }
  return groups;
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
      loss.value ->> 'reason' AS reason, count(*) AS count
    FROM item JOIN job ON job.id = item.job, json_each(item.losses) AS loss
    WHERE item.losses IS NOT NULL AND item.status = item.settled_status
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`.execute(database.query);
  return rows.map(({ workload, field, kind, reason, count }) => ({
    workload: workload as WorkloadName,
    loss: { field, kind: kind as Loss['kind'], reason },
    count,
  }));
}

/** Every item of the job in key order, a page at a time, so that writes may go on in between. */
export async function* selectClaims(database: Database, job: number): AsyncIterable<Claim> {
  let last: string | null = null;
  for (;;) {
    const rows = await claimsAfter(database, job, last);
    for (const row of rows) {
      const { losses, receipt, status, ...facts } = row;
      const targetId = parseReceipt(receipt)?.targetId ?? null;
      yield { ...facts, status: status as ItemStatus, targetId, losses: parseLosses(losses) };
    }
    if (rows.length < CLAIMS_A_PAGE) return;
    last = rows.at(-1)?.key ?? null;
  }
}

function claimsAfter(database: Database, job: number, last: string | null) {
  const page = database.query
    .selectFrom('item')
    .select(['key', 'container', 'identity', 'status', 'reason', 'receipt', 'losses'])
    .where('job', '=', job)
    .orderBy('key')
    .limit(CLAIMS_A_PAGE);
  return (last === null ? page : page.where('key', '>', last)).execute();
}
