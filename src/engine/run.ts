import type { Clock } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { AnyWorkload, Ledger, ListedItem, Observer } from '../core/ports.ts';
import type { ItemStatus, Job } from '../core/types.ts';
import { unexpected } from './attempts.ts';
import type { Breaker } from './breaker.ts';
import type { Doubts } from './doubts.ts';
import { Halt } from './halt.ts';

/** What everything in a pass works with. */
export interface PassContext {
  ledger: Ledger;
  clock: Clock;
  /** Aborts requests in flight. */
  signal: AbortSignal;
  observe: Observer;
  log: Log;
  /** Stops the whole pass. */
  halt: Halt;
}

/** One job in its pass. */
export interface JobRun extends PassContext {
  job: Job;
  workload: AnyWorkload;
  /** Stops this job, or the pass above it. */
  jobHalt: Halt;
  breaker: Breaker;
  doubts: Doubts;
  itemsInFlight: number;
  /** What `prepare` made of the containers; set before the first item is applied. */
  prepared: unknown;
  /** Puts that changed the target. */
  puts: number;
}

/** True for rows that still need work. */
export function isOpen({ status }: { status: ItemStatus }): boolean {
  return status === 'listed' || status === 'begun';
}

/** Stops what the error's scope names: the job, or the pass. What nobody classified stops the job it came from. */
export function stopFor(run: JobRun, error: unknown): void {
  const known = error instanceof MigrationError ? error : unexpected(error, 'job');
  if (known.scope === 'run') run.halt.stop(known);
  else run.jobHalt.stop(known);
}

/** A failed attempt at an item: told, logged by ids alone, and counted by the breaker. */
export function reportFailure(run: JobRun, item: Pick<ListedItem, 'key'>, error: MigrationError): void {
  const { job, observe, log } = run;
  observe({ type: 'attempt-failed', job, key: item.key, error });
  log('info', 'attempt-failed', {
    workload: job.workload,
    principal: job.principal.id,
    error: error.name,
    code: error.code,
    status: error.status,
    requestId: error.requestId,
  });
  run.breaker.failed(error);
}

export function newJobHalt(pass: PassContext): Halt {
  return new Halt(pass.halt.signal);
}
