/** What the benchmark plays on: the rehearsal tenants with one mailbox to read and any number of new ones to fill. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { createGoogleConnection, type GoogleConnection } from '../../adapters/google/client.ts';
import { createGraphConnection, type GraphConnection } from '../../adapters/graph/client.ts';
import { startTenants, type TenantAccess } from '../../src/cli/rehearsal-tenants.ts';
import { policySchema } from '../../src/config/policy.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { MigrationError } from '../../src/core/errors.ts';
import { silent } from '../../src/core/log.ts';
import type { Organisation } from '../../src/core/types.ts';

/** Every wait and window of ferry and of the tenants passes this many times faster: quotas are not what is measured. */
export const SCALE = 1000;
export const MESSAGE_BYTES = 20_000;
const USERS_AT_ONCE = 16;

export interface Stage {
  clock: Clock;
  /** A folder of this run's own, removed at the end. */
  dir: string;
  graph: { connection: GraphConnection; origin: string; authorization: string };
  google: { connection: GoogleConnection; origin: string };
  organisation: Organisation;
  /** Object id of the mailbox that every lane reads. */
  mailbox: string;
  /** Immutable ids of its messages. */
  messageIds: readonly string[];
  /** Makes new, empty mailboxes at the target and signs in to each. */
  newMailboxes(count: number): Promise<TargetMailbox[]>;
  close(): Promise<void>;
}

export interface TargetMailbox {
  address: string;
  authorization: string;
}

/** Starts the tenants with one mailbox of that many messages of 20 kB; no limits, no faults. */
export async function openStage(messages: number, signal: AbortSignal): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'ferry-bench-'));
  const corpusDir = mkdtempSync(join(dir, 'corpus-'));
  for (let index = 0; index < messages; index += 1)
    writeFileSync(join(corpusDir, `${String(index).padStart(6, '0')}.eml`), letter(index));
  const estate = { seed: 1, people: 1, messages: 0, events: 0, organisations: 1, groups: 0, rooms: 0 };
  const options = {
    estate: { ...estate, sharedMailboxes: 0, corpusDir },
    faults: 'none',
    limitsOff: true,
  } as const;
  const tenants = await startTenants(options, { ...process.env, FERRY_TIME_SCALE: String(SCALE) }, signal);
  const { access } = tenants;
  const clock = systemClock(SCALE);
  const [first] = access.organisations;
  const mailbox = access.corpus[0]?.userId;
  if (first === undefined || mailbox === undefined)
    throw new MigrationError({ code: 'bench', message: 'the tenants hold no mailbox' });
  const google = openGoogle(access, clock);
  return {
    clock,
    dir,
    graph: await openGraph(access, clock),
    google: { connection: google, origin: access.google.origin },
    organisation: {
      id: first.id,
      domains: { [first.sourceDomain]: first.targetDomain },
      orgUnit: first.orgUnit,
      policy: policySchema.parse({}),
    },
    mailbox,
    messageIds: access.corpus.map(({ messageId }) => messageId),
    newMailboxes: (count) => createMailboxes(google, first.targetDomain, count, signal),
    close: async () => {
      await tenants.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function openGraph(access: TenantAccess, clock: Clock): Promise<Stage['graph']> {
  const { origin, tenantId: tenant, clientId: client, secret } = access.microsoft;
  const credential = { kind: 'secret', secret } as const;
  const ends = { tenant, client, credential, authority: origin, endpoint: origin };
  const connection = createGraphConnection(ends, { clock, log: silent });
  const form = { grant_type: 'client_credentials', client_id: client, client_secret: secret };
  const body = new URLSearchParams({ ...form, scope: `${origin}/.default` });
  const answer = await fetch(`${origin}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return { connection, origin, authorization: `Bearer ${token}` };
}

function openGoogle(access: TenantAccess, clock: Clock): GoogleConnection {
  const { origin, customer, admin, serviceAccount } = access.google;
  const text = (name: string) => String(serviceAccount[name]);
  const credential = {
    kind: 'key',
    clientEmail: text('client_email'),
    privateKeyId: text('private_key_id'),
    privateKeyPem: text('private_key'),
    tokenUri: text('token_uri'),
  } as const;
  return createGoogleConnection({ customer, admin, credential, endpoint: origin }, { clock, log: silent });
}

function createMailboxes(
  google: GoogleConnection,
  domain: string,
  count: number,
  signal: AbortSignal,
): Promise<TargetMailbox[]> {
  const limit = pLimit(USERS_AT_ONCE);
  const addresses = Array.from({ length: count }, () => `bench-${randomUUID()}@${domain}`);
  return Promise.all(addresses.map((address) => limit(() => createMailbox(google, address, signal))));
}

async function createMailbox(
  google: GoogleConnection,
  primaryEmail: string,
  signal: AbortSignal,
): Promise<TargetMailbox> {
  const name = { givenName: 'Bench', familyName: primaryEmail.split('@')[0] ?? '' };
  const requestBody = { primaryEmail, name, password: randomBytes(12).toString('hex') };
  const { directory, gmail } = google.apis;
  await google.call(
    'directory.users.insert',
    google.admin,
    (options) => directory.users.insert({ requestBody }, options),
    signal,
  );
  await google.call(
    'gmail.getProfile',
    primaryEmail,
    (options) => gmail.users.getProfile({ userId: 'me' }, options),
    signal,
  );
  const authorization = await google.send(
    'gmail.getProfile',
    primaryEmail,
    async (wire) => wire.authorization,
    signal,
  );
  return { address: primaryEmail, authorization };
}

/** A letter of exactly 20,000 bytes, CRLF line ends. */
function letter(index: number): Buffer {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 60_000).toUTCString().replace('GMT', '+0000');
  const header = [
    `Message-ID: <bench-${index}@mail.example.org>`,
    `Date: ${at}`,
    'From: Sender <sender@mail.example.org>',
    'To: Reader <reader@mail.example.org>',
    `Subject: Benchmark ${index}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
  ];
  const head = `${header.join('\r\n')}\r\n\r\n`;
  const line = `${'The quick brown fox jumps over the lazy dog. '.repeat(2).trimEnd()}\r\n`;
  const body = line.repeat(Math.ceil(MESSAGE_BYTES / line.length)).slice(0, MESSAGE_BYTES - head.length - 2);
  return Buffer.from(`${head}${body.trimEnd().padEnd(body.length, '.')}\r\n`, 'latin1');
}
