import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/core/types.ts';
import { type Ending, packEnding, unpackEnding } from '../../src/ledger/endings.ts';
import { Packer, Unpacker } from '../../src/ledger/packing.ts';
import { States } from '../../src/ledger/states.ts';
import { packAddress, packShared, packText, packWithin, unpackText } from '../../src/ledger/texts.ts';

/** Gives every text a number at once. */
function vocabulary() {
  const texts: string[] = [];
  return {
    numberOf: (text: string) => (texts.includes(text) ? texts.indexOf(text) : texts.push(text) - 1),
    textOf: (number: number) => texts[number]!,
  };
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.base64String(),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef') }),
  fc.string({ unit: fc.constantFrom(...'AZaz09-_=') }),
  fc.emailAddress(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '',
    '=',
    '==',
    'A',
    'AA=',
    'id@x',
    '<id@x>',
    'box',
    '2026-02-31T00:00:00Z',
    '2026-01-31T10:00:00Z',
  ),
);

describe('packed values', () => {
  it('read back any number', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.maxSafeInteger(),
      fc.integer().map((seconds) => seconds * 1_000),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(number), (numbers) => {
        const packer = new Packer();
        for (const each of numbers) packer.number(each);
        const unpacker = new Unpacker(packer.take());

        expect(numbers.map(() => unpacker.number())).toEqual(numbers);
      }),
    );
  });

  it('read back any text, however it is packed', () => {
    const around = { container: 'box', identity: 'id@x', order: 1_769_853_600_000 };
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const words = vocabulary();
        const packer = new Packer();
        for (const each of texts) {
          packText(packer, each);
          packShared(packer, each, words);
          packAddress(packer, each, words);
          packWithin(packer, each, around, words);
        }
        const unpacker = new Unpacker(packer.take(9));
        const read = texts.map(() => [0, 1, 2, 3].map(() => unpackText(unpacker, words, around)));

        expect(read).toEqual(texts.map((each) => [each, each, each, each]));
      }),
      { numRuns: 500 },
    );
  });

  it('read back any state, whatever its order', () => {
    const state = fc.dictionary(text, fc.oneof(text, fc.jsonValue())) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(fc.array(state), fc.double({ noNaN: true, noDefaultInfinity: true }), (given, order) => {
        const around = { container: 'box', identity: 'id@x', order };
        const states = new States(vocabulary());
        const packer = new Packer();
        for (const each of given) states.pack(packer, each, around);
        const unpacker = new Unpacker(packer.take());
        const read = given.map(() => states.unpack(unpacker, around));

        expect(JSON.stringify(read)).toBe(JSON.stringify(given));
      }),
    );
  });

  it('read back what became of an item, with free room behind it', () => {
    const loss = fc.record({ field: text, kind: fc.constant('dropped' as const), reason: text });
    const receipt = fc.record(
      { targetId: text, wrote: fc.constantFrom({ labelIds: ['a'] }, null, 'x'), losses: fc.array(loss) },
      { requiredKeys: ['targetId', 'wrote'] },
    );
    const version = fc.constantFrom('v1', 'v2', '0123456789abcdef');
    const ending: fc.Arbitrary<Ending> = fc
      .record({
        settled: fc.option(
          fc.record({
            settledVersion: version,
            settledStatus: fc.constantFrom('written', 'gone', 'excluded'),
          }),
        ),
        receipt: fc.option(receipt),
        attempts: fc.nat(),
        losses: fc.array(loss),
        reason: fc.option(text),
        fingerprint: fc.option(fc.oneof(text, fc.constantFrom('0:ab12', '17:', '01:ff', ':x'))),
        begunAt: fc.option(fc.double({ noNaN: true })),
        begunVersion: fc.option(version),
      })
      .map(
        ({ settled, ...rest }) =>
          ({ settledVersion: null, settledStatus: null, ...settled, ...rest }) as Ending,
      );
    fc.assert(
      fc.property(ending, (given) => {
        const words = vocabulary();
        const packer = new Packer();
        packEnding(packer, given, 'v1', words);

        expect(unpackEnding(packer.take(40), 'v1', words)).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });

  it('end with an error where bytes are missing', () => {
    const packer = new Packer();
    packText(packer, 'a text of some length');
    const short = packer.take().subarray(0, 5);

    expect(() => unpackText(new Unpacker(short), vocabulary())).toThrow(RangeError);
  });
});
