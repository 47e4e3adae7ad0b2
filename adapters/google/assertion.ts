import { createPrivateKey, type KeyObject, sign as signBytes } from 'node:crypto';
import type { Clock } from '../../src/core/clock.ts';
import type { TargetConnection } from '../../src/core/connections.ts';
import { Auth } from '../../src/core/errors.ts';
import type { Transport } from '../../src/transport/types.ts';
import { bucketKeys } from './limits.ts';

/** Signs one assertion: the service account says that it acts for `subject` with `scopes`. */
export type SignAssertion = (
  subject: string,
  scopes: readonly string[],
  signal: AbortSignal,
) => Promise<string>;

const GOOGLE_TOKEN_URI = 'https://oauth2.googleapis.com/token';
const GOOGLE_SIGNER = 'https://iamcredentials.googleapis.com';
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';
/** Assertions may live an hour at most. */
const LIFE_SECONDS = 3600;
/** Issued a little in the past, since clocks differ and Google refuses assertions from the future. */
const SKEW_SECONDS = 10;

/** Where assertions are exchanged for tokens: the key file's `token_uri`; keyless accounts use Google's or the one root. */
export function tokenUriOf(connection: TargetConnection): string {
  if (connection.credential.kind === 'key') return connection.credential.tokenUri;
  return connection.endpoint === null ? GOOGLE_TOKEN_URI : `${connection.endpoint}/token`;
}

/** Origin of the signing service of keyless accounts. */
export function signerOrigin(connection: TargetConnection): string {
  return connection.endpoint ?? GOOGLE_SIGNER;
}

/**
 * Assertions of a service account: signed here with its key (RS256), or, for keyless accounts, by `signJwt` of the
 * IAM Credentials API as the caller of the application default credentials. `generateAccessToken` cannot name a
 * subject, so it is of no use for delegation.
 * Source: https://developers.google.com/identity/protocols/oauth2/service-account, read 2026-11.
 */
export function createAssertions(
  connection: TargetConnection,
  transport: Transport,
  clock: Clock,
  callerToken: () => Promise<string> = defaultCallerToken,
): SignAssertion {
  const audience = tokenUriOf(connection);
  const { credential } = connection;
  if (credential.kind === 'key') {
    const key = readKey(credential.privateKeyPem);
    const header = { alg: 'RS256', typ: 'JWT', kid: credential.privateKeyId };
    return async (subject, scopes) =>
      signLocally(header, claims(credential.clientEmail, subject, scopes, audience, clock.now()), key);
  }
  return async (subject, scopes, signal) => {
    const payload = claims(credential.serviceAccount, subject, scopes, audience, clock.now());
    return signRemotely(connection, credential.serviceAccount, payload, transport, callerToken, signal);
  };
}

function claims(issuer: string, subject: string, scopes: readonly string[], audience: string, now: number) {
  const iat = Math.floor(now / 1000) - SKEW_SECONDS;
  return { iss: issuer, sub: subject, scope: scopes.join(' '), aud: audience, iat, exp: iat + LIFE_SECONDS };
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The library's message may quote the key, so the cause is left out.
    throw new Auth({
      code: 'key-unreadable',
      message: 'the private key of the service account cannot be read',
    });
  }
}

function signLocally(header: object, payload: object, key: KeyObject): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${signBytes('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`;
}

async function signRemotely(
  connection: TargetConnection,
  serviceAccount: string,
  payload: object,
  transport: Transport,
  callerToken: () => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const account = encodeURIComponent(serviceAccount);
  const url = `${signerOrigin(connection)}/v1/projects/-/serviceAccounts/${account}:signJwt`;
  const call = {
    method: 'iam.signJwt',
    keys: bucketKeys('iam.signJwt', ''),
    priority: 'interactive',
  } as const;
  const answer = await transport.run(
    call,
    async (wire) => {
      const response = await wire.fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await callerToken()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ payload: JSON.stringify(payload) }),
        signal: wire.signal,
      });
      return (await response.json()) as { signedJwt?: unknown };
    },
    signal,
  );
  if (typeof answer.signedJwt === 'string') return answer.signedJwt;
  throw new Auth({ code: 'no-assertion', message: 'the signing service answered without an assertion' });
}

/** The caller's own identity (attached account, workload identity federation), found by Google's library. */
async function defaultCallerToken(): Promise<string> {
  const { GoogleAuth } = await import('google-auth-library');
  const token = await new GoogleAuth({ scopes: [CLOUD_PLATFORM] }).getAccessToken();
  if (typeof token === 'string') return token;
  throw new Auth({
    code: 'no-default-credentials',
    message: 'no application default credentials were found to sign for the keyless service account',
  });
}
