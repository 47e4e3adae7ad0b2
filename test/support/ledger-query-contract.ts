import { beforeEach, describe, expect, it } from 'vitest';
import type { EstateEntry, Ledger, ListedItem, Settlement } from '../../src/core/ports.ts';
import type { Outcome, Receipt } from '../../src/core/types.ts';
import { job, page, sourceItem } from './jobs.ts';

const RECEIPT: Receipt = { targetId: 't1', wrote: { labelIds: ['L1'] } };
const ANN = job();

/** What every ledger answers, whatever it is kept in; part of `ledgerContract`. */
export function ledgerQueryContract(ledger: () => Ledger): void {
  const settle = (key: string, outcome: Outcome, facts: Partial<Settlement> = {}) =>
    ledger().settle(ANN, [
      { key, version: `${key}@1`, outcome, reason: null, receipt: null, losses: [], ...facts },
    ]);
  const list = (...items: ReturnType<typeof sourceItem>[]) => ledger().commitPage(ANN, page(items));

  describe('plan queries', () => {
    beforeEach(async () => {
      const messages = [3, 1, 2, 2].map((order, n) => sourceItem(`m${n}`, { order, identity: 'same@x' }));
      const folders = [1, 0].map((rank) => sourceItem(`folder:${rank}`, { rank }));
      await list(...messages, ...folders);
    });

    const keys = (items: readonly ListedItem[]) => items.map(({ key }) => key);

    it('give open rows in order, page by page, either way', async () => {
      const first = await ledger().open(ANN, 100, null, 2, false);
      const second = await ledger().open(ANN, 100, first.at(-1)!, 2, false);
      const third = await ledger().open(ANN, 100, second.at(-1)!, 2, false);
      const newest = await ledger().open(ANN, 100, null, 3, true);
      const oldest = await ledger().open(ANN, 100, newest.at(-1)!, 3, true);

      expect(keys(first)).toEqual(['m1', 'm2']);
      expect(keys(second)).toEqual(['m3', 'm0']);
      expect(third).toEqual([]);
      expect(keys(newest)).toEqual(['m0', 'm3', 'm2']);
      expect(keys(oldest)).toEqual(['m1']);
    });

    it('count begun rows as open and settled ones not', async () => {
      await ledger().begin(ANN, ['m0'], 1);
      await settle('m1', 'written');
      await settle('folder:0', 'written');

      expect(keys(await ledger().open(ANN, 100, null, 9, false))).toEqual(['m2', 'm3', 'm0']);
      expect(await ledger().openRanks(ANN)).toEqual([1, 100]);
    });

    it('give containers whatever their status, except gone ones', async () => {
      await list(sourceItem('folder:x', { rank: 0 }));
      await settle('folder:0', 'excluded');
      await settle('folder:x', 'gone');

      expect(keys(await ledger().containers(ANN, 100))).toEqual(['folder:0', 'folder:1']);
    });

    it('give the items under one identity, gone ones on request', async () => {
      await ledger().commitPage(ANN, page([], { removed: [{ key: 'm1', container: 'inbox' }] }));

      expect(keys(await ledger().byIdentity(ANN, 'same@x'))).toEqual(['m2', 'm3', 'm0']);
      expect(keys(await ledger().byIdentity(ANN, 'same@x', true))).toEqual(['m1', 'm2', 'm3', 'm0']);
      expect(await ledger().byIdentity(ANN, 'other@x')).toEqual([]);
    });
  });

  describe('reports', () => {
    it('count by status and reason, with the bytes of what is written', async () => {
      await list(...['m1', 'm2', 'm3', 'm4', 'm5'].map((key) => sourceItem(key, { bytes: 10 })));
      await settle('m1', 'written');
      await settle('m2', 'excluded', { reason: 'junk' });
      await settle('m3', 'excluded', { reason: 'junk' });
      await settle('m4', 'gone');

      const [progress] = await ledger().progress({ organisation: 'regulator', wave: 'pilot' });

      expect(progress).toMatchObject({
        job: ANN.id,
        workload: 'mail',
        organisation: 'regulator',
        wave: 'pilot',
        source: 'ann@old.example',
        target: 'ann@new.example',
        counts: { written: 1, excluded: 2, gone: 1, listed: 1 },
        bytes: 10,
      });
      expect(progress!.reasons).toHaveLength(2);
      expect(progress!.reasons).toContainEqual({ outcome: 'excluded', reason: 'junk', count: 2 });
      expect(progress!.reasons).toContainEqual({ outcome: 'gone', reason: 'removed-at-source', count: 1 });
    });

    it('leave out jobs that the filter does not name, and name jobs without items', async () => {
      expect(await ledger().progress({ wave: 'other' })).toEqual([]);
      expect(await ledger().progress({ job: 'mail:regulator:bob@old.example' })).toEqual([]);
      expect(await ledger().progress({ job: ANN.id })).toMatchObject([{ job: ANN.id }]);
      expect(await ledger().progress()).toMatchObject([{ job: ANN.id, counts: {}, bytes: 0, reasons: [] }]);
    });

    it('count losses of settled items by workload, field, kind and reason', async () => {
      const loss = { field: 'body', kind: 'changed', reason: 'limit-225' } as const;
      await list(sourceItem('m1'), sourceItem('m2'), sourceItem('m3'));
      for (const key of ['m1', 'm2', 'm3']) await settle(key, 'written', { losses: [loss] });

      await list(sourceItem('m3', { version: 'm3@2' }));

      expect(await ledger().losses()).toEqual([{ workload: 'mail', loss, count: 2 }]);
    });

    it('claim an outcome for every item', async () => {
      const loss = { field: 'flag', kind: 'dropped', reason: 'no-equivalent' } as const;
      await list(sourceItem('m1', { identity: 'id@x' }), sourceItem('m2'));
      await settle('m1', 'written', { receipt: RECEIPT, losses: [loss] });

      expect(await collect(ledger().claims(ANN))).toEqual([
        {
          key: 'm1',
          container: 'inbox',
          identity: 'id@x',
          status: 'written',
          reason: null,
          targetId: 't1',
          losses: [loss],
        },
        {
          key: 'm2',
          container: 'inbox',
          identity: null,
          status: 'listed',
          reason: null,
          targetId: null,
          losses: [],
        },
      ]);
    });
  });

  describe('notes and estates', () => {
    it('keep the last value of a name', async () => {
      await ledger().note('run', { at: 1 });
      await ledger().note('run', { at: 2 });

      expect(await ledger().readNote('run')).toEqual({ at: 2 });
      expect(await ledger().readNote('other')).toBeNull();
    });

    it('replace the estate of one organisation as a whole', async () => {
      const entry = (kind: string, id: string): EstateEntry => ({ kind, id, value: { id } });
      await ledger().saveEstate('one', [entry('user', '1'), entry('user', '2'), entry('group', '3')]);
      await ledger().saveEstate('two', [entry('user', '9')]);

      await ledger().saveEstate('one', [entry('user', '2'), entry('room', '4')]);

      const ids = async (name: string, kind?: string) =>
        (await collect(ledger().estate(name, kind))).map(({ id }) => id);
      expect(await ids('one')).toEqual(['4', '2']);
      expect(await ids('one', 'user')).toEqual(['2']);
      expect(await ids('two')).toEqual(['9']);
    });

    it('leave the earlier estate whole when a discovery breaks off', async () => {
      const users = Array.from({ length: 1201 }, (_, n) => ({ kind: 'user', id: `u${n}`, value: { n } }));
      await ledger().saveEstate('one', users);
      function* broken(): Iterable<EstateEntry> {
        yield* users.slice(0, 700);
        throw new Error('broke off');
      }

      const saving = ledger().saveEstate('one', broken());

      await expect(saving).rejects.toThrow('broke off');
      expect((await collect(ledger().estate('one'))).length).toBe(1201);
    });
  });
}

async function collect<T>(all: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of all) found.push(each);
  return found;
}
