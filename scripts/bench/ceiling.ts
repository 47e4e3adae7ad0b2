/**
 * Measures how near the documented limits the transport comes, one mailbox and 200 mailboxes at once, against a
 * vendor with fixed and with sliding windows: `npm run bench -- ceiling [--windows 5] [--only gmail-1,gmail-200]
 * [--modes fixed,sliding]`. Prints one line of JSON; what it means is in docs/performance.md. Time is scaled, latency is not.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createClassifier } from '../../adapters/google/failures.ts';
import { bucketKeys, googleLimits } from '../../adapters/google/limits.ts';
import { classify as classifyGraph } from '../../adapters/graph/failures.ts';
import { graphLimits } from '../../adapters/graph/limits.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import { silent } from '../../src/core/log.ts';
import { createTransport } from '../../src/transport/transport.ts';
import type { LimitTable, Transport, TransportOptions } from '../../src/transport/types.ts';
import type { VendorCounts, VendorOptions } from './ceiling-vendor.ts';

interface Case {
  method: string;
  mailboxes: number;
  /** Chosen so that a window lasts long against the latency, and one process can send what is asked of it. */
  scale: number;
  /** Real milliseconds each way; their difference is the jitter that the limits have to bear. */
  latencyMs: VendorOptions['latencyMs'];
}

const CASES: Readonly<Record<string, Case>> = {
  'gmail-1': { method: 'gmail.messages.import', mailboxes: 1, scale: 10, latencyMs: { least: 5, most: 15 } },
  'gmail-200': {
    ...{ method: 'gmail.messages.import', mailboxes: 200, scale: 1 },
    latencyMs: { least: 20, most: 60 },
  },
  'calendar-1': {
    method: 'calendar.events.import',
    mailboxes: 1,
    scale: 10,
    latencyMs: { least: 3, most: 10 },
  },
  'calendar-200': {
    ...{ method: 'calendar.events.import', mailboxes: 200, scale: 5 },
    latencyMs: { least: 8, most: 30 },
  },
  'graph-1': { method: 'messages.mime', mailboxes: 1, scale: 12, latencyMs: { least: 1, most: 3 } },
};
const MODES = ['fixed', 'sliding'] as const;
/** Requests that each mailbox has waiting, more than may be in flight. */
const EAGER = 5;

const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '5' },
    only: { type: 'string' },
    modes: { type: 'string', default: MODES.join(',') },
  },
});
const windows = Number(values.windows);
const modes = values.modes.split(',');
const names = values.only?.split(',') ?? Object.keys(CASES);
if (!Number.isInteger(windows) || windows < 1 || names.some((name) => CASES[name] === undefined)) {
  console.error(
    `allowed: --windows with a whole number, --only with some of ${Object.keys(CASES).join(',')}`,
  );
  process.exit(2);
}
const stopping = new AbortController();
process.once('SIGINT', () => stopping.abort());
process.once('SIGTERM', () => stopping.abort());

const results: Record<string, Awaited<ReturnType<typeof measure>>> = {};
for (const name of names) {
  const one = CASES[name];
  if (one === undefined) continue;
  for (const mode of MODES.filter((each) => modes.includes(each))) {
    const result = await measure(one, mode);
    results[`${name}-${mode}`] = result;
    console.error(`${name} ${mode}: ${JSON.stringify(result)}`);
  }
}
const all = Object.values(results);
console.log(
  JSON.stringify({
    bench: 'ceiling',
    leastRatio: Math.min(...all.map(({ ratio }) => ratio)),
    mostThrottledShare: Math.max(...all.map(({ throttledShare }) => throttledShare)),
    retryAfterViolations: all.reduce((sum, one) => sum + one.retryAfterViolations, 0),
    mostInFlightPerMailbox: Math.max(...all.map(({ mostInFlight }) => mostInFlight)),
    windows,
    cases: results,
    node: process.version,
  }),
);

/** One case against one kind of windows: what is accepted between the end of the first window and the last. */
async function measure(one: Case, mode: VendorOptions['mode']) {
  const { limits, rateOf, vendorOptions } = describe(one, mode);
  const { child, origin } = await startVendor(vendorOptions);
  try {
    const clock = systemClock(one.scale);
    const transport = createTransport({ ...limits, origins: [origin], clock, log: silent });
    const end = new AbortController();
    const signal = AbortSignal.any([end.signal, stopping.signal]);
    const work = sendAll(transport, one, origin, signal);
    await clock.wait(rateOf.windowMs, stopping.signal);
    const before = await readCounts(origin);
    const startedAt = clock.ticks();
    await clock.wait(windows * rateOf.windowMs, stopping.signal);
    const after = await readCounts(origin);
    const elapsedMs = clock.ticks() - startedAt;
    end.abort();
    await work;
    return summarize(before, after, (rateOf.requests * elapsedMs) / rateOf.windowMs, transport, one, clock);
  } finally {
    child.disconnect();
  }
}

function summarize(
  before: VendorCounts,
  after: VendorCounts,
  theoretical: number,
  { meter }: Transport,
  { mailboxes, latencyMs }: Case,
  { scale }: Clock,
) {
  const accepted = after.accepted - before.accepted;
  const throttled = after.throttled - before.throttled;
  return {
    ratio: rounded(accepted / theoretical),
    throttledShare: rounded(throttled / Math.max(1, accepted + throttled)),
    retryAfterViolations: Math.max(after.retryAfterViolations, meter.retryAfterViolations),
    mostInFlight: after.mostInFlight,
    accepted,
    mailboxes,
    scale,
    latencyMs,
  };
}

/** What the documentation allows: the narrower of all mailboxes' quotas together and the quota they share. */
function describe({ method, mailboxes, scale, latencyMs }: Case, mode: VendorOptions['mode']) {
  const isGraph = method.startsWith('messages.');
  const table: LimitTable = isGraph ? graphLimits : googleLimits();
  const costs = table.methods.find((row) => row.method === method)?.costs ?? [];
  const rows = costs.map(({ bucket }, index) => {
    const { rate } = table.buckets.find((row) => row.bucket === bucket) ?? { rate: null };
    const windowMs = rate?.windowMs ?? 60_000;
    return { bucket, units: rate?.units ?? null, windowMs, concurrency: index === 0 ? 4 : null };
  });
  const windowMs = rows[0]?.windowMs ?? 60_000;
  const allowed = rows.map((row, index) => {
    const units = ((row.units ?? 0) * windowMs) / row.windowMs;
    return (units / (costs[index]?.units ?? 1)) * (index === 0 ? mailboxes : 1);
  });
  const vendorOptions: VendorOptions = { rows, costs: [...costs], mode, scale, latencyMs };
  const classify = isGraph ? classifyGraph : createClassifier(systemClock(scale));
  const limits: Pick<TransportOptions, 'limits' | 'classify'> = { limits: table, classify };
  return { limits, vendorOptions, rateOf: { requests: Math.min(...allowed), windowMs } };
}

async function startVendor(options: VendorOptions): Promise<{ child: ChildProcess; origin: string }> {
  const child = fork(fileURLToPath(new URL('./ceiling-vendor.ts', import.meta.url)));
  child.send(options);
  const [port] = await once(child, 'message');
  return { child, origin: `http://127.0.0.1:${port}` };
}

async function readCounts(origin: string): Promise<VendorCounts> {
  const answer = await fetch(`${origin}/counts`);
  return (await answer.json()) as VendorCounts;
}

/** Keeps every mailbox eager until the signal aborts. */
async function sendAll(transport: Transport, one: Case, origin: string, signal: AbortSignal): Promise<void> {
  const lanes = Array.from({ length: one.mailboxes * EAGER }, async (_, index) => {
    const mailbox = `mailbox-${index % one.mailboxes}`;
    const keys = { ...bucketKeys(one.method, mailbox), 'graph:mailbox': mailbox, 'graph:app': 'bench' };
    // One signal each, as every job has one: a signal with a thousand listeners is slow to take another.
    const own = AbortSignal.any([signal]);
    while (!signal.aborted) {
      await transport
        .run(
          { method: one.method, keys },
          async (wire) => {
            const answer = await wire.fetch(`${origin}/${mailbox}`, { method: 'POST' });
            await answer.arrayBuffer();
          },
          own,
        )
        .catch(() => undefined);
    }
  });
  await Promise.all(lanes);
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
