import { describe, expect, it } from 'vitest';
import { ANN, failure, never, type Reply } from '../tenant.ts';
import { ann, CALENDAR, collect, inventoryOf, requestsFollowTheDescriptions } from './reading.ts';

const list = `${CALENDAR}/calendars/${ANN}/events`;

function event(id: string, facts: object = {}) {
  return {
    id,
    status: 'confirmed',
    iCalUID: `uid-${id}`,
    summary: id,
    created: '2026-01-01T00:00:00.000Z',
    updated: '2026-01-02T00:00:00.000Z',
    start: { dateTime: '2026-03-02T10:00:00+01:00', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2026-03-02T11:00:00+01:00' },
    ...facts,
  };
}

function page(items: object[], facts: object = {}): Reply {
  return { json: { items, ...facts } };
}

describe('calendars of the target', () => {
  it('are those that the person owns', async () => {
    const { inventory } = inventoryOf({
      [`${CALENDAR}/users/me/calendarList`]: [
        page([], { nextPageToken: 't' }),
        page([
          { id: ANN, summary: 'Ann', primary: true, accessRole: 'owner' },
          { id: 'own', summary: 'Projects', accessRole: 'owner', dataOwner: 'Ann@new.example' },
          { id: 'older', accessRole: 'owner' },
          { id: 'shared', summary: 'Of Bob', accessRole: 'owner', dataOwner: 'bob@new.example' },
          { id: 'deleted', accessRole: 'owner', deleted: true },
          { id: 'holidays', accessRole: 'reader' },
          { accessRole: 'owner' },
        ]),
      ],
    });

    expect(await collect(inventory.calendars(ann, never))).toEqual([
      { kind: 'calendar', id: ANN, name: 'Ann', primary: true, writable: true },
      { kind: 'calendar', id: 'own', name: 'Projects', primary: false, writable: true },
      { kind: 'calendar', id: 'older', name: '', primary: false, writable: true },
    ]);
  });

  it('fail this person alone where Calendar is off', async () => {
    const { inventory } = inventoryOf({
      [`${CALENDAR}/users/me/calendarList`]: failure(403, 'notACalendarUser', 'The user must be signed up.'),
    });

    await expect(collect(inventory.calendars(ann, never))).rejects.toMatchObject({
      name: 'Auth',
      scope: 'job',
    });
  });
});

describe('events of the target', () => {
  it('are singles, masters, exceptions and cancelled occurrences; deleted ones are none', async () => {
    const original = { originalStartTime: { dateTime: '2026-03-04T10:00:00+01:00' }, recurringEventId: 'm' };
    const { inventory, tenant } = inventoryOf({
      [list]: [
        page([event('s'), event('m', { recurrence: ['RRULE:FREQ=DAILY'] })], { nextPageToken: 't' }),
        page([]),
      ],
    });
    const second = inventoryOf({
      [list]: page([
        event('e', { ...original, iCalUID: 'uid-m' }),
        { id: 'c', status: 'cancelled', ...original },
        { id: 'gone', status: 'cancelled' },
        event('d', {
          recurringEventId: 'dm',
          originalStartTime: { date: '2026-03-29' },
          start: { date: '2026-03-30' },
          end: { date: '2026-03-31' },
        }),
      ]),
    });

    const stored = await collect(inventory.events(ann, ANN, never));
    const changed = await collect(second.inventory.events(ann, ANN, never));

    expect(stored).toMatchObject([
      {
        id: 's',
        type: 'single',
        uid: 'uid-s',
        originalStart: null,
        startUtc: '2026-03-02T09:00:00.000Z',
        endUtc: '2026-03-02T10:00:00.000Z',
        allDay: false,
        createdAt: Date.UTC(2026, 0, 1),
      },
      { id: 'm', type: 'master' },
    ]);
    expect(changed).toMatchObject([
      { id: 'e', type: 'exception', uid: 'uid-m', originalStart: '2026-03-04T09:00:00.000Z' },
      { id: 'c', type: 'cancelled', uid: null, cancelled: true, startUtc: '' },
      { id: 'd', type: 'exception', originalStart: '2026-03-29', startUtc: '2026-03-30', allDay: true },
    ]);
    expect(tenant.seen.map(({ query }) => [query.get('showDeleted'), query.get('pageToken')])).toEqual([
      ['true', null],
      ['true', 't'],
    ]);
  });

  it('share the UID of their series whatever date Exchange wrote into it', async () => {
    const global = (date: string) =>
      `040000008200E00074C5B7101A82E008${date}${'0'.repeat(16)}${'AB'.repeat(16)}`;
    const { inventory } = inventoryOf({
      [list]: page([
        event('a', { iCalUID: global('07EA0304') }),
        event('b', { iCalUID: global('00000000').toLowerCase() }),
      ]),
    });

    const [a, b] = await collect(inventory.events(ann, ANN, never));

    expect(a?.uid).toBe(b?.uid);
  });

  it('that Google made by itself are none', async () => {
    const { inventory } = inventoryOf({
      [list]: page([
        event('b', { eventType: 'birthday' }),
        event('g', { eventType: 'fromGmail' }),
        event('f', { eventType: 'focusTime' }),
      ]),
    });

    expect((await collect(inventory.events(ann, ANN, never))).map(({ id }) => id)).toEqual(['f']);
  });
});

const WINDOW = { depth: 'items', from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' } as const;

describe('occurrences of the target', () => {
  it('are those that start inside the window, whole days by their date', async () => {
    const timed = (id: string, dateTime: string) => event(id, { start: { dateTime } });
    const day = (id: string, date: string) => event(id, { start: { date }, end: { date } });
    const { inventory, tenant } = inventoryOf({
      [list]: page([
        timed('before', '2026-02-28T23:59:59Z'),
        timed('first', '2026-03-01T01:00:00+01:00'),
        timed('last', '2026-03-31T23:59:59Z'),
        timed('after', '2026-04-01T00:00:00Z'),
        day('day before', '2026-02-28'),
        day('first day', '2026-03-01'),
        day('last day', '2026-03-31'),
        day('day after', '2026-04-01'),
        event('cancelled', { status: 'cancelled' }),
        event('birthday', { eventType: 'birthday' }),
      ]),
    });

    const found = await collect(inventory.occurrences(ann, ANN, WINDOW, never));

    expect(found.map(({ summary }) => summary)).toEqual(['first', 'last', 'first day', 'last day']);
    const { query } = tenant.last(list);
    expect([query.get('singleEvents'), query.get('timeMin'), query.get('timeMax')]).toEqual([
      'true',
      '2026-02-28T00:00:00.000Z',
      '2026-04-02T00:00:00.000Z',
    ]);
  });

  it.each([
    ['2026-03-27T09:00:00', 'Europe/Berlin', '2026-03-27T08:00:00.000Z'],
    ['2026-03-30T09:00:00', 'Europe/Berlin', '2026-03-30T07:00:00.000Z'],
    ['2026-03-05T23:30:00', 'America/Los_Angeles', '2026-03-06T07:30:00.000Z'],
    ['2026-03-30T08:00:00', 'Pacific/Auckland', '2026-03-29T19:00:00.000Z'],
    ['2026-03-27T09:00:00', 'Nowhere/Land', '2026-03-27T09:00:00.000Z'],
    ['2026-03-27T09:00:00', undefined, '2026-03-27T09:00:00.000Z'],
    ['2026-03-27T09:00:00+02:00', 'Europe/Berlin', '2026-03-27T07:00:00.000Z'],
  ])('take %s without an offset for the wall time of %s', async (dateTime, timeZone, instant) => {
    const { inventory } = inventoryOf({ [list]: page([event('e', { start: { dateTime, timeZone } })]) });

    const [found] = await collect(inventory.occurrences(ann, ANN, WINDOW, never));

    expect(found?.start).toBe(instant);
  });

  it('tell who, where and whether', async () => {
    const { inventory } = inventoryOf({
      [list]: page([
        event('one', {
          location: 'Room 1',
          transparency: 'transparent',
          visibility: 'confidential',
          organizer: { email: 'Boss@new.example' },
          attendees: [
            { email: 'Room@resource.calendar.google.com', resource: true, responseStatus: 'accepted' },
            { email: 'bob@other.example', optional: true },
            { displayName: 'nobody' },
          ],
        }),
        event('two'),
      ]),
    });

    const [one, two] = await collect(inventory.occurrences(ann, ANN, WINDOW, never));

    expect(one).toMatchObject({
      location: 'Room 1',
      busy: false,
      private: true,
      organizer: 'boss@new.example',
      attendees: [
        { address: 'room@resource.calendar.google.com', role: 'resource', response: 'accepted' },
        { address: 'bob@other.example', role: 'optional', response: 'needsAction' },
        { address: '', role: 'required', response: 'needsAction' },
      ],
    });
    expect(two).toMatchObject({ location: '', busy: true, private: false, organizer: null, attendees: [] });
  });

  it.each([
    [
      {
        useDefault: false,
        overrides: [
          { method: 'email', minutes: 60 },
          { method: 'popup', minutes: 0 },
        ],
      },
      0,
    ],
    [{ useDefault: false, overrides: [{ method: 'email', minutes: 60 }] }, 60],
    [{ useDefault: false }, null],
    [{ useDefault: true }, 30],
    [undefined, null],
  ])('with reminders %j remind after %s minutes', async (reminders, minutes) => {
    const { inventory } = inventoryOf({
      [list]: page([event('one', { reminders })], { defaultReminders: [{ method: 'popup', minutes: 30 }] }),
    });

    expect(await collect(inventory.occurrences(ann, ANN, WINDOW, never))).toMatchObject([
      { reminderMinutes: minutes },
    ]);
  });
});

requestsFollowTheDescriptions();
