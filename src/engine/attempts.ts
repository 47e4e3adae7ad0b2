import { AmbiguousWrite, type ErrorScope, Interrupted, MigrationError } from '../core/errors.ts';

export type Attempt<T> = { ok: true; value: T } | { ok: false; error: MigrationError };

/** Code of an error that no adapter classified: a defect, or hostile input that met one. */
const UNEXPECTED = 'unexpected';

/**
 * Runs one call of a port. What concerns the item alone is returned, what stops the job or the run is thrown, and so
 * is the interruption when the signal has aborted, whatever the call made of it.
 */
export async function attempt<T>(signal: AbortSignal, call: () => Promise<T> | T): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    if (signal.aborted) throw error instanceof Interrupted ? error : new Interrupted();
    const known = error instanceof MigrationError ? error : unexpected(error, 'item');
    if (known.scope !== 'item') throw known;
    return { ok: false, error: known };
  }
}

/** True when the same call may succeed later, or nobody knows whether it did. */
export function mayGoAgain(error: MigrationError): boolean {
  return error.retryable || error instanceof AmbiguousWrite || error.code === UNEXPECTED;
}

/** Anything that no adapter classified. The name of its class is kept, its message is not: it may quote content. */
export function unexpected(cause: unknown, scope: ErrorScope): MigrationError {
  const name = cause instanceof Error ? cause.name : typeof cause;
  return new MigrationError({ code: UNEXPECTED, message: `unexpected ${name}`, scope, cause });
}
