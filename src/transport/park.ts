import type { Clock } from '../core/clock.ts';
import { AmbiguousWrite, type MigrationError, Throttled } from '../core/errors.ts';

/**
 * A wait that is too long to sit out: the job stops (or the run, where the whole project is closed), so that others
 * can go on, and a later run resumes it. Never repeated by the transport.
 */
export class Parked extends Throttled {}

/** Parks what met a closed bucket. Keeps the vendor's code and says when the bucket opens (UTC). */
export function parked(why: MigrationError, waitMs: number, clock: Clock): Parked {
  if (why instanceof Parked) return why;
  const opensAt = new Date(clock.now() + waitMs / clock.scale);
  return new Parked({
    code: why.code,
    message: `${why.message}: parked, to be resumed after ${opensAt.toISOString()}`,
    scope: why.scope === 'run' ? 'run' : 'job',
    retryAfterMs: waitMs,
    ...(why.status === undefined ? {} : { status: why.status }),
    ...(why.requestId === undefined ? {} : { requestId: why.requestId }),
    cause: why,
  });
}

/** True where a failure would be waited out and repeated, if only the wait were short enough. */
export function maySitOut(error: MigrationError): boolean {
  return error.retryable || error instanceof AmbiguousWrite;
}
