import { createHash } from 'node:crypto';
import { admin_directory_v1 } from 'googleapis/build/src/apis/admin/directory_v1.js';
import { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { gmail_v1 } from 'googleapis/build/src/apis/gmail/v1.js';
import { groupssettings_v1 } from 'googleapis/build/src/apis/groupssettings/v1.js';
import type { Clock } from '../../src/core/clock.ts';
import type { TargetConnection } from '../../src/core/connections.ts';
import type { Log } from '../../src/core/log.ts';
import type { Quota } from '../../src/core/quota.ts';
import type { Budget } from '../../src/transport/budget.ts';
import { overrideLimits } from '../../src/transport/overrides.ts';
import { createTransport } from '../../src/transport/transport.ts';
import type { Call, LimitTable, Meter, Transport, Wire } from '../../src/transport/types.ts';
import { signerOrigin, tokenUriOf } from './assertion.ts';
import { createClassifier } from './failures.ts';
import { bucketKeys, googleLimits } from './limits.ts';
import { allScopes, type GoogleScopes, scopesFor, WRITE_SCOPES } from './scopes.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

/** What each SDK call is given as its options: our fetch, our retry (none of the SDK's), our root and token. */
export interface CallOptions {
  headers: { authorization: string };
  fetchImplementation: typeof globalThis.fetch;
  retry: false;
  signal: AbortSignal;
  responseType: 'json';
  params: { quotaUser: string };
  /** Keeps the SDK from setting up a proxy of its own; the transport honours `HTTPS_PROXY`. */
  noProxy: RegExp[];
  rootUrl?: string;
}

/** A wire with the token and root that requests outside the SDK need (media uploads). */
export interface SignedWire extends Wire {
  authorization: string;
  /** Root of the Gmail API without trailing slash. */
  root: string;
  quotaUser: string;
}

export interface GoogleApis {
  gmail: gmail_v1.Gmail;
  calendar: calendar_v3.Calendar;
  directory: admin_directory_v1.Admin;
  settings: groupssettings_v1.Groupssettings;
}

/** A domain of the customer, lower case. */
export interface TargetDomain {
  name: string;
  verified: boolean;
  primary: boolean;
}

/** One signed-in connection to Google: the only way by which adapters of this side send anything. */
export interface GoogleConnection {
  readonly customer: string;
  readonly admin: string;
  readonly apis: GoogleApis;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** Runs one SDK call of a method row as `subject`; `invoke` may run more than once. Throws a `MigrationError`. */
  call<T>(
    method: string,
    subject: string,
    invoke: (options: CallOptions) => Promise<{ data: T }>,
    signal: AbortSignal,
    priority?: Call['priority'],
  ): Promise<T>;
  /** Runs one request of a method row that the SDK does not send (media uploads). */
  send<T>(
    method: string,
    subject: string,
    attempt: (wire: SignedWire) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T>;
  visibleAfterMs(method: string): number;
  /**
   * Asks one token per scope and reads the customer's domains. Throws `Auth` that names what is missing and where to
   * grant it.
   */
  checkSignIn(signal: AbortSignal): Promise<{ scopes: string[]; domains: TargetDomain[] }>;
}

export interface GoogleOptions {
  clock: Clock;
  log: Log;
  /** Sends one request; default: the transport's own. */
  fetch?: typeof globalThis.fetch;
  /** Default: the profile of 2026, nothing overridden. */
  quota?: Pick<Quota, 'gmail' | 'overrides'>;
  /** The day's budget of the Cloud project; default: none. */
  budget?: Budget;
  /** Default: the mover's. The checker passes its read-only set. */
  scopes?: GoogleScopes;
  /** Default: Google's published limits for the profile, with what `quota` overrides. */
  limits?: LimitTable;
  /** Access token of the caller that signs for a keyless account; default: application default credentials. */
  callerToken?: () => Promise<string>;
}

const GMAIL_ROOT = 'https://gmail.googleapis.com';
const GOOGLE_ORIGINS = [GMAIL_ROOT, 'https://www.googleapis.com', 'https://admin.googleapis.com'];

/** A connection as the configuration names it; sends nothing until it is used. */
export function createGoogleConnection(
  connection: TargetConnection,
  options: GoogleOptions,
): GoogleConnection {
  const { clock, log, quota, budget } = options;
  const transport: Transport = createTransport({
    limits: options.limits ?? overrideLimits(googleLimits(quota?.gmail), quota?.overrides ?? {}),
    classify: createClassifier(clock),
    origins: originsOf(connection),
    clock,
    log,
    onUnauthorized: (call) => forgetTokens(call, signIn),
    ...(budget === undefined ? {} : { budget }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const signIn = createSignIn(connection, transport, clock, options.callerToken);
  const scopes = options.scopes ?? WRITE_SCOPES;
  const send = signedSender(connection, transport, signIn, scopes);
  const google: GoogleConnection = {
    customer: connection.customer,
    admin: connection.admin,
    apis: createApis(),
    clock,
    log,
    meter: transport.meter,
    send: (method, subject, attempt, signal) => send(method, subject, attempt, signal, 'bulk'),
    call: (method, subject, invoke, signal, priority = 'bulk') =>
      send(
        method,
        subject,
        async (wire) => (await invoke(callOptions(connection, wire))).data,
        signal,
        priority,
      ),
    visibleAfterMs: (method) => transport.visibleAfterMs(method),
    checkSignIn: async (signal) => {
      const wanted = allScopes(scopes);
      await signIn.checkScopes(connection.admin, wanted, signal);
      return { scopes: wanted, domains: await readDomains(google, signal) };
    },
  };
  return google;
}

function createApis(): GoogleApis {
  return {
    gmail: new gmail_v1.Gmail({}),
    calendar: new calendar_v3.Calendar({}),
    directory: new admin_directory_v1.Admin({}),
    settings: new groupssettings_v1.Groupssettings({}),
  };
}

function originsOf(connection: TargetConnection): string[] {
  const origins = connection.endpoint === null ? [...GOOGLE_ORIGINS] : [connection.endpoint];
  origins.push(tokenUriOf(connection));
  if (connection.credential.kind === 'keyless') origins.push(signerOrigin(connection));
  return [...new Set(origins.map((url) => new URL(url).origin))];
}

function forgetTokens(call: Call, signIn: SignIn): void {
  for (const bucket of ['gmail:user', 'calendar:user', 'directory:admin', 'groupssettings:admin']) {
    const subject = call.keys[bucket];
    if (subject !== undefined) signIn.forget(subject);
  }
}

type SignedSender = <T>(
  method: string,
  subject: string,
  attempt: (wire: SignedWire) => Promise<T>,
  signal: AbortSignal,
  priority: Call['priority'],
) => Promise<T>;

function signedSender(
  connection: TargetConnection,
  transport: Transport,
  signIn: SignIn,
  scopes: GoogleScopes,
): SignedSender {
  const root = connection.endpoint ?? GMAIL_ROOT;
  return async (method, subject, attempt, signal, priority = 'bulk') => {
    const wanted = scopesFor(method, scopes);
    // Before the call begins, so that trouble with signing in never looks like a write without an answer.
    await signIn.token(subject, wanted, signal);
    const call = { method, keys: bucketKeys(method, subject), priority };
    return transport.run(
      call,
      async (wire) => {
        const token = await signIn.token(subject, wanted, wire.signal);
        const signed = { authorization: `Bearer ${token}`, root, quotaUser: quotaUserOf(subject) };
        return attempt({ ...wire, ...signed });
      },
      signal,
    );
  };
}

function callOptions(connection: TargetConnection, wire: SignedWire): CallOptions {
  const options: CallOptions = {
    headers: { authorization: wire.authorization },
    fetchImplementation: wire.fetch,
    retry: false,
    signal: wire.signal,
    responseType: 'json',
    params: { quotaUser: wire.quotaUser },
    noProxy: [/^/],
  };
  if (connection.endpoint !== null) options.rootUrl = `${connection.endpoint}/`;
  return options;
}

/**
 * Names the mailbox that a call is charged to, in at most 40 characters and without showing its address. Without it
 * Calendar charges all mailboxes to the service account.
 * Source: https://developers.google.com/workspace/calendar/api/guides/quota, read 2026-11.
 */
export function quotaUserOf(subject: string): string {
  return createHash('sha256').update(subject.toLowerCase()).digest('hex').slice(0, 40);
}

async function readDomains(google: GoogleConnection, signal: AbortSignal): Promise<TargetDomain[]> {
  const { customer, admin, apis } = google;
  const answer = await google.call(
    'directory.domains.list',
    admin,
    (options) => apis.directory.domains.list({ customer }, options),
    signal,
    'interactive',
  );
  return (answer.domains ?? []).flatMap(({ domainName, verified, isPrimary }) =>
    typeof domainName === 'string'
      ? [{ name: domainName.toLowerCase(), verified: verified === true, primary: isPrimary === true }]
      : [],
  );
}
