import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
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
}

export interface GlobalOptions {
  directory?: string;
  json?: boolean;
  debug?: boolean;
}

/** The folder a command works in: `-C`, else where it was called from, also through `npm run ferry --`. */
export function workingFolder(options: GlobalOptions, env: NodeJS.ProcessEnv, cwd: string): string {
  const base =
    env.npm_lifecycle_event === 'ferry' || env.npm_lifecycle_event === 'start' ? (env.INIT_CWD ?? cwd) : cwd;
  return resolve(base, options.directory ?? '.');
}

/** `20261122T140501Z-3fa9`: sorts by time, unique enough for one folder. */
export function newRunId(now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/** Events as JSON lines on stderr: warnings always, everything with `--debug`. Secrets and headers are redacted. */
export function createLog(debug: boolean): Log {
  const logger = pino(
    {
      level: debug ? 'debug' : 'warn',
      base: null,
      redact: {
        paths: ['authorization', '*.authorization', 'secret', '*.secret', 'token', '*.token'],
        censor: '***',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return (level, event, fields = {}) => logger[level]({ ...fields }, event);
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
