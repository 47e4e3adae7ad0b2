import type { MigrationError } from '../core/errors.ts';
import type { ListedItem, Settlement } from '../core/ports.ts';
import type { Loss, Outcome, Receipt, SkipReason } from '../core/types.ts';
import type { Delivery } from './deliveries.ts';
import { isOpen, type JobRun } from './run.ts';

const NO_LOSSES: readonly Loss[] = [];

/**
 * Settles every copy of a delivery with the receipt: one is `written`, the others `merged`. `wrote` says that a put
 * was answered, not that an earlier one was found.
 */
export async function settleWritten(
  run: JobRun,
  delivery: Delivery,
  receipt: Receipt,
  losses: readonly Loss[],
  wrote: boolean,
): Promise<void> {
  const items = delivery.copies.map(({ item }) => item);
  const holder = holderOf(items);
  const all = [...losses, ...(receipt.losses ?? NO_LOSSES)];
  const settlements = items.map((item): Settlement => {
    const isHolder = item === holder;
    return settlement(item, isHolder ? 'written' : 'merged', receipt, isHolder ? all : NO_LOSSES);
  });
  await run.ledger.settle(run.job, settlements);
  const open = items.filter(isOpen);
  const held = open.filter((item) => item === holder);
  const merged = open.filter((item) => item !== holder);
  tell(run, 'written', held, wrote);
  tell(run, 'merged', merged, wrote && held.length === 0);
}

/**
 * Keeps the receipt of an earlier, unanswered put that was found, for the versions that were begun. Items that have
 * changed since stay open.
 */
export async function settleFound(
  run: JobRun,
  marked: readonly ListedItem[],
  receipt: Receipt,
  losses: readonly Loss[],
): Promise<void> {
  const holder = holderOf(marked);
  const all = [...losses, ...(receipt.losses ?? NO_LOSSES)];
  const settlements = marked.map((item) => {
    const isHolder = item === holder;
    const version = item.begunVersion ?? `${item.version}?`;
    const base = settlement(item, isHolder ? 'written' : 'merged', receipt, isHolder ? all : NO_LOSSES);
    return { ...base, version };
  });
  await run.ledger.settle(run.job, settlements);
  const done = marked.filter((item) => isOpen(item) && item.begunVersion === item.version);
  tell(
    run,
    'written',
    done.filter((item) => item === holder),
    false,
  );
  tell(
    run,
    'merged',
    done.filter((item) => item !== holder),
    false,
  );
}

export async function settleSkipped(
  run: JobRun,
  items: readonly ListedItem[],
  reason: SkipReason,
): Promise<void> {
  await settleAlike(run, items, reason.outcome, reason.rule);
}

export async function settleFailed(
  run: JobRun,
  items: readonly ListedItem[],
  error: MigrationError,
): Promise<void> {
  await settleAlike(run, items, 'failed', error.code);
}

/** Removed at the source between its listing and now. */
export async function settleGone(run: JobRun, item: ListedItem): Promise<void> {
  await run.ledger.settle(run.job, [settlement(item, 'gone', null, NO_LOSSES)]);
  tell(run, 'gone', isOpen(item) ? [item] : [], false);
}

async function settleAlike(
  run: JobRun,
  items: readonly ListedItem[],
  outcome: Outcome,
  reason: string,
): Promise<void> {
  const open = items.filter(isOpen);
  if (open.length === 0) return;
  await run.ledger.settle(
    run.job,
    open.map((item) => ({ ...settlement(item, outcome, null, NO_LOSSES), reason })),
  );
  tell(run, outcome, open, false);
}

function settlement(
  { key, version }: ListedItem,
  outcome: Outcome,
  receipt: Receipt | null,
  losses: readonly Loss[],
): Settlement {
  return { key, version, outcome, reason: null, receipt, losses };
}

/** The copy that counts as written: the one that does already, else one that was at the target before, else the first. */
function holderOf(items: readonly ListedItem[]): ListedItem | undefined {
  return (
    items.find(({ status }) => status === 'written') ??
    items.find((item) => isOpen(item) && item.receipt !== null) ??
    items[0]
  );
}

function tell(run: JobRun, outcome: Outcome, items: readonly ListedItem[], wrote: boolean): void {
  if (items.length === 0) return;
  const bytes = items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  run.observe({ type: 'settled', job: run.job, outcome, items: items.length, bytes, wrote });
}
