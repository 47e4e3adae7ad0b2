import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, mergeFields } from '../../../adapters/google/directory-merge.ts';
import type { JsonObject } from '../../../src/core/types.ts';

const value = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.integer(),
  fc.array(fc.string({ minLength: 1 }), { minLength: 1 }),
);
const fields = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value);

describe('merging', () => {
  it('writes a wanted field exactly where it is empty or still ours, and reports the rest', () => {
    fc.assert(
      fc.property(fields, fields, fc.option(fields), (wanted, current, before) => {
        const { patch, losses } = mergeFields(wanted as JsonObject, current, before as JsonObject | null);

        for (const [name, value] of Object.entries(wanted)) {
          const held = current[name];
          const ours = held === undefined || covers(held, before?.[name] ?? null);
          const same = covers(held, value as never);
          expect(name in patch).toBe(!same && ours);
          expect(losses.some(({ field }) => field === name)).toBe(!same && !ours);
        }
      }),
    );
  });

  it('has nothing left to do once its patch was applied', () => {
    fc.assert(
      fc.property(fields, fields, fc.option(fields), (wanted, current, before) => {
        const first = mergeFields(wanted as JsonObject, current, before as JsonObject | null);
        const second = mergeFields(wanted as JsonObject, { ...current, ...first.patch }, first.wrote);

        expect(second.patch).toEqual({});
      }),
    );
  });

  it.each([
    [[{ type: 'work', value: '1', extra: true }], [{ type: 'work', value: '1' }], true],
    [['b', 'a'], ['a', 'b'], true],
    [['a', 'b', 'c'], ['a', 'b'], false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [null, { a: 1 }, false],
    ['1', 1, false],
  ])('finds that %j covers %j: %s', (held, wanted, covered) => {
    expect(covers(held, wanted)).toBe(covered);
  });
});
