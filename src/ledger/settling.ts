import type { Settlement } from '../core/ports.ts';
import type { Database } from './database.ts';
import type { Items } from './items.ts';
import { codeOf, type Row } from './rows.ts';
import { answersMark, isOpen, statusWhenSettled } from './rules.ts';

/** The status stands in the statement, since the index of failed items serves no other. */
const FAILED = `SELECT item.id FROM place JOIN item ON item.place = place.id
  WHERE place.job = ? AND item.status = ${codeOf('failed')}`;

export function writeBegin(items: Items, job: number, keys: readonly string[], at: number): void {
  for (const key of keys) {
    const known = items.find(job, key);
    if (known === null) continue;
    const { row } = known;
    const begun: Row = {
      ...row,
      status: 'begun',
      begunAt: at,
      begunVersion: row.version,
      attempts: row.attempts + 1,
    };
    if (isOpen(row.status)) items.mark(known, begun);
    else items.conclude(known, begun);
  }
}

export function writeFingerprint(items: Items, job: number, key: string, fingerprint: string): void {
  const known = items.find(job, key);
  if (known !== null) items.conclude(known, { ...known.row, fingerprint });
}

/**
 * Writes outcomes. A receipt is never erased by a settlement without one, and a begin mark only by an outcome that
 * answers it. `gone` leaves the version that was settled before, for the day the item shows up again.
 */
export function writeSettlements(items: Items, job: number, settlements: readonly Settlement[]): void {
  for (const settlement of settlements) {
    const known = items.find(job, settlement.key);
    if (known !== null) items.conclude(known, settled(known.row, settlement));
  }
}

/** Failed items become listed again, whatever version they failed at; their receipts stay. */
export function writeRetry(database: Database, items: Items, job: number): number {
  const failed = database.prepare(FAILED).all(job);
  for (const { id } of failed) {
    const known = items.byId(Number(id));
    if (known === null) continue;
    items.conclude(known, {
      ...known.row,
      status: 'listed',
      settledVersion: null,
      settledStatus: null,
      reason: null,
    });
  }
  return failed.length;
}

function settled(row: Row, settlement: Settlement): Row {
  const { version, outcome, reason, receipt, losses } = settlement;
  const status = statusWhenSettled(row, settlement);
  const inline = status === 'listed' ? row.inline : null;
  if (outcome === 'gone') return { ...row, status, reason, inline };
  return {
    ...row,
    ...{ status, reason, losses, inline, settledVersion: version, settledStatus: outcome },
    receipt: receipt ?? row.receipt,
    ...(answersMark(outcome) ? { begunAt: null, begunVersion: null } : {}),
  };
}
