import { sql } from 'kysely';
import type { Claim, JobProgress, ListedItem } from '../../core/ports.ts';
import type { ItemStatus, Loss, Receipt, WorkloadName } from '../../core/types.ts';
import type { Standing } from '../rules.ts';
import type { JobTable } from '../schema.ts';

/** The columns of a `ListedItem` under its names. */
export const LISTED_COLUMNS =
  sql.raw(`key, version, container, identity, rank, after_key AS "after", ord AS "order",
  state, inline, bytes, status, settled_version AS "settledVersion", receipt, begun_at AS "begunAt",
  begun_version AS "begunVersion", attempts, reason, fingerprint`);

/** The columns of a `Standing` under its names, and its key. */
export const STANDING_COLUMNS = sql.raw(`key, version, status, settled_version AS "settledVersion",
  settled_status AS "settledStatus", begun_at AS "begunAt"`);

/** JSON stands as text, since `jsonb` refuses some strings that a mailbox may hold. */
type AsText<T, K extends keyof T> = Omit<T, K> & { [name in K]: string | null };

export type ListedRow = AsText<ListedItem, 'state' | 'inline' | 'receipt'>;

export type StandingRow = Standing & { key: string };

export type ClaimRow = AsText<Omit<Claim, 'targetId'>, 'losses'> & { receipt: string | null };

/** Items of a job that share status and reason; the reason is empty where none is told. */
export interface ItemCount {
  job: number;
  status: ItemStatus;
  reason: string;
  count: number;
  bytes: number;
}

export function toListedItem(row: ListedRow): ListedItem {
  return {
    ...row,
    state: parsed(row.state) ?? {},
    inline: parsed(row.inline),
    receipt: parsed<Receipt>(row.receipt),
  };
}

export function toClaim({ receipt, losses, ...facts }: ClaimRow): Claim {
  return { ...facts, targetId: parsed<Receipt>(receipt)?.targetId ?? null, losses: toLosses(losses) };
}

export function toLosses(text: string | null): readonly Loss[] {
  return parsed<readonly Loss[]>(text) ?? [];
}

const WITHOUT_REASON: ReadonlySet<ItemStatus> = new Set(['written', 'merged', 'listed', 'begun']);

/** The progress of a job from the counts of its items. */
export function toProgress({ id: _id, workload, ...job }: JobTable, own: readonly ItemCount[]): JobProgress {
  const counts: Partial<Record<ItemStatus, number>> = {};
  const reasons: { outcome: ItemStatus; reason: string; count: number }[] = [];
  let writtenBytes = 0;
  for (const { status, reason, count, bytes } of own) {
    counts[status] = (counts[status] ?? 0) + count;
    if (status === 'written') writtenBytes += bytes;
    if (!WITHOUT_REASON.has(status)) reasons.push({ outcome: status, reason, count });
  }
  return { ...job, workload: workload as WorkloadName, counts, bytes: writtenBytes, reasons };
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
