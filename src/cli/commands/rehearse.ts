import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { stringify } from 'yaml';
import { Config, MigrationError } from '../../core/errors.ts';
import { writeNamedItems } from '../../report/named-items.ts';
import { type Context, callersFolder } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { stepOutput } from '../output.ts';
import { type RehearsalTenants, startTenants, type TenantAccess } from '../rehearsal-tenants.ts';
import { discover } from './discover.ts';
import { map } from './map.ts';
import { migrate } from './migrate.ts';
import { reconcileWith } from './reconcile.ts';

export interface RehearseOptions {
  people: number;
  messages: number;
  events: number;
  seed: number;
  faults: 'none' | 'light' | 'heavy';
  corpus?: string;
  serve?: boolean;
}

/** Waits and windows of a rehearsal pass this many times faster, unless FERRY_TIME_SCALE says otherwise. */
const DEFAULT_SCALE = '20';
const SECRET = 'FERRY_REHEARSAL_SECRET';

/** The whole of ferry on simulated tenants: discover, map, migrate, reconcile; or only the tenants with `--serve`. */
export async function rehearse(context: Context, options: RehearseOptions): Promise<ExitCode> {
  const env = { ...context.env, FERRY_TIME_SCALE: context.env.FERRY_TIME_SCALE ?? DEFAULT_SCALE };
  const dir = options.serve ? servedFolder(context) : join(context.dir, 'rehearsal', context.run);
  const corpusDir = options.corpus === undefined ? null : corpusFolder(resolve(context.dir, options.corpus));
  mkdirSync(dir, { recursive: true });
  const tenants = await startTenants(
    {
      estate: {
        seed: options.seed,
        people: options.people,
        messages: options.messages,
        events: options.events,
        corpusDir,
      },
      faults: options.faults,
    },
    env,
    context.signal,
    (line) => context.output.note(line),
  );
  try {
    writeFolder(dir, tenants.access);
    const inside = { ...context, dir, env: { ...env, [SECRET]: tenants.access.microsoft.secret } };
    return options.serve
      ? await serveTenants(inside, tenants, env.FERRY_TIME_SCALE)
      : await playAll(inside, tenants, options);
  } finally {
    await tenants.stop();
  }
}

/** `rehearsal`, or a folder of its own in there once that one holds what was read from earlier tenants. */
function servedFolder({ dir, run }: Context): string {
  const first = join(dir, 'rehearsal');
  return existsSync(join(first, 'ferry.yaml')) ? join(first, run) : first;
}

function corpusFolder(dir: string): string {
  if (!readdirSync(dir).some((file) => file.toLowerCase().endsWith('.eml'))) {
    const fault = { file: dir, line: 0, found: 'no .eml file', allowed: 'a folder with .eml files in it' };
    throw new Config('the corpus is empty', [fault]);
  }
  return dir;
}

/** Writes `ferry.yaml` and the service account's key, as an operator would have them for live tenants. */
export function writeFolder(dir: string, access: TenantAccess): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'service-account.json'), JSON.stringify(access.google.serviceAccount, null, 2), {
    mode: 0o600,
  });
  const yaml = {
    source: {
      tenant: access.microsoft.tenantId,
      client: access.microsoft.clientId,
      credential: { secretEnv: SECRET },
      authority: access.microsoft.origin,
      endpoint: access.microsoft.origin,
    },
    target: {
      customer: access.google.customer,
      admin: access.google.admin,
      credential: { keyFile: './service-account.json' },
      endpoint: access.google.origin,
    },
    organisations: access.organisations.map(({ id, sourceDomain, targetDomain, orgUnit }) => ({
      id,
      domains: { [sourceDomain]: targetDomain },
      orgUnit,
    })),
  };
  writeFileSync(join(dir, 'ferry.yaml'), stringify(yaml));
}

async function playAll(
  context: Context,
  tenants: RehearsalTenants,
  options: RehearseOptions,
): Promise<ExitCode> {
  const { output } = context;
  const step: Context = { ...context, output: stepOutput(output) };
  const steps: [string, () => Promise<ExitCode>][] = [
    ['discover', () => discover(step)],
    ['map', () => map(step)],
    ['migrate', () => migrate(step, {})],
  ];
  for (const [name, work] of steps) {
    output.note(`── ${name}`);
    await work();
  }
  output.note('── reconcile');
  const before = await tenants.stats();
  const notifications = { count: before.google.notifications, how: 'counted by the rehearsal tenant' };
  const depth = options.corpus === undefined ? 'items' : 'content';
  const exit = await reconcileWith(context, { depth }, notifications);
  if (options.corpus !== undefined) reportCorpus(context, tenants, exit.report);
  const after = await tenants.stats();
  const violations = after.microsoft.retryAfterViolations + after.google.retryAfterViolations;
  const faults = sum(after.microsoft.faults) + sum(after.google.faults);
  output.result(
    `faults met ${faults}, throttled ${after.microsoft.throttled + after.google.throttled}, Retry-After violations ${violations}, notifications ${notifications.count}`,
    { faults, retryAfterViolations: violations, notifications: notifications.count },
  );
  const page = relative(callersFolder(context.env, process.cwd()), join(context.dir, exit.report));
  output.result(`Report: ${page}`, { report: page });
  output.verdict(exit.words, exit.code, { report: page });
  return exit.code;
}

/** Item by item: what became of each real message that was put into the estate. */
function reportCorpus({ dir, output }: Context, { access }: RehearsalTenants, report: string): void {
  const named = access.corpus.map(({ file, messageId }) => ({ name: file, itemId: messageId }));
  const outcomes = writeNamedItems(join(dir, dirname(report)), named);
  output.table(
    'corpus',
    ['file', 'outcome', 'alterations'],
    outcomes.map(({ name, kind, alterations }) => [name, kind, alterations || 'none']),
  );
  const arrived = outcomes.filter(({ kind }) => kind === 'match' || kind === 'merged').length;
  const equal = outcomes.filter(({ kind, alterations }) => kind === 'match' && alterations === '').length;
  output.result(`corpus: ${outcomes.length} messages, ${arrived} arrived, ${equal} of them byte for byte`, {
    messages: outcomes.length,
    arrived,
    equal,
  });
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((one, other) => one + other, 0);
}

async function serveTenants(inside: Context, tenants: RehearsalTenants, scale: string): Promise<ExitCode> {
  const { output, signal } = inside;
  const folder = shortest(inside.dir, callersFolder(inside.env, process.cwd()));
  output.result(
    `Microsoft 365 on ${tenants.access.microsoft.origin}, Google Workspace on ${tenants.access.google.origin}.`,
    {
      microsoft: tenants.access.microsoft.origin,
      google: tenants.access.google.origin,
      folder,
    },
  );
  output.result(`In another terminal, set the environment and run each command by hand:`);
  output.result(`  export ${SECRET}=${tenants.access.microsoft.secret} FERRY_TIME_SCALE=${scale}`, {
    env: { [SECRET]: tenants.access.microsoft.secret, FERRY_TIME_SCALE: scale },
  });
  for (const command of ['discover', 'map', 'plan', 'migrate', 'status', 'reconcile']) {
    output.result(`  ${inside.call} -C ${folder} ${command}`, { command });
  }
  output.note('Ctrl-C ends the tenants.');
  await Promise.race([
    tenants.ended,
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
  ]);
  if (!signal.aborted)
    throw new MigrationError({ code: 'rehearsal', message: 'the rehearsal tenants ended by themselves' });
  output.verdict('The rehearsal tenants are stopped.', 0);
  return 0;
}

/** A path as one would type it in `from`. */
function shortest(path: string, from: string): string {
  const way = relative(from, path) || '.';
  const typed = way.startsWith('..') ? path : way;
  return /\s/.test(typed) ? `'${typed}'` : typed;
}
