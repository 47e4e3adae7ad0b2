import type { Clock } from '../../core/clock.ts';
import { Transient } from '../../core/errors.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

export interface PatienceOptions {
  clock: Clock;
  /** How long a server that is away is waited for before the work stops, resumable. */
  patienceMs: number;
  /** Ends the waiting; what the server answers meanwhile still counts. */
  signal?: AbortSignal | undefined;
}

/** Waits out a server that is away: the work pauses, and goes on where it was when the server is back. */
export class Patience {
  readonly #options: PatienceOptions;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** Calls `attempt` until it does not throw `Transient` or time is up; then that error is thrown. */
  async through<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock, patienceMs, signal } = this.#options;
    const since = clock.ticks();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await attempt();
      } catch (error) {
        const isLate = clock.ticks() - since + pauseMs > patienceMs;
        if (!(error instanceof Transient) || isLate || signal?.aborted) throw error;
      }
      await clock.wait(pauseMs, signal);
    }
  }
}
