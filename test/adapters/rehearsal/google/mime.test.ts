import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normaliseLineEnds, readStructure } from '../../../../adapters/rehearsal/google/gmail/mime.ts';
import { type GoogleKit, startGoogle } from './google-kit.ts';

describe('line ends', () => {
  it('are all CRLF afterwards, and nothing else changes', () => {
    const text = fc.array(fc.constantFrom('\r', '\n', '\r\n', 'a', '\u00fc')).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (written) => {
        const made = normaliseLineEnds(Buffer.from(written)).toString();

        expect(made).toBe(written.replace(/\r\n|\r|\n/g, '\r\n'));
        expect(normaliseLineEnds(Buffer.from(made)).toString()).toBe(made);
      }),
    );
  });
});

describe('structure', () => {
  it('is found in whatever bytes come', () => {
    const piece = fc.constantFrom(
      'Content-Type: multipart/mixed; boundary=b\r\n',
      '\r\n',
      '--b\r\n',
      '--b--\r\n',
      'X: y\r\n',
      '\u0000',
      'filename*=utf-8%%',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const bytes = Buffer.from(pieces.join(''));

        const { bodyStart, bodyEnd } = readStructure(bytes);

        expect(bodyStart).toBeLessThanOrEqual(bodyEnd);
        expect(bodyEnd).toBe(bytes.length);
      }),
    );
  });

  it('ends at a depth of nesting, not with the stack', () => {
    const open = Array.from(
      { length: 500 },
      () => 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
    ).join('');

    expect(() => readStructure(Buffer.from(open))).not.toThrow();
  });
});

const CORPUS = new URL('../../../../../shared/corpus/', import.meta.url);
const files = existsSync(CORPUS)
  ? readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.eml'))
  : [];

describe.skipIf(files.length === 0)('real messages (skipped where ../shared is absent)', () => {
  const as = 'corpus@new.example';
  let kit: GoogleKit;
  beforeAll(async () => {
    kit = await startGoogle();
    await kit.person(as);
  });
  afterAll(() => kit.close());

  it.each(files)('%s is kept byte by byte but for line ends, or refused with a reason', async (file) => {
    const bytes = readFileSync(new URL(encodeURI(file), CORPUS));
    const path = '/upload/gmail/v1/users/me/messages?uploadType=media';

    const inserted = await kit.ask('POST', path, {
      as,
      raw: new Uint8Array(bytes),
      headers: { 'content-type': 'message/rfc822' },
    });
    const imported = await kit.ask('POST', path.replace('messages', 'messages/import'), {
      as,
      raw: new Uint8Array(bytes),
      headers: { 'content-type': 'message/rfc822' },
    });
    const message = `/gmail/v1/users/me/messages/${inserted.body.id}`;
    const raw = await kit.ask('GET', `${message}?format=raw`, { as });

    expect(inserted.status).toBe(200);
    expect(Buffer.from(raw.body.raw, 'base64url').equals(normaliseLineEnds(bytes))).toBe(true);
    expect((await kit.ask('GET', `${message}?format=full`, { as })).status).toBe(200);
    if (imported.status !== 200) {
      expect(imported.body.error.message).toMatch(/From|Invalid attachment/);
    }
  });
});
