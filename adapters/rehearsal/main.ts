import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { createAppCredentials, createServiceAccount, GOOGLE_SCOPES, MICROSOFT_ROLES } from './access.ts';
import { createEstate } from './estate/estate.ts';
import type { Estate } from './estate/types.ts';
import { googleQuotaRows } from './google/quotas.ts';
import { createGoogleTenant } from './google/tenant.ts';
import { microsoftQuotas } from './microsoft/quotas.ts';
import { createMicrosoftTenant } from './microsoft/tenant.ts';
import { type RehearsalOptions, readOptions } from './options.ts';
import { createFaults } from './service/faults.ts';
import { createQuotas } from './service/quota.ts';
import { hash } from './service/random.ts';
import { type ServedTenant, serve } from './service/serve.ts';
import type { ExchangeRecord } from './service/types.ts';

/**
 * The process of the two rehearsal tenants. Takes one JSON argument (`RehearsalOptions`) and FERRY_TIME_SCALE, prints
 * one line of JSON when both services listen, and ends on SIGTERM, SIGINT or, with `followParent`, when its standard
 * input closes.
 */
async function main(): Promise<void> {
  const options = readOptions(process.argv[2], process.env);
  const estate = createEstate(options.estate, Date.now());
  const recorder = openRecorder(options.recordFile);
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'ferry-rehearsal-'));
  mkdirSync(stateDir, { recursive: true });
  const microsoft = await serveMicrosoft(options, estate, recorder.record);
  const google = await serveGoogle(options, estate, stateDir, recorder.record);
  endWith(options, async () => {
    await Promise.all([microsoft.served.close(), google.served.close(), recorder.close()]);
    if (options.stateDir === null) rmSync(stateDir, { recursive: true, force: true });
  });
  const { organisations, corpus } = estate;
  const ready = { ready: true, microsoft: microsoft.access, google: google.access, organisations, corpus };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

type WriteDown = (exchange: ExchangeRecord) => void;

interface Opened {
  served: ServedTenant;
  /** What the ready line says of this tenant. */
  access: object;
}

async function serveMicrosoft(options: RehearsalOptions, estate: Estate, record: WriteDown): Promise<Opened> {
  const { seed } = options.estate;
  const clock = systemClock(options.timeScale);
  const faults = createFaults({ profile: options.faults, seed, service: 'microsoft' });
  const quotas = createQuotas(microsoftQuotas(estate), clock, 'sliding');
  const credentials = createAppCredentials(seed);
  const weather = { quotas, faults, limitsOff: options.limitsOff };
  const tenant = createMicrosoftTenant({ estate, clock, seed, credentials, roles: MICROSOFT_ROLES, weather });
  const served = await serve(tenant, {
    ...common(options, record),
    port: options.ports.microsoft,
    clock,
    faults,
    quotas,
  });
  return { served, access: { origin: served.origin, tenantId: estate.tenantId, ...credentials } };
}

async function serveGoogle(
  options: RehearsalOptions,
  estate: Estate,
  stateDir: string,
  record: WriteDown,
): Promise<Opened> {
  const seed = options.estate.seed + 1;
  const clock = systemClock(options.timeScale);
  const faults = createFaults({ profile: options.faults, seed, service: 'google' });
  const quotas = createQuotas(googleQuotaRows(options.quotaProfile), clock, 'sliding');
  const account = createServiceAccount(seed);
  const verifiedDomains = [...new Set(estate.organisations.map((one) => one.targetDomain))];
  const adminDomain = verifiedDomains[0] ?? 'new.example';
  const customer = `C0${hash('customer', seed).slice(0, 7)}`;
  const admin = `migration-admin@${adminDomain}`;
  const tenant = createGoogleTenant({
    clock,
    seed,
    customer,
    admin,
    adminDomain,
    verifiedDomains,
    serviceAccount: account,
    authorisedScopes: GOOGLE_SCOPES,
    stateDir,
  });
  const served = await serve(tenant, {
    ...common(options, record),
    port: options.ports.google,
    clock,
    faults,
    quotas,
  });
  const { origin } = served;
  return { served, access: { origin, customer, admin, serviceAccount: account.keyFile(origin) } };
}

function common(options: RehearsalOptions, record: WriteDown) {
  return {
    ...(options.tls ? { tls: options.tls } : {}),
    ...(options.recordFile === null ? {} : { record }),
    limitsOff: options.limitsOff,
    latencyMs: options.latencyMs,
  };
}

function openRecorder(file: string | null): { record: WriteDown; close(): Promise<void> } {
  if (file === null) return { record: () => {}, close: async () => {} };
  const stream = createWriteStream(file, { flags: 'a' });
  return {
    record: (exchange) => {
      stream.write(`${JSON.stringify(exchange)}\n`);
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}

function endWith(options: RehearsalOptions, close: () => Promise<void>): void {
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (!options.followParent) return;
  process.stdin.once('end', end).once('close', end).once('error', end);
  process.stdin.resume();
}

await main();
