import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Config } from '../../src/core/errors.ts';
import { checkLedger } from '../../src/ledger/checks.ts';
import { GroupedCommits } from '../../src/ledger/commits.ts';
import { openDatabase } from '../../src/ledger/database.ts';
import { openLedger, SqliteLedger } from '../../src/ledger/ledger.ts';
import { job, page, sourceItem } from '../support/jobs.ts';

const ANN = job();
const clock = systemClock();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
  path = join(folder, '.ferry', 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
}

describe('a ledger file', () => {
  it('holds after closing what was committed', async () => {
    const before = openLedger({ path, clock });
    await before.openJob(ANN);
    await before.commitPage(ANN, page([sourceItem('m1')], { cursor: 'c7' }));
    await before.close();

    const after = openLedger({ path, clock });

    expect(await after.item(ANN, 'm1')).toMatchObject({ status: 'listed' });
    expect(await after.cursors(ANN)).toEqual(new Map([['folder:inbox', 'c7']]));
    await after.close();
  });

  it('is readable by its owner alone, with everything beside it', async () => {
    const ledger = openLedger({ path, clock });
    await ledger.openJob(ANN);

    const files = readdirSync(join(folder, '.ferry'));
    const modes = files.map((file) => statSync(join(folder, '.ferry', file)).mode & 0o777);

    expect(files).toContain('ledger.db-wal');
    expect(new Set(modes)).toEqual(new Set([0o600]));
    await ledger.close();
  });

  it('syncs every commit to a write-ahead log', async () => {
    await openLedger({ path, clock }).close();
    const looker = new DatabaseSync(path);

    expect(looker.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    looker.close();
  });

  it('shares one commit among writes that arrive close together', async () => {
    const ledger = openLedger({ path, clock, grouping: { gatherMs: 5, most: 64 } });
    await ledger.openJob(ANN);
    await ledger.commitPage(ANN, page(Array.from({ length: 40 }, (_, n) => sourceItem(`m${n}`))));
    const before = ledger.commits;

    await Promise.all(Array.from({ length: 40 }, (_, n) => ledger.begin(ANN, [`m${n}`], 1)));

    expect(ledger.commits - before).toBe(1);
    expect((await ledger.open(ANN, 100, null, 99, false)).every(({ status }) => status === 'begun')).toBe(
      true,
    );
    await ledger.close();
  });

  it('refuses a schema that is newer than it knows', async () => {
    await openLedger({ path, clock }).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();

    const failure = failureOf(() => openLedger({ path, clock }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain(join(folder, '.ferry'));
  });
});

describe('a folder in use', () => {
  it('refuses a second ferry and names the folder', async () => {
    const first = openLedger({ path, clock });

    const failure = failureOf(() => openLedger({ path, clock }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain(join(folder, '.ferry'));
    expect((failure as Config).message).toContain('in use by another ferry process');
    await first.close();
    await openLedger({ path, clock }).close();
  });

  it('lets a reader look on, who sees what is committed and writes nothing', async () => {
    const first = openLedger({ path, clock });
    await first.openJob(ANN);
    await first.commitPage(ANN, page([sourceItem('m1')]));

    const reader = openLedger({ path, clock, readOnly: true });
    const seen = await reader.progress();
    const writing = reader.note('a', 1);

    expect(seen).toMatchObject([{ counts: { listed: 1 } }]);
    await expect(writing).rejects.toBeInstanceOf(Config);
    await reader.close();
    await first.close();
  });

  it('lets a reader look on when nobody works', async () => {
    const first = openLedger({ path, clock });
    await first.note('a', 1);
    await first.close();

    const reader = openLedger({ path, clock, readOnly: true });

    expect(await reader.readNote('a')).toBe(1);
    await reader.close();
  });

  it('is free again as soon as its process was killed, with every resolved write', async () => {
    const program = `
      import { openLedger } from ${JSON.stringify(new URL('../../src/ledger/ledger.ts', import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL('../../src/core/clock.ts', import.meta.url).href)};
      const ledger = openLedger({ path: ${JSON.stringify(path)}, clock: systemClock() });
      await ledger.note('alive', true);
      console.log('ready');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const whileAlive = failureOf(() => openLedger({ path, clock }));

    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(whileAlive).toBeInstanceOf(Config);
    const next = openLedger({ path, clock });
    expect(await next.readNote('alive')).toBe(true);
    await next.close();
  });
});

describe('a folder that cannot serve', () => {
  it('is named when it is no folder', () => {
    writeFileSync(join(folder, '.ferry'), 'a file');

    const failure = failureOf(() => openLedger({ path, clock }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain(join(folder, '.ferry'));
  });

  it('is named when the ledger in it is none', async () => {
    const ledger = openLedger({ path, clock });
    await ledger.close();
    writeFileSync(path, 'x'.repeat(8192));

    const failure = failureOf(() => openLedger({ path, clock }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain('is no ledger');
  });

  it('is named when its disk is full, and nothing of the group stands', async () => {
    const database = openDatabase(path, false);
    const ledger = new SqliteLedger(database, new GroupedCommits(database, clock, { gatherMs: 5, most: 64 }));
    await ledger.openJob(ANN);
    database.prepare('PRAGMA max_page_count = 1').get();
    const big = sourceItem('big', { state: { text: 'x'.repeat(200_000) } });

    const writes = await Promise.allSettled([ledger.note('small', 1), ledger.commitPage(ANN, page([big]))]);

    expect(writes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const [first] = writes as PromiseRejectedResult[];
    expect(first!.reason).toBeInstanceOf(Config);
    expect(first!.reason.message).toContain(`${join(folder, '.ferry')} is on a disk that is full`);
    expect(await ledger.readNote('small')).toBeNull();
    expect(await ledger.item(ANN, 'big')).toBeNull();
    await ledger.close();
  });

  it('serves again, with nothing lost, as soon as its disk has room', async () => {
    const database = openDatabase(path, false);
    const ledger = new SqliteLedger(database, new GroupedCommits(database, clock, { gatherMs: 0, most: 64 }));
    const text = (n: number) => sourceItem(`m${n}`, { state: { from: 'a@x', text: 'x y'.repeat(90_000) } });
    await ledger.commitPage(ANN, page([text(1)]));
    const full = Number(database.prepare('PRAGMA page_count').get()!.page_count);
    database.prepare(`PRAGMA max_page_count = ${full}`).get();
    const refused = await Promise.allSettled([ledger.commitPage(ANN, page([text(2), text(3)]))]);
    database.prepare('PRAGMA max_page_count = 100000').get();

    await ledger.commitPage(ANN, page([text(2), text(3)]));
    await ledger.close();

    expect(refused[0]!.status).toBe('rejected');
    expect(checkLedger(path)).toEqual({ items: 3, open: 3, faults: [] });
    const after = openLedger({ path, clock });
    expect((await after.item(ANN, 'm3'))!.state).toEqual(text(3).state);
    await after.close();
  });

  // Permissions do not hold for root.
  it.skipIf(process.getuid?.() === 0)('is named when it cannot be written', async () => {
    await openLedger({ path, clock }).close();
    chmodSync(path, 0o400);
    chmodSync(join(folder, '.ferry'), 0o500);

    const failure = failureOf(() => openLedger({ path, clock }));
    chmodSync(join(folder, '.ferry'), 0o700);

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain(`${join(folder, '.ferry')} cannot be written`);
  });

  it('is named when its ledger is of another version and may not be written, with what to do', async () => {
    await openLedger({ path, clock }).close();
    const older = new DatabaseSync(path);
    older.exec('PRAGMA user_version = 1');
    older.close();

    const failure = failureOf(() => openLedger({ path, clock, readOnly: true }));

    expect(failure).toBeInstanceOf(Config);
    expect((failure as Config).message).toContain('run `ferry migrate` or `ferry plan` once');
  });
});
