import type { Settlement } from '../core/ports.ts';
import type { ItemStatus } from '../core/types.ts';
import type { Database } from './database.ts';
import { toStanding } from './rows.ts';
import { answersMark, statusWhenSettled } from './rules.ts';
import type { ItemTable } from './schema.ts';

const BEGIN = `UPDATE item SET status = 'begun', begun_at = ?, begun_version = version, attempts = attempts + 1
  WHERE job = ? AND key = ?`;
const FINGERPRINT = 'UPDATE item SET fingerprint = ? WHERE job = ? AND key = ?';
const KNOWN = `SELECT id, version, status, settled_version, settled_status, begun_at FROM item
  WHERE job = ? AND key = ?`;
const SETTLE = `UPDATE item SET status = ?, settled_version = ?, settled_status = ?, reason = ?,
  receipt = coalesce(?, receipt), losses = ?, inline = iif(? = 'listed', inline, NULL),
  begun_at = iif(?, NULL, begun_at), begun_version = iif(?, NULL, begun_version) WHERE id = ?`;
const VANISH = `UPDATE item SET status = ?, reason = ?, inline = iif(? = 'listed', inline, NULL) WHERE id = ?`;
const RETRY = `UPDATE item SET status = 'listed', settled_version = NULL, settled_status = NULL, reason = NULL
  WHERE job = ? AND status = 'failed'`;

type Known = Pick<ItemTable, 'id' | 'version' | 'status' | 'settled_version' | 'settled_status' | 'begun_at'>;

export function writeBegin(database: Database, job: number, keys: readonly string[], at: number): void {
  for (const key of keys) database.prepare(BEGIN).run(at, job, key);
}

export function writeFingerprint(database: Database, job: number, key: string, fingerprint: string): void {
  database.prepare(FINGERPRINT).run(fingerprint, job, key);
}

/**
 * Writes outcomes. A receipt is never erased by a settlement without one, and a begin mark only by an outcome that
 * answers it. `gone` leaves the version that was settled before, for the day the item shows up again.
 */
export function writeSettlements(database: Database, job: number, settlements: readonly Settlement[]): void {
  for (const settlement of settlements) {
    const known = database.prepare(KNOWN).get(job, settlement.key) as unknown as Known | undefined;
    if (known === undefined) continue;
    const status = statusWhenSettled(toStanding(known), settlement);
    if (settlement.outcome === 'gone') vanish(database, known.id, status, settlement.reason);
    else settle(database, known.id, status, settlement);
  }
}

/** Failed items become listed again, whatever version they failed at; their receipts stay. */
export function writeRetry(database: Database, job: number): number {
  return Number(database.prepare(RETRY).run(job).changes);
}

function settle(database: Database, id: number, status: ItemStatus, settlement: Settlement): void {
  const { version, outcome, reason, receipt, losses } = settlement;
  const receiptText = receipt === null ? null : JSON.stringify(receipt);
  const lossesText = losses.length === 0 ? null : JSON.stringify(losses);
  const isAnswer = answersMark(outcome) ? 1 : 0;
  database
    .prepare(SETTLE)
    .run(status, version, outcome, reason, receiptText, lossesText, status, isAnswer, isAnswer, id);
}

function vanish(database: Database, id: number, status: ItemStatus, reason: string | null): void {
  database.prepare(VANISH).run(status, reason, status, id);
}
