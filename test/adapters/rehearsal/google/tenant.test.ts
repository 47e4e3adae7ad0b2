import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, base64url, type GoogleKit, mime, startGoogle } from './google-kit.ts';

const MESSAGES = '/gmail/v1/users/me/messages';
const EVENTS = '/calendar/v3/calendars/primary/events';

describe('what Google does not know', () => {
  let kit: GoogleKit;
  beforeAll(async () => {
    kit = await startGoogle();
  });
  afterAll(() => kit.close());

  it.each([
    ['GET', '/gmail/v2/users/me/messages'],
    ['POST', '/gmail/v1/users/me/profile'],
    ['GET', '/v1/people/me/connections'],
    ['GET', '/'],
  ])('is 404 at %s %s', async (method, path) => {
    const answer = await kit.ask(method, path, { body: method === 'POST' ? {} : undefined });

    expect(answer.status).toBe(404);
    expect(kit.stats().unknownRoutes.join()).toContain(path);
  });

  it('is refused in queries, bodies and field selections', async () => {
    const query = await kit.ask('GET', `${MESSAGES}?labels=INBOX`);
    const value = await kit.ask('GET', `${MESSAGES}?includeSpamTrash=maybe`);
    const body = await kit.ask('POST', '/gmail/v1/users/me/labels', { body: { name: 'x', colour: {} } });
    const json = await kit.ask('POST', '/gmail/v1/users/me/labels', {
      raw: '{',
      headers: { 'content-type': 'application/json' },
    });
    const fields = await kit.ask('GET', `${MESSAGES}?fields=messages(id`);

    expect([query, value, body, json, fields].map((answer) => answer.status)).toEqual([
      400, 400, 400, 400, 400,
    ]);
    expect(query.body.error.message).toContain('Unknown name "labels": Cannot bind query parameter.');
    expect(body.body.error.message).toContain('Unknown name "colour": Cannot find field.');
    expect(fields.body.error.errors[0]).toMatchObject({ reason: 'invalidParameter', location: 'fields' });
  });
});

describe('quotas', () => {
  let kit: GoogleKit;
  beforeEach(async () => {
    kit = await startGoogle({ limits: true });
  });
  afterEach(() => kit.close());

  it('let a mailbox take 240 imports a minute, and another mailbox still its own', async () => {
    await kit.person('ann@new.example');
    const put = (as: string) =>
      kit.ask('POST', `${MESSAGES}/import`, { as, body: { raw: base64url(mime()) } });

    const statuses: number[] = [];
    for (let count = 0; count < 241; count++) statuses.push((await put('ann@new.example')).status);
    const refused = await put('ann@new.example');

    expect(statuses.indexOf(429)).toBe(240);
    expect(refused.body.error).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      errors: [{ reason: 'rateLimitExceeded' }],
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await put(ADMIN)).status).toBe(200);
    kit.clock.pass(60_000);
    expect((await put('ann@new.example')).status).toBe(200);
  });

  it('count Calendar for the service account unless quotaUser names somebody', async () => {
    const list = (quotaUser: string) => kit.ask('GET', `${EVENTS}?maxResults=1${quotaUser}`);
    for (let count = 0; count < 600; count++) await list('');

    expect((await list('')).status).toBe(429);
    expect((await list('&quotaUser=ann')).status).toBe(200);
  });
});

describe('control', () => {
  let kit: GoogleKit;
  const user = 'ann@new.example';
  const ids: string[] = [];
  beforeAll(async () => {
    kit = await startGoogle();
    await kit.person(user);
    for (const at of [0, 1, 2]) {
      const body = { raw: base64url(mime({ 'Message-ID': `<c${at}@x>` })), labelIds: ['INBOX', 'UNREAD'] };
      ids.push((await kit.ask('POST', `${MESSAGES}/import`, { as: user, body })).body.id);
    }
    kit.clock.pass(10_000);
  });
  afterAll(() => kit.close());

  const tamper = (operation: object) => kit.ask('POST', '/_rehearsal/tamper', { body: operation });
  const stored = async () => (await kit.ask('GET', `/_rehearsal/messages?user=${user}`)).body.messages;

  it('lists what a mailbox holds, and its bytes', async () => {
    const [first] = await stored();

    const bytes = (await kit.ask('GET', `/_rehearsal/messages?user=${user}&id=${ids[0]}`)).body;

    expect(first).toMatchObject({ id: ids[0], messageId: 'c0@x', labelIds: ['INBOX', 'UNREAD'] });
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(first.sha256);
  });

  it('deletes, doubles, relabels, reads and alters messages', async () => {
    const deleted = await tamper({ op: 'delete-message', user, pick: 0 });
    const doubled = await tamper({ op: 'double-message', user, id: ids[1] });
    const read = await tamper({ op: 'mark-read', user, id: ids[1] });
    const relabelled = await tamper({ op: 'relabel-message', user, id: ids[1] });
    const [before] = await stored();
    const altered = await tamper({ op: 'alter-body', user, id: ids[1] });
    const [after, , copy] = await stored();

    expect(deleted.body.changed).toMatchObject([{ id: ids[0], messageId: 'c0@x' }]);
    expect(doubled.body.changed[0].copy).toBe(copy.id);
    expect(copy).toMatchObject({ messageId: 'c1@x', labelIds: ['INBOX', 'UNREAD'] });
    expect(read.body.changed).toMatchObject([{ unread: false }]);
    expect(relabelled.body.changed[0].nowLabelIds).toEqual(['STARRED']);
    expect(altered.status).toBe(200);
    expect(after.bytes).toBe(before.bytes);
    expect(after.sha256).not.toBe(before.sha256);
  });

  it('shifts, doubles and deletes events and drops exceptions', async () => {
    const event = {
      start: { dateTime: '2026-03-27T09:00:00Z', timeZone: 'Etc/UTC' },
      end: { dateTime: '2026-03-27T10:00:00Z', timeZone: 'Etc/UTC' },
      recurrence: ['RRULE:FREQ=DAILY;COUNT=3'],
    };
    const { body } = await kit.ask('POST', `${EVENTS}/import`, {
      as: user,
      body: { ...event, iCalUID: 'u1' },
    });
    const instance = `${EVENTS}/${body.id}_20260328T090000Z?sendUpdates=none`;
    await kit.ask('PATCH', instance, { as: user, body: { summary: 'Other' } });

    const dropped = await tamper({ op: 'drop-exception', user });
    const doubled = await tamper({ op: 'double-event', user, id: body.id });
    await tamper({ op: 'shift-event', user, id: body.id, minutes: 30 });
    await tamper({ op: 'delete-event', user, id: doubled.body.changed[0].copy });
    const list = await kit.ask('GET', `${EVENTS}?showDeleted=true`, { as: user });

    expect(dropped.body.changed).toMatchObject([{ key: '20260328T090000Z' }]);
    expect(list.body.items).toMatchObject([
      { id: body.id, start: { dateTime: '2026-03-27T09:30:00Z' } },
      { id: doubled.body.changed[0].copy, status: 'cancelled' },
    ]);
  });

  it('changes members and deletes users', async () => {
    await kit.ask('POST', '/admin/directory/v1/groups', { body: { email: 'g@new.example' } });

    const added = await tamper({ op: 'add-member', group: 'g@new.example', user });
    const removed = await tamper({ op: 'remove-member', group: 'g@new.example', pick: 0 });
    const both = await tamper({
      operations: [
        { op: 'delete-user', user: ADMIN },
        { op: 'delete-user', user: 'x' },
      ],
    });

    expect(added.body.changed).toMatchObject([{ member: user }]);
    expect(removed.body.changed).toMatchObject([{ removed: true }]);
    expect([both.status, both.body.changed]).toEqual([
      400,
      [
        { op: 'delete-user', user: ADMIN },
        { op: 'delete-user', error: 'no such user' },
      ],
    ]);
    expect((await kit.ask('GET', MESSAGES)).status).toBe(401);
  });

  it('knows no other operation', async () => {
    expect((await tamper({ op: 'explode' })).body.changed[0].error).toContain('delete-message');
  });
});
