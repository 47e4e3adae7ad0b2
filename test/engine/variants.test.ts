import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListedItem } from '../../src/core/ports.ts';
import { assignVariants, readFingerprint, writeFingerprint } from '../../src/engine/variants.ts';
import { sourceItem } from '../support/jobs.ts';

const RECEIPT = { targetId: 't', wrote: null };

function item(key: string, facts: Partial<ListedItem> = {}): ListedItem {
  return {
    ...sourceItem(key, { order: Number(key.slice(1)) }),
    status: 'listed',
    settledVersion: null,
    receipt: null,
    begunAt: null,
    begunVersion: null,
    attempts: 0,
    reason: null,
    fingerprint: null,
    ...facts,
  };
}

const numbers = (copies: [ListedItem, string][], traces: ListedItem[] = []) =>
  Object.fromEntries(
    assignVariants(
      copies.map(([each, hash]) => ({ item: each, hash })),
      traces,
    ).variants,
  );

describe('fingerprints', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), (variant, hash) => {
        expect(readFingerprint(writeFingerprint({ variant, hash }))).toEqual({ variant, hash });
      }),
    );
  });

  it.each([null, '', 'abc', 'x:1'])('that are none read as none: %s', (text) => {
    expect(readFingerprint(text)).toBeNull();
  });
});

describe('delivery numbers', () => {
  it('follow order and key, one per body', () => {
    expect(
      numbers([
        [item('m3'), 'B'],
        [item('m1'), 'A'],
        [item('m2'), 'B'],
      ]),
    ).toEqual({ m1: 0, m2: 1, m3: 1 });
  });

  it.each([
    ['written', { receipt: RECEIPT }],
    ['begun', { begunAt: 1 }],
  ])('are 0 for what was %s while it was alone', (_name, facts) => {
    expect(
      numbers([
        [item('m1'), 'A'],
        [item('m2', facts), 'B'],
      ]),
    ).toEqual({ m1: 1, m2: 0 });
  });

  it('never change once they are stored', () => {
    const stored = item('m9', { fingerprint: '3:B' });

    expect(
      numbers([
        [item('m1'), 'A'],
        [stored, 'B'],
        [item('m2'), 'B'],
      ]),
    ).toEqual({ m1: 0, m9: 3, m2: 3 });
  });

  it('stay with a body that changed while it was the only one of its delivery', () => {
    const draft = item('m1', { fingerprint: '1:old', receipt: RECEIPT });

    expect(
      numbers([
        [draft, 'new'],
        [item('m2', { fingerprint: '0:A' }), 'A'],
      ]),
    ).toEqual({ m1: 1, m2: 0 });
  });

  it('leave a body that changed while others kept the delivery, with the receipt that is not its own now', () => {
    const changed = item('m1', { fingerprint: '0:old', receipt: RECEIPT });
    const kept = item('m2', { fingerprint: '0:old', receipt: RECEIPT });
    const copies = [
      { item: changed, hash: 'new' },
      { item: kept, hash: 'old' },
    ];

    const { variants, displaced } = assignVariants(copies, []);

    expect(Object.fromEntries(variants)).toEqual({ m1: 1, m2: 0 });
    expect([...displaced]).toEqual(['m1']);
  });

  it('stay taken by what has gone', () => {
    const gone = item('m1', { status: 'gone', receipt: RECEIPT, fingerprint: '0:A' });

    expect(
      numbers(
        [
          [item('m2'), 'B'],
          [item('m3'), 'A'],
        ],
        [gone],
      ),
    ).toEqual({ m1: 0, m2: 1, m3: 0 });
  });

  it('go on from what has gone unread to the copy received at the same instant, and to no other', () => {
    const gone = item('m1', { status: 'gone', receipt: RECEIPT });

    expect(
      numbers(
        [
          [item('m2'), 'B'],
          [item('x1'), 'A'],
        ],
        [gone],
      ),
    ).toEqual({ m1: 0, x1: 0, m2: 1 });
    expect(numbers([[item('m2'), 'B']], [gone])).toEqual({ m1: 0, m2: 1 });
  });

  it('are the same for the same body and differ for different ones, in whatever order they come', () => {
    const bodies = fc.array(fc.constantFrom('A', 'B', 'C'), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(bodies, (hashes) => {
        const copies = hashes.map((hash, n): [ListedItem, string] => [item(`m${n}`), hash]);

        const found = numbers(copies);

        expect(numbers(copies.toReversed())).toEqual(found);
        const byBody = Map.groupBy(copies, ([, hash]) => hash);
        const used = [...byBody.values()].map((own) => new Set(own.map(([{ key }]) => found[key])));
        expect(used.every((each) => each.size === 1)).toBe(true);
        const all = used.flatMap((each) => [...each]).toSorted();
        expect(all).toEqual([...byBody.keys()].map((_, n) => n));
      }),
    );
  });
});
