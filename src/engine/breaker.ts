import { MigrationError, Throttled } from '../core/errors.ts';

const MOST_CONSECUTIVE = 25;

/** Stops a job whose items fail one after the other: the cause lies with the job then, not with its items. */
export class Breaker {
  #consecutive = 0;
  #last: MigrationError | null = null;

  failed(error: MigrationError): void {
    this.#consecutive += 1;
    this.#last = error;
  }

  succeeded(): void {
    this.#consecutive = 0;
  }

  /** The error that stops the job, once enough items have failed in a row. */
  get verdict(): MigrationError | null {
    if (this.#consecutive < MOST_CONSECUTIVE || this.#last === null) return null;
    const message = `${this.#consecutive} items in a row failed, the last with ${this.#last.code}`;
    const detail = { code: 'too-many-failures', message, scope: 'job', cause: this.#last } as const;
    // A vendor that only ever throttles is no defect of the items: the job is resumed later.
    return this.#last instanceof Throttled ? new Throttled(detail) : new MigrationError(detail);
  }
}
