import { type MigrationError, Rejected } from '../core/errors.ts';
import type { ListedItem } from '../core/ports.ts';
import type { Receipt, SkipReason, Written } from '../core/types.ts';
import { attempt, mayGoAgain } from './attempts.ts';
import { type Delivery, lastMarked, standingMark } from './deliveries.ts';
import { mapDelivery } from './mapping.ts';
import { isOpen, type JobRun, reportFailure } from './run.ts';
import { settleFailed, settleFound, settleGone, settleSkipped, settleWritten } from './settlements.ts';

/**
 * Where a step of the item protocol ends. `settled`: go on; `changed`: the rows are not what they were, form them
 * anew; `waits`: a miss proves nothing before that time; `again`: the attempt failed and may be repeated.
 */
export type Step =
  | { kind: 'settled' }
  | { kind: 'changed' }
  | { kind: 'waits'; dueTicks: number }
  | { kind: 'again'; error: MigrationError };

const SETTLED: Step = { kind: 'settled' };
const CHANGED: Step = { kind: 'changed' };

/** Refusals that are no failure: somebody has decided at the target, or no repeat can ever go better. */
const DECIDED: ReadonlyMap<string, SkipReason['outcome']> = new Map([
  ['deleted-at-target', 'excluded'],
  ['mime-conversion-failed', 'unsupported'],
  ['too-large', 'too-large'],
]);

function decisionOf(error: MigrationError): SkipReason | null {
  const outcome = error instanceof Rejected ? DECIDED.get(error.code) : undefined;
  return outcome === undefined ? null : { outcome, rule: error.code };
}

/**
 * The item protocol for one delivery: map; ask the target about a standing begin mark; begin, put, settle. An
 * unanswered put settles nothing: its mark stands, and the next attempt asks the target first.
 */
export async function deliver(run: JobRun, delivery: Delivery): Promise<Step> {
  const mapped = await mapDelivery(run, delivery);
  if (!mapped.ok) return refusedByMapping(run, delivery, mapped.lead, mapped.error);
  const { value } = mapped;
  if (value.kind === 'skip') {
    await settleSkipped(run, itemsOf(delivery), value.reason);
    return SETTLED;
  }
  const doubt = await resolveDoubt(run, delivery, value);
  if (doubt !== null) return doubt;
  return run.jobHalt.isStopped ? SETTLED : write(run, delivery, value);
}

async function refusedByMapping(
  run: JobRun,
  delivery: Delivery,
  lead: ListedItem,
  error: MigrationError,
): Promise<Step> {
  if (error.name === 'NotFound') {
    await settleGone(run, lead);
    return CHANGED;
  }
  const decision = markedItems(delivery).length > 0 ? null : decisionOf(error);
  if (decision !== null) {
    await settleSkipped(run, itemsOf(delivery), decision);
    return SETTLED;
  }
  reportFailure(run, lead, error);
  // A begin mark would go with the outcome, though only the target can answer it.
  if (error.retryable || markedItems(delivery).length > 0) return { kind: 'again', error };
  await settleFailed(run, itemsOf(delivery), error);
  return SETTLED;
}

/**
 * Asks the target what became of earlier puts under the delivery's identity that nobody answered: its own, and those
 * of strays, which a search could mistake for it. A stray is always resolved before anything else begins under the
 * identity, so what is found belongs to the item that was begun last. Null when it is proved that the put has to be
 * done: nothing is there, and anything that was sent would be seen by now. For an update only an id other than the
 * earlier receipt's is an answer, since what was there before is found whether the update arrived or not; repeating
 * it is harmless.
 */
async function resolveDoubt(run: JobRun, delivery: Delivery, value: Written<unknown>): Promise<Step | null> {
  const { workload, job, signal, doubts, clock } = run;
  const mark = standingMark(delivery);
  const strays = delivery.prior === null ? delivery.strays : [];
  const last = lastMarked(mark === null ? strays : [mark, ...strays]);
  if (last === null) return null;
  const { key } = delivery.copies[0].item;
  const settledIds = await settledElsewhere(run, delivery);
  const found = await attempt(signal, () => workload.target.find(job, key, value.value, settledIds, signal));
  if (!found.ok) return refusedByTarget(run, delivery, found.error, false);
  const receipt: Receipt | null = found.value;
  if (receipt !== null && receipt.targetId !== delivery.prior?.targetId) {
    const marked = last === mark ? markedItems(delivery) : [last];
    await settleFound(run, marked, receipt, last === mark ? value.losses : []);
    doubts.resolved(marked.map((item) => item.key));
    run.breaker.succeeded();
    return CHANGED;
  }
  const visibleAfterMs = workload.target.visibleAfterMs(value.value);
  const dueTicks = [...strays, ...(mark === null ? [] : [mark])]
    .map((item) => doubts.dueTicks(item.key, item.begunAt ?? 0, visibleAfterMs))
    .reduce((latest, due) => Math.max(latest, due));
  return clock.ticks() < dueTicks ? { kind: 'waits', dueTicks } : null;
}

async function write(run: JobRun, delivery: Delivery, value: Written<unknown>): Promise<Step> {
  const { workload, job, signal, ledger, clock, doubts } = run;
  const { key } = delivery.copies[0].item;
  const open = itemsOf(delivery).filter(isOpen);
  const keys = open.length > 0 ? open.map((item) => item.key) : [key];
  await ledger.begin(job, keys, clock.now());
  const visibleAfterMs = workload.target.visibleAfterMs(value.value);
  try {
    const put = await attempt(signal, () =>
      workload.target.put(job, key, value.value, delivery.prior, signal),
    );
    if (!put.ok) {
      doubts.unanswered(keys, visibleAfterMs);
      return await refusedByTarget(run, delivery, put.error, true);
    }
    const wrote = put.value.untouched !== true;
    await settleWritten(run, delivery, put.value, value.losses, wrote);
    doubts.resolved(keys);
    if (wrote) run.puts += 1;
    run.breaker.succeeded();
    return SETTLED;
  } catch (error) {
    doubts.unanswered(keys, visibleAfterMs);
    throw error;
  }
}

/** A definite refusal settles; anything else leaves the row in doubt. A search that is refused proves nothing. */
async function refusedByTarget(
  run: JobRun,
  delivery: Delivery,
  error: MigrationError,
  wasPut: boolean,
): Promise<Step> {
  const decision = decisionOf(error);
  if (decision !== null) {
    await settleSkipped(run, itemsOf(delivery), decision);
    return SETTLED;
  }
  reportFailure(run, delivery.copies[0].item, error);
  if (!wasPut || mayGoAgain(error)) return { kind: 'again', error };
  await settleFailed(run, itemsOf(delivery), error);
  return SETTLED;
}

/** Target ids that receipts of the job hold under the same identity for something else. */
async function settledElsewhere(run: JobRun, delivery: Delivery): Promise<ReadonlySet<string>> {
  const { identity } = delivery.copies[0].item;
  if (identity === null) return new Set();
  const own = new Set([...itemsOf(delivery), ...delivery.traces].map(({ key }) => key));
  const rows = await run.ledger.byIdentity(run.job, identity, true);
  const ids = rows.flatMap(({ key, receipt }) =>
    own.has(key) || receipt === null ? [] : [receipt.targetId],
  );
  return new Set(ids.filter((id) => id !== '' && id !== delivery.prior?.targetId));
}

function markedItems(delivery: Delivery): ListedItem[] {
  return [...itemsOf(delivery), ...delivery.traces].filter(({ begunAt }) => begunAt !== null);
}

function itemsOf({ copies }: Delivery): ListedItem[] {
  return copies.map(({ item }) => item);
}
