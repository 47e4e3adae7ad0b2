import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoogleKit, mime, startGoogle } from './google-kit.ts';

const as = 'ann@new.example';
const UPLOAD = '/upload/gmail/v1/users/me/messages/import';
const RESUMABLE = '/resumable/upload/gmail/v1/users/me/messages/import';
const GRAIN = 262_144;

let kit: GoogleKit;
beforeAll(async () => {
  kit = await startGoogle({ messageLimitBytes: 3_000_000 });
  await kit.person(as);
});
afterAll(() => kit.close());

let count = 0;
const fresh = (body = 'Hello\r\n') => mime({ 'Message-ID': `<upload${count++}@x>` }, body);

async function stored(id: string): Promise<string> {
  const { body } = await kit.ask('GET', `/gmail/v1/users/me/messages/${id}?format=raw`, { as });
  return Buffer.from(body.raw, 'base64url').toString('latin1');
}

function related(metadata: string, message: string, type = 'message/rfc822', end = '\r\n--xyz--'): string {
  return (
    `--xyz\r\nContent-Type: application/json\r\n\r\n${metadata}\r\n` +
    `--xyz\r\nContent-Type: ${type}\r\n\r\n${message}${end}`
  );
}

const multipart = (raw: string, type = 'multipart/related; boundary=xyz') =>
  kit.ask('POST', `${UPLOAD}?uploadType=multipart`, { as, raw, headers: { 'content-type': type } });

describe('media and multipart', () => {
  it('take the message as it is', async () => {
    const text = fresh();

    const { body } = await kit.ask('POST', `${UPLOAD}?uploadType=media`, {
      as,
      raw: text,
      headers: { 'content-type': 'message/rfc822' },
    });

    expect(body.labelIds).toEqual([]);
    expect((await stored(body.id)).endsWith(text)).toBe(true);
  });

  it('take labels beside the message', async () => {
    const text = fresh();

    const { status, body } = await multipart(related('{"labelIds":["INBOX"]}', text));

    expect([status, body.labelIds]).toEqual([200, ['INBOX']]);
    expect((await stored(body.id)).endsWith(text)).toBe(true);
  });

  it.each([
    ['without its closing delimiter', related('{}', mime(), 'message/rfc822', ''), undefined],
    ['with media that is no message', related('{}', mime(), 'text/plain'), undefined],
    ['with metadata that is no JSON', related('{', mime()), undefined],
    ['with an unknown metadata field', related('{"labels":[]}', mime()), undefined],
    ['without a boundary', related('{}', mime()), 'multipart/related'],
  ])('refuse a body %s', async (_what, raw, type) => {
    expect((await multipart(raw, type)).status).toBe(400);
  });

  it('need an upload type', async () => {
    const headers = { 'content-type': 'message/rfc822' };

    expect((await kit.ask('POST', UPLOAD, { as, raw: mime(), headers })).status).toBe(400);
  });
});

async function begin(path = RESUMABLE, length?: number) {
  const headers: Record<string, string> = { 'x-upload-content-type': 'message/rfc822' };
  if (length !== undefined) headers['x-upload-content-length'] = String(length);
  return kit.ask('POST', `${path}?uploadType=resumable`, { as, headers, body: { labelIds: ['INBOX'] } });
}

const chunk = (uri: string, bytes: string | Buffer, range: string) =>
  kit.ask('PUT', uri, { raw: new Uint8Array(Buffer.from(bytes)), headers: { 'content-range': range } });

describe('resumable uploads', () => {
  it.each([['/resumable/upload'], ['/upload']])('go chunk by chunk below %s', async (root) => {
    const text = fresh('x'.repeat(600_000));
    const total = Buffer.byteLength(text);
    const opened = await begin(`${root}/gmail/v1/users/me/messages/import`, total);
    const uri = opened.headers.get('location') ?? '';

    const first = await chunk(uri, text.slice(0, GRAIN), `bytes 0-${GRAIN - 1}/${total}`);
    const status = await chunk(uri, '', `bytes */${total}`);
    const last = await chunk(uri, text.slice(GRAIN), `bytes ${GRAIN}-${total - 1}/${total}`);

    expect([opened.status, first.status, status.status, last.status]).toEqual([200, 308, 308, 200]);
    expect([first, status].map((answer) => answer.headers.get('range'))).toEqual([
      `bytes=0-${GRAIN - 1}`,
      `bytes=0-${GRAIN - 1}`,
    ]);
    expect(last.body.labelIds).toEqual(['INBOX']);
    expect((await stored(last.body.id)).endsWith(text)).toBe(true);
  });

  it('keep whole multiples of 256 KiB of a chunk that is not the last', async () => {
    const text = fresh('y'.repeat(700_000));
    const total = Buffer.byteLength(text);
    const uri = (await begin()).headers.get('location') ?? '';

    const answer = await chunk(uri, text.slice(0, 300_000), `bytes 0-299999/${total}`);
    const rest = await chunk(uri, text.slice(GRAIN), `bytes ${GRAIN}-${total - 1}/${total}`);

    expect(answer.headers.get('range')).toBe(`bytes=0-${GRAIN - 1}`);
    expect((await stored(rest.body.id)).endsWith(text)).toBe(true);
  });

  it('answer a finished upload again, and make one message of it', async () => {
    const text = fresh();
    const total = Buffer.byteLength(text);
    const uri = (await begin()).headers.get('location') ?? '';
    const done = await chunk(uri, text, `bytes 0-${total - 1}/${total}`);

    const asked = await chunk(uri, '', `bytes */${total}`);
    const repeated = await chunk(uri, text, `bytes 0-${total - 1}/${total}`);

    expect([asked.body.id, repeated.body.id]).toEqual([done.body.id, done.body.id]);
  });

  it('take the whole message in one request without a range', async () => {
    const text = fresh();
    const uri = (await begin()).headers.get('location') ?? '';

    const { status } = await kit.ask('PUT', uri, { raw: text });

    expect(status).toBe(200);
  });

  it('are refused above the limit, with a wrong range or an unknown session', async () => {
    const uri = (await begin()).headers.get('location') ?? '';

    expect((await begin(RESUMABLE, 3_000_001)).status).toBe(413);
    expect((await chunk(uri, 'abc', 'bytes 0-9/10')).status).toBe(400);
    expect((await chunk(uri.replace(/upload_id=.*/, 'upload_id=none'), 'a', 'bytes 0-0/1')).status).toBe(404);
  });
});
