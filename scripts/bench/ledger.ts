/**
 * Measures the ledger with many settled messages: `node scripts/bench/ledger.ts [--items 1000000] [--mailboxes 20]`.
 * Prints one line of JSON: bytes per settled message (file after closing), how long opening and the questions of
 * `ferry status` take, how long a start takes until its first new request can go out, and how fast rows were written.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/core/clock.ts';
import type { Ledger, ListedItem } from '../../src/core/ports.ts';
import { type Job, jobId, type Organisation, type Principal, type SourceItem } from '../../src/core/types.ts';
import { checkLedger } from '../../src/ledger/checks.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { folderOf, messageItem, settlementOf } from './ledger-mailbox.ts';

const FOLDERS = 12;
const A_BATCH = 1_000;
const CONTAINER_RANK = 100;
const clock = systemClock();

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    mailboxes: { type: 'string', default: '20' },
    check: { type: 'boolean', default: false },
  },
});
const perMailbox = Math.ceil(Number(values.items) / Number(values.mailboxes));
const jobs = Array.from({ length: Number(values.mailboxes) }, (_, n) => jobOf(`person-${n}`));
const dir = mkdtempSync(join(tmpdir(), 'ferry-bench-ledger-'));
const path = join(dir, 'ledger.db');
try {
  const built = await build();
  const status = await timed(askStatus);
  const start = await timed(startPass);
  const check = values.check ? await timed(async () => checkLedger(path)) : null;
  console.log(
    JSON.stringify({
      bench: 'ledger',
      items: jobs.length * perMailbox,
      bytesPerItem: round(fileBytes() / (jobs.length * perMailbox)),
      statusMs: round(status.ms),
      firstRequestMs: round(start.ms),
      ...built,
      ...(check === null ? {} : { checkMs: round(check.ms), faults: check.value.faults.length }),
    }),
  );
} finally {
  rmSync(dir, { recursive: true });
}

function jobOf(mailbox: string): Job {
  const principal: Principal = {
    kind: 'person',
    id: mailbox,
    source: `${mailbox}@old.example`,
    target: `${mailbox}@new.example`,
    organisation: 'bench',
    wave: 'bench',
  };
  return { id: jobId('mail', principal), principal, workload: 'mail', organisation: {} as Organisation };
}

/** Every mailbox as passes leave it: listed folder by folder, then begun and settled oldest first. */
async function build(): Promise<{ listMicros: number; beginMicros: number; settleMicros: number }> {
  const ledger = openLedger({ path, clock, grouping: { gatherMs: 0, most: 1 } });
  const spent = { list: 0, begin: 0, settle: 0 };
  for (const [position, job] of jobs.entries()) {
    const mailbox = job.principal.id;
    const items = Array.from({ length: perMailbox }, (_, n) => messageItem(mailbox, n, 'shared'));
    spent.list += (await timed(() => list(ledger, job, items))).ms;
    for (let from = 0; from < items.length; from += A_BATCH) {
      const some = items.slice(from, from + A_BATCH);
      const keys = some.map(({ key }) => key);
      const settlements = some.map((item, n) => settlementOf(item, from + n));
      spent.begin += (await timed(() => ledger.begin(job, keys, clock.now()))).ms;
      spent.settle += (await timed(() => ledger.settle(job, settlements))).ms;
    }
    console.error(`${position + 1} of ${jobs.length} mailboxes settled`);
  }
  await ledger.close();
  const micros = (ms: number) => round((ms * 1_000) / (jobs.length * perMailbox));
  return {
    listMicros: micros(spent.list),
    beginMicros: micros(spent.begin),
    settleMicros: micros(spent.settle),
  };
}

async function list(ledger: Ledger, job: Job, items: readonly SourceItem[]): Promise<void> {
  await ledger.openJob(job);
  const folders = Array.from({ length: FOLDERS }, (_, n) => folderItem(job.principal.id, n));
  const facts = { removed: [], cursor: 'c', mode: 'full', first: true, last: true } as const;
  await ledger.commitPage(job, { ...facts, stream: 'folders', items: folders });
  const receipt = { targetId: 'Label_1', wrote: { id: 'Label_1', name: 'Inbox', system: [] } };
  const losses = [] as const;
  await ledger.settle(
    job,
    folders.map(({ key, version }) => ({ key, version, outcome: 'written', reason: null, receipt, losses })),
  );
  for (const [container, own] of Map.groupBy(items, (item) => item.container)) {
    for (let from = 0; from < own.length; from += A_BATCH) {
      const place = { stream: `folder:${container}`, first: from === 0, last: from + A_BATCH >= own.length };
      await ledger.commitPage(job, { ...facts, ...place, items: own.slice(from, from + A_BATCH) });
    }
  }
}

function folderItem(mailbox: string, n: number): SourceItem {
  const id = folderOf(mailbox, n, 'shared');
  const facts = { container: '', identity: null, rank: 0, after: null, order: 0, inline: null, bytes: null };
  return {
    ...facts,
    key: `folder:${id}`,
    version: 'f1',
    state: { kind: 'folder', id, displayName: `Folder ${n}` },
  };
}

/** What `ferry status` asks, from opening to closing. */
async function askStatus(): Promise<void> {
  const ledger = openLedger({ path, clock, readOnly: true });
  await ledger.progress();
  await ledger.losses();
  await ledger.close();
}

/** What a pass asks until its first new request can go out: all jobs are read, one has a new message. */
async function startPass(): Promise<ListedItem | undefined> {
  const ledger = openLedger({ path, clock });
  let first: ListedItem | undefined;
  for (const job of jobs) {
    await ledger.openJob(job);
    const cursors = await ledger.cursors(job);
    const [stream = 'folders'] = cursors.keys();
    const isLast = job === jobs.at(-1);
    const fresh = isLast ? [messageItem(job.principal.id, perMailbox, 'shared')] : [];
    const facts = { removed: [], cursor: 'd', mode: 'delta', first: false, last: true } as const;
    await ledger.commitPage(job, { ...facts, stream, items: fresh });
    const ranks = await ledger.openRanks(job);
    await ledger.containers(job, CONTAINER_RANK);
    for (const rank of ranks) {
      [first] = await ledger.open(job, rank, null, 200, false);
      if (first?.identity) await ledger.byIdentity(job, first.identity, true);
      if (first?.after) await ledger.item(job, first.after);
      if (first) await ledger.begin(job, [first.key], clock.now());
    }
    await ledger.progress({ job: job.id });
  }
  await ledger.close();
  if (first === undefined) throw new Error('the new message was not among the open ones');
  return first;
}

function fileBytes(): number {
  return readdirSync(dir).reduce((sum, file) => sum + statSync(join(dir, file)).size, 0);
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const started = performance.now();
  const value = await work();
  return { ms: performance.now() - started, value };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
