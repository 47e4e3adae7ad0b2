import type { MigrationError } from '../core/errors.ts';
import type { ListedItem, Position } from '../core/ports.ts';
import { Lanes } from './lanes.ts';
import { Later } from './later.ts';
import type { Step } from './protocol.ts';
import { type JobRun, stopFor } from './run.ts';
import { stopWhenBroken, workUnit } from './unit.ts';

const ROWS_A_PAGE = 200;
/** Attempts at one unit in one pass; after them its rows stay open for the next. */
const MOST_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 5_000;

/** Applies the open rows of a job, rank by rank. What stops it is in the halts of the run. */
export async function applyJob(run: JobRun): Promise<void> {
  const ranks = await run.ledger.openRanks(run.job);
  if (ranks.length === 0) return;
  const containers = await run.ledger.containers(run.job, run.workload.containerRank);
  run.prepared = run.workload.prepare(run.job, containers);
  for (const rank of ranks) {
    if (run.jobHalt.isStopped) return;
    await new RankRun(run, rank).work();
  }
}

/** One rank of a job: its rows in order, several units in flight, and what has to wait at the end. */
class RankRun {
  readonly #run: JobRun;
  readonly #rank: number;
  readonly #lanes: Lanes;
  readonly #later = new Later();
  readonly #attempts = new Map<string, number>();

  constructor(run: JobRun, rank: number) {
    this.#run = run;
    this.#rank = rank;
    this.#lanes = new Lanes(run.itemsInFlight);
  }

  async work(): Promise<void> {
    try {
      await this.#sweep();
      await this.#drain();
    } finally {
      await this.#lanes.idle();
    }
  }

  /** Once through the open rows; those whose unit is busy or waits already come later. */
  async #sweep(): Promise<void> {
    const { ledger, job } = this.#run;
    const isDescending = readsNewestFirst(this.#run, this.#rank);
    let after: Position | null = null;
    for (;;) {
      const rows = await ledger.open(job, this.#rank, after, ROWS_A_PAGE, isDescending);
      for (const row of rows) {
        const unit = this.#unitOf(row);
        if (this.#lanes.has(unit) || this.#later.hasUnit(unit)) this.#postpone(unit, row.key, 0);
        else await this.#start(unit, row);
        if (this.#run.jobHalt.isStopped) return;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_A_PAGE) return;
      after = { order: last.order, key: last.key };
    }
  }

  /** What waits, as it falls due; through the clock when there is nothing else to do. */
  async #drain(): Promise<void> {
    const { clock, jobHalt, ledger, job } = this.#run;
    while (!jobHalt.isStopped) {
      const next = this.#later.take(clock.ticks(), (unit) => this.#lanes.has(unit));
      if (next !== null) {
        const row = await ledger.item(job, next.key);
        if (row !== null) await this.#start(next.unit, row);
        continue;
      }
      const earliest = this.#later.earliestTicks;
      if (!this.#lanes.isIdle) await this.#lanes.next();
      else if (earliest === null) return;
      else await this.#pause(earliest - clock.ticks());
    }
  }

  async #pause(ms: number): Promise<void> {
    const { clock, jobHalt } = this.#run;
    try {
      await clock.wait(ms, jobHalt.signal);
    } catch (error) {
      if (!jobHalt.isStopped) throw error;
    }
  }

  async #start(unit: string, row: ListedItem): Promise<void> {
    await this.#lanes.free();
    if (this.#run.jobHalt.isStopped) return;
    this.#lanes.start(unit, () => this.#attempt(unit, row));
  }

  async #attempt(unit: string, row: ListedItem): Promise<void> {
    try {
      const step = await workUnit(this.#run, row);
      this.#note(unit, row.key, step);
      stopWhenBroken(this.#run);
    } catch (error) {
      stopFor(this.#run, error);
    }
  }

  #note(unit: string, key: string, step: Step): void {
    if (step.kind === 'waits') this.#postpone(unit, key, step.dueTicks);
    if (step.kind !== 'again') return;
    const attempts = (this.#attempts.get(unit) ?? 0) + 1;
    this.#attempts.set(unit, attempts);
    if (attempts < MOST_ATTEMPTS)
      this.#postpone(unit, key, this.#run.clock.ticks() + pauseMs(step.error, attempts));
  }

  /** One row stands for a group; elsewhere each row goes by itself. */
  #postpone(unit: string, key: string, dueTicks: number): void {
    if (this.#run.workload.groups && this.#later.hasUnit(unit)) return;
    this.#later.add({ unit, key, dueTicks });
  }

  /** What shares an identity is never in flight twice. */
  #unitOf({ identity, key }: ListedItem): string {
    return identity === null ? `key ${key}` : `identity ${identity}`;
  }
}

function pauseMs(error: MigrationError, attempts: number): number {
  return Math.max(error.retryAfterMs ?? 0, FIRST_PAUSE_MS * 2 ** (attempts - 1));
}

function readsNewestFirst({ job, workload }: JobRun, rank: number): boolean {
  const { order } = job.organisation.policy.mail;
  return job.workload === 'mail' && order === 'newest' && rank >= workload.containerRank;
}
