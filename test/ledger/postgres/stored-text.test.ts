import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restored, storable } from '../../../src/ledger/postgres/stored-text.ts';

describe('text for PostgreSQL', () => {
  const hostile = fc
    .array(fc.constantFrom('\u0000', '\u0001', '0', '1', 'a', '\u{1f4e7}'))
    .map((all) => all.join(''));

  it('holds no U+0000 and comes back as it was', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: 'binary' })), (text) => {
        expect(storable(text)).not.toContain('\u0000');
        expect(restored(storable(text))).toBe(text);
      }),
    );
  });

  it('is the same text where nothing is in its way', () => {
    expect(storable('<id@old.example>')).toBe('<id@old.example>');
  });
});
