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
 * The status of an item that a listing shows (again) at a version. A standing begin mark outlives everything, since
 * only the target can say what became of that write; a settled version returns to what it was settled as; any other
 * version is work.
 */
export function statusWhenSeen(standing: Standing | null, version: string): ItemStatus {
  if (standing === null) return 'listed';
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

/** True for the statuses that still need work. */
export function isOpen(status: ItemStatus): boolean {
  return status === 'listed' || status === 'begun';
}
