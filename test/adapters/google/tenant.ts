import { generateKeyPairSync } from 'node:crypto';
import { expect } from 'vitest';
import {
  createGoogleConnection,
  type GoogleConnection,
  type GoogleOptions,
} from '../../../adapters/google/client.ts';
import { createDirectoryTarget } from '../../../adapters/google/directory.ts';
import type { TargetConnection } from '../../../src/core/connections.ts';
import type { DirectoryAction, GoogleUser } from '../../../src/core/google.ts';
import { silent } from '../../../src/core/log.ts';
import type { Job, Loss, PrincipalKind, Receipt, WorkloadName } from '../../../src/core/types.ts';
import { type DiscoveryName, loadDiscovery } from '../../support/discovery.ts';
import { IdleClock } from '../../support/idle-clock.ts';
import { job } from '../../support/jobs.ts';

export const never = new AbortController().signal;
export const ENDPOINT = 'http://127.0.0.1:9';
export const ADMIN = 'admin@new.example';
export const ANN = 'ann@new.example';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

export { publicKey };

export function target(facts: Partial<TargetConnection> = {}): TargetConnection {
  return {
    customer: 'my_customer',
    admin: ADMIN,
    endpoint: ENDPOINT,
    credential: {
      kind: 'key',
      clientEmail: 'ferry@project.iam.gserviceaccount.com',
      privateKeyId: 'key-1',
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      tokenUri: `${ENDPOINT}/token`,
    },
    ...facts,
  };
}

/** One request as the tenant saw it. */
export interface Seen {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  text: string;
  /** Parsed JSON; undefined for everything else. */
  body: unknown;
}

export type Reply =
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
  | Error;
/** What the tenant answers to `METHOD path`; a list is used up in order, its last entry stays. */
export type Script = Record<string, Reply | Reply[] | ((seen: Seen) => Reply)>;

/** A tenant of scripted answers behind `fetch`: tokens are given to everyone, unscripted requests are refused. */
export class ScriptedTenant {
  readonly clock: IdleClock;
  readonly seen: Seen[] = [];
  readonly tokenRequests: URLSearchParams[] = [];
  readonly google: GoogleConnection;
  readonly #script: Script;

  constructor(
    script: Script = {},
    connection: TargetConnection = target(),
    options: Partial<GoogleOptions> = {},
  ) {
    this.clock = new IdleClock();
    this.#script = {
      'POST /token': () => ({ json: { access_token: 'token-1', expires_in: 3599 } }),
      ...script,
    };
    this.google = createGoogleConnection(connection, {
      clock: this.clock,
      log: silent,
      fetch: (input, init) => this.#answer(new URL(String(input)), init ?? {}),
      ...options,
    });
  }

  /** Paths asked for in order, tokens left out. */
  get asked(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`);
  }

  last(route: string): Seen {
    const seen = this.seen.findLast(({ method, path }) => `${method} ${path}` === route);
    if (!seen) throw new Error(`${route} was not asked; asked were ${this.asked.join(', ')}`);
    return seen;
  }

  async #answer(url: URL, init: RequestInit): Promise<Response> {
    const text = await readBody(init.body);
    const seen: Seen = {
      method: init.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: new Headers(init.headers),
      text,
      body: parse(text),
    };
    const route = `${seen.method} ${seen.path}`;
    if (route === 'POST /token') this.tokenRequests.push(new URLSearchParams(text));
    else {
      this.seen.push(seen);
      judge(seen, url.pathname);
    }
    return respond(this.#reply(route, seen));
  }

  #reply(route: string, seen: Seen): Reply {
    const entry = this.#script[route];
    if (entry === undefined) return failure(404, 'notFound', `nothing is scripted for ${route}`);
    if (typeof entry === 'function') return entry(seen);
    if (!Array.isArray(entry)) return entry;
    return (entry.length > 1 ? entry.shift() : entry[0])!;
  }
}

const DOCUMENTS: DiscoveryName[] = ['gmail.v1', 'calendar.v3', 'admin.directory_v1', 'groupssettings.v1'];
const discoveries = DOCUMENTS.map(loadDiscovery).filter((discovery) => discovery !== null);
/** False where `../shared/contracts` is absent: then requests are not held against the vendor's description. */
export const hasContracts = discoveries.length === DOCUMENTS.length;
export const faults: string[] = [];

/** Every request of every test is held against the vendor's own description. */
function judge(seen: Seen, path: string): void {
  if (!hasContracts || path.startsWith('/session') || path.includes('serviceAccounts')) return;
  const isUpload = path.includes('/upload/');
  const request = { ...seen, path, body: isUpload ? metadataOf(seen.text) : seen.body };
  const discovery = discoveries.find((one) => one.methodOf(request) !== null);
  faults.push(...(discovery?.validateRequest(request) ?? [`no API answers ${seen.method} ${path}`]));
}

/** The JSON part of a multipart upload. */
function metadataOf(text: string): unknown {
  return parse(/\r\n\r\n(\{[^\r]*\})\r\n--/.exec(text)?.[1] ?? '');
}

async function readBody(body: RequestInit['body']): Promise<string> {
  if (body === null || body === undefined) return '';
  if (typeof body === 'string') return body;
  const chunks: Uint8Array[] = [];
  if (body instanceof Uint8Array) chunks.push(body);
  else for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function respond(reply: Reply): Response {
  if (reply instanceof Error) throw reply;
  const { status = 200, headers = {}, json, text } = reply;
  const body = text ?? (json === undefined ? '' : JSON.stringify(json));
  const type = text === undefined ? 'application/json; charset=UTF-8' : 'text/plain';
  return new Response([204, 304].includes(status) ? null : body, {
    status,
    headers: { 'content-type': type, ...headers },
  });
}

/** An error in the shape that all Google APIs use. */
export function failure(code: number, reason: string, message: string, status?: string): Reply {
  const error = {
    code,
    message,
    errors: [{ message, domain: 'global', reason }],
    ...(status ? { status } : {}),
  };
  return { status: code, json: { error } };
}

export function resetAnswer(): Error {
  return new TypeError('fetch failed', {
    cause: Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' }),
  });
}

export function jobOf(workload: WorkloadName, kind: PrincipalKind = 'person'): Job {
  const made = job(workload);
  return { ...made, principal: { ...made.principal, kind } };
}

/** Calls that may notify people say that they must not; import cannot. */
export function expectNoNotices(tenant: ScriptedTenant): void {
  for (const { method, path, query } of tenant.seen) {
    const writesEvent = method !== 'GET' && path.includes('/events') && !path.endsWith('/import');
    if (writesEvent) expect(query.get('sendUpdates'), path).toBe('none');
  }
}

/** The user that directory tests create. */
export const annUser: GoogleUser = {
  primaryEmail: ANN,
  name: { givenName: 'Ann', familyName: 'Ash' },
  orgUnitPath: '/Regulator',
  externalIds: [{ type: 'custom', customType: 'm365_oid', value: 'oid-1' }],
  organizations: [{ primary: true, type: 'work', title: 'Inspector' }],
  phones: [{ type: 'work', value: '+49 30 1', primary: true }],
};

/** That user as `users.get` answers, with other facts laid over. */
export function storedUser(facts: object = {}): { json: object } {
  return { json: { ...annUser, kind: 'admin#directory#user', suspended: false, ...facts } };
}

export const taken = failure(409, 'duplicate', 'Entity already exists.');
export const gone = failure(404, 'notFound', 'Resource Not Found: userKey');

/** Puts one directory action at a scripted tenant. */
export async function putDirectory(script: Script, action: DirectoryAction, prior: Receipt | null = null) {
  const tenant = new ScriptedTenant(script);
  const directory = jobOf('directory', 'organisation');
  const receipt = await createDirectoryTarget(tenant.google).put(directory, 'k', action, prior, never);
  return { tenant, receipt };
}

/** The loss of a field that somebody has changed at Google. */
export function kept(field: string): Loss {
  return { field, kind: 'changed', reason: 'kept-target-change' };
}
