import { Interrupted } from '../core/errors.ts';

/**
 * Says that nothing new may begin, and why. A job's halt hangs under its pass's, and that one under the signal of
 * the run; what is in flight goes on, only waits end early.
 */
export class Halt {
  /** Aborts when this or anything above it stops; for waits, never for requests. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #error: unknown = null;

  constructor(above: AbortSignal) {
    this.signal = AbortSignal.any([above, this.#controller.signal]);
  }

  get isStopped(): boolean {
    return this.signal.aborted;
  }

  /** What stopped this one itself; null while it runs, and when something above it stopped. */
  get error(): unknown {
    return this.#error;
  }

  /** The first error counts. */
  stop(error: unknown): void {
    if (this.#error !== null) return;
    this.#error = error;
    this.#controller.abort(new Interrupted());
  }
}
