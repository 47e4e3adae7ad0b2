import { describe, expect, it } from 'vitest';
import { bodyHash } from '../../mappings/body-hash.ts';

const hash = (text: string) => bodyHash(Buffer.from(text, 'latin1'));

const PLAIN =
  'Subject: a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\nzweite Zeile\r\n';

function multipart(boundary: string, name: string, content: string, encoding = 'base64'): string {
  return [
    'Subject: x',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain',
    '',
    'body',
    `--${boundary}`,
    `Content-Type: application/pdf; name="${name}"`,
    `Content-Disposition: attachment; filename="${name}"; size=3; creation-date="x"`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    content,
    `--${boundary}--`,
    '',
  ].join('\r\n');
}

describe('bodyHash', () => {
  it.each([
    ['headers', PLAIN, PLAIN.replace('Subject: a', 'Subject: b\r\nReceived: x')],
    ['line ends', PLAIN, PLAIN.replace(/\r\n/g, '\n')],
    ['trailing blanks and lines', PLAIN, `${PLAIN.replace('zweite Zeile', 'zweite Zeile  ')}\r\n\r\n`],
    [
      'character set and transfer encoding',
      PLAIN,
      PLAIN.replace(
        'charset=utf-8',
        'charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable',
      ).replace('Gr\xc3\xbc\xc3\x9fe', 'Gr=FC=DFe'),
    ],
    ['boundaries', multipart('one', 'a.pdf', 'YWJj'), multipart('two', 'a.pdf', 'YWJj')],
    [
      'transfer encoding of files',
      multipart('one', 'a.pdf', 'YWJj'),
      multipart('one', 'a.pdf', 'abc=', 'quoted-printable'),
    ],
  ])('does not mind %s', async (_, first, second) => {
    expect(await hash(second)).toBe(await hash(first));
  });

  it.each([
    ['text', PLAIN, PLAIN.replace('zweite', 'dritte')],
    ['content of a file', multipart('one', 'a.pdf', 'YWJj'), multipart('one', 'a.pdf', 'YWJk')],
    ['name of a file', multipart('one', 'a.pdf', 'YWJj'), multipart('one', 'b.pdf', 'YWJj')],
    ['a missing file', multipart('one', 'a.pdf', 'YWJj'), 'Subject: x\r\n\r\nbody\r\n'],
  ])('sees another %s', async (_, first, second) => {
    expect(await hash(second)).not.toBe(await hash(first));
  });

  it('looks into messages that are attached', async () => {
    const outer = (inner: string) =>
      [
        'Content-Type: multipart/mixed; boundary=o',
        '',
        '--o',
        'Content-Type: message/rfc822',
        '',
        inner,
        '--o--',
        '',
      ].join('\r\n');

    expect(await hash(outer(PLAIN.replace('Subject: a', 'Subject: b')))).toBe(await hash(outer(PLAIN)));
    expect(await hash(outer(PLAIN.replace('zweite', 'dritte')))).not.toBe(await hash(outer(PLAIN)));
  });

  it('has an answer for bytes that are no message', async () => {
    expect(await bodyHash(new Uint8Array([0, 255, 10, 13]))).toMatch(/^[0-9a-f]{64}$/);
    expect(await bodyHash(new Uint8Array())).toMatch(/^[0-9a-f]{64}$/);
  });
});
