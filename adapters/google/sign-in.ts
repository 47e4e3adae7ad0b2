import type { Clock } from '../../src/core/clock.ts';
import type { TargetConnection } from '../../src/core/connections.ts';
import { Auth, Interrupted } from '../../src/core/errors.ts';
import type { Transport } from '../../src/transport/types.ts';
import { createAssertions, tokenUriOf } from './assertion.ts';
import { createBoundedMap } from './bounded-map.ts';
import { bucketKeys } from './limits.ts';

/** Access tokens for impersonated users through domain-wide delegation. */
export interface SignIn {
  /**
   * A token for `subject` with all of `scopes`; cached per subject and scope set, renewed ahead of its expiry, asked
   * for once however many callers wait. Throws `Auth`.
   */
  token(subject: string, scopes: readonly string[], signal: AbortSignal): Promise<string>;
  /** Drops the tokens of a subject, after an answer said that they are no longer accepted. */
  forget(subject: string): void;
  /** Asks one token per scope, so that missing ones can be named; throws `Auth` with all of them. */
  checkScopes(subject: string, scopes: readonly string[], signal: AbortSignal): Promise<void>;
}

interface Token {
  value: string;
  /** Epoch ms from which it is no longer handed out. */
  renewAt: number;
}

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Tokens live an hour; they are renewed this long ahead, so that none expires on its way. Real milliseconds. */
const RENEWAL_MARGIN_MS = 5 * 60_000;
const LIFE_SECONDS = 3_599;
/** A user who was created moments ago is unknown to the token endpoint for a while. Scaled milliseconds. */
const UNKNOWN_SUBJECT_WAITS_MS = [2_000, 4_000, 8_000, 16_000];
const TOKENS_MAX = 5_000;

/** The sign-in of one service account. Every request goes through the transport. */
export function createSignIn(
  connection: TargetConnection,
  transport: Transport,
  clock: Clock,
  callerToken?: () => Promise<string>,
): SignIn {
  const sign = createAssertions(connection, transport, clock, callerToken);
  const tokens = createBoundedMap<string, Promise<Token>>(TOKENS_MAX);

  const obtain = async (subject: string, scopes: readonly string[], signal: AbortSignal): Promise<Token> => {
    const answer = await transport.run(
      { method: 'oauth.token', keys: bucketKeys('oauth.token', subject), priority: 'interactive' },
      async (wire) => {
        const assertion = await sign(subject, scopes, signal);
        const response = await wire.fetch(tokenUriOf(connection), {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion }).toString(),
          signal: wire.signal,
        });
        return (await response.json()) as { access_token?: unknown; expires_in?: unknown };
      },
      signal,
    );
    return readToken(answer, clock.now());
  };

  const patient = async (subject: string, scopes: readonly string[], signal: AbortSignal): Promise<Token> => {
    const waits = subject === connection.admin ? [] : UNKNOWN_SUBJECT_WAITS_MS;
    for (const waitMs of waits) {
      try {
        return await obtain(subject, scopes, signal);
      } catch (error) {
        if (!(error instanceof Auth) || error.code !== 'subject-unknown') throw nameScopes(error, scopes);
      }
      await clock.wait(waitMs, signal);
    }
    return obtain(subject, scopes, signal).catch((error: unknown) => {
      throw nameScopes(error, scopes);
    });
  };

  const current = async (subject: string, scopes: readonly string[], signal: AbortSignal): Promise<Token> => {
    const key = keyOf(subject, scopes);
    const pending = tokens.get(key) ?? patient(subject, scopes, signal);
    tokens.set(key, pending);
    try {
      const token = await pending;
      if (token.renewAt > clock.now()) return token;
      if (tokens.get(key) === pending) tokens.delete(key);
    } catch (error) {
      if (tokens.get(key) === pending) tokens.delete(key);
      // The caller who asked first was stopped; this one was not.
      if (!(error instanceof Interrupted) || signal.aborted) throw error;
    }
    return current(subject, scopes, signal);
  };

  return {
    token: async (subject, scopes, signal) => (await current(subject, scopes, signal)).value,
    forget: (subject) => tokens.deleteWhere((key) => key.startsWith(`${subject}\n`)),
    checkScopes: (subject, scopes, signal) =>
      checkEach(scopes, (scope) => obtain(subject, [scope], signal).then(() => undefined)),
  };
}

function keyOf(subject: string, scopes: readonly string[]): string {
  return `${subject}\n${[...scopes].sort().join(' ')}`;
}

function readToken(answer: { access_token?: unknown; expires_in?: unknown }, now: number): Token {
  if (typeof answer.access_token !== 'string' || answer.access_token === '') {
    throw new Auth({ code: 'no-token', message: 'the token endpoint answered without an access token' });
  }
  const seconds =
    typeof answer.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : LIFE_SECONDS;
  const lifeMs = seconds * 1000;
  return { value: answer.access_token, renewAt: now + Math.max(lifeMs - RENEWAL_MARGIN_MS, lifeMs / 2) };
}

/** One missing scope fails the whole request without being named, so the message lists what was asked for. */
function nameScopes(error: unknown, scopes: readonly string[]): unknown {
  if (!(error instanceof Auth) || error.code !== 'unauthorized_client') return error;
  return new Auth({
    code: error.code,
    message: `${error.message}. Asked for: ${scopes.join(' ')}`,
    scope: error.scope,
    cause: error,
  });
}

async function checkEach(scopes: readonly string[], ask: (scope: string) => Promise<void>): Promise<void> {
  const missing: string[] = [];
  for (const scope of scopes) {
    try {
      await ask(scope);
    } catch (error) {
      if (!(error instanceof Auth) || error.code !== 'unauthorized_client') throw error;
      missing.push(scope);
    }
  }
  if (missing.length === 0) return;
  throw new Auth({
    code: 'scopes-missing',
    message: `domain-wide delegation lacks ${missing.length} scope(s) for this service account: ${missing.join(' ')}`,
  });
}
