import { sql } from 'kysely';
import type { Settlement } from '../../core/ports.ts';
import type { ItemStatus } from '../../core/types.ts';
import { answersMark, statusWhenSettled } from '../rules.ts';
import type { Within } from './commits.ts';
import { STANDING_COLUMNS, type StandingRow } from './rows.ts';
import { runsWithoutRepeats } from './runs.ts';

interface Settled {
  settlement: Settlement;
  status: ItemStatus;
}

export async function writeBegin(
  within: Within,
  job: number,
  keys: readonly string[],
  at: number,
): Promise<void> {
  await sql`UPDATE item SET status = 'begun', begun_at = ${at}, begun_version = version, attempts = attempts + 1
    WHERE job = ${job} AND key = ANY(${keys}::text[])`.execute(within);
}

export async function writeFingerprint(
  within: Within,
  job: number,
  key: string,
  fingerprint: string,
): Promise<void> {
  await sql`UPDATE item SET fingerprint = ${fingerprint} WHERE job = ${job} AND key = ${key}`.execute(within);
}

/**
 * Writes outcomes. A receipt is never erased by a settlement without one, and a begin mark only by an outcome that
 * answers it. `gone` leaves the version that was settled before, for the day the item shows up again.
 */
export async function writeSettlements(
  within: Within,
  job: number,
  settlements: readonly Settlement[],
): Promise<void> {
  for (const run of runsWithoutRepeats(settlements)) {
    const known = await standingItems(
      within,
      job,
      run.map(({ key }) => key),
    );
    const settled = run.flatMap((settlement): Settled[] => {
      const row = known.get(settlement.key);
      return row ? [{ settlement, status: statusWhenSettled(row, settlement) }] : [];
    });
    const isGone = ({ settlement }: Settled) => settlement.outcome === 'gone';
    await vanish(within, job, settled.filter(isGone));
    await settle(
      within,
      job,
      settled.filter((one) => !isGone(one)),
    );
  }
}

/** Failed items become listed again, whatever version they failed at; their receipts stay. */
export async function writeRetry(within: Within, job: number): Promise<number> {
  const { numAffectedRows } = await sql`UPDATE item
    SET status = 'listed', settled_version = NULL, settled_status = NULL, reason = NULL
    WHERE job = ${job} AND status = 'failed'`.execute(within);
  return Number(numAffectedRows);
}

async function standingItems(
  within: Within,
  job: number,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StandingRow>> {
  const { rows } = await sql<StandingRow>`
    SELECT ${STANDING_COLUMNS} FROM item
    WHERE job = ${job} AND key = ANY(${keys}::text[]) ORDER BY key FOR UPDATE`.execute(within);
  return new Map(rows.map((row) => [row.key, row]));
}

async function vanish(within: Within, job: number, settled: readonly Settled[]): Promise<void> {
  if (settled.length === 0) return;
  const of = columnsOf(settled);
  await sql`UPDATE item SET status = gone.status, reason = gone.reason,
      inline = CASE WHEN gone.status = 'listed' THEN inline END
    FROM unnest(${of.keys}::text[], ${of.statuses}::text[], ${of.reasons}::text[]) AS gone (key, status, reason)
    WHERE item.job = ${job} AND item.key = gone.key`.execute(within);
}

async function settle(within: Within, job: number, settled: readonly Settled[]): Promise<void> {
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
    FROM unnest(${of.keys}::text[], ${of.statuses}::text[], ${of.reasons}::text[], ${versions}::text[],
      ${outcomes}::text[], ${receipts}::text[], ${losses}::text[], ${answers}::boolean[])
      AS one (key, status, reason, version, outcome, receipt, losses, answers)
    WHERE item.job = ${job} AND item.key = one.key`.execute(within);
}

function columnsOf(settled: readonly Settled[]) {
  return {
    keys: settled.map(({ settlement }) => settlement.key),
    statuses: settled.map(({ status }) => status),
    reasons: settled.map(({ settlement }) => settlement.reason),
  };
}
