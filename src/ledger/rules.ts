import type { Settlement } from '../core/ports.ts';
import type { ItemStatus, Outcome } from '../core/types.ts';

/** What a ledger holds of an item that decides how the next listing or settlement changes its status. */
export interface Standing {
  version: string;
  status: ItemStatus;
  settledVersion: string | null;
  settledStatus: Outcome | null;
  begunAt: number | null;
}

/**
 * The status of an item that a listing shows (again) at a version. What stands settled at this version stays so. Else
 * a standing begin mark makes it begun, since only the target can say what became of that write; a version that was
 * settled before returns to what it was settled as; any other version is work.
 */
export function statusWhenSeen(standing: Standing | null, version: string): ItemStatus {
  if (standing === null) return 'listed';
  const { status } = standing;
  if (version === standing.version && !isOpen(status) && status !== 'gone') return status;
  if (standing.begunAt !== null) return 'begun';
  if (version === standing.settledVersion) return standing.settledStatus ?? 'listed';
  return 'listed';
}

/**
 * The status of an item after a settlement. Gone items stay gone and take the receipt; an item that was listed at
 * another version meanwhile has to be looked at again.
 */
export function statusWhenSettled(
  standing: Standing,
  settlement: Pick<Settlement, 'version' | 'outcome'>,
): ItemStatus {
  if (standing.status === 'gone') return 'gone';
  return settlement.version === standing.version ? settlement.outcome : 'listed';
}

/** True for the outcomes that answer a begin mark; the others say nothing about the target, so the mark stands on. */
export function answersMark(outcome: Outcome): boolean {
  return outcome === 'written' || outcome === 'merged' || outcome === 'failed';
}

/** True for the statuses that still need work. */
export function isOpen(status: ItemStatus): boolean {
  return status === 'listed' || status === 'begun';
}
