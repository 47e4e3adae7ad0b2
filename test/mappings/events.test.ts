import { describe, expect, it } from 'vitest';
import type { GraphEvent } from '../../src/core/microsoft.ts';
import { allDay, at, google, map, mapOne, type Over, reasons, written } from './calendar-harness.ts';
import { attendee, listed, recurrence } from './samples.ts';

describe('mapEvent', () => {
  it('imports an appointment on the primary calendar, in its own zone', () => {
    const { calendarId, method, event: mapped } = written();

    expect([calendarId, method]).toEqual(['main@google', 'import']);
    expect(mapped).toEqual({
      iCalUID: 'uid-1',
      status: 'confirmed',
      summary: 'Planning',
      start: { dateTime: '2026-03-27T09:00:00', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2026-03-27T10:00:00', timeZone: 'Europe/Berlin' },
      transparency: 'opaque',
      visibility: 'default',
      reminders: { useDefault: false, overrides: [{ method: 'popup', minutes: 15 }] },
      extendedProperties: { private: { m365id: expect.stringMatching(/^[0-9a-f]{32}$/), m365uid: 'uid-1' } },
    });
  });

  it('inserts on secondary calendars under an id of its own, people as text', () => {
    const { method, event: mapped } = written(
      { attendees: [attendee('bob@contoso.com')] },
      { calendarId: 'second' },
    );

    expect(method).toBe('insert');
    expect(mapped.id).toMatch(/^[0-9a-v]{52}$/);
    expect(mapped.iCalUID).toBeUndefined();
    expect(mapped.attendees).toBeUndefined();
    expect(mapped.description).toBe('Attendees: bob@contoso.com');
    expect(google({}, { calendarId: 'second' }).id).toBe(mapped.id);
    expect(google({ id: 'event-2' }, { calendarId: 'second' }).id).not.toBe(mapped.id);
  });

  it('a further event under one UID gets a UID of its own, so that an import does not replace the first', () => {
    expect(google({}, { variant: 1 }).iCalUID).toBe('uid-1-dup1');
  });

  it('fails, to be tried again, where its calendar has not been written', () => {
    expect(() => map({}, { calendarId: 'second', parentId: null })).toThrow(/has not been written/);
    expect(written({}, { parentId: null }).calendarId).toBe('ann@new.example');
  });

  it('fails where the listing holds no event', () => {
    expect(() => mapOne({ item: listed('event:x'), parent: null, resource: null })).toThrow(/no event/);
  });
});

describe('times', () => {
  it.each([
    ['case 62: winter', at('2026-03-27T08:00:00', '2026-03-27T09:00:00'), '2026-03-27T09:00:00'],
    ['case 62: summer', at('2026-03-30T07:00:00', '2026-03-30T08:00:00'), '2026-03-30T09:00:00'],
    [
      'the second 02:30 of an autumn night',
      at('2026-10-25T01:30:00', '2026-10-25T02:30:00'),
      '2026-10-25T02:30:00+01:00',
    ],
  ])('%s', (_, over, dateTime) => {
    expect(google(over).start).toEqual({ dateTime, timeZone: 'Europe/Berlin' });
  });

  it('reads times that are not in UTC', () => {
    const start = { dateTime: '2026-03-27T09:00:00.0000000', timeZone: 'Pacific Standard Time' };
    const end = { dateTime: '2026-03-27T10:00:00.0000000', timeZone: 'Pacific Standard Time' };

    expect(google({ start, end }).start.dateTime).toBe('2026-03-27T17:00:00');
  });

  it('case 72: an event without length lasts a minute', () => {
    const over = at('2026-03-27T08:00:00', '2026-03-27T08:00:00');

    expect(google(over).end.dateTime).toBe('2026-03-27T09:01:00');
    expect(reasons(over)).toEqual(['end: zero-length-one-minute']);
  });

  it.each([
    [
      'case 66: one day in Auckland',
      { ...allDay('2026-04-01', '2026-04-02'), originalStartTimeZone: 'New Zealand Standard Time' },
      '2026-04-01',
      '2026-04-02',
    ],
    ['case 67: three days', allDay('2026-04-01', '2026-04-04'), '2026-04-01', '2026-04-04'],
    ['no length', allDay('2026-04-01', '2026-04-01'), '2026-04-01', '2026-04-02'],
    [
      'off midnight, by its zone',
      { ...at('2026-03-31T22:00:00', '2026-04-01T22:00:00'), isAllDay: true },
      '2026-04-01',
      '2026-04-02',
    ],
    [
      'off midnight in any zone',
      { ...at('2026-04-01T08:00:00', '2026-04-01T10:00:00'), isAllDay: true },
      '2026-04-01',
      '2026-04-02',
    ],
  ])('all day, %s', (_, over, start, end) => {
    expect([google(over).start, google(over).end]).toEqual([{ date: start }, { date: end }]);
  });

  it('an event of 24 hours that is not all-day keeps its times', () => {
    expect(google(at('2026-04-01T00:00:00', '2026-04-02T00:00:00')).start.dateTime).toBe(
      '2026-04-01T02:00:00',
    );
  });

  it.each([
    [
      'case 63: a custom zone, the mailbox has one',
      'tzone://Microsoft/Custom',
      'Tokyo Standard Time',
      'Asia/Tokyo',
      ['timeZone: zone-unknown'],
    ],
    [
      'case 63: a custom zone, nothing known',
      'tzone://Microsoft/Custom',
      null,
      'Etc/UTC',
      ['timeZone: zone-unknown'],
    ],
    ['case 64: an empty zone', '', 'Tokyo Standard Time', 'Europe/Berlin', []],
  ])('%s', (_, recurrenceTimeZone, mailboxTimeZone, zone, losses) => {
    const series = recurrence(
      { type: 'weekly', daysOfWeek: ['friday'], interval: 9 },
      { recurrenceTimeZone },
    );
    const original = recurrenceTimeZone === '' ? 'W. Europe Standard Time' : 'tzone://Microsoft/Custom';
    const over = { recurrence: series, originalStartTimeZone: original, originalEndTimeZone: null };

    expect(google(over, { mailboxTimeZone }).start.timeZone).toBe(zone);
    expect(reasons(over, { mailboxTimeZone })).toEqual(losses);
  });
});

describe('series', () => {
  it('case 69: carry rule and cancelled dates', () => {
    const series = recurrence(
      { type: 'weekly', daysOfWeek: ['friday'] },
      { type: 'numbered', numberOfOccurrences: 5 },
    );

    expect(
      google({ recurrence: series, type: 'seriesMaster' }, { cancelled: ['2026-04-03'] }).recurrence,
    ).toEqual(['RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=FR;COUNT=5', 'EXDATE:20260403T070000Z']);
  });

  it('case 89: start with the first date that fits, at the same wall time across the change of clocks', () => {
    const series = recurrence({ type: 'weekly', daysOfWeek: ['tuesday'], interval: 9 });
    const mapped = google({ recurrence: series });

    expect(mapped.start).toEqual({ dateTime: '2026-05-26T09:00:00', timeZone: 'Europe/Berlin' });
    expect(mapped.end.dateTime).toBe('2026-05-26T10:00:00');
  });
});

describe('fields', () => {
  it.each([
    ['free', false, 'transparent'],
    ['busy', false, 'opaque'],
    ['tentative', false, 'opaque'],
    ['oof', false, 'opaque'],
    ['workingElsewhere', false, 'opaque'],
    ['workingElsewhere', true, 'transparent'],
    ['unknown', false, 'transparent'],
  ])('shown as %s (all day %s) → %s', (showAs, isAllDay, transparency) => {
    const times = isAllDay ? allDay('2026-04-01', '2026-04-02') : {};

    expect(google({ ...times, showAs }).transparency).toBe(transparency);
  });

  it('what Google has no field for becomes a property', () => {
    const over = { showAs: 'oof', importance: 'high', categories: ['Red', 'Blue'] };

    expect(google(over).extendedProperties?.private).toMatchObject({
      m365showAs: 'oof',
      m365importance: 'high',
      m365categories: 'Red, Blue',
    });
    expect(reasons(over)).toEqual(['categories: as-property']);
  });

  it('only an appointment of one’s own is tentative as a whole', () => {
    expect(google({ showAs: 'tentative' }).status).toBe('tentative');
    expect(google({ showAs: 'tentative', attendees: [attendee('bob@contoso.com')] }).status).toBe(
      'confirmed',
    );
  });

  it.each([
    ['normal', 'default'],
    ['personal', 'private'],
    ['private', 'private'],
    ['confidential', 'private'],
  ])('sensitivity %s → %s', (sensitivity, visibility) => {
    expect(google({ sensitivity }).visibility).toBe(visibility);
  });

  it.each([
    ['case 83: too early', true, 60_000, [40_320], ['reminder: limit-40320']],
    ['after the start', true, -5, [0], ['reminder: limit-40320']],
    ['as it is', true, 0, [0], []],
    ['case 83: off', false, 15, [], []],
  ])('reminder %s', (_, isReminderOn, reminderMinutesBeforeStart, minutes, losses) => {
    const over = { isReminderOn, reminderMinutesBeforeStart };

    expect(google(over).reminders).toEqual({
      useDefault: false,
      overrides: minutes.map((each) => ({ method: 'popup', minutes: each })),
    });
    expect(reasons(over)).toEqual(losses);
  });

  it('an empty subject is left out', () => {
    expect(google({ subject: ' ' })).not.toHaveProperty('summary');
  });

  const place = (
    displayName: string | null,
    street: string | null = null,
    locationUri: string | null = null,
  ) => ({
    displayName,
    locationUri,
    address:
      street === null
        ? null
        : { street, city: 'Bern', state: null, postalCode: '3000', countryOrRegion: null },
  });

  it.each([
    ['a name', [place('Hall')], 'Hall'],
    ['name and address', [place('Hall', 'Main 1')], 'Hall, Main 1, 3000, Bern'],
    ['several', [place('Hall'), place('Yard')], 'Hall; Yard'],
    ['invited rooms stay out', [place('Room 1'), place('Yard')], 'Yard'],
    ['rooms by address', [place('Somewhere', null, 'ROOM1@contoso.com')], undefined],
  ])('location, %s', (_, locations, expected) => {
    const attendees = [
      attendee('room1@contoso.com', {
        type: 'resource',
        emailAddress: { name: 'Room 1', address: 'room1@contoso.com' },
      }),
    ];

    expect(google({ locations, attendees }).location).toBe(expected);
  });
});

describe('Teams meetings', () => {
  const url = 'https://teams.example/l/meetup?a=1&b=2';

  it('case 80: the link is in the description, once', () => {
    expect(google({ onlineMeetingUrl: url })).toMatchObject({
      description: `Join: ${url}`,
      location: 'Microsoft Teams',
    });
    expect(
      google({ onlineMeetingUrl: url, body: { contentType: 'text', content: `x ${url}` } }).description,
    ).not.toContain('Join:');
  });

  it('the link goes where policy drops it', () => {
    const where = { policy: { teamsLinks: 'drop' as const } };

    expect(google({ onlineMeetingUrl: url }, where).description).toBeUndefined();
    expect(reasons({ onlineMeetingUrl: url }, where)).toEqual(['onlineMeeting: by-policy']);
  });
});

describe('which events', () => {
  const old = at('2020-01-01T08:00:00', '2020-01-01T09:00:00');

  it.each([
    ['years-back', old, {}],
    ['cancelled', { isCancelled: true }, {}],
    ['case 84: read-only-calendar', {}, { calendarId: 'holidays' }],
    ['owned-by-another', {}, { calendarId: 'foreign' }],
  ] as [string, Partial<GraphEvent>, Over][])('%s is excluded', (rule, over, where) => {
    expect(map(over, where)).toEqual({
      kind: 'skip',
      reason: { outcome: 'excluded', rule: rule.replace(/^case \d+: /, '') },
    });
  });

  it.each(['0001-01-01T00:00:00', '9999-12-31T00:00:00', 'nonsense'])('%s is no date', (dateTime) => {
    expect(map({ start: { dateTime, timeZone: 'UTC' } })).toEqual({
      kind: 'skip',
      reason: { outcome: 'unsupported', rule: 'date-out-of-range' },
    });
  });

  it.each([
    ['without end', {}, 'value'],
    ['into the range', { type: 'numbered' as const, numberOfOccurrences: 400 }, 'value'],
    ['that ended before it', { type: 'numbered' as const, numberOfOccurrences: 40 }, 'skip'],
    ['until before it', { type: 'endDate' as const, endDate: '2021-01-01' }, 'skip'],
  ])('an old weekly series %s', (_, range, kind) => {
    const series = recurrence({ type: 'weekly', daysOfWeek: ['wednesday'] }, range);

    expect(map({ ...old, recurrence: series }).kind).toBe(kind);
  });

  it('a cancelled event is kept on request, open and named', () => {
    const where = { policy: { cancelled: 'keep' as const } };

    expect(google({ isCancelled: true }, where)).toMatchObject({
      summary: 'Canceled: Planning',
      transparency: 'transparent',
    });
    expect(google({ isCancelled: true, subject: 'Canceled: x' }, where).summary).toBe('Canceled: x');
  });
});
