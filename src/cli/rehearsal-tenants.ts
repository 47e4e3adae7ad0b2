import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { throwIfAborted } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';

/** What the tenants' process is told; see `adapters/rehearsal/main.ts`. */
export interface TenantOptions {
  estate: {
    seed: number;
    people: number;
    messages: number;
    events: number;
    organisations?: number;
    groups?: number;
    rooms?: number;
    sharedMailboxes?: number;
    corpusDir: string | null;
  };
  faults: 'none' | 'light' | 'heavy';
  limitsOff?: boolean;
  recordFile?: string;
  /** PEM files; with them both tenants speak https. */
  tls?: { keyFile: string; certFile: string };
  followParent?: boolean;
}

const ready = z.object({
  ready: z.literal(true),
  microsoft: z.object({ origin: z.string(), tenantId: z.string(), clientId: z.string(), secret: z.string() }),
  google: z.object({
    origin: z.string(),
    customer: z.string(),
    admin: z.string(),
    serviceAccount: z.record(z.string(), z.unknown()),
  }),
  organisations: z.array(
    z.object({ id: z.string(), sourceDomain: z.string(), targetDomain: z.string(), orgUnit: z.string() }),
  ),
  corpus: z.array(z.object({ file: z.string(), userId: z.string(), messageId: z.string() })).default([]),
});

export type TenantAccess = z.output<typeof ready>;

export interface RehearsalTenants {
  access: TenantAccess;
  /** What the two services counted themselves. */
  stats(): Promise<{ microsoft: TenantStats; google: TenantStats }>;
  /** Resolves when the process has ended by itself. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const stats = z.object({
  requests: z.record(z.string(), z.number()),
  throttled: z.number(),
  faults: z.record(z.string(), z.number()),
  retryAfterViolations: z.number(),
  maxInFlight: z.record(z.string(), z.number()),
  notifications: z.number(),
  unknownRoutes: z.array(z.string()),
});

export type TenantStats = z.output<typeof stats>;

/** Starts both simulated tenants in a process of their own and waits until they answer. */
export async function startTenants(
  options: TenantOptions,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  complain: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<RehearsalTenants> {
  const child = spawn(process.execPath, [entry(), JSON.stringify({ ...options, followParent: true })], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // The tenants outlive Ctrl-C, so that ferry can stop cleanly against them.
    detached: true,
  });
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', complain);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const access = await readyLine(child, signal);
  return {
    access,
    stats: async () => ({
      microsoft: await readStats(access.microsoft.origin),
      google: await readStats(access.google.origin),
    }),
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function entry(): string {
  const [source, built] = ['../../adapters/rehearsal/main.ts', '../../adapters/rehearsal/main.js'].map(
    (path) => fileURLToPath(new URL(path, import.meta.url)),
  );
  return source !== undefined && existsSync(source) ? source : (built ?? '');
}

async function readyLine(child: ChildProcess, signal: AbortSignal): Promise<TenantAccess> {
  if (child.stdout === null)
    throw new MigrationError({ code: 'rehearsal', message: 'no pipe to the tenants' });
  const lines = createInterface({ input: child.stdout });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const line of lines) {
      const parsed = ready.safeParse(JSON.parse(line));
      if (parsed.success) return parsed.data;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
  throwIfAborted(signal);
  throw new MigrationError({
    code: 'rehearsal',
    message: 'the rehearsal tenants did not start',
    scope: 'run',
  });
}

async function readStats(origin: string): Promise<TenantStats> {
  const response = await fetch(`${origin}/_rehearsal/stats`);
  return stats.parse(await response.json());
}
