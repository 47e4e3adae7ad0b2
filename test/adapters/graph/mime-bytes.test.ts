import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BoundaryWatch,
  boundaryOf,
  headerLength,
  renameBoundary,
} from '../../../adapters/graph/mime-bytes.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** Cuts a text into chunks at the given places. */
function chunksOf(text: string, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes(text.slice(from, places[index] ?? text.length)));
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });

describe('the end of a header', () => {
  it.each<[string, number | null]>([
    ['A: b\r\n\r\nbody', 8],
    ['A: b\n\nbody', 6],
    ['A: b\r\n\nbody', 7],
    ['\r\nbody', 2],
    ['\nbody', 1],
    ['A: b\r\nB: c', null],
    ['', null],
  ])('of %j is at %s', (text, length) => {
    expect(headerLength(bytes(text))).toBe(length);
  });
});

describe('the boundary', () => {
  it.each<[string, string | null]>([
    ['Content-Type: multipart/mixed; boundary="a b"\r\n\r\n', 'a b'],
    ['content-type:multipart/alternative;\r\n\tcharset=x;\r\n boundary=abc\r\n\r\n', 'abc'],
    ['Content-Type: multipart/mixed; boundary="a\\"b"\r\n\r\n', 'a"b'],
    ['Content-Type: multipart/mixed\r\n\r\n', null],
    ['Content-Type: text/plain; boundary=abc\r\n\r\n', null],
    ['Subject: multipart/mixed; boundary=abc\r\n\r\n', null],
  ])('of %j is %s', (header, boundary) => {
    expect(boundaryOf(bytes(header))).toBe(boundary);
  });

  it('is seen closed however the body is cut, and not before', () => {
    const body = 'preamble --x--\r\n--x\r\n\r\none\r\n--xy--\r\n--x--\r\nepilogue';
    fc.assert(
      fc.property(cuts, (places) => {
        const watch = new BoundaryWatch('x');
        for (const chunk of chunksOf(body, places)) watch.take(chunk);
        const cutShort = new BoundaryWatch('x');
        for (const chunk of chunksOf(body.slice(0, body.indexOf('\n--x--')), places)) cutShort.take(chunk);

        return watch.isClosed() && !cutShort.isClosed();
      }),
    );
  });
});

describe('a second rendering', () => {
  const headerWith = (boundary: string) =>
    bytes(`A: b\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n`);
  const bodyWith = (boundary: string) =>
    `--${boundary}\r\n\r\n--${boundary}x is text\r\n a --${boundary}\r\n${'z'.repeat(3000)}\n--${boundary} \r\n\n--${boundary}--\r\n`;
  const through = (filter: ReturnType<typeof renameBoundary>, chunks: readonly Buffer[]) => {
    if (filter === null) return null;
    const parts = chunks.flatMap((chunk) => [...filter.take(chunk)]);
    return Buffer.concat([...parts, ...filter.end()]).toString('latin1');
  };

  it('with another boundary is renamed at delimiter lines alone, however it is cut', () => {
    const text = bodyWith('new');
    const expected = text.replace(/^--new(?=(--)?[ \t]*\r?$)/gm, '--old');
    fc.assert(
      fc.property(cuts, (places) => {
        const filter = renameBoundary(headerWith('new'), headerWith('old'));

        return through(filter, chunksOf(text, places)) === expected;
      }),
    );
  });

  it('with the same header passes untouched', () => {
    const filter = renameBoundary(headerWith('old'), headerWith('old'));

    expect(through(filter, [bytes(bodyWith('new'))])).toBe(bodyWith('new'));
  });

  it('with another header is refused', () => {
    expect(renameBoundary(bytes('A: c\r\n\r\n'), bytes('A: b\r\n\r\n'))).toBeNull();
  });
});
