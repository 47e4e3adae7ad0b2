import type { AnyWorkload, EngineEvent, Ledger } from '../../src/core/ports.ts';
import type { Job } from '../../src/core/types.ts';
import { type PassOptions, type PassResult, runPass } from '../../src/engine/pass.ts';
import { FastLedger } from './fast-ledger.ts';
import { IdleClock } from './idle-clock.ts';

/** A ledger, a clock and the events of passes over given jobs. */
export class Rig {
  readonly ledger: Ledger = new FastLedger();
  readonly clock: IdleClock;
  readonly events: EngineEvent[] = [];
  readonly jobs: readonly Job[];

  constructor(jobs: readonly Job[], scale = 1) {
    this.jobs = jobs;
    this.clock = new IdleClock(scale);
  }

  run(
    workload: AnyWorkload | ((job: Job) => AnyWorkload),
    options: Partial<PassOptions> = {},
  ): Promise<PassResult> {
    return runPass({
      jobs: this.jobs,
      workload: typeof workload === 'function' ? workload : () => workload,
      ledger: this.ledger,
      clock: this.clock,
      signal: new AbortController().signal,
      observe: (event) => this.events.push(event),
      ...options,
    });
  }

  async status(job: Job, ...keys: string[]): Promise<(string | undefined)[]> {
    const rows = await Promise.all(keys.map((key) => this.ledger.item(job, key)));
    return rows.map((row) => row?.status);
  }
}
