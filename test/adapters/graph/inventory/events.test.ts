import { describe, expect, it } from 'vitest';
import { at, collect, json, list, never, refusal } from '../tenant-double.ts';
import { ann, answerWindow, exactly, inventoryOf, MAILBOX, requestsFollowTheMetadata } from './reading.ts';

const events = `${MAILBOX}/calendars/c1/events`;
const GLOBAL = '040000008200E00074C5B7101A82E008';
const TAIL = `${'0'.repeat(16)}${'AB'.repeat(16)}`;

function utc(dateTime: string) {
  return { dateTime: `${dateTime}.0000000`, timeZone: 'UTC' };
}

function event(id: string, facts: object = {}) {
  return {
    id,
    type: 'singleInstance',
    iCalUId: `uid-${id}`,
    subject: `Event ${id}`,
    isAllDay: false,
    isCancelled: false,
    start: utc('2026-03-02T09:00:00'),
    end: utc('2026-03-02T10:00:00'),
    createdDateTime: '2026-01-01T00:00:00Z',
    lastModifiedDateTime: '2026-01-02T00:00:00Z',
    ...facts,
  };
}

const daily = { pattern: { type: 'daily', interval: 1 }, range: { type: 'noEnd', startDate: '2026-03-02' } };
const master = event('m', { type: 'seriesMaster', recurrence: daily });

describe('calendars of the source', () => {
  it('are all listed, with what may be written', async () => {
    const { inventory } = inventoryOf([
      exactly(`${MAILBOX}/calendars`, () =>
        list([
          { id: 'c1', name: 'Kalender', isDefaultCalendar: true, canEdit: true },
          { id: 'c2', name: 'Feiertage', canEdit: false },
          { id: 'c3', name: null },
          { name: 'no id' },
        ]),
      ),
    ]);

    expect(await collect(inventory.calendars(ann, never))).toEqual([
      { kind: 'calendar', id: 'c1', name: 'Kalender', primary: true, writable: true },
      { kind: 'calendar', id: 'c2', name: 'Feiertage', primary: false, writable: false },
      { kind: 'calendar', id: 'c3', name: '', primary: false, writable: true },
    ]);
  });
});

describe('events of the source', () => {
  it('tell times in UTC, and whole days as dates', async () => {
    const { inventory, tenant } = inventoryOf([
      exactly(events, () =>
        list([
          event('s', { iCalUId: `${GLOBAL}07EA030A${TAIL}` }),
          event('d', { isAllDay: true, start: utc('2026-03-29T00:00:00'), end: utc('2026-03-30T00:00:00') }),
          event('x', { isCancelled: true }),
        ]),
      ),
    ]);

    const found = await collect(inventory.events(ann, 'c1', never));

    expect(found).toMatchObject([
      {
        id: 's',
        type: 'single',
        uid: `${GLOBAL}00000000${TAIL}`,
        startUtc: '2026-03-02T09:00:00.000Z',
        endUtc: '2026-03-02T10:00:00.000Z',
        originalStart: null,
        createdAt: Date.UTC(2026, 0, 1),
      },
      { id: 'd', allDay: true, startUtc: '2026-03-29', endUtc: '2026-03-30' },
      { id: 'x', cancelled: true },
    ]);
    expect(
      tenant.seen.every(({ headers }) => headers.get('prefer')?.includes('outlook.timezone="UTC"')),
    ).toBe(true);
  });

  it('may lack every field but the id', async () => {
    const { inventory } = inventoryOf([exactly(events, () => list([{ id: 'bare', start: null }, {}]))]);

    expect(await collect(inventory.events(ann, 'c1', never))).toEqual([
      {
        kind: 'event',
        id: 'bare',
        calendarId: 'c1',
        uid: null,
        type: 'single',
        originalStart: null,
        cancelled: false,
        createdAt: null,
        modifiedAt: null,
        summary: '',
        allDay: false,
        startUtc: '',
        endUtc: '',
      },
    ]);
  });

  it('show each master followed by its exceptions, under the UID of the series', async () => {
    const exception = event('e1', {
      type: 'exception',
      iCalUId: 'another',
      originalStart: '2026-03-04T09:00:00Z',
      start: utc('2026-03-04T11:00:00'),
    });
    const { inventory } = inventoryOf([
      exactly(events, () => list([master, event('s')])),
      exactly(`${MAILBOX}/events/m`, () => json({ id: 'm', exceptionOccurrences: [exception] })),
    ]);

    const found = await collect(inventory.events(ann, 'c1', never));

    expect(found.map(({ id, type, uid, originalStart }) => [id, type, uid, originalStart])).toEqual([
      ['m', 'master', 'uid-m', null],
      ['e1', 'exception', 'uid-m', '2026-03-04T09:00:00.000Z'],
      ['s', 'single', 'uid-s', null],
    ]);
  });

  it.each([
    ['2026-03-04T00:00:00Z', '2026-03-04'],
    ['2026-07-04T07:00:00Z', '2026-07-04'],
    ['2026-03-03T23:00:00Z', '2026-03-04'],
    ['2026-01-03T11:00:00Z', '2026-01-04'],
    ['2026-01-04T10:00:00Z', '2026-01-04'],
  ])('tell the date that a whole day had from its local midnight %s', async (originalStart, date) => {
    const allDay = { isAllDay: true, start: utc('2026-03-02T00:00:00'), end: utc('2026-03-03T00:00:00') };
    const exception = event('e1', { ...allDay, type: 'exception', originalStart });
    const { inventory } = inventoryOf([
      exactly(events, () => list([{ ...master, ...allDay }])),
      exactly(`${MAILBOX}/events/m`, () => json({ id: 'm', exceptionOccurrences: [exception] })),
    ]);

    expect((await collect(inventory.events(ann, 'c1', never)))[1]).toMatchObject({ originalStart: date });
  });

  it.each([
    ['does not show them', () => json({ id: 'm' })],
    ['refuses to expand them', () => refusal(400, 'ErrorInvalidProperty')],
    ['cannot render one of them', () => refusal(500, 'ErrorInternalServerError')],
  ])('find exceptions among the instances where the master %s', async (_, answer) => {
    const old = { ...daily, range: { type: 'noEnd', startDate: '2015-01-05' } };
    const { inventory, tenant } = inventoryOf([
      exactly(events, () => list([{ ...master, recurrence: old, start: utc('2015-01-05T09:00:00') }])),
      exactly(`${MAILBOX}/events/m`, answer),
      exactly(`${MAILBOX}/events/m/instances`, () =>
        list([
          { id: 'o1', type: 'occurrence' },
          { id: 'e1', type: 'exception', originalStart: '2026-03-04T09:00:00Z' },
          { id: 'e2', type: 'exception', originalStart: '2026-03-05T09:00:00Z' },
        ]),
      ),
      exactly(`${MAILBOX}/events/e1`, () => json(event('e1', { type: 'exception' }))),
    ]);

    const found = await collect(inventory.events(ann, 'c1', never));

    expect(found.map(({ id, originalStart }) => [id, originalStart])).toEqual([
      ['m', null],
      ['e1', '2026-03-04T09:00:00.000Z'],
    ]);
    const spans = tenant.seen.filter(({ path }) => path.includes('/instances'));
    expect(spans.length).toBeGreaterThan(1);
    for (const { url } of spans) expect(daysAsked(url)).toBeLessThanOrEqual(1825);
  });

  it('that belong to a series are left to their master; an exception without one stands for itself', async () => {
    const { inventory } = inventoryOf([
      exactly(events, () =>
        list([
          event('o', { type: 'occurrence', seriesMasterId: 'm' }),
          event('e', { type: 'exception', seriesMasterId: 'm' }),
          event('orphan', { type: 'exception', seriesMasterId: null }),
        ]),
      ),
    ]);

    const found = await collect(inventory.events(ann, 'c1', never));

    expect(found.map(({ id, type }) => [id, type])).toEqual([['orphan', 'single']]);
  });

  it('leave out a master that is deleted before its exceptions are read', async () => {
    const { inventory } = inventoryOf([
      exactly(events, () => list([master, event('s')])),
      exactly(`${MAILBOX}/events/m`, () => refusal(404, 'ErrorItemNotFound')),
    ]);

    expect((await collect(inventory.events(ann, 'c1', never))).map(({ id }) => id)).toEqual(['s']);
  });

  it('are read whole where one of them corrupts its page', async () => {
    const all = Array.from({ length: 320 }, (_, index) => event(`s${index}`));
    const { inventory } = inventoryOf([
      exactly(events, ({ url }) => answerWindow(url, all, [17, 318])),
      at(`${MAILBOX}/events/`, ({ path }) => json(event(path.split('?')[0]!.split('/').at(-1)!))),
    ]);

    const found = await collect(inventory.events(ann, 'c1', never));

    expect(found.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });
});

const WINDOW = { depth: 'items', from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' } as const;
const view = `${MAILBOX}/calendars/c1/calendarView`;

describe('occurrences of the source', () => {
  it('are those that start inside the window, whole days by their date; cancelled ones are none', async () => {
    const timed = (id: string, start: string) => event(id, { start: utc(start) });
    const day = (id: string, start: string) =>
      event(id, { isAllDay: true, start: utc(`${start}T00:00:00`), end: utc(`${start}T00:00:00`) });
    const { inventory, tenant } = inventoryOf([
      exactly(view, () =>
        list([
          timed('before', '2026-02-28T23:59:59'),
          timed('first', '2026-03-01T00:00:00'),
          timed('last', '2026-03-31T23:59:59'),
          timed('after', '2026-04-01T00:00:00'),
          day('day before', '2026-02-28'),
          day('first day', '2026-03-01'),
          day('last day', '2026-03-31'),
          day('day after', '2026-04-01'),
          event('cancelled', { isCancelled: true }),
        ]),
      ),
    ]);

    const found = await collect(inventory.occurrences(ann, 'c1', WINDOW, never));

    expect(found.map(({ summary }) => summary.slice('Event '.length))).toEqual([
      'first',
      'last',
      'first day',
      'last day',
    ]);
    const { searchParams } = tenant.seen[0]!.url;
    expect(searchParams.get('startDateTime')).toBe('2026-02-28T00:00:00.000Z');
    expect(searchParams.get('endDateTime')).toBe('2026-04-02T00:00:00.000Z');
  });

  it('of a long window are asked for in pieces that Graph accepts, each once', async () => {
    const starts = [
      '2019-01-01T00:00:00Z',
      '2023-12-05T23:59:59Z',
      '2023-12-06T00:00:00Z',
      '2028-12-31T00:00:00Z',
    ];
    const { inventory, tenant } = inventoryOf([
      exactly(view, ({ url }) => {
        const from = Date.parse(url.searchParams.get('startDateTime')!);
        const to = Date.parse(url.searchParams.get('endDateTime')!);
        const inside = starts.filter((start) => Date.parse(start) >= from && Date.parse(start) < to);
        return list(inside.map((start) => event(start, { start: utc(start.slice(0, 19)) })));
      }),
    ]);
    const window = { depth: 'items', from: '2019-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' } as const;

    const found = await collect(inventory.occurrences(ann, 'c1', window, never));

    expect(found.map(({ start }) => Date.parse(start))).toEqual(starts.map((start) => Date.parse(start)));
    for (const { url } of tenant.seen) expect(daysAsked(url)).toBeLessThanOrEqual(1825);
  });

  it('carry the UID of their series, whatever their own is', async () => {
    const { inventory, tenant } = inventoryOf([
      exactly(view, () =>
        list([
          event('o1', { type: 'occurrence', seriesMasterId: 'm' }),
          event('e1', { type: 'exception', seriesMasterId: 'm' }),
          event('gone', { type: 'occurrence', seriesMasterId: 'deleted' }),
          event('single'),
        ]),
      ),
      exactly(`${MAILBOX}/events/m`, () => json({ id: 'm', iCalUId: 'uid-m' })),
      exactly(`${MAILBOX}/events/deleted`, () => refusal(404, 'ErrorItemNotFound')),
    ]);

    const found = await collect(inventory.occurrences(ann, 'c1', WINDOW, never));

    expect(found.map(({ uid }) => uid)).toEqual(['uid-m', 'uid-m', 'uid-gone', 'uid-single']);
    expect(tenant.seen.filter(({ path }) => path.includes('/events/m'))).toHaveLength(1);
  });

  it('tell who, where, whether and when it reminds', async () => {
    const { inventory } = inventoryOf([
      exactly(view, () =>
        list([
          event('one', {
            location: { displayName: 'Room 1' },
            organizer: { emailAddress: { address: 'Boss@Old.example' } },
            attendees: [
              {
                type: 'optional',
                status: { response: 'tentativelyAccepted' },
                emailAddress: { address: 'Bob@Other.example' },
              },
              { emailAddress: null },
            ],
            isReminderOn: true,
            reminderMinutesBeforeStart: 15,
            sensitivity: 'private',
            showAs: 'busy',
          }),
          event('two', {
            isReminderOn: false,
            reminderMinutesBeforeStart: 15,
            location: null,
            organizer: null,
          }),
        ]),
      ),
    ]);

    const [one, two] = await collect(inventory.occurrences(ann, 'c1', WINDOW, never));

    expect(one).toMatchObject({
      location: 'Room 1',
      organizer: 'boss@old.example',
      attendees: [
        { address: 'bob@other.example', role: 'optional', response: 'tentativelyAccepted' },
        { address: '', role: 'required', response: 'none' },
      ],
      reminderMinutes: 15,
      private: true,
      busy: true,
    });
    expect(two).toMatchObject({
      location: '',
      organizer: null,
      attendees: [],
      reminderMinutes: null,
      private: false,
    });
  });

  it.each([
    ['busy', false, true],
    ['tentative', true, true],
    ['oof', true, true],
    ['free', false, false],
    ['unknown', false, false],
    [undefined, false, false],
    ['workingElsewhere', false, true],
    ['workingElsewhere', true, false],
  ])('shown as %s (whole day: %s) block the time: %s', async (showAs, isAllDay, busy) => {
    const { inventory } = inventoryOf([exactly(view, () => list([event('one', { showAs, isAllDay })]))]);

    expect(await collect(inventory.occurrences(ann, 'c1', WINDOW, never))).toMatchObject([{ busy }]);
  });
});

function daysAsked(url: URL): number {
  const at = (name: string) => Date.parse(url.searchParams.get(name)!);
  return (at('endDateTime') - at('startDateTime')) / 86_400_000;
}

requestsFollowTheMetadata();
