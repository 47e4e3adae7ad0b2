import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GoogleKit, startGoogle } from './google-kit.ts';

const EVENTS = '/calendar/v3/calendars/primary/events';

let kit: GoogleKit;
let people = 0;
let as = '';
beforeAll(async () => {
  kit = await startGoogle({ timeZone: 'Europe/Berlin' });
  await kit.person('bob@new.example');
});
afterAll(() => kit.close());
/** Every test has a calendar of its own. */
beforeEach(async () => {
  as = `cal${people++}@new.example`;
  await kit.person(as);
});

const timed = (from: string, to: string, zone = 'Europe/Berlin') => ({
  start: { dateTime: from, timeZone: zone },
  end: { dateTime: to, timeZone: zone },
});
const meeting = timed('2026-03-27T09:00:00', '2026-03-27T10:00:00');
const daily = { ...meeting, recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] };

const imports = (body: Record<string, unknown>) => kit.ask('POST', `${EVENTS}/import`, { as, body });
const inserts = (body: Record<string, unknown>, query = 'sendUpdates=none') =>
  kit.ask('POST', `${EVENTS}?${query}`, { as, body });
const get = (path: string) => kit.ask('GET', `${EVENTS}${path}`, { as });
const patch = (id: string, body: Record<string, unknown>, query = 'sendUpdates=none') =>
  kit.ask('PATCH', `${EVENTS}/${id}?${query}`, { as, body });

async function items(query: string): Promise<{ [name: string]: unknown }[]> {
  return (await get(`?${query}`)).body.items;
}

describe('series', () => {
  it('are expanded over a range, their exceptions applied', async () => {
    const { body } = await inserts({ ...daily, summary: 'Daily' });
    const [, second] = await items('singleEvents=true&orderBy=startTime');
    await patch(String(second?.['id']), {
      ...timed('2026-03-28T23:00:00', '2026-03-28T23:30:00'),
      summary: 'Late',
    });
    await kit.ask('DELETE', `${EVENTS}/${body.id}_20260329T070000Z?sendUpdates=none`, { as });

    const found = await items(
      'singleEvents=true&orderBy=startTime&timeMin=2026-03-28T10:00:00Z&timeMax=2026-03-31T00:00:00Z',
    );
    const deleted = await items('singleEvents=true&showDeleted=true');
    const stored = await items('singleEvents=false');

    expect(found.map((item) => [item['summary'], (item['start'] as { dateTime: string }).dateTime])).toEqual([
      ['Late', '2026-03-28T23:00:00+01:00'],
      ['Daily', '2026-03-30T09:00:00+02:00'],
    ]);
    expect(deleted).toHaveLength(5);
    expect(stored.map((item) => [item['id'], item['status']])).toEqual([
      [body.id, 'confirmed'],
      [`${body.id}_20260328T080000Z`, 'confirmed'],
      [`${body.id}_20260329T070000Z`, 'cancelled'],
    ]);
  });

  it('name an instance by its original start', async () => {
    const { body } = await inserts(daily);
    const instances = (query: string) => get(`/${body.id}/instances?${query}`);

    const one = await instances('originalStart=2026-03-30T07:00:00Z');
    const zoned = await instances('originalStart=2026-03-30T09:00:00%2B02:00');
    const none = await instances('originalStart=2026-04-30T07:00:00Z');

    expect(one.body.items).toMatchObject([{ id: `${body.id}_20260330T070000Z`, recurringEventId: body.id }]);
    expect(zoned.body.items).toHaveLength(1);
    expect(none.body.items).toEqual([]);
    expect((await get(`/${body.id}_20260330T070000Z`)).body.summary).toBe(body.summary);
    expect((await get(`/${body.id}_20260430T070000Z`)).status).toBe(404);
  });

  it('of whole days have ids and original starts of dates', async () => {
    const { body } = await inserts({
      start: { date: '2026-04-01' },
      end: { date: '2026-04-02' },
      recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2', 'EXDATE;VALUE=DATE:20260408'],
    });

    const { body: page } = await get(`/${body.id}/instances`);

    expect(page.items).toMatchObject([
      { id: `${body.id}_20260401`, originalStartTime: { date: '2026-04-01' }, end: { date: '2026-04-02' } },
    ]);
  });
});

describe('lists', () => {
  it('filter by UID, property, update and text, and page', async () => {
    for (let at = 0; at < 5; at++) {
      const extendedProperties = { private: { m365id: `id-${at}` } };
      await imports({ ...meeting, iCalUID: `list-${at}`, summary: `Item ${at}`, extendedProperties });
    }
    const first = await get('?maxResults=3');
    const second = await get(`?maxResults=3&pageToken=${first.body.nextPageToken}`);

    expect(await items('iCalUID=list-3')).toMatchObject([{ summary: 'Item 3' }]);
    expect(await items('privateExtendedProperty=m365id%3Did-2')).toMatchObject([{ summary: 'Item 2' }]);
    expect(await items('q=item%204')).toHaveLength(1);
    expect(await items('updatedMin=2100-01-01T00:00:00Z')).toEqual([]);
    expect([first.body.items.length, second.body.items.length]).toEqual([3, 2]);
    expect(second.body.nextSyncToken).toMatch(/^S\d+$/);
    expect(first.body).toMatchObject({ accessRole: 'owner', timeZone: 'Europe/Berlin' });
  });

  it('give only what changed since a sync token, deletions too', async () => {
    const { body: kept } = await imports({ ...meeting, iCalUID: 'kept' });
    const { body: gone } = await imports({ ...meeting, iCalUID: 'gone' });
    const { nextSyncToken } = (await get('')).body;
    await kit.ask('DELETE', `${EVENTS}/${gone.id}?sendUpdates=none`, { as });

    const changed = await items(`syncToken=${nextSyncToken}`);

    expect(changed).toMatchObject([{ id: gone.id, status: 'cancelled' }]);
    expect(await items('')).toMatchObject([{ id: kept.id }]);
    const expired = await get('?syncToken=old');
    expect([expired.status, expired.body.error.errors[0].reason]).toEqual([410, 'fullSyncRequired']);
  });

  it.each([
    ['timeMin=2026-01-01', 'badRequest'],
    ['timeMin=2026-02-01T00:00:00Z&timeMax=2026-01-01T00:00:00Z', 'timeRangeEmpty'],
    ['orderBy=startTime', 'badRequest'],
    ['size=3', 'badRequest'],
  ])('refuse %s', async (query, reason) => {
    const answer = await get(`?${query}`);

    expect([answer.status, answer.body.error.errors[0].reason]).toEqual([400, reason]);
  });

  it('answer times in the zone that is asked for', async () => {
    await imports({ ...meeting, iCalUID: 'zoned' });

    const [item] = await items('timeZone=America/New_York');

    expect(item?.['start']).toEqual({ dateTime: '2026-03-27T04:00:00-04:00', timeZone: 'Europe/Berlin' });
  });

  it('say 410 when something is deleted twice', async () => {
    const { body } = await inserts(meeting);
    const remove = () => kit.ask('DELETE', `${EVENTS}/${body.id}?sendUpdates=none`, { as });

    expect([(await remove()).status, (await remove()).status]).toEqual([204, 410]);
  });
});

describe('calendars', () => {
  it('are created by their owner and listed with what the owner sets', async () => {
    const made = await kit.ask('POST', '/calendar/v3/calendars', {
      as,
      body: { summary: 'Side', timeZone: 'Asia/Tokyo' },
    });
    const entry = `/calendar/v3/users/me/calendarList/${made.body.id}`;
    const colours = { backgroundColor: '#9fc6e7', foregroundColor: '#000000' };
    await kit.ask('PATCH', `${entry}?colorRgbFormat=true`, { as, body: colours });

    const { body } = await kit.ask('GET', '/calendar/v3/users/me/calendarList', { as });

    expect(made.body.id).toMatch(/^c_[0-9a-f]{64}@group\.calendar\.google\.com$/);
    expect(body.items).toMatchObject([
      { id: as, primary: true, accessRole: 'owner' },
      { id: made.body.id, summary: 'Side', timeZone: 'Asia/Tokyo', ...colours },
    ]);
  });

  it('tell people of a share unless told not to', async () => {
    const before = kit.tenant.notifications();
    const acl = '/calendar/v3/calendars/primary/acl';
    const rule = { role: 'reader', scope: { type: 'user', value: 'bob@new.example' } };

    await kit.ask('POST', `${acl}?sendNotifications=false`, { as, body: rule });
    expect(kit.tenant.notifications()).toBe(before);
    await kit.ask('POST', acl, { as, body: rule });
    expect(kit.tenant.notifications()).toBe(before + 1);

    const { body } = await kit.ask('GET', acl, { as });
    expect(body.items.map((one: { id: string; role: string }) => [one.id, one.role])).toEqual([
      [`user:${as}`, 'owner'],
      ['user:bob@new.example', 'reader'],
    ]);
    expect((await kit.ask('DELETE', `${acl}/user:bob@new.example`, { as })).status).toBe(204);
  });

  it('number 60 new ones before the limit of use', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 61; at++) {
      statuses.push(
        (await kit.ask('POST', '/calendar/v3/calendars', { as, body: { summary: `C${at}` } })).status,
      );
    }

    expect(statuses.lastIndexOf(200)).toBe(59);
    expect(statuses[60]).toBe(403);
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
