import pLimit, { type LimitFunction } from 'p-limit';
import { type Clock, throwIfAborted } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';
import { type Log, silent } from '../core/log.ts';
import type { AnyWorkload, JobProgress, Ledger, Observer } from '../core/ports.ts';
import type { ItemStatus, Job } from '../core/types.ts';
import { applyJob } from './apply.ts';
import { Breaker } from './breaker.ts';
import { Doubts } from './doubts.ts';
import { Halt } from './halt.ts';
import { listJob } from './list.ts';
import { type JobRun, newJobHalt, type PassContext, stopFor } from './run.ts';

const PRINCIPALS_AT_ONCE = 8;
const ITEMS_IN_FLIGHT = 4;

export interface PassOptions {
  jobs: readonly Job[];
  workload: (job: Job) => AnyWorkload;
  ledger: Ledger;
  clock: Clock;
  /** Aborting lets nothing new begin and ends what is in flight; the pass then throws `Interrupted`. */
  signal: AbortSignal;
  observe?: Observer;
  log?: Log;
  concurrency?: {
    /** Principals at once. Default 8. */
    principals?: number;
    /** Items in flight per job. Default 4. */
    items?: number;
  };
}

/** Where the pass's jobs stand at its end, and what it did. */
export interface PassResult {
  written: number;
  merged: number;
  excluded: number;
  unsupported: number;
  tooLarge: number;
  failed: number;
  gone: number;
  /** Listed or begun: the pass is not complete. */
  open: number;
  /** Puts that this pass did; 0 when there was nothing to do. */
  changed: number;
  stopped: readonly StoppedJob[];
}

export interface StoppedJob {
  job: Job;
  error: MigrationError;
}

interface Pass extends PassContext {
  options: PassOptions;
  limit: LimitFunction;
  stopped: StoppedJob[];
  changed: number;
}

/**
 * Runs or resumes a pass: each organisation's directory first, then its principals, several at once. A job that
 * stops leaves its rows open and the others running. An error that concerns the run (sign-in, the ledger) is thrown
 * when what was in flight has settled. Running again converges: what is settled is neither read nor written again.
 */
export async function runPass(options: PassOptions): Promise<PassResult> {
  const { jobs, ledger, clock, signal, observe = () => {}, log = silent, concurrency } = options;
  const halt = new Halt(signal);
  const limit = pLimit(concurrency?.principals ?? PRINCIPALS_AT_ONCE);
  const pass: Pass = { ledger, clock, signal, observe, log, halt, options, limit, stopped: [], changed: 0 };
  const organisations = Map.groupBy(jobs, ({ organisation }) => organisation.id);
  await Promise.all([...organisations.values()].map((own) => runOrganisation(pass, own)));
  throwIfAborted(signal);
  if (halt.error !== null) throw halt.error;
  return summarize(await ledger.progress(), pass);
}

async function runOrganisation(pass: Pass, jobs: readonly Job[]): Promise<void> {
  const directory = jobs.filter(({ workload }) => workload === 'directory');
  await Promise.all(directory.map((job) => pass.limit(() => runJob(pass, job))));
  const others = jobs.filter(({ workload }) => workload !== 'directory');
  const principals = Map.groupBy(others, ({ principal }) => principal.source);
  await Promise.all([...principals.values()].map((own) => pass.limit(() => runPrincipal(pass, own))));
}

/** The jobs of a principal share its allowance at both vendors: one after the other. */
async function runPrincipal(pass: Pass, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) await runJob(pass, job);
}

async function runJob(pass: Pass, job: Job): Promise<void> {
  if (pass.halt.isStopped) return;
  try {
    await listAndApply(pass, newRun(pass, job));
  } catch (error) {
    pass.halt.stop(error);
  }
}

async function listAndApply(pass: Pass, run: JobRun): Promise<void> {
  await runPhase(run, 'list', () =>
    listJob({
      ...run,
      stop: run.jobHalt.signal,
      pause: (ms) => run.clock.wait(ms, run.jobHalt.signal),
    }),
  );
  if (!run.jobHalt.isStopped) await runPhase(run, 'apply', () => applyJob(run));
  pass.changed += run.puts;
  const { error } = run.jobHalt;
  if (error instanceof MigrationError) pass.stopped.push({ job: run.job, error });
}

function newRun(pass: Pass, job: Job): JobRun {
  const { ledger, clock, signal, observe, log, halt, options } = pass;
  return {
    ...{ ledger, clock, signal, observe, log, halt, job },
    workload: options.workload(job),
    jobHalt: newJobHalt(pass),
    breaker: new Breaker(),
    doubts: new Doubts(clock),
    itemsInFlight: options.concurrency?.items ?? ITEMS_IN_FLIGHT,
    prepared: undefined,
    puts: 0,
  };
}

async function runPhase(run: JobRun, phase: 'list' | 'apply', work: () => Promise<void>): Promise<void> {
  const { job, observe, log } = run;
  observe({ type: 'job-started', job, phase });
  try {
    await work();
  } catch (error) {
    stopFor(run, error);
  }
  const { error } = run.jobHalt;
  if (error instanceof MigrationError) {
    log('warn', 'job-stopped', { workload: job.workload, principal: job.principal.id, code: error.code });
    observe({ type: 'job-stopped', job, error });
  } else if (!run.jobHalt.isStopped)
    observe({ type: 'job-finished', job, phase, open: await countOpen(run) });
}

async function countOpen({ ledger, job }: JobRun): Promise<number> {
  const [progress] = await ledger.progress({ job: job.id });
  return progress === undefined ? 0 : count([progress], 'listed', 'begun');
}

function summarize(progress: readonly JobProgress[], pass: Pass): PassResult {
  const ids = new Set(pass.options.jobs.map(({ id }) => id));
  const own = progress.filter(({ job }) => ids.has(job));
  return {
    written: count(own, 'written'),
    merged: count(own, 'merged'),
    excluded: count(own, 'excluded'),
    unsupported: count(own, 'unsupported'),
    tooLarge: count(own, 'too-large'),
    failed: count(own, 'failed'),
    gone: count(own, 'gone'),
    open: count(own, 'listed', 'begun'),
    changed: pass.changed,
    stopped: pass.stopped,
  };
}

function count(progress: readonly JobProgress[], ...statuses: readonly ItemStatus[]): number {
  return progress.reduce(
    (sum, { counts }) => sum + statuses.reduce((own, status) => own + (counts[status] ?? 0), 0),
    0,
  );
}
