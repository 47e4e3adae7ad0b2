import { MigrationError } from '../core/errors.ts';

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
    return new MigrationError({ code: 'too-many-failures', message, scope: 'job', cause: this.#last });
  }
}
