import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Config } from '../../src/core/errors.ts';
import type { Ledger } from '../../src/core/ports.ts';
import { OUTCOMES } from '../../src/core/types.ts';
import { backupLedger } from '../../src/ledger/backups.ts';
import { checkLedger } from '../../src/ledger/checks.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { FastLedger } from '../support/fast-ledger.ts';
import { job, page, sourceItem } from '../support/jobs.ts';

const ANN = job();
const clock = systemClock();
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
  path = join(folder, 'ledger.db');
});

afterEach(() => rmSync(folder, { recursive: true }));

const open = (at = path) => openLedger({ path: at, clock });

async function fill(ledger: Ledger): Promise<void> {
  const items = ['m1', 'm2', 'm3'].map((key) => sourceItem(key, { identity: `${key}@x`, bytes: 10 }));
  await ledger.commitPage(ANN, page(items));
  const receipt = { targetId: 't1', wrote: null };
  await ledger.settle(ANN, [
    { key: 'm1', version: 'm1@1', outcome: 'written', reason: null, receipt, losses: [] },
  ]);
}

/** All that a ledger answers about these few items. */
async function shownBy(ledger: Ledger): Promise<unknown> {
  const keys = ['m1', 'm2', 'm3', 'm4'];
  const progress = await ledger.progress();
  const byName = (one: { reason: string; outcome: string }, other: typeof one) =>
    `${one.outcome} ${one.reason}` < `${other.outcome} ${other.reason}` ? -1 : 1;
  return {
    items: await Promise.all(keys.map((key) => ledger.item(ANN, key))),
    identities: await Promise.all(['id@x', 'id@y'].map((id) => ledger.byIdentity(ANN, id, true))),
    ranks: await ledger.openRanks(ANN),
    open: await Promise.all([0, 100].map((rank) => ledger.open(ANN, rank, null, 9, true))),
    containers: await ledger.containers(ANN, 100),
    losses: await ledger.losses(),
    progress: progress.map((each) => ({ ...each, reasons: [...each.reasons].sort(byName) })),
  };
}

/** Changes the file behind the ledger's back. */
function damage(sql: string): void {
  const file = new DatabaseSync(path);
  file.exec(sql);
  file.close();
}

describe('the check of a ledger', () => {
  it('finds a sound one sound, also while another works with it', async () => {
    const ledger = open();
    await fill(ledger);

    expect(checkLedger(path)).toEqual({ items: 3, open: 2, faults: [] });
    await ledger.close();
    expect(checkLedger(path)).toEqual({ items: 3, open: 2, faults: [] });
  });

  it.each([
    ['a lost key', 'DELETE FROM key_hash WHERE item = 2', 'item 2 is not found by its key'],
    ['a lost identity', 'DELETE FROM identity_hash WHERE item = 2', 'item 2 is not found by its identity'],
    [
      'an item that is not among the open ones',
      "DELETE FROM work WHERE key = 'm3'",
      'item 3 is open and not',
    ],
    [
      'a wrong count',
      "UPDATE tally SET count = 7 WHERE status = 'written'",
      'job 1 counts 7 written, there are 1',
    ],
    ['a missing count', "DELETE FROM tally WHERE status = 'written'", 'are not counted'],
    ['a lost item', 'DELETE FROM item WHERE id = 1', 'keys: 3 stand where 2 belong'],
    ['an item in no place', 'UPDATE item SET place = 99 WHERE id = 1', 'item 1 cannot be read'],
    ['cut bytes', "UPDATE item SET facts = x'ff' WHERE id = 1", 'item 1 cannot be read'],
  ])('names %s', async (_name, sql, fault) => {
    const ledger = open();
    await fill(ledger);
    await ledger.close();

    damage(sql);

    expect(checkLedger(path).faults.join('\n')).toContain(fault);
  });

  it('finds nothing after any sequence of writes, and every row is as a ledger of maps has it', async () => {
    const key = fc.constantFrom('m1', 'm2', 'm3', 'm4');
    const item = fc
      .record({
        key,
        version: fc.constantFrom('1', '2', 'a longer version'),
        identity: fc.constantFrom(null, 'id@x', 'id@y'),
        container: fc.constantFrom('inbox', 'archive'),
        rank: fc.constantFrom(0, 100),
        order: fc.nat(3),
        bytes: fc.option(fc.nat(100)),
      })
      .map((facts) => sourceItem(facts.key, facts));
    const loss = { field: 'f', kind: 'dropped', reason: 'r' } as const;
    const settlement = fc.record({
      key,
      version: fc.constantFrom('1', '2'),
      outcome: fc.constantFrom(...OUTCOMES),
      reason: fc.constantFrom(null, 'why'),
      receipt: fc.option(fc.record({ targetId: fc.string({ maxLength: 60 }), wrote: fc.constant(null) })),
      losses: fc.constantFrom([], [loss], [loss, loss]),
    });
    type Write = (ledger: Ledger) => Promise<unknown>;
    const write: fc.Arbitrary<Write> = fc.oneof(
      fc.record({ items: fc.array(item, { maxLength: 4 }), mode: fc.constantFrom('full', 'delta') }).map(
        ({ items, mode }): Write =>
          (to) =>
            to.commitPage(ANN, page(items, { mode, first: true })),
      ),
      key.map(
        (each): Write =>
          (to) =>
            to.begin(ANN, [each], 5),
      ),
      key.map(
        (each): Write =>
          (to) =>
            to.fingerprint(ANN, each, `3:${each.repeat(20)}`),
      ),
      settlement.map(
        (each): Write =>
          (to) =>
            to.settle(ANN, [each]),
      ),
      key.map(
        (each): Write =>
          (to) =>
            to.commitPage(ANN, page([], { removed: [{ key: each, container: 'inbox' }] })),
      ),
      fc.constant<Write>((to) => to.retry(ANN)),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 25 }), async (writes) => {
        runs += 1;
        const at = join(folder, `${runs}.db`);
        const ledger = openLedger({ path: at, clock, grouping: { gatherMs: 0, most: 1 } });
        const maps = new FastLedger();
        for (const to of [ledger, maps]) for (const each of writes) await each(to);
        const [packed, plain] = await Promise.all([ledger, maps].map(shownBy));
        await ledger.close();

        expect(packed).toEqual(plain);

        expect(checkLedger(at).faults).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('the start', () => {
  /** The files as a killed process leaves them. */
  async function cutOff(to: string): Promise<void> {
    const ledger = open();
    await fill(ledger);
    for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${to}${suffix}`);
    await ledger.close();
  }

  it('goes on with what a killed process left', async () => {
    const copy = join(folder, 'copy.db');
    await cutOff(copy);

    const ledger = open(copy);

    expect((await ledger.item(ANN, 'm1'))!.status).toBe('written');
    await ledger.close();
  });

  it('refuses one that does not each time, and names its folder and the check', async () => {
    const ledger = open();
    await fill(ledger);
    await ledger.close();
    damage("UPDATE tally SET count = 9 WHERE status = 'written'");

    for (const _time of [1, 2]) {
      expect(() => open()).toThrow(Config);
      expect(() => open()).toThrow(
        `${folder} does not agree with its own counts: run \`ferry ledger check\``,
      );
    }
  });
});

describe('the copy of a ledger', () => {
  it('holds everything, also when another works with the ledger', async () => {
    const ledger = open();
    await fill(ledger);

    const bytes = backupLedger(path, join(folder, 'copies', 'ledger.db'));
    await ledger.close();

    const copy = join(folder, 'copies', 'ledger.db');
    expect(bytes).toBe(statSync(copy).size);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'copies'))).toEqual(['ledger.db']);
    expect(checkLedger(copy)).toEqual({ items: 3, open: 2, faults: [] });
    const opened = open(copy);
    expect((await opened.item(ANN, 'm1'))!.receipt).toEqual({ targetId: 't1', wrote: null });
    await opened.close();
  });

  it('replaces nothing', async () => {
    await open().close();
    const taken = join(folder, 'taken.db');
    writeFileSync(taken, 'something');

    expect(() => backupLedger(path, taken)).toThrow(Config);
    expect(statSync(taken).size).toBe('something'.length);
  });

  it('leaves nothing where it cannot be written', async () => {
    await open().close();
    writeFileSync(join(folder, 'file'), '');

    expect(() => backupLedger(path, join(folder, 'file', 'copy.db'))).toThrow(Config);
    expect(existsSync(join(folder, 'file', 'copy.db.part'))).toBe(false);
  });
});
