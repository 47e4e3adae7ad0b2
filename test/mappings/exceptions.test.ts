import { describe, expect, it } from 'vitest';
import { mapCalendarItem, prepareCalendar } from '../../mappings/calendar-workload.ts';
import type { ExceptionValue } from '../../src/core/google.ts';
import type { GraphEvent } from '../../src/core/microsoft.ts';
import type { Mapped } from '../../src/core/types.ts';
import { attendee, book, calendar, event, job, json, listed, recurrence } from './samples.ts';

const NOW = Date.parse('2026-03-10T00:00:00Z');
const WEEKLY = recurrence(
  { type: 'weekly', daysOfWeek: ['friday'] },
  { type: 'numbered', numberOfOccurrences: 9 },
);
const MASTER: Partial<GraphEvent> = { type: 'seriesMaster', recurrence: WEEKLY };

interface Over {
  master?: Partial<GraphEvent>;
  parentId?: string | null;
  isDefaultCalendar?: boolean;
}

/** An exception of the series above: unchanged but for `over`, at 3 April 09:00 in Berlin, which is summer time. */
function map(
  over: Partial<GraphEvent>,
  { master = MASTER, parentId, isDefaultCalendar = true }: Over = {},
): Mapped<ExceptionValue> {
  const changed = event({
    ...master,
    id: 'exception-1',
    type: 'exception',
    recurrence: null,
    originalStart: '2026-04-03T07:00:00Z',
    start: { dateTime: '2026-04-03T07:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-04-03T08:00:00.0000000', timeZone: 'UTC' },
    ...over,
  });
  const inline = json({
    kind: 'exception',
    calendarId: 'main',
    isDefaultCalendar,
    mailboxTimeZone: 'W. Europe Standard Time',
    master: event(master),
    event: changed,
  });
  const targetId = parentId === undefined ? 'ann@new.example/series1' : parentId;
  const parent = targetId === null ? null : { targetId, wrote: null };
  const addresses = book({ 'ann@contoso.com': 'ann@new.example', 'bob@contoso.com': 'bob@new.example' });
  const own = job('calendar');
  const containers = [listed('calendar:main', { state: json(calendar('main')) })];
  const prepared = prepareCalendar(own, containers, addresses, NOW);
  const copy = { item: listed('exception:exception-1', { inline }), parent, resource: null };
  return mapCalendarItem([copy], { job: own, prepared, variant: 0, prior: null }) as Mapped<ExceptionValue>;
}

function written(...args: Parameters<typeof map>): ExceptionValue {
  const mapped = map(...args);
  if (mapped.kind !== 'value') throw new Error(JSON.stringify(mapped));
  return mapped.value;
}

describe('mapException', () => {
  it('names series and original start, and patches nothing where nothing differs', () => {
    expect(written({})).toEqual({
      kind: 'exception',
      calendarId: 'ann@new.example',
      masterId: 'series1',
      originalStart: '2026-04-03T09:00:00+02:00',
      patch: {},
    });
  });

  it('a moved occurrence carries start and end', () => {
    const { patch, originalStart } = written({
      start: { dateTime: '2026-04-04T10:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-04-04T11:00:00.0000000', timeZone: 'UTC' },
    });

    expect(originalStart).toBe('2026-04-03T09:00:00+02:00');
    expect(patch).toEqual({
      start: { dateTime: '2026-04-04T12:00:00', timeZone: 'Europe/Berlin' },
      end: { dateTime: '2026-04-04T13:00:00', timeZone: 'Europe/Berlin' },
    });
  });

  it('a longer occurrence carries them too', () => {
    const { patch } = written({ end: { dateTime: '2026-04-03T09:00:00.0000000', timeZone: 'UTC' } });

    expect(patch.end?.dateTime).toBe('2026-04-03T11:00:00');
  });

  it('case 71: other attendees and subject are both kept', () => {
    const { patch } = written({ subject: 'Other', attendees: [attendee('bob@contoso.com')] });

    expect(patch).toEqual({
      summary: 'Other',
      attendees: [
        { email: 'ann@new.example', displayName: 'Ann', responseStatus: 'accepted' },
        { email: 'bob@new.example', responseStatus: 'needsAction' },
      ],
    });
  });

  it('what the occurrence no longer has is emptied', () => {
    const place = { displayName: 'Hall', locationUri: null, address: null };
    const master = {
      ...MASTER,
      location: place,
      locations: [place],
      body: { contentType: 'text' as const, content: 'Agenda' },
    };
    const none = { displayName: '', locationUri: null, address: null };

    expect(
      written({ location: none, locations: [], body: { contentType: 'text', content: '' } }, { master })
        .patch,
    ).toEqual({
      description: '',
      location: '',
    });
  });

  it('what the source leaves out of an occurrence is as in the series', () => {
    const place = { displayName: 'Hall', locationUri: null, address: null };
    const master = { ...MASTER, location: place, body: { contentType: 'text' as const, content: 'Agenda' } };

    expect(written({ location: null, body: null, subject: null }, { master }).patch).toEqual({});
  });

  it.each([
    ['showAs', { showAs: 'free' }, { transparency: 'transparent' }],
    ['reminder', { isReminderOn: false }, { reminders: { useDefault: false, overrides: [] } }],
  ])('%s', (_, over, patch) => {
    expect(written(over).patch).toEqual(patch);
  });

  it('visibility stays that of the series, and is reported', () => {
    const mapped = map({ sensitivity: 'private' });

    expect(mapped).toMatchObject({
      value: { patch: {} },
      losses: [{ field: 'sensitivity', kind: 'weakened', reason: 'as-in-series' }],
    });
  });

  it('a cancelled occurrence says so and nothing else', () => {
    expect(written({ isCancelled: true, subject: 'Other' }).patch).toEqual({ status: 'cancelled' });
  });

  it.each([
    ['case 68: seven in the morning UTC', '2026-04-03T07:00:00Z', 'Pacific Standard Time', '2026-04-03'],
    ['midnight UTC', '2026-04-03T00:00:00Z', 'Pacific Standard Time', '2026-04-03'],
    ['the evening before in UTC', '2026-04-02T22:00:00Z', 'W. Europe Standard Time', '2026-04-03'],
    ['a day off by another zone', '2026-04-02T07:00:00Z', 'W. Europe Standard Time', '2026-04-03'],
  ])('all-day series: %s', (_, originalStart, originalStartTimeZone, expected) => {
    const series = recurrence(
      { type: 'weekly', daysOfWeek: ['friday'] },
      { recurrenceTimeZone: originalStartTimeZone },
    );
    const master: Partial<GraphEvent> = {
      ...MASTER,
      recurrence: series,
      isAllDay: true,
      start: { dateTime: '2026-03-27T00:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-03-28T00:00:00.0000000', timeZone: 'UTC' },
    };
    const times = {
      start: { dateTime: '2026-04-03T00:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-04-04T00:00:00.0000000', timeZone: 'UTC' },
    };
    const value = written({ ...times, originalStart, subject: 'Other' }, { master });

    expect([value.originalStart, value.patch]).toEqual([expected, { summary: 'Other' }]);
  });

  it('keeps the zone of the series', () => {
    const { patch } = written({
      originalStartTimeZone: 'Tokyo Standard Time',
      start: { dateTime: '2026-04-03T08:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-04-03T09:00:00.0000000', timeZone: 'UTC' },
    });

    expect(patch.start).toEqual({ dateTime: '2026-04-03T10:00:00', timeZone: 'Europe/Berlin' });
  });

  it('is left out with its series', () => {
    const master = { ...MASTER, isCancelled: true };

    expect(map({}, { master, parentId: null })).toEqual({
      kind: 'skip',
      reason: { outcome: 'excluded', rule: 'cancelled' },
    });
  });

  it('fails, to be tried again, where its series has not been written', () => {
    expect(() => map({}, { parentId: null })).toThrow(/has not been written/);
  });
});
