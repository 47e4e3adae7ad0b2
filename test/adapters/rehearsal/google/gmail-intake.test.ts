import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { base64url, type GoogleKit, mime, startGoogle } from './google-kit.ts';

const MESSAGES = '/gmail/v1/users/me/messages';

let kit: GoogleKit;
let people = 0;
let as = '';
beforeAll(async () => {
  kit = await startGoogle({ messageLimitBytes: 2_000_000 });
});
afterAll(() => kit.close());
/** Every test has a mailbox of its own. */
beforeEach(async () => {
  as = `person${people++}@new.example`;
  await kit.person(as);
});

function put(
  verb: 'import' | 'insert',
  text: string | Uint8Array,
  more: Record<string, unknown> = {},
  query = '',
) {
  const path = verb === 'import' ? `${MESSAGES}/import` : MESSAGES;
  return kit.ask(
    'POST',
    `${path}?neverMarkSpam=true&${query}`.replace(verb === 'insert' ? 'neverMarkSpam=true&' : '', ''),
    {
      as,
      body: { raw: base64url(text), ...more },
    },
  );
}

const get = (id: string, query = '') => kit.ask('GET', `${MESSAGES}/${id}?${query}`, { as });

async function rawOf(id: string): Promise<string> {
  const { body } = await get(id, 'format=raw');
  return Buffer.from(body.raw, 'base64url').toString('latin1');
}

describe('import', () => {
  it('keeps the bytes below a Received field of its own', async () => {
    const text = mime({}, 'Gr\u00fc\u00dfe\r\n');
    const bytes = Buffer.from(text, 'latin1');

    const { body } = await put('import', bytes, { labelIds: ['INBOX', 'UNREAD'] });

    const raw = await rawOf(body.id);
    expect(body.labelIds).toEqual(['INBOX', 'UNREAD']);
    expect(raw).toMatch(
      /^Received: from \d+ named unknown\r\n\tby gmailapi\.google\.com with HTTPREST;\r\n\t/,
    );
    expect(raw.endsWith(bytes.toString('latin1'))).toBe(true);
  });

  it('turns every line end into CRLF', async () => {
    const { body } = await put(
      'import',
      mime().replaceAll('\r\n', '\n').replace('Hello', 'one\rtwo\r\nthree'),
    );

    expect((await rawOf(body.id)).endsWith('\r\n\r\none\r\ntwo\r\nthree\r\n')).toBe(true);
  });

  it('takes the date from the Date field, and now where that cannot be read', async () => {
    const dated = await put('import', mime());
    const undated = await put('import', mime({ Date: null, 'Message-ID': '<two@x>' }));
    const received = await put(
      'import',
      mime({ 'Message-ID': '<three@x>' }),
      {},
      'internalDateSource=receivedTime',
    );

    expect((await get(dated.body.id)).body.internalDate).toBe(String(Date.parse('2020-03-03T09:20:30Z')));
    for (const { body } of [undated, received]) {
      expect(Number((await get(body.id)).body.internalDate)).toBeGreaterThan(Date.parse('2026-01-01'));
    }
  });

  it('answers a second import with the first id and merges the labels', async () => {
    const label = await kit.ask('POST', '/gmail/v1/users/me/labels', { as, body: { name: 'Projects' } });
    const first = await put('import', mime(), { labelIds: ['INBOX'] });

    const second = await put('import', mime({}, 'Another body\r\n'), {
      labelIds: [label.body.id, 'STARRED'],
    });

    expect(second.body.id).toBe(first.body.id);
    expect([...second.body.labelIds].sort()).toEqual(['INBOX', label.body.id, 'STARRED'].sort());
    expect(await rawOf(first.body.id)).toContain('Hello');
  });

  it('brings a copy back from Trash with its old date', async () => {
    const first = await put('import', mime(), { labelIds: ['INBOX'] });
    await kit.ask('POST', `${MESSAGES}/${first.body.id}/trash`, { as });

    const second = await put('import', mime({ Date: 'Wed, 4 Mar 2020 10:20:30 +0100' }), {
      labelIds: ['INBOX'],
    });

    expect(second.body).toMatchObject({ id: first.body.id, labelIds: ['INBOX'] });
    expect((await get(first.body.id)).body.internalDate).toBe(String(Date.parse('2020-03-03T09:20:30Z')));
  });

  it('adds no Message-ID and makes a copy each time without one', async () => {
    const text = mime({ 'Message-ID': null });

    const [first, second] = [await put('import', text), await put('import', text)];

    expect(first.body.id).not.toBe(second.body.id);
    expect((await rawOf(first.body.id)).toLowerCase()).not.toContain('message-id');
  });

  it('threads answers by their references and subject', async () => {
    const first = await put('import', mime());
    const reply = { 'Message-ID': '<re@x>', Subject: 'Re: Greetings', References: '<one@old.example>' };
    const other = { 'Message-ID': '<other@x>', Subject: 'Other', 'In-Reply-To': '<one@old.example>' };

    const second = await put('import', mime(reply));
    const third = await put('import', mime(other));

    expect(second.body.threadId).toBe(first.body.threadId);
    expect(third.body.threadId).not.toBe(first.body.threadId);
    const thread = await kit.ask('GET', `/gmail/v1/users/me/threads/${first.body.threadId}?format=minimal`, {
      as,
    });
    expect(thread.body.messages).toHaveLength(2);
  });

  const attachment = (name: string) =>
    mime(
      { 'Content-Type': 'multipart/mixed; boundary=b' },
      `--b\r\nContent-Type: text/plain\r\n\r\nText\r\n--b\r\nContent-Type: application/octet-stream\r\n` +
        `Content-Disposition: attachment; filename="${name}"\r\n\r\nMZ\r\n--b--\r\n`,
    );

  it.each([
    ['no From', mime({ From: null }), {}, 'Invalid From header'],
    ['two From', mime({ 'X-A': '1\r\nFrom: b@x' }), {}, "Expected a single 'From' header"],
    ['a program', attachment('setup.exe'), {}, 'Invalid attachment'],
    ['a label of another name', mime(), { labelIds: ['Projects'] }, 'Invalid label: Projects'],
    ['CHAT', mime(), { labelIds: ['CHAT'] }, 'Invalid label: CHAT'],
    ['two places', mime(), { labelIds: ['INBOX', 'TRASH'] }, 'Invalid label'],
    ['nothing', '', {}, "'raw' RFC822 payload"],
  ])('refuses %s', async (_what, text, more, message) => {
    const answer = await put('import', text, more);

    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain(message);
    expect(answer.body.error).toMatchObject({ status: 'INVALID_ARGUMENT' });
  });

  it('accepts SENT and DRAFT, which nothing can add later', async () => {
    const { body } = await put('import', mime(), { labelIds: ['SENT'] });

    const modify = await kit.ask('POST', `${MESSAGES}/${body.id}/modify`, {
      as,
      body: { addLabelIds: ['DRAFT'] },
    });

    expect(body.labelIds).toEqual(['SENT']);
    expect(modify.body.error.message).toBe('Invalid label: DRAFT');
  });

  it('refuses a message above the limit with 413', async () => {
    const answer = await put('import', mime({}, 'x'.repeat(2_000_000)));

    expect([answer.status, answer.body.error.message]).toEqual([413, 'Request Too Large']);
  });
});

describe('insert', () => {
  it('makes a copy each time, adds no field and dates it now', async () => {
    const first = await put('insert', mime(), { labelIds: ['INBOX'] });
    const second = await put('insert', mime(), {}, 'internalDateSource=dateHeader');

    expect(first.body.id).not.toBe(second.body.id);
    expect(await rawOf(first.body.id)).toBe(mime());
    expect(Number((await get(first.body.id)).body.internalDate)).toBeGreaterThan(Date.parse('2026-01-01'));
    expect((await get(second.body.id)).body.internalDate).toBe(String(Date.parse('2020-03-03T09:20:30Z')));
  });

  it('knows no neverMarkSpam and looks at neither From nor attachments', async () => {
    const refused = await kit.ask('POST', `${MESSAGES}?neverMarkSpam=true`, {
      as,
      body: { raw: base64url(mime()) },
    });
    const accepted = await put('insert', mime({ From: null }));

    expect([refused.status, accepted.status]).toEqual([400, 200]);
  });
});

describe('classification', () => {
  it('marks some imports as spam unless that is switched off', async () => {
    const strict = await startGoogle({ classifies: true });
    await strict.person('a@new.example');
    const labels = async (query: string) => {
      const found = new Set<string>();
      for (let at = 0; at < 80; at++) {
        const body = { raw: base64url(mime({ 'Message-ID': `<${query}${at}@x>` })), labelIds: ['INBOX'] };
        const answer = await strict.ask('POST', `${MESSAGES}/import?${query}`, { as: 'a@new.example', body });
        for (const label of answer.body.labelIds) found.add(label);
      }
      return found;
    };

    expect(await labels('neverMarkSpam=false')).toContain('SPAM');
    const kept = await labels('neverMarkSpam=true');
    expect(kept).not.toContain('SPAM');
    expect([...kept].sort()).toEqual(['CATEGORY_UPDATES', 'IMPORTANT', 'INBOX']);
    await strict.close();
  });
});

describe('messages', () => {
  it('are read in four formats', async () => {
    const text = mime(
      { Subject: '=?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'Content-Type': 'multipart/mixed; boundary="b c"' },
      '--b c\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=\r\n' +
        '=C3=9Fe\r\n--b c\r\nContent-Type: image/png; name=p.png\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--b c--\r\n',
    );
    const { body } = await put('import', text);

    const full = (await get(body.id)).body;
    const minimal = (await get(body.id, 'format=minimal')).body;
    const metadata = (await get(body.id, 'format=metadata&metadataHeaders=subject&metadataHeaders=Date'))
      .body;
    const { attachmentId, size } = full.payload.parts[1].body;
    const attachment = await kit.ask('GET', `${MESSAGES}/${body.id}/attachments/${attachmentId}`, { as });

    expect(minimal).not.toHaveProperty('payload');
    expect(minimal).toMatchObject({ id: body.id, snippet: 'Gr\u00fc\u00dfe' });
    expect(metadata.payload.headers).toEqual([
      { name: 'Subject', value: 'Gr\u00fc\u00dfe' },
      { name: 'Date', value: 'Tue, 3 Mar 2020 10:20:30 +0100' },
    ]);
    expect(full.payload.mimeType).toBe('multipart/mixed');
    expect(Buffer.from(full.payload.parts[0].body.data, 'base64url').toString()).toBe('Gr\u00fc\u00dfe');
    expect(full.payload.parts[1]).toMatchObject({ filename: 'p.png', partId: '1' });
    expect([size, Buffer.from(attachment.body.data, 'base64url').toString()]).toEqual([5, 'hello']);
  });

  it('show no content to a token for metadata alone', async () => {
    const { body } = await put('import', mime());
    const scopes = ['https://www.googleapis.com/auth/gmail.metadata'];
    const ask = (query: string) => kit.ask('GET', `${MESSAGES}/${body.id}?${query}`, { as, scopes });

    expect((await ask('format=metadata')).status).toBe(200);
    expect((await ask('format=full')).status).toBe(403);
    expect((await kit.ask('GET', `${MESSAGES}?q=in:inbox`, { as, scopes })).status).toBe(403);
  });

  it('change labels one by one and a thousand at once', async () => {
    const first = await put('import', mime(), { labelIds: ['INBOX', 'UNREAD'] });
    const second = await put('import', mime({ 'Message-ID': '<b@x>' }), { labelIds: ['INBOX', 'UNREAD'] });
    const modify = (body: unknown) => kit.ask('POST', `${MESSAGES}/${first.body.id}/modify`, { as, body });
    const batch = (ids: string[]) =>
      kit.ask('POST', `${MESSAGES}/batchModify`, { as, body: { ids, removeLabelIds: ['UNREAD'] } });

    expect((await modify({ addLabelIds: ['TRASH'] })).body.labelIds.sort()).toEqual(['TRASH', 'UNREAD']);
    expect((await modify({ addLabelIds: ['Label_99'] })).status).toBe(400);
    expect((await modify({})).status).toBe(400);
    expect((await batch([first.body.id, second.body.id, '19ffffffffffffff'])).status).toBe(204);
    expect((await get(second.body.id)).body.labelIds).toEqual(['INBOX']);
    expect((await batch(Array.from({ length: 1_001 }, () => '1'))).status).toBe(400);
  });

  it('are deleted for good with the full scope alone', async () => {
    const { body } = await put('import', mime());
    const path = `${MESSAGES}/${body.id}`;

    const scopes = ['https://www.googleapis.com/auth/gmail.modify'];
    expect((await kit.ask('DELETE', path, { as, scopes })).status).toBe(403);
    expect((await kit.ask('DELETE', path, { as })).status).toBe(204);

    const gone = await get(body.id);
    expect(gone.status).toBe(404);
    expect(gone.body.error).toMatchObject({
      message: 'Requested entity was not found.',
      status: 'NOT_FOUND',
    });
  });

  it('of somebody else are out of reach', async () => {
    const answer = await kit.ask('GET', '/gmail/v1/users/admin@new.example/messages', { as });

    expect(answer.status).toBe(403);
    expect((await kit.ask('GET', `/gmail/v1/users/${as}/messages`, { as })).status).toBe(200);
  });

  it('leave a history', async () => {
    const { body: before } = await kit.ask('GET', '/gmail/v1/users/me/profile', { as });
    const { body } = await put('import', mime(), { labelIds: ['INBOX'] });
    await kit.ask('POST', `${MESSAGES}/${body.id}/modify`, { as, body: { removeLabelIds: ['INBOX'] } });

    const history = await kit.ask('GET', `/gmail/v1/users/me/history?startHistoryId=${before.historyId}`, {
      as,
    });

    expect(history.body.history.map((entry: object) => Object.keys(entry).at(-1))).toEqual([
      'messagesAdded',
      'labelsRemoved',
    ]);
  });
});

describe('drafts', () => {
  it('are created, listed, replaced and deleted', async () => {
    const raw = base64url(mime({ To: null }));
    const drafts = '/gmail/v1/users/me/drafts';

    const made = await kit.ask('POST', drafts, { as, body: { message: { raw } } });
    const listed = await kit.ask('GET', drafts, { as });
    const replaced = await kit.ask('PUT', `${drafts}/${made.body.id}`, { as, body: { message: { raw } } });
    const read = await kit.ask('GET', `${drafts}/${made.body.id}?format=raw`, { as });

    expect(made.body.message.labelIds).toEqual(['DRAFT']);
    expect(listed.body.drafts).toHaveLength(1);
    expect(replaced.body.message.id).not.toBe(made.body.message.id);
    expect(read.body.message.raw).toBe(raw);
    expect((await kit.ask('DELETE', `${drafts}/${made.body.id}`, { as })).status).toBe(204);
    expect((await kit.ask('GET', drafts, { as })).body).toEqual({ resultSizeEstimate: 0 });
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
