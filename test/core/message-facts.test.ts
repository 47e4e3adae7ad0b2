import { describe, expect, it } from 'vitest';
import { bareMessageId, readMessageFacts } from '../../src/core/message-facts.ts';

const facts = (text: string) => readMessageFacts(Buffer.from(text, 'latin1'));

const LETTER = [
  'Received: from a by b; Thu, 19 Nov 2026 06:56:17 +0000',
  'From: Ann <ann@old.example>',
  'To: bob@old.example',
  'Subject: Budget',
  'Date: Thu, 19 Nov 2026 06:56:13 +0000',
  'Message-ID: <1@old.example>',
  'Content-Type: multipart/mixed; boundary="b1"',
  '',
  'preamble',
  '--b1',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=C3=BC=C3=9Fe  ',
  '',
  '--b1',
  'Content-Type: application/pdf; name="x.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  'AAEC',
  '--b1--',
  '',
].join('\r\n');

describe('facts of a raw message', () => {
  it('do not change with line ends or trace fields', () => {
    const stored = `X-Received: by 2002:a\r\n${LETTER.replace('from a by b', 'from google')}`;

    expect(facts(stored)).toEqual(facts(LETTER));
    expect(facts(LETTER.replaceAll('\r\n', '\n'))).toEqual(facts(LETTER));
  });

  it('do not change when a trace field comes before a first line of blanks', () => {
    expect(facts(`Received: by google\r\n   \r\n${LETTER}`)).toEqual(facts(`   \r\n${LETTER}`));
  });

  it('have the same body hash under another boundary and transfer encoding', () => {
    const rendered = LETTER.replaceAll('b1', 'other')
      .replace('quoted-printable', 'base64')
      .replace('Gr=C3=BC=C3=9Fe  ', Buffer.from('Grüße', 'utf8').toString('base64'));

    expect(facts(rendered).bodyHash).toBe(facts(LETTER).bodyHash);
    expect(facts(rendered).bytesHash).not.toBe(facts(LETTER).bytesHash);
  });

  it.each([
    ['an attachment that differs in one byte', 'AAEC', 'AAED'],
    ['another file name', 'x.pdf', 'y.pdf'],
    ['another word', 'Gr=C3', 'gr=C3'],
    ['a multipart that lacks its end', '--b1--', ''],
    ['another declared charset', 'charset=utf-8', 'charset=iso-8859-1'],
    ['another type', 'application/pdf', 'application/zip'],
  ])('have another body hash for %s', (_, from, to) => {
    expect(facts(LETTER.replace(from, to)).bodyHash).not.toBe(facts(LETTER).bodyHash);
  });

  it('name an added field', () => {
    const added = LETTER.replace('From:', 'X-Original-Date: never\r\nFrom:');

    expect(facts(added).headerNames.filter((name) => !facts(LETTER).headerNames.includes(name))).toEqual([
      'x-original-date',
    ]);
    expect(facts(added).bodyHash).toBe(facts(LETTER).bodyHash);
  });

  it.each([
    '',
    '\r\n',
    'no header at all',
    'A: b',
    '\n\nbody',
    'Content-Type: multipart/mixed; boundary=x\n\n--x',
  ])('are given for %j without complaint', (text) => {
    expect(facts(text).bytesHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    ['<a@b>', 'a@b'],
    [' <a@b> (comment)', 'a@b'],
    ['a@b', 'a@b'],
    ['<>', null],
    ['', null],
    [null, null],
  ])('take the Message-ID %j as %j', (given, bare) => {
    expect(bareMessageId(given)).toBe(bare);
  });
});
