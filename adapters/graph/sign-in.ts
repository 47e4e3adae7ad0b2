import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  type NodeAuthOptions,
} from '@azure/msal-node';
import type { Clock } from '../../src/core/clock.ts';
import type { SourceConnection, SourceCredential } from '../../src/core/connections.ts';
import { Auth, Interrupted, MigrationError, Transient } from '../../src/core/errors.ts';
import type { Transport, Wire } from '../../src/transport/types.ts';
import { fieldOf, parseJson } from './answers.ts';

/** Tokens are renewed this long before they end. Source: entra-docs, configurable-token-lifetimes. */
const RENEW_AHEAD_MS = 5 * 60_000;

/** App-only tokens of one application for one Graph endpoint. */
export interface SignIn {
  /** A token that is good for five minutes or more; callers at the same time share one request. Throws `Auth`. */
  token(signal: AbortSignal): Promise<string>;
  /** Drops the cached token, after Graph refused it. */
  forget(): void;
}

export interface SignInOptions {
  transport: Pick<Transport, 'run'>;
  clock: Clock;
}

interface Issued {
  token: string;
  renewAt: number;
}

/** Creates the sign-in of a connection; nothing is requested before the first token is asked for. */
export function createSignIn(connection: SourceConnection, options: SignInOptions): SignIn {
  let issued: Issued | null = null;
  let pending: Promise<Issued> | null = null;
  const request = async (signal: AbortSignal): Promise<Issued> => {
    try {
      issued = await acquire(connection, options, signal);
      return issued;
    } finally {
      pending = null;
    }
  };
  return {
    async token(signal) {
      while (issued === null || options.clock.now() >= issued.renewAt) {
        pending ??= request(signal);
        try {
          await pending;
        } catch (error) {
          // The one who asked first may have been stopped; that is no reason for the others to stop.
          if (!(error instanceof Interrupted) || signal.aborted) throw error;
        }
      }
      return issued.token;
    },
    forget() {
      issued = null;
    },
  };
}

/**
 * Application permissions that a token carries: its `roles` claim, empty where it has none (no consent), null where the
 * token is no readable JWT.
 */
export function decodeRoles(token: string): string[] | null {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  if (typeof claims !== 'object' || claims === null) return null;
  const roles = fieldOf(claims, 'roles');
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}

async function acquire(
  connection: SourceConnection,
  options: SignInOptions,
  signal: AbortSignal,
): Promise<Issued> {
  try {
    const call = { method: 'entra.token', keys: { 'entra:token': connection.client } };
    return await options.transport.run(call, (wire) => requestToken(connection, options.clock, wire), signal);
  } catch (error) {
    throw withoutSecret(error, connection.credential);
  }
}

async function requestToken(connection: SourceConnection, clock: Clock, wire: Wire): Promise<Issued> {
  const credential = await credentialOptions(connection.credential);
  const network = networkOver(wire);
  try {
    // One application per request: msal's own cache would keep throttles that the transport already heeds.
    const application = new ConfidentialClientApplication({
      auth: { ...authorityOptions(connection), clientId: connection.client, ...credential },
      system: { networkClient: network },
    });
    const scopes = [`${connection.endpoint}/.default`];
    const answer = await application.acquireTokenByClientCredential({ scopes, skipCache: true });
    if (!answer?.accessToken) throw unusable(undefined);
    return { token: answer.accessToken, renewAt: renewalOf(answer.expiresOn, clock) };
  } catch (error) {
    if (network.failure() !== null) throw network.failure();
    if (error instanceof MigrationError) throw error;
    throw network.asked() ? unusable(error) : unsigned();
  }
}

function renewalOf(expiresOn: Date | null, clock: Clock): number {
  const lifetimeMs = expiresOn === null ? 0 : expiresOn.getTime() - Date.now();
  return clock.now() + Math.max(lifetimeMs - RENEW_AHEAD_MS, lifetimeMs / 2, 1_000);
}

/**
 * The authority with its metadata given, so that nothing is discovered: no host but the authority is ever asked, and a
 * plain-http authority (rehearsals) passes, although msal insists on https for its name.
 */
function authorityOptions(
  connection: SourceConnection,
): Pick<NodeAuthOptions, 'authority' | 'knownAuthorities' | 'authorityMetadata'> {
  const url = new URL(connection.authority);
  const tenant = encodeURIComponent(connection.tenant);
  const root = `${connection.authority}/${tenant}`;
  return {
    authority: `https://${url.host}/${tenant}`,
    knownAuthorities: [url.host],
    authorityMetadata: JSON.stringify({
      issuer: `${root}/v2.0`,
      authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
      token_endpoint: `${root}/oauth2/v2.0/token`,
      jwks_uri: `${root}/discovery/v2.0/keys`,
    }),
  };
}

async function credentialOptions(credential: SourceCredential): Promise<Partial<NodeAuthOptions>> {
  switch (credential.kind) {
    case 'secret':
      return { clientSecret: credential.secret };
    case 'certificate':
      return {
        clientCertificate: {
          thumbprintSha256: thumbprintOf(credential.certificatePem),
          privateKey: credential.privateKeyPem,
        },
      };
    case 'federated': {
      const token = await readToken(credential.tokenFile);
      return { clientAssertion: async () => token };
    }
  }
}

/** SHA-256 of the DER certificate in hex, as Entra knows it by. */
function thumbprintOf(certificatePem: string): string {
  try {
    return new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch (cause) {
    throw new Auth({
      code: 'unreadable-certificate',
      message: 'the certificate of source.credential is no readable PEM certificate',
      cause,
    });
  }
}

async function readToken(tokenFile: string): Promise<string> {
  try {
    return (await readFile(tokenFile, 'utf8')).trim();
  } catch (cause) {
    throw new Auth({
      code: 'unreadable-token-file',
      message: `the federated token file cannot be read: ${tokenFile}`,
      cause,
    });
  }
}

interface Network extends INetworkModule {
  /** What the wire threw, kept because msal wraps it; null while nothing went wrong. */
  failure(): unknown;
  /** True once msal has sent something. */
  asked(): boolean;
}

/** msal's network over one attempt of the transport. */
function networkOver(wire: Wire): Network {
  let failure: unknown = null;
  let asked = false;
  const send = async <T>(
    url: string,
    method: string,
    options: NetworkRequestOptions | undefined,
  ): Promise<NetworkResponse<T>> => {
    asked = true;
    try {
      return await exchange<T>(wire, url, method, options);
    } catch (error) {
      failure = error;
      throw error;
    }
  };
  return {
    sendPostRequestAsync: (url, options) => send(url, 'POST', options),
    sendGetRequestAsync: (url, options) => send(url, 'GET', options),
    failure: () => failure,
    asked: () => asked,
  };
}

async function exchange<T>(
  wire: Wire,
  url: string,
  method: string,
  options: NetworkRequestOptions | undefined,
): Promise<NetworkResponse<T>> {
  const response = await wire.fetch(url, {
    method,
    headers: { ...options?.headers, Accept: 'application/json' },
    ...(method === 'POST' ? { body: options?.body ?? '' } : {}),
    signal: wire.signal,
  });
  const body = parseJson(await response.text());
  if (response.ok && body === null) throw unusable(undefined);
  return { headers: Object.fromEntries(response.headers), status: response.status, body: (body ?? {}) as T };
}

/** The library's own text stays out: it may quote the key. */
function unsigned(): Auth {
  return new Auth({
    code: 'unusable-credential',
    message: 'the private key of source.credential cannot sign: it is no PEM private key that fits',
  });
}

function unusable(cause: unknown): Transient {
  return new Transient({
    code: 'unusable-token-answer',
    message: 'the token endpoint answered without a usable token',
    cause: cause instanceof Error ? new Error(cause.name) : undefined,
  });
}

/** The same error, unless a hostile or odd answer made it repeat the secret: then its text is replaced. */
function withoutSecret(error: unknown, credential: SourceCredential): unknown {
  if (credential.kind !== 'secret' || !(error instanceof MigrationError)) return error;
  const forms = [credential.secret, encodeURIComponent(credential.secret)];
  const text = JSON.stringify([error.message, error.code, String(error.stack), String(error.cause)]);
  if (!forms.some((form) => text.includes(form) || text.includes(JSON.stringify(form).slice(1, -1))))
    return error;
  const { scope, status } = error;
  return new Auth({
    code: 'sign-in-refused',
    message: 'sign-in to Microsoft failed, and its answer repeats the secret: the text is withheld',
    scope,
    ...(status === undefined ? {} : { status }),
  });
}
