import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFolder } from '../../src/cli/commands/rehearse.ts';
import {
  startTenants,
  type TenantAccess,
  type TenantOptions,
  type TenantStats,
} from '../../src/cli/rehearsal-tenants.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Where the vendors' descriptions and real messages may stand beside the project. */
export const SHARED = fileURLToPath(new URL('../../../shared', import.meta.url));
export const hasShared = existsSync(join(SHARED, 'contracts'));

export interface Finished {
  exit: number | null;
  stdout: string;
  stderr: string;
}

export interface Rehearsal {
  dir: string;
  env: NodeJS.ProcessEnv;
  access: TenantAccess;
  stats(): Promise<{ microsoft: TenantStats; google: TenantStats }>;
  /** Runs one command to its end. */
  ferry(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
  /** Starts a command and leaves it running. */
  start(args: readonly string[]): ChildProcess;
  /** Posts to a control route of a tenant. */
  control(service: 'microsoft' | 'google', name: string, body?: object): Promise<unknown>;
  /** The newest `summary.json`. */
  summary(): Summary;
  /** Lines of the newest `findings.csv`, split at commas that stand outside quotes. */
  findings(): Record<string, string>[];
  stop(): Promise<void>;
}

export interface Equation {
  source: number;
  arrived: number;
  merged: number;
  excluded: number;
  unsupported: number;
  tooLarge: number;
  changedSince: number;
  missing: number;
  failed: number;
  unexplained: number;
  extra: number;
  duplicate: number;
  differ: number;
}

export interface Summary {
  run: string;
  verdict: string;
  notifications: number;
  totals: Record<string, Equation>;
  principals: { source: string; verdict: string; workloads: Record<string, Equation> }[];
}

/** Starts two tenants in a process of their own and writes a working folder for them. */
export async function startRehearsal(
  options: Partial<Omit<TenantOptions, 'estate'>> & { estate?: Partial<TenantOptions['estate']> },
  timeScale = 200,
): Promise<Rehearsal> {
  const env = { ...process.env, FERRY_TIME_SCALE: String(timeScale), NO_COLOR: '1' };
  const estate = { seed: 5, people: 4, messages: 80, events: 30, corpusDir: null, ...options.estate };
  const abort = new AbortController();
  const tenants = await startTenants({ faults: 'none', ...options, estate }, env, abort.signal);
  const dir = mkdtempSync(join(tmpdir(), 'ferry-e2e-'));
  writeFolder(dir, tenants.access);
  const inner = { ...env, FERRY_REHEARSAL_SECRET: tenants.access.microsoft.secret };
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    spawn(process.execPath, [MAIN, '-C', dir, ...args], {
      env: { ...inner, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  return {
    dir,
    env: inner,
    access: tenants.access,
    stats: () => tenants.stats(),
    start: (args) => start(args),
    ferry: (args, more) => finish(start(args, more)),
    control: (service, name, body) => control(tenants.access[service].origin, name, body),
    summary: () => JSON.parse(readFileSync(join(newestReport(dir), 'summary.json'), 'utf8')) as Summary,
    findings: () => readRows(readFileSync(join(newestReport(dir), 'findings.csv'), 'utf8')),
    stop: async () => {
      await tenants.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Collects what a process prints until it has ended. */
export function finish(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (exit) => resolve({ exit, stdout, stderr })));
}

export function newestReport(dir: string): string {
  const runs = readdirSync(join(dir, 'reports')).sort();
  return join(dir, 'reports', runs.at(-1) ?? '');
}

async function control(origin: string, name: string, body?: object): Promise<unknown> {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${origin}/_rehearsal/${name}`, init);
  if (!response.ok) throw new Error(`${name} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function readRows(text: string): Record<string, string>[] {
  const rows = text
    .trim()
    .split(/\r?\n/)
    .map((line) =>
      (line.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g) ?? []).map((cell) =>
        cell.replace(/,$/, '').replace(/^"|"$/g, '').replaceAll('""', '"'),
      ),
    );
  const [header = [], ...rest] = rows;
  return rest.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ''])));
}
