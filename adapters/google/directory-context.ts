import type { Clock } from '../../src/core/clock.ts';
import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { JsonObject, Receipt } from '../../src/core/types.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { CallOptions, GoogleApis, GoogleConnection } from './client.ts';

/** What the writers of directory actions share. */
export interface DirectoryContext {
  readonly apis: GoogleApis;
  readonly customer: string;
  /** Runs one call as the administrator. */
  call<T>(
    method: string,
    invoke: (options: CallOptions) => Promise<{ data: T }>,
    signal: AbortSignal,
  ): Promise<T>;
  readonly fresh: Freshness;
}

/** How one kind of action is written and found again. */
export interface ActionWriter<A> {
  put(context: DirectoryContext, action: A, prior: Receipt | null, signal: AbortSignal): Promise<Receipt>;
  /** The receipt of an earlier write that got no answer; null when Google does not hold what it would have written. */
  find(context: DirectoryContext, action: A, signal: AbortSignal): Promise<Receipt | null>;
}

/** Addresses created moments ago, which other parts of the directory do not know for up to a minute. */
export interface Freshness {
  created(address: string): void;
  /** Runs `work`; while the address is fresh, `NotFound` is met by waiting and asking again. */
  patient<T>(address: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Scaled ms. Source: field reports of 30 to 45 s for groups; the vendor gives no figure. */
const FRESH_MS = 60_000;
const FRESH_PAUSE_MS = 3_000;
const FRESH_MAX = 10_000;

function createFreshness(clock: Clock): Freshness {
  const createdAt = createBoundedMap<string, number>(FRESH_MAX);
  const startedAt = clock.ticks();
  return {
    created: (address) => createdAt.set(address.toLowerCase(), clock.ticks()),
    patient: async (address, work, signal) => {
      // What a run created that was killed just before this one began is as fresh, and nobody here remembers it.
      const freshUntil = (createdAt.get(address.toLowerCase()) ?? startedAt) + FRESH_MS;
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof NotFound) || clock.ticks() > freshUntil) throw error;
        }
        await clock.wait(FRESH_PAUSE_MS, signal);
      }
    },
  };
}

export function createDirectoryContext(google: GoogleConnection): DirectoryContext {
  return {
    apis: google.apis,
    customer: google.customer,
    call: (method, invoke, signal) => google.call(method, google.admin, invoke, signal),
    fresh: createFreshness(google.clock),
  };
}

/** The answer of a get, or null where Google knows no such thing. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

/** True for the refusal of a key that is taken. */
export function isDuplicate(error: unknown): error is Rejected {
  return error instanceof Rejected && error.code === 'duplicate';
}

/** The address is held by somebody or something else. */
export function addressTaken(cause: unknown): Rejected {
  return new Rejected({
    code: 'address-taken',
    message: 'the address belongs to another user, group or alias at Google',
    status: 409,
    cause,
  });
}

/** What an earlier receipt says was written, by field; null without one. */
export function wroteBefore(prior: Receipt | null): JsonObject | null {
  const wrote = prior?.wrote;
  return typeof wrote === 'object' && wrote !== null && !Array.isArray(wrote) ? (wrote as JsonObject) : null;
}

export function sameAddress(one: string | null | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}
