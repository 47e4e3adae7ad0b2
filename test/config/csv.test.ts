import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formulaSafe, readCsv, writeCsv } from '../../src/config/csv.ts';

describe('CSV', () => {
  it('gives back what it wrote, whatever the cells hold', () => {
    const cell = fc
      .string({ unit: 'grapheme' })
      .map((text) => text.trim().replace(/\u0000/g, ''))
      .filter((text) => !text.startsWith("'"));
    fc.assert(
      fc.property(fc.array(fc.record({ a: cell, b: cell.filter((text) => text !== '') })), (rows) => {
        const text = writeCsv(['a', 'b'], rows);

        const table = readCsv(text, 'x.csv', [{ name: 'a' }, { name: 'b' }]);

        expect(table.faults).toEqual([]);
        expect(table.rows.map(({ values }) => values)).toEqual(rows);
      }),
    );
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+44', "'+44"],
    ['-1', "'-1"],
    ['@cmd', "'@cmd"],
    ['\tx', "'\tx"],
    ['plain', 'plain'],
    ['', ''],
  ])('writes %j as %j, so that no spreadsheet computes it', (cell, safe) => {
    expect(formulaSafe(cell)).toBe(safe);
  });

  it.each([
    ['comma', 'a,b\n1,2\n'],
    ['semicolon', 'a;b\n1;2\n'],
    ['tab', 'a\tb\n1\t2\n'],
    ['BOM and CRLF', '\ufeffa,b\r\n1,2\r\n'],
    ['quotes', '"a","b"\n"1","2"\n'],
  ])('reads %s', (_, text) => {
    expect(readCsv(text, 'x.csv', [{ name: 'A' }, { name: 'B' }]).rows).toEqual([
      { line: 2, values: { A: '1', B: '2' } },
    ]);
  });
});
