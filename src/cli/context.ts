import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { loadWorkspace, type Workspace } from '../config/workspace.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Ledger } from '../core/ports.ts';
import { openLedger } from '../ledger/ledger.ts';
import { findPostgresLedger, openPostgresLedger } from '../ledger/postgres/ledger.ts';
import type { Output } from './output.ts';

/** What every command is given. */
export interface Context {
  dir: string;
  run: string;
  env: NodeJS.ProcessEnv;
  output: Output;
  log: Log;
  /** Aborts on SIGINT and SIGTERM. */
  signal: AbortSignal;
  /** How the person called ferry, as the start of a command line. */
  call: string;
  /** Whether a pass has begun: from then on nobody may say that nothing was written. */
  pass: { begun: boolean };
}

export interface GlobalOptions {
  directory?: string;
  json?: boolean;
  debug?: boolean;
}

/** The folder that ferry was called from, also through `npm run ferry --`, which changes it. */
export function callersFolder(env: NodeJS.ProcessEnv, cwd: string): string {
  return isNpmScript(env) ? (env.INIT_CWD ?? cwd) : cwd;
}

/** The folder a command works in: `-C`, else the one it was called from. */
export function workingFolder(options: GlobalOptions, env: NodeJS.ProcessEnv, cwd: string): string {
  return resolve(callersFolder(env, cwd), options.directory ?? '.');
}

/** The start of a command line that calls ferry as it was called. */
export function callOf(env: NodeJS.ProcessEnv): string {
  if (isNpmScript(env)) return 'npm run ferry --';
  return env.npm_command === 'exec' ? 'npx ferry' : 'ferry';
}

function isNpmScript(env: NodeJS.ProcessEnv): boolean {
  return env.npm_lifecycle_event === 'ferry' || env.npm_lifecycle_event === 'start';
}

/** `20261122T140501Z-3fa9`: sorts by time, unique enough for one folder. */
export function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/**
 * Events on stderr: warnings always, as notes; everything with `--debug`, as JSON lines. Secrets and headers are
 * redacted.
 */
export function createLog(debug: boolean, output: Pick<Output, 'log' | 'note'>): Log {
  const logger = pino(
    {
      level: debug ? 'debug' : 'warn',
      base: null,
      redact: {
        paths: ['authorization', '*.authorization', 'secret', '*.secret', 'token', '*.token'],
        censor: '***',
      },
    },
    { write: (line: string) => (debug ? output.log(line) : output.note(...warning(line))) },
  );
  return (level, event, fields = {}) => {
    // Progress says it already, with the message.
    if (debug || event !== 'job-stopped') logger[level]({ ...fields }, event);
  };
}

function warning(line: string): [string, object] {
  const { level: _level, time: _time, msg, ...fields } = JSON.parse(line) as { [key: string]: unknown };
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
  return [`warning: ${String(msg)}${details.join('')}`, { event: msg, ...fields }];
}

/** A working folder as a command sees it: what its files say, and the clock that waits in its time. */
export interface OpenWorkspace {
  workspace: Workspace;
  clock: Clock;
}

export function openWorkspace(context: Context): OpenWorkspace {
  const workspace = loadWorkspace(context.dir, context.env);
  return { workspace, clock: systemClock(workspace.timeScale) };
}

/** Opens the folder's ledger, wherever it is kept, for the time of `work` and closes it whatever happens. */
export async function withLedger<T>(
  context: Context,
  opened: OpenWorkspace,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  return closing(await ledgerOf(context, opened), work);
}

export function ledgerPath({ dir }: Pick<Context, 'dir'>): string {
  return join(dir, '.ferry', 'ledger.db');
}

/** Reads the folder's ledger beside whatever processes may be writing it; null when there is none yet. */
export async function readLedger<T>(
  context: Context,
  { workspace: { ledger: place }, clock }: OpenWorkspace,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T | null> {
  if (place.kind === 'postgres') {
    const found = await findPostgresLedger({ ...place, clock: systemClock(), signal: context.signal });
    return found === null ? null : closing(found, work);
  }
  if (!existsSync(place.path)) return null;
  return closing(openLedger({ path: place.path, clock, readOnly: true }), work);
}

/** A server's restart takes its time, however fast a rehearsal passes: the real clock waits for PostgreSQL. */
async function ledgerOf(
  context: Context,
  { workspace: { ledger: place }, clock }: OpenWorkspace,
): Promise<Ledger> {
  if (place.kind === 'postgres')
    return openPostgresLedger({ ...place, clock: systemClock(), signal: context.signal });
  return openLedger({ path: place.path, clock });
}

async function closing<T>(ledger: Ledger, work: (ledger: Ledger) => Promise<T>): Promise<T> {
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
