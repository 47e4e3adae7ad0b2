import { DatabaseError } from 'pg';
import { Config, MigrationError, Transient } from '../../core/errors.ts';

/**
 * SQLSTATE codes that a person has to act on. Source: https://www.postgresql.org/docs/18/errcodes-appendix.html, read
 * 2026-11.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  '28P01': 'refuses this user or password',
  '28000': 'refuses this user from here: see pg_hba.conf and the sslmode of the address',
  '3D000': 'has no database of that name',
  '42501': 'does not let this user do what the ledger needs: own a schema and write in it',
  '25006': 'is read-only',
};

/** Classes and codes that pass by themselves: connection, resources, shutdown, lock conflicts. */
const PASSING = /^(?:08|53|40001|40P01|55P03|57014|57P0[1-5]|58)/;

/** Codes of Node's sockets and resolver behind which a server may be back in a moment. */
const PASSING_SYSTEM: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** What `pg` says of a sign-in or an encryption that cannot work; these errors carry no code. */
const SIGN_IN_WORDS = /^SASL|\bSSL\b/;

/**
 * A failure that `pg` reported as one of our classes: `Config` for what a person has to change, `Transient` (scope
 * run) for a server that is away, busy or shutting down. A statement that the server refuses for another reason is
 * returned as it is. `wasReached`: this server has answered before, so its name is right.
 */
export function postgresFailure(error: unknown, place: string, wasReached: boolean): unknown {
  if (error instanceof MigrationError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const named = typeof code === 'string' ? code : '';
  if (error instanceof DatabaseError) {
    const sentence = SENTENCES[named];
    if (sentence !== undefined) return refusal(error, place, sentence, named);
    return PASSING.test(named) ? away(error, place, named) : error;
  }
  const words = error instanceof Error ? error.message : '';
  const passes = PASSING_SYSTEM.has(named) || (named === '' && !SIGN_IN_WORDS.test(words));
  if (passes || wasReached) return away(error, place, named);
  return refusal(error, place, 'cannot be used as it is written', named === '' ? words : named);
}

function refusal(cause: unknown, place: string, sentence: string, found: string): Config {
  const allowed = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE, a database this user may create a schema in';
  const wrapped = new Config(`The ledger at ${place} ${sentence}.`, [
    { file: 'ledger', line: 0, found, allowed },
  ]);
  wrapped.cause = cause;
  return wrapped;
}

function away(cause: unknown, place: string, code: string): Transient {
  const why = code === '' ? 'the connection was lost' : code;
  const message = `The ledger at ${place} is not available (${why}). Nothing is lost: run the same command again.`;
  return new Transient({ code: 'ledger-away', message, scope: 'run', cause });
}
