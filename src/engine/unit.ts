import type { MigrationError } from '../core/errors.ts';
import type { ListedItem } from '../core/ports.ts';
import { formUnit } from './deliveries.ts';
import { deliver, type Step } from './protocol.ts';
import { isOpen, type JobRun, reportFailure } from './run.ts';
import { settleFailed, settleGone, settleSkipped } from './settlements.ts';

/**
 * Works everything that shares the trigger's identity, in sequence, until it is settled or has to wait. A delivery
 * in doubt holds back the others under its identity, so that a search never has to tell two unanswered puts apart.
 */
export async function workUnit(run: JobRun, trigger: ListedItem): Promise<Step> {
  let current: ListedItem | null = trigger;
  while (current !== null && !run.jobHalt.isStopped) {
    const step = await workOnce(run, current);
    if (step.kind !== 'changed') return step;
    current = await run.ledger.item(run.job, trigger.key);
    if (current !== null && !run.workload.groups && !isOpen(current)) return { kind: 'settled' };
  }
  return { kind: 'settled' };
}

async function workOnce(run: JobRun, trigger: ListedItem): Promise<Step> {
  const formed = await formUnit(run, trigger);
  if (formed.kind === 'vanished') {
    await settleGone(run, formed.item);
    return { kind: 'changed' };
  }
  if (formed.kind === 'again') {
    reportFailure(run, formed.item, formed.error);
    return formed;
  }
  const { deliveries, skipped, unreadable } = formed.unit;
  for (const delivery of deliveries) {
    if (run.jobHalt.isStopped) return { kind: 'settled' };
    const step = await deliver(run, delivery);
    if (step.kind !== 'settled') return step;
    stopWhenBroken(run);
  }
  for (const { item, reason } of skipped) await settleSkipped(run, [item], reason);
  for (const { item, error } of unreadable) {
    reportFailure(run, item, error);
    // A begin mark would go with the outcome, though only the target can answer it.
    if (item.begunAt === null) await settleFailed(run, [item], error);
  }
  stopWhenBroken(run);
  return { kind: 'settled' };
}

/** Throws the breaker's verdict, which has the scope of the job. */
export function stopWhenBroken(run: JobRun): void {
  const verdict: MigrationError | null = run.breaker.verdict;
  if (verdict !== null) throw verdict;
}
