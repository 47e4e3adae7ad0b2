import { sql } from 'kysely';
import type { Settlement } from '../../core/ports.ts';
import type { ItemStatus } from '../../core/types.ts';
import { answersMark, statusWhenSettled } from '../rules.ts';
import type { Within } from './commits.ts';
import type { JointWrite } from './joint-writes.ts';
import type { PrincipalLeases } from './leases.ts';
import { STANDING_COLUMNS, type StandingRow } from './rows.ts';
import { runsWithoutRepeats } from './runs.ts';

/** The begin mark of some items of a job. */
export interface Beginning {
  job: number;
  principal: string;
  keys: readonly string[];
  at: number;
}

/** Outcomes of some items of a job. */
export interface Settling {
  job: number;
  settlements: readonly Settlement[];
}

interface Settled {
  job: number;
  settlement: Settlement;
  status: ItemStatus;
}

/** Begin marks, each after its principal's lease was found to be this process's. */
export function beginMarks(leases: PrincipalLeases): JointWrite<Beginning> {
  return {
    touched: ({ job, keys }) => keys.map((key) => nameOf(job, key)),
    write: async (within, inputs) => {
      const marks = inputs.flatMap(({ job, keys, at }) => keys.map((key) => ({ job, key, at })));
      const jobs = marks.map(({ job }) => job);
      const keys = marks.map(({ key }) => key);
      const times = marks.map(({ at }) => at);
      await leases.fence(within, new Set(inputs.map(({ principal }) => principal)));
      await sql`UPDATE item SET status = 'begun', begun_at = mark.at, begun_version = version, attempts = attempts + 1
        FROM unnest(${jobs}::bigint[], ${keys}::text[], ${times}::float8[]) AS mark (job, key, at)
        WHERE item.job = mark.job AND item.key = mark.key`.execute(within);
    },
  };
}

/**
 * Outcomes. A receipt is never erased by a settlement without one, and a begin mark only by an outcome that answers
 * it. `gone` leaves the version that was settled before, for the day the item shows up again.
 */
export const SETTLEMENTS: JointWrite<Settling> = {
  touched: ({ job, settlements }) => settlements.map(({ key }) => nameOf(job, key)),
  write: async (within, inputs) => {
    const all = inputs.flatMap(({ job, settlements }) =>
      settlements.map((settlement) => ({ job, settlement, key: nameOf(job, settlement.key) })),
    );
    for (const run of runsWithoutRepeats(all)) await writeSettlements(within, run);
  },
};

function nameOf(job: number, key: string): string {
  return `${job} ${key}`;
}

export async function writeFingerprint(
  within: Within,
  job: number,
  key: string,
  fingerprint: string,
): Promise<void> {
  await sql`UPDATE item SET fingerprint = ${fingerprint} WHERE job = ${job} AND key = ${key}`.execute(within);
}

/** Failed items become listed again, whatever version they failed at; their receipts stay. */
export async function writeRetry(within: Within, job: number): Promise<number> {
  const { numAffectedRows } = await sql`UPDATE item
    SET status = 'listed', settled_version = NULL, settled_status = NULL, reason = NULL
    WHERE job = ${job} AND status = 'failed'`.execute(within);
  return Number(numAffectedRows);
}

async function writeSettlements(
  within: Within,
  run: readonly { job: number; settlement: Settlement; key: string }[],
): Promise<void> {
  const known = await standingItems(within, run);
  const settled = run.flatMap(({ job, settlement, key }): Settled[] => {
    const row = known.get(key);
    return row ? [{ job, settlement, status: statusWhenSettled(row, settlement) }] : [];
  });
  const isGone = ({ settlement }: Settled) => settlement.outcome === 'gone';
  await vanish(within, settled.filter(isGone));
  await settle(
    within,
    settled.filter((one) => !isGone(one)),
  );
}

async function standingItems(
  within: Within,
  run: readonly { job: number; settlement: Settlement }[],
): Promise<ReadonlyMap<string, StandingRow>> {
  const jobs = run.map(({ job }) => job);
  const keys = run.map(({ settlement }) => settlement.key);
  const { rows } = await sql<StandingRow & { job: number }>`
    SELECT job, ${STANDING_COLUMNS} FROM item
    WHERE (job, key) IN (SELECT * FROM unnest(${jobs}::bigint[], ${keys}::text[]))
    ORDER BY job, key FOR UPDATE`.execute(within);
  return new Map(rows.map((row) => [nameOf(row.job, row.key), row]));
}

async function vanish(within: Within, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return;
  const of = columnsOf(settled);
  await sql`UPDATE item SET status = gone.status, reason = gone.reason,
      inline = CASE WHEN gone.status = 'listed' THEN inline END
    FROM unnest(${of.jobs}::bigint[], ${of.keys}::text[], ${of.statuses}::text[], ${of.reasons}::text[])
      AS gone (job, key, status, reason)
    WHERE item.job = gone.job AND item.key = gone.key`.execute(within);
}

async function settle(within: Within, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return;
  const of = columnsOf(settled);
  const versions = settled.map(({ settlement }) => settlement.version);
  const outcomes = settled.map(({ settlement }) => settlement.outcome);
  const receipts = settled.map(({ settlement: { receipt } }) =>
    receipt === null ? null : JSON.stringify(receipt),
  );
  const losses = settled.map(({ settlement }) =>
    settlement.losses.length === 0 ? null : JSON.stringify(settlement.losses),
  );
  const answers = outcomes.map(answersMark);
  await sql`UPDATE item SET status = one.status, settled_version = one.version, settled_status = one.outcome,
      reason = one.reason, receipt = coalesce(one.receipt, item.receipt), losses = one.losses,
      inline = CASE WHEN one.status = 'listed' THEN inline END,
      begun_at = CASE WHEN NOT one.answers THEN begun_at END,
      begun_version = CASE WHEN NOT one.answers THEN begun_version END
    FROM unnest(${of.jobs}::bigint[], ${of.keys}::text[], ${of.statuses}::text[], ${of.reasons}::text[],
      ${versions}::text[], ${outcomes}::text[], ${receipts}::text[], ${losses}::text[], ${answers}::boolean[])
      AS one (job, key, status, reason, version, outcome, receipt, losses, answers)
    WHERE item.job = one.job AND item.key = one.key`.execute(within);
}

function columnsOf(settled: readonly Settled[]) {
  return {
    jobs: settled.map(({ job }) => job),
    keys: settled.map(({ settlement }) => settlement.key),
    statuses: settled.map(({ status }) => status),
    reasons: settled.map(({ settlement }) => settlement.reason),
  };
}
