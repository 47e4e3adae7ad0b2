import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { base64url, type GoogleKit, mime, startGoogle } from './google-kit.ts';

const as = 'ann@new.example';
const MESSAGES = '/gmail/v1/users/me/messages';
const LABELS = '/gmail/v1/users/me/labels';

let kit: GoogleKit;
let projects = '';
const ids: string[] = [];

async function put(at: number, labelIds: string[], fields: Record<string, string> = {}) {
  const day = String(1 + (at % 28)).padStart(2, '0');
  const raw = base64url(
    mime(
      { 'Message-ID': `<m${at}@x>`, Date: `Thu, ${day} Jan 2015 10:00:00 +0000`, ...fields },
      `Body ${at}\r\n`,
    ),
  );
  const { body } = await kit.ask('POST', `${MESSAGES}/import?neverMarkSpam=true`, {
    as,
    body: { raw, labelIds },
  });
  ids.push(body.id);
  return body.id as string;
}

async function list(query: string): Promise<string[]> {
  const { body } = await kit.ask('GET', `${MESSAGES}?${query}`, { as });
  return (body.messages ?? []).map((message: { id: string }) => message.id);
}

beforeAll(async () => {
  kit = await startGoogle();
  await kit.person(as);
  projects = (await kit.ask('POST', LABELS, { as, body: { name: 'Old/Projects 2015' } })).body.id;
  await put(0, ['INBOX', 'UNREAD'], { Subject: 'Budget' });
  await put(1, ['INBOX', projects]);
  await put(2, [projects, 'STARRED']);
  await put(3, ['SPAM']);
  await put(4, ['TRASH', projects]);
  kit.clock.pass(10_000);
});
afterAll(() => kit.close());

const at = (...places: number[]) => places.map((place) => ids[place] ?? '');

describe('lists', () => {
  it('hold everything but Spam and Trash, newest first', async () => {
    expect(await list('')).toEqual(at(2, 1, 0));
    expect(await list('includeSpamTrash=true')).toEqual(at(4, 3, 2, 1, 0));
  });

  it('take labels that must all be there', async () => {
    expect(await list(`labelIds=${projects}`)).toEqual(at(2, 1));
    expect(await list(`labelIds=${projects}&labelIds=STARRED`)).toEqual(at(2));
    expect(await list('labelIds=TRASH')).toEqual(at(4));
    expect((await kit.ask('GET', `${MESSAGES}?labelIds=Label_77`, { as })).status).toBe(400);
  });

  it.each([
    ['rfc822msgid:m1@x', [1]],
    ['rfc822msgid:<m1@x>', [1]],
    ['rfc822msgid:m1@x OR rfc822msgid:m2@x', [2, 1]],
    ['{rfc822msgid:m0@x rfc822msgid:m2@x rfc822msgid:none@x}', [2, 0]],
    ['rfc822msgid:m4@x', []],
    ['rfc822msgid:m4@x in:anywhere', [4]],
    ['{rfc822msgid:m0@x rfc822msgid:m1@x} is:unread', [0]],
    ['label:old-projects-2015', [2, 1]],
    ['label:old-projects-2015 -is:starred', [1]],
    ['in:spam', [3]],
    ['is:unread', [0]],
    ['subject:budget', [0]],
    ['after:2015/01/02 before:2015/01/03', [1]],
    ['larger:10M', []],
  ])('find %s', async (q, places) => {
    expect(await list(`q=${encodeURIComponent(q)}`)).toEqual(at(...places));
  });

  it('show a new message by label at once, to a search only later', async () => {
    const id = await put(9, ['INBOX']);

    expect(await list('labelIds=INBOX')).toContain(id);
    expect(await list('q=rfc822msgid:m9@x')).toEqual([]);
    kit.clock.pass(6_000);
    expect(await list('q=rfc822msgid:m9@x')).toEqual([id]);
    await kit.ask('DELETE', `${MESSAGES}/${id}`, { as });
  });

  it('go on after the last message of a page, whatever came or went in between', async () => {
    const page = async (token: string) =>
      (await kit.ask('GET', `${MESSAGES}?maxResults=1&pageToken=${token}`, { as })).body;
    const first = await page('');
    const newer = await put(27, ['INBOX']);
    await kit.ask('POST', `${MESSAGES}/${first.messages[0].id}/trash`, { as });

    const second = await page(first.nextPageToken);
    const third = await page(second.nextPageToken);

    expect([first, second, third].map((one) => one.messages[0].id)).toEqual(at(2, 1, 0));
    expect(third).not.toHaveProperty('nextPageToken');
    await kit.ask('POST', `${MESSAGES}/${first.messages[0].id}/untrash`, { as });
    await kit.ask('DELETE', `${MESSAGES}/${newer}`, { as });
  });

  it('give at most 500 a page', async () => {
    await kit.person('many@new.example');
    for (let count = 0; count < 505; count++) {
      const body = { raw: base64url(mime({ 'Message-ID': `<many${count}@x>` })) };
      await kit.ask('POST', `${MESSAGES}/import`, { as: 'many@new.example', body });
    }

    const { body } = await kit.ask('GET', `${MESSAGES}?maxResults=9999`, { as: 'many@new.example' });

    expect(body.messages).toHaveLength(500);
  });
});

describe('labels', () => {
  it.each([
    ['inbox', 400, 'Invalid label name'],
    ['Sent/Old', 400, 'Invalid label name'],
    ['a//b', 400, 'Invalid label name'],
    ['/a', 400, 'Invalid label name'],
    [' a', 400, 'Invalid label name'],
    ['a^b', 400, 'Invalid label name'],
    ['n'.repeat(226), 400, 'Invalid label name'],
    ['OLD/projects 2015', 409, 'Label name exists or conflicts'],
  ])('cannot be called %s', async (name, status, message) => {
    const answer = await kit.ask('POST', LABELS, { as, body: { name } });

    expect([answer.status, answer.body.error.message]).toEqual([status, message]);
    expect(answer.body.error.status).toBe(status === 409 ? 'ABORTED' : 'INVALID_ARGUMENT');
  });

  it('need no parent, take colours of the palette and lose their messages nothing', async () => {
    const color = { backgroundColor: '#16a765', textColor: '#000000' };
    const made = await kit.ask('POST', LABELS, { as, body: { name: 'Deep/Deeper/Deepest', color } });
    const wrong = await kit.ask('POST', LABELS, {
      as,
      body: { name: 'Wrong', color: { ...color, textColor: '#123456' } },
    });
    const id = await put(8, [made.body.id]);

    expect(made.body).toMatchObject({ name: 'Deep/Deeper/Deepest', type: 'user', color });
    expect(wrong.status).toBe(400);
    expect((await kit.ask('DELETE', `${LABELS}/${made.body.id}`, { as })).status).toBe(204);
    expect((await kit.ask('GET', `${MESSAGES}/${id}?format=minimal`, { as })).body.labelIds).toEqual([]);
    await kit.ask('DELETE', `${MESSAGES}/${id}`, { as });
  });

  it('count their messages and threads on get alone', async () => {
    const got = await kit.ask('GET', `${LABELS}/${projects}`, { as });
    const listed = await kit.ask('GET', LABELS, { as });

    expect(got.body).toMatchObject({ messagesTotal: 3, messagesUnread: 0, threadsTotal: 3 });
    const found = listed.body.labels.find((label: { id: string }) => label.id === projects);
    expect(found).toMatchObject({ name: 'Old/Projects 2015' });
    expect(found).not.toHaveProperty('messagesTotal');
  });

  it('are renamed unless they are the system’s own', async () => {
    const renamed = await kit.ask('PATCH', `${LABELS}/${projects}`, { as, body: { name: 'Old/Projects' } });
    const system = await kit.ask('PATCH', `${LABELS}/INBOX`, { as, body: { name: 'Mine' } });

    expect(renamed.body).toMatchObject({ id: projects, name: 'Old/Projects' });
    expect(system.status).toBe(400);
    expect((await kit.ask('DELETE', `${LABELS}/INBOX`, { as })).status).toBe(400);
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
