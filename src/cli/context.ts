import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { loadWorkspace, type Workspace } from '../config/workspace.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Ledger } from '../core/ports.ts';
import { openLedger } from '../ledger/ledger.ts';
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

export function openWorkspace(context: Context): { workspace: Workspace; clock: Clock } {
  const workspace = loadWorkspace(context.dir, context.env);
  return { workspace, clock: systemClock(workspace.timeScale) };
}

/** Opens the folder's ledger for the time of `work` and closes it whatever happens. */
export async function withLedger<T>(
  context: Context,
  clock: Clock,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const ledger = openLedger({ path: ledgerPath(context), clock });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

export function ledgerPath({ dir }: Pick<Context, 'dir'>): string {
  return join(dir, '.ferry', 'ledger.db');
}

export function hasLedger(context: Context): boolean {
  return existsSync(ledgerPath(context));
}

/** Reads the folder's ledger beside whatever process may be writing it. */
export async function readLedger<T>(
  context: Context,
  clock: Clock,
  work: (ledger: Ledger) => Promise<T>,
): Promise<T> {
  const ledger = openLedger({ path: ledgerPath(context), clock, readOnly: true });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}
