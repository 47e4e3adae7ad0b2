import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GoogleTenantOptions } from '../../../../adapters/rehearsal/google/tenant.ts';
import { createGoogleTenant, googleQuotaRows } from '../../../../adapters/rehearsal/google/tenant.ts';
import { createFaults } from '../../../../adapters/rehearsal/service/faults.ts';
import { createQuotas } from '../../../../adapters/rehearsal/service/quota.ts';
import { serve } from '../../../../adapters/rehearsal/service/serve.ts';
import type { ExchangeRecord } from '../../../../adapters/rehearsal/service/types.ts';
import type { Clock } from '../../../../src/core/clock.ts';
import { type DiscoveryName, loadDiscovery } from '../../../support/discovery.ts';

export const ADMIN = 'admin@new.example';
const KEYS = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

/** Every scope the tests sign in with. */
export const SCOPES = [
  'https://mail.google.com/',
  ...[
    ...['calendar', 'gmail.insert', 'gmail.labels', 'gmail.metadata', 'gmail.modify', 'gmail.readonly'],
    ...[
      'admin.directory.user',
      'admin.directory.group',
      'admin.directory.group.member',
      'admin.directory.orgunit',
    ],
    ...['admin.directory.resource.calendar', 'admin.directory.domain.readonly', 'apps.groups.settings'],
    ...['admin.directory.customer.readonly'],
  ].map((name) => `https://www.googleapis.com/auth/${name}`),
];

/** Time that passes only when a test says so; wall clock and ticks go together. */
export interface TestClock extends Clock {
  pass(ms: number): void;
}

export function testClock(): TestClock {
  let ticks = 0;
  const start = Date.parse('2026-11-22T10:00:00Z');
  return {
    scale: 1,
    now: () => start + ticks,
    ticks: () => ticks,
    wait: async (ms) => {
      ticks += ms;
    },
    pass: (ms) => {
      ticks += ms;
    },
  };
}

export interface Answer {
  status: number;
  // The answers of four APIs: tests look into them freely.
  // biome-ignore lint/suspicious/noExplicitAny: a test reads answers as the JSON they are
  body: any;
  headers: Headers;
}

interface AskOptions {
  as?: string;
  scopes?: readonly string[];
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: string | Uint8Array<ArrayBuffer>;
}

export interface GoogleKit {
  origin: string;
  clock: TestClock;
  tenant: ReturnType<typeof createGoogleTenant>;
  privateKeyPem: string;
  assertion(claims?: Record<string, unknown>, key?: string): string;
  token(as: string, scopes?: readonly string[]): Promise<string>;
  exchange(assertion: string): Promise<Answer>;
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** Creates a user whose mailbox is ready. */
  person(email: string): Promise<Answer>;
  /** What the discovery documents have against the successful answers so far; null where they are absent. */
  faults(): string[] | null;
  exchanges: ExchangeRecord[];
  stats: Awaited<ReturnType<typeof serve>>['stats'];
  close(): Promise<void>;
}

export async function startGoogle(
  options: Partial<GoogleTenantOptions> & { limits?: boolean } = {},
): Promise<GoogleKit> {
  const clock = testClock();
  const stateDir = mkdtempSync(join(tmpdir(), 'google-rehearsal-'));
  const { limits, ...rest } = options;
  const tenant = createGoogleTenant({
    clock,
    seed: 7,
    customer: 'C01rehear',
    admin: ADMIN,
    adminDomain: 'new.example',
    verifiedDomains: ['new.example', 'second.example'],
    serviceAccount: { clientEmail: 'sa@project.iam', publicKeyPem: KEYS.publicKey, privateKeyId: 'key-1' },
    authorisedScopes: SCOPES,
    stateDir,
    classifies: false,
    ...rest,
  });
  const exchanges: ExchangeRecord[] = [];
  const served = await serve(tenant, {
    clock,
    faults: createFaults({ profile: 'none', seed: 1, service: 'google' }),
    quotas: createQuotas(googleQuotaRows(), clock, 'fixed'),
    limitsOff: limits !== true,
    record: (exchange) => exchanges.push(exchange),
  });
  const tokens = new Map<string, string>();

  const assertion = (claims: Record<string, unknown> = {}, key = KEYS.privateKey) => {
    const iat = Math.floor(clock.now() / 1000);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = { iss: 'sa@project.iam', aud: `${served.origin}/token`, iat, exp: iat + 3600, ...claims };
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })}.${part(body)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(key, 'base64url')}`;
  };
  const exchange = async (text: string): Promise<Answer> => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text };
    return read(await fetch(`${served.origin}/token`, { method: 'POST', body: new URLSearchParams(form) }));
  };
  const token = async (as: string, scopes: readonly string[] = SCOPES) => {
    const name = `${as} ${scopes.join(' ')}`;
    const known = tokens.get(name);
    if (known) return known;
    const { body } = await exchange(assertion({ sub: as, scope: scopes.join(' ') }));
    tokens.set(name, body.access_token);
    return body.access_token;
  };
  const ask = async (method: string, path: string, asked: AskOptions = {}): Promise<Answer> => {
    const bearer = asked.token ?? (await token(asked.as ?? ADMIN, asked.scopes));
    const headers: Record<string, string> = { authorization: `Bearer ${bearer}`, ...asked.headers };
    if (asked.body !== undefined) headers['content-type'] ??= 'application/json';
    const body = asked.raw ?? (asked.body === undefined ? null : JSON.stringify(asked.body));
    const url = path.startsWith('http') ? path : `${served.origin}${path}`;
    return read(await fetch(url, { method, headers, body, redirect: 'manual' }));
  };
  const person = async (email: string) => {
    const [givenName] = email.split('@');
    const name = { givenName, familyName: 'Person' };
    const body = { primaryEmail: email, name, password: 'longenough', orgUnitPath: '/' };
    const answer = await ask('POST', '/admin/directory/v1/users', { body });
    clock.pass(60_000);
    return answer;
  };
  return {
    origin: served.origin,
    clock,
    tenant,
    privateKeyPem: KEYS.privateKey,
    assertion,
    token,
    exchange,
    ask,
    person,
    faults: () => faultsOf(exchanges),
    exchanges,
    stats: served.stats,
    close: async () => {
      await served.close();
      tenant.close();
      rmSync(stateDir, { recursive: true });
    },
  };
}

async function read(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = isJson ? JSON.parse(bytes.toString()) : bytes;
  return { status: response.status, body, headers: response.headers };
}

const DOCUMENTS: Record<string, DiscoveryName> = {
  gmail: 'gmail.v1',
  calendar: 'calendar.v3',
  directory: 'admin.directory_v1',
  groupsSettings: 'groupssettings.v1',
};

function faultsOf(exchanges: readonly ExchangeRecord[]): string[] | null {
  const faults: string[] = [];
  for (const { route, status, responseBody } of exchanges) {
    const document = DOCUMENTS[route.split('.')[0] ?? ''];
    if (document === undefined || status !== 200 || responseBody === null) continue;
    const discovery = loadDiscovery(document);
    if (!discovery) return null;
    faults.push(...discovery.validateResponse(route, responseBody).map((fault) => `${route}: ${fault}`));
  }
  return [...new Set(faults)];
}

/** A message with the given header fields over the usual ones; a field that is null is left out. */
export function mime(fields: Record<string, string | null> = {}, body = 'Hello\r\n'): string {
  const usual: Record<string, string | null> = {
    From: 'Ann <ann@old.example>',
    To: 'bob@old.example',
    Subject: 'Greetings',
    Date: 'Tue, 3 Mar 2020 10:20:30 +0100',
    'Message-ID': '<one@old.example>',
    ...fields,
  };
  const lines = Object.entries(usual).filter(([, value]) => value !== null);
  return `${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`;
}

export function base64url(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64url');
}
