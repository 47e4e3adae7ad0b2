import type { ListedItem } from '../core/ports.ts';
import { type ItemStatus, type Loss, OUTCOMES, type Outcome } from '../core/types.ts';

/** An item with all that the ledger knows of it. */
export interface Row extends ListedItem {
  begunVersion: string | null;
  settledStatus: Outcome | null;
  losses: readonly Loss[];
  stream: string;
  epoch: number;
}

/** Code of listed and begun items. No code is 0 or 1, which take less room: rows keep their length as they settle. */
export const OPEN_CODE = 2;
const FIRST_OUTCOME_CODE = 3;
export const GONE_CODE = codeOf('gone');

/** The number of a status in the table of items. Part of the file's form. */
export function codeOf(status: ItemStatus): number {
  const position = (OUTCOMES as readonly ItemStatus[]).indexOf(status);
  return position < 0 ? OPEN_CODE : FIRST_OUTCOME_CODE + position;
}

/** The outcome of a number; null for an open item. */
export function outcomeOf(code: number): Outcome | null {
  return OUTCOMES[code - FIRST_OUTCOME_CODE] ?? null;
}

/** The item as the port shows it. */
export function toListedItem(row: Row): ListedItem {
  const { settledStatus: _status, losses: _losses, stream: _stream, epoch: _epoch, ...item } = row;
  return item;
}
