import pLimit from 'p-limit';
import { throwIfAborted } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';
import { type Log, silent } from '../core/log.ts';
import type { AnyWorkload, Ledger, ListedItem, Observer, Position } from '../core/ports.ts';
import type { Job, Json, Loss, Mapped, Receipt, WorkloadName } from '../core/types.ts';
import { unexpected } from './attempts.ts';
import { listJob } from './list.ts';
import { isOpen } from './run.ts';

const PRINCIPALS_AT_ONCE = 8;
const ROWS_A_PAGE = 500;

export interface PlanOptions {
  jobs: readonly Job[];
  workload: (job: Job) => AnyWorkload;
  /** Listed into: the folder's own, or one in memory that leaves no trace. */
  ledger: Ledger;
  signal: AbortSignal;
  observe?: Observer;
  log?: Log;
}

/** What applying a row would come to; `write` counts deliveries, `merge` their further copies. */
export type PlannedOutcome = 'write' | 'merge' | 'excluded' | 'unsupported' | 'too-large';

export interface PassPlan {
  outcomes: readonly {
    workload: WorkloadName;
    outcome: PlannedOutcome;
    reason: string | null;
    items: number;
  }[];
  /** Losses that the mapping foresees from what the listing shows; those that only bodies show are not in it. */
  losses: readonly { workload: WorkloadName; loss: Loss; items: number }[];
  stopped: readonly { job: Job; error: MigrationError }[];
}

interface JobPlan {
  job: Job;
  workload: AnyWorkload;
  ledger: Ledger;
  prepared: unknown;
  tally: Tally;
  /** Stand-ins for receipts of containers and masters that are not at the target yet. */
  parents: Map<string, Receipt | null>;
}

/**
 * Lists the jobs and says what applying would do. It reads no message body, and neither reads nor writes the target:
 * copies under one identity are taken for one message, and what only a body can show is not foreseen.
 */
export async function planPass(options: PlanOptions): Promise<PassPlan> {
  const { jobs, signal, observe = () => {}, log = silent } = options;
  const tally = new Tally();
  const stopped: { job: Job; error: MigrationError }[] = [];
  const limit = pLimit(PRINCIPALS_AT_ONCE);
  const planOne = async (job: Job) => {
    observe({ type: 'job-started', job, phase: 'list' });
    try {
      const open = await planJob(options, job, observe, tally);
      observe({ type: 'job-finished', job, phase: 'list', open });
    } catch (cause) {
      throwIfAborted(signal);
      const error = cause instanceof MigrationError ? cause : unexpected(cause, 'job');
      if (error.scope === 'run') throw error;
      log('warn', 'job-stopped', { workload: job.workload, principal: job.principal.id, code: error.code });
      observe({ type: 'job-stopped', job, error });
      stopped.push({ job, error });
    }
  };
  const settled = await Promise.allSettled(jobs.map((job) => limit(() => planOne(job))));
  throwIfAborted(signal);
  for (const result of settled) if (result.status === 'rejected') throw result.reason;
  return { ...tally.result(), stopped };
}

async function planJob(
  { workload: workloadOf, ledger, signal }: PlanOptions,
  job: Job,
  observe: Observer,
  tally: Tally,
): Promise<number> {
  const workload = workloadOf(job);
  await listJob({ job, workload, ledger, signal, observe, stop: signal });
  const prepared = workload.prepare(job, await ledger.containers(job, workload.containerRank));
  const plan: JobPlan = { job, workload, ledger, prepared, tally, parents: new Map() };
  let open = 0;
  for (const rank of await ledger.openRanks(job)) {
    let after: Position | null = null;
    do {
      throwIfAborted(signal);
      const rows: readonly ListedItem[] = await ledger.open(job, rank, after, ROWS_A_PAGE, false);
      for (const row of rows) await planRow(plan, row);
      open += rows.length;
      after = rows.length < ROWS_A_PAGE ? null : (rows.at(-1) ?? null);
    } while (after !== null);
  }
  return open;
}

async function planRow(plan: JobPlan, item: ListedItem): Promise<void> {
  const mapped = await mapAlone(plan, item);
  const { workload, tally } = plan;
  if (mapped?.kind === 'skip') {
    tally.outcome(workload.name, mapped.reason.outcome, mapped.reason.rule);
    return;
  }
  if (!(await isFirst(plan, item))) {
    tally.outcome(workload.name, 'merge', null);
    return;
  }
  tally.outcome(workload.name, 'write', null);
  for (const loss of mapped?.losses ?? []) tally.loss(workload.name, loss);
}

/** Null when the mapping cannot answer without the resource. */
async function mapAlone(plan: JobPlan, item: ListedItem): Promise<Mapped<unknown> | null> {
  const { job, prepared, workload } = plan;
  const parent = await parentOf(plan, item);
  try {
    const copy = { item, parent, resource: item.inline };
    return workload.map([copy], { job, prepared, variant: 0, prior: item.receipt });
  } catch {
    return null;
  }
}

/** True for the first open copy under an identity that would be written. */
async function isFirst(plan: JobPlan, item: ListedItem): Promise<boolean> {
  const { workload, ledger, job } = plan;
  if (!workload.groups || item.identity === null) return true;
  for (const other of await ledger.byIdentity(job, item.identity)) {
    if (other.key === item.key) return true;
    if (isOpen(other) && (await mapAlone(plan, other))?.kind !== 'skip') return false;
  }
  return true;
}

async function parentOf(plan: JobPlan, { after }: ListedItem): Promise<Receipt | null> {
  if (after === null) return null;
  const known = plan.parents.get(after);
  if (known !== undefined) return known;
  const parent = await plan.ledger.item(plan.job, after);
  const receipt = parent === null ? null : (parent.receipt ?? (await expectedReceipt(plan, parent)));
  plan.parents.set(after, receipt);
  return receipt;
}

/** What the receipt of an open parent will say, as far as its value tells. */
async function expectedReceipt(plan: JobPlan, parent: ListedItem): Promise<Receipt | null> {
  if (!isOpen(parent)) return null;
  const mapped = await mapAlone(plan, parent);
  if (mapped?.kind !== 'value') return null;
  return { targetId: `planned/${parent.key}`, wrote: mapped.value as Json };
}

class Tally {
  readonly #outcomes = new Map<string, PassPlan['outcomes'][number]>();
  readonly #losses = new Map<string, PassPlan['losses'][number]>();

  outcome(workload: WorkloadName, outcome: PlannedOutcome, reason: string | null): void {
    const key = JSON.stringify([workload, outcome, reason]);
    const items = (this.#outcomes.get(key)?.items ?? 0) + 1;
    this.#outcomes.set(key, { workload, outcome, reason, items });
  }

  loss(workload: WorkloadName, { field, kind, reason }: Loss): void {
    const key = JSON.stringify([workload, field, kind, reason]);
    const items = (this.#losses.get(key)?.items ?? 0) + 1;
    this.#losses.set(key, { workload, loss: { field, kind, reason }, items });
  }

  /** In a stable order: by workload, then by what is counted. */
  result(): Pick<PassPlan, 'outcomes' | 'losses'> {
    return { outcomes: sorted(this.#outcomes), losses: sorted(this.#losses) };
  }
}

function sorted<T>(counts: ReadonlyMap<string, T>): T[] {
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
}
