import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ledger, ListedItem, Settlement } from '../../src/core/ports.ts';
import type { Outcome, Receipt } from '../../src/core/types.ts';
import { job, page, sourceItem } from './jobs.ts';
import { ledgerQueryContract } from './ledger-query-contract.ts';

const RECEIPT: Receipt = { targetId: 't1', wrote: { labelIds: ['L1'] } };
const ANN = job();

/** What every ledger does, whatever it is kept in. */
export function ledgerContract(name: string, open: () => Promise<Ledger>): void {
  describe(`${name} as a ledger`, () => {
    let ledger: Ledger;

    beforeEach(async () => {
      ledger = await open();
      await ledger.openJob(ANN);
    });

    afterEach(() => ledger.close());

    const read = async (key: string): Promise<ListedItem> => (await ledger.item(ANN, key))!;
    const settle = (key: string, outcome: Outcome, facts: Partial<Settlement> = {}) =>
      ledger.settle(ANN, [
        { key, version: `${key}@1`, outcome, reason: null, receipt: null, losses: [], ...facts },
      ]);
    const list = (...items: ReturnType<typeof sourceItem>[]) => ledger.commitPage(ANN, page(items));

    describe('pages', () => {
      it('keeps every fact of an item and the cursor of its stream', async () => {
        const item = sourceItem('m1', {
          identity: 'id1@x',
          order: 5,
          after: 'folder:inbox',
          state: { isRead: true, categories: ['a', null] },
          inline: { deep: [1, 'two'] },
          bytes: 77,
        });

        await ledger.commitPage(ANN, page([item], { cursor: 'after-m1' }));

        expect(await read('m1')).toEqual({
          ...item,
          status: 'listed',
          settledVersion: null,
          receipt: null,
          begunAt: null,
          begunVersion: null,
          attempts: 0,
          reason: null,
          fingerprint: null,
        });
        expect(await ledger.cursors(ANN)).toEqual(new Map([['folder:inbox', 'after-m1']]));
      });

      it('keeps jobs apart that hold the same keys', async () => {
        const bob = job('mail', 'bob');
        await ledger.openJob(bob);
        await list(sourceItem('m1'));

        expect(await ledger.item(bob, 'm1')).toBeNull();
        expect(await ledger.cursors(bob)).toEqual(new Map());
      });

      it('changes nothing when a page is repeated after a crash', async () => {
        const again = page([sourceItem('m1', { inline: { a: 1 } })], {
          removed: [{ key: 'm2', container: 'inbox' }],
        });
        await list(sourceItem('m1'), sourceItem('m2'), sourceItem('m3'));
        await settle('m3', 'written', { receipt: RECEIPT });
        await ledger.commitPage(ANN, again);
        const before = await Promise.all(['m1', 'm2', 'm3'].map(read));

        await ledger.commitPage(ANN, again);

        expect(await Promise.all(['m1', 'm2', 'm3'].map(read))).toEqual(before);
      });

      it.each<Outcome>(['written', 'merged', 'excluded', 'unsupported', 'too-large', 'failed'])(
        'keeps an unchanged item %s',
        async (outcome) => {
          await list(sourceItem('m1'));
          await settle('m1', outcome, { reason: 'why' });

          await list(sourceItem('m1'));

          expect(await read('m1')).toMatchObject({ status: outcome, settledVersion: 'm1@1', reason: 'why' });
        },
      );

      it('lists a changed item again and keeps its receipt', async () => {
        await list(sourceItem('m1'));
        await settle('m1', 'written', { receipt: RECEIPT });

        await list(sourceItem('m1', { version: 'm1@2', container: 'archive' }));

        expect(await read('m1')).toMatchObject({
          status: 'listed',
          version: 'm1@2',
          container: 'archive',
          settledVersion: 'm1@1',
          receipt: RECEIPT,
        });
      });

      it('takes an item that changed back as settled', async () => {
        await list(sourceItem('m1'));
        await settle('m1', 'merged', { receipt: RECEIPT });
        await list(sourceItem('m1', { version: 'm1@2' }));

        await list(sourceItem('m1'));

        expect((await read('m1')).status).toBe('merged');
      });

      it('keeps a begin mark over changes, removal and return', async () => {
        await list(sourceItem('m1'));
        await ledger.begin(ANN, ['m1'], 1234.5);

        await list(sourceItem('m1', { version: 'm1@2' }));
        const changed = await read('m1');
        await ledger.commitPage(ANN, page([], { removed: [{ key: 'm1', container: 'inbox' }] }));
        const removed = await read('m1');
        await list(sourceItem('m1', { version: 'm1@3' }));
        const back = await read('m1');

        const mark = { begunAt: 1234.5, begunVersion: 'm1@1' };
        expect(changed).toMatchObject({ status: 'begun', version: 'm1@2', ...mark });
        expect(removed).toMatchObject({ status: 'gone', ...mark });
        expect(back).toMatchObject({ status: 'begun', version: 'm1@3', ...mark });
      });

      it('believes a removal only while the item lies in the container that tells it', async () => {
        await list(sourceItem('m1'), sourceItem('m2', { container: 'archive' }));
        await settle('m1', 'written', { receipt: RECEIPT });

        const removed = ['m1', 'm2', 'm3'].map((key) => ({ key, container: 'inbox' }));
        await ledger.commitPage(ANN, page([], { removed }));

        expect(await read('m1')).toMatchObject({ status: 'gone', receipt: RECEIPT });
        expect((await read('m2')).status).toBe('listed');
      });

      it('shows a key where it is now when one page removes and lists it', async () => {
        await list(sourceItem('m1'));

        const moved = page([sourceItem('m1', { version: 'm1@2' })], {
          removed: [{ key: 'm1', container: 'inbox' }],
        });
        await ledger.commitPage(ANN, moved);

        expect((await read('m1')).status).toBe('listed');
      });

      it('returns what came back unchanged to what it was settled as', async () => {
        await list(sourceItem('m1'), sourceItem('m2'));
        await settle('m1', 'excluded', { reason: 'junk' });
        const removed = ['m1', 'm2'].map((key) => ({ key, container: 'inbox' }));
        await ledger.commitPage(ANN, page([], { removed }));

        await list(sourceItem('m1'), sourceItem('m2'));

        expect((await read('m1')).status).toBe('excluded');
        expect((await read('m2')).status).toBe('listed');
      });
    });

    describe('full readings', () => {
      const full = (items: ReturnType<typeof sourceItem>[], facts: object = {}) =>
        ledger.commitPage(ANN, page(items, { mode: 'full', first: true, last: true, ...facts }));

      it('calls gone what a full reading does not show by its last page', async () => {
        await full([sourceItem('m1'), sourceItem('m2'), sourceItem('m3')]);

        await full([sourceItem('m1')], { last: false });
        const midway = (await read('m2')).status;
        await full([sourceItem('m3')], { first: false });

        expect(midway).toBe('listed');
        expect((await read('m1')).status).toBe('listed');
        expect((await read('m2')).status).toBe('gone');
        expect((await read('m3')).status).toBe('listed');
      });

      it('leaves other streams alone, and what moved into one', async () => {
        await full([sourceItem('m1'), sourceItem('m2')]);
        await full([sourceItem('m3', { container: 'archive' })], { stream: 'folder:archive' });
        const moved = sourceItem('m2', { container: 'archive', version: 'm2@2' });
        await ledger.commitPage(ANN, page([moved], { stream: 'folder:archive' }));

        await full([sourceItem('m1')]);

        expect((await read('m2')).status).toBe('listed');
        expect((await read('m3')).status).toBe('listed');
      });

      it('calls nothing gone at the last page of a delta', async () => {
        await full([sourceItem('m1')]);

        await ledger.commitPage(ANN, page([]));

        expect((await read('m1')).status).toBe('listed');
      });

      it('may start over in the middle', async () => {
        await full([sourceItem('m1'), sourceItem('m2')]);
        await full([sourceItem('m1')], { last: false });

        await full([sourceItem('m2')], { last: false });
        await full([sourceItem('m1')], { first: false });

        expect((await read('m1')).status).toBe('listed');
        expect((await read('m2')).status).toBe('listed');
      });
    });

    describe('derived rows', () => {
      it('are replaced as a whole', async () => {
        const rows = ['a', 'b', 'c'].map((key) => sourceItem(key, { inline: { action: key } }));
        await ledger.commitDerived(ANN, rows);
        for (const key of ['a', 'b', 'c']) await settle(key, 'written', { receipt: RECEIPT });

        const changed = sourceItem('b', { version: 'b@2', inline: { action: 'b2' } });
        await ledger.commitDerived(ANN, [rows[0]!, changed, sourceItem('d')]);

        expect((await read('a')).status).toBe('written');
        expect(await read('b')).toMatchObject({
          status: 'listed',
          inline: { action: 'b2' },
          receipt: RECEIPT,
        });
        expect((await read('c')).status).toBe('gone');
        expect((await read('d')).status).toBe('listed');
        expect(await ledger.cursors(ANN)).toEqual(new Map());
      });
    });

    describe('begin and settle', () => {
      it('counts attempts and marks the version that was begun', async () => {
        await list(sourceItem('m1'));

        await ledger.begin(ANN, ['m1'], 1);
        await ledger.begin(ANN, ['m1'], 2);

        expect(await read('m1')).toMatchObject({
          status: 'begun',
          begunAt: 2,
          begunVersion: 'm1@1',
          attempts: 2,
        });
      });

      it('takes the mark and the inline resource away with the outcome', async () => {
        await list(sourceItem('m1', { inline: { secret: 1 } }));
        await ledger.begin(ANN, ['m1'], 1);

        await settle('m1', 'written', { receipt: RECEIPT });

        expect(await read('m1')).toMatchObject({
          status: 'written',
          begunAt: null,
          begunVersion: null,
          inline: null,
          receipt: RECEIPT,
          settledVersion: 'm1@1',
        });
      });

      it('stores the new inline resource of a changed item, and none of an unchanged one', async () => {
        const items = [sourceItem('m1', { inline: { v: 1 } }), sourceItem('m2', { inline: { v: 1 } })];
        await list(...items);
        await settle('m1', 'written');
        await settle('m2', 'written');

        await list(items[0]!, sourceItem('m2', { version: 'm2@2', inline: { v: 2 } }));

        expect((await read('m1')).inline).toBeNull();
        expect((await read('m2')).inline).toEqual({ v: 2 });
      });

      it.each<Outcome>(['excluded', 'unsupported', 'too-large'])(
        'leaves the mark standing under an outcome that does not answer it: %s',
        async (outcome) => {
          await list(sourceItem('m1'));
          await ledger.begin(ANN, ['m1'], 7);
          await settle('m1', outcome, { reason: 'rule' });

          await list(sourceItem('m1'));
          const unchanged = await read('m1');
          await list(sourceItem('m1', { version: 'm1@2' }));
          const changed = await read('m1');

          expect(unchanged).toMatchObject({ status: outcome, begunAt: 7 });
          expect(changed).toMatchObject({ status: 'begun', begunAt: 7, begunVersion: 'm1@1' });
        },
      );

      it('takes the mark away with a definite refusal', async () => {
        await list(sourceItem('m1'));
        await ledger.begin(ANN, ['m1'], 7);

        await settle('m1', 'failed', { reason: 'invalid' });

        expect(await read('m1')).toMatchObject({ status: 'failed', begunAt: null, begunVersion: null });
      });

      it('never erases a receipt', async () => {
        await list(sourceItem('m1'));
        await settle('m1', 'written', { receipt: RECEIPT });

        await settle('m1', 'excluded', { reason: 'junk' });

        expect(await read('m1')).toMatchObject({ status: 'excluded', receipt: RECEIPT });
      });

      it('leaves an item open that was listed at another version meanwhile', async () => {
        await list(sourceItem('m1'));
        await ledger.begin(ANN, ['m1'], 1);
        await list(sourceItem('m1', { version: 'm1@2', inline: { v: 2 } }));

        await settle('m1', 'written', { receipt: RECEIPT });

        expect(await read('m1')).toMatchObject({
          status: 'listed',
          version: 'm1@2',
          settledVersion: 'm1@1',
          begunAt: null,
          receipt: RECEIPT,
          inline: { v: 2 },
        });
      });

      it('leaves an item gone that went meanwhile, with the receipt', async () => {
        await list(sourceItem('m1'));
        await ledger.commitPage(ANN, page([], { removed: [{ key: 'm1', container: 'inbox' }] }));

        await settle('m1', 'written', { receipt: RECEIPT });

        expect(await read('m1')).toMatchObject({ status: 'gone', receipt: RECEIPT });
      });

      it('looks again at an item that was settled as gone and shows up unchanged', async () => {
        await list(sourceItem('m1'), sourceItem('m2'));
        await settle('m1', 'written', { receipt: RECEIPT });
        await settle('m1', 'gone');
        await settle('m2', 'gone');

        await list(sourceItem('m1'), sourceItem('m2'));

        expect((await read('m1')).status).toBe('written');
        expect((await read('m2')).status).toBe('listed');
      });

      it('keeps fingerprints over changes', async () => {
        await list(sourceItem('m1'));
        await ledger.fingerprint(ANN, 'm1', '0:abc');

        await list(sourceItem('m1', { version: 'm1@2' }));

        expect((await read('m1')).fingerprint).toBe('0:abc');
      });

      it('keeps a failed item failed until it is retried, whatever lists it', async () => {
        await list(sourceItem('m1'), sourceItem('m2'));
        await settle('m1', 'failed', { reason: 'invalidArgument' });
        await settle('m2', 'excluded', { reason: 'junk' });
        await list(sourceItem('m1'));

        const retried = await ledger.retry(ANN);
        await list(sourceItem('m1'));

        expect(retried).toBe(1);
        expect(await read('m1')).toMatchObject({ status: 'listed', reason: null });
        expect((await read('m2')).status).toBe('excluded');
      });
    });

    ledgerQueryContract(() => ledger);
  });
}
