import { throwIfAborted } from '../core/clock.ts';
import { Interrupted, MigrationError, Throttled } from '../core/errors.ts';
import type { Inventory } from '../core/facts.ts';

/** One end of the comparison could not be read; says nothing about the other end. */
export class UnreadableEnd extends MigrationError {
  override readonly name = 'UnreadableEnd';
  readonly side: Inventory['side'];

  constructor(side: Inventory['side'], cause: unknown) {
    super({ code: codeOf(cause), message: `the ${side} could not be read`, scope: 'job', cause });
    this.side = side;
  }
}

/**
 * Reads a list of one end. Whatever its reader throws becomes `UnreadableEnd` naming the side, so that the run can
 * go on with the next principal; a stop on request stays `Interrupted`, a spent quota of the project `Throttled`.
 */
export async function* readEnd<T>(
  side: Inventory['side'],
  list: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = list[Symbol.asyncIterator]();
  let finished = false;
  try {
    while (true) {
      const next = await nextOf(side, iterator, signal);
      if (next.done) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } finally {
    if (!finished) await iterator.return?.().catch(() => undefined);
  }
}

async function nextOf<T>(
  side: Inventory['side'],
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T>> {
  throwIfAborted(signal);
  try {
    return await iterator.next();
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof Interrupted || closesEverything(error)) throw error;
    throw new UnreadableEnd(side, error);
  }
}

/** A quota of the whole project is spent: no other principal could be read either, and a later run resumes. */
function closesEverything(error: unknown): boolean {
  return error instanceof Throttled && error.scope === 'run';
}

/** The vendor's code where there is one, else the class of what was thrown; never a message. */
function codeOf(cause: unknown): string {
  if (cause instanceof MigrationError) return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}
