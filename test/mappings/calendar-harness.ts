import { mapCalendarItem, prepareCalendar } from '../../mappings/calendar-workload.ts';
import type { CalendarWrite, EventValue, GoogleEvent } from '../../src/core/google.ts';
import type { CalendarResource, GraphCalendar, GraphEvent } from '../../src/core/microsoft.ts';
import type { Copy } from '../../src/core/ports.ts';
import type { Mapped, Policy } from '../../src/core/types.ts';
import { attendee, book, calendar, event, job, json, listed, organisation, POLICY } from './samples.ts';

export const NOW = Date.parse('2026-03-10T00:00:00Z');
export const X500 = '/o=exchangelabs/ou=x/cn=recipients/cn=bob';
export const BOOK = book({
  'ann@contoso.com': 'ann@new.example',
  'bob@contoso.com': 'bob@new.example',
  'b@contoso.com': 'bob@new.example',
  'team@contoso.com': 'team@new.example',
  'room1@contoso.com': 'c_123@resource.calendar.google.com',
  [X500]: 'bob@new.example',
});
export const CALENDARS: GraphCalendar[] = [
  calendar('main'),
  calendar('second', { isDefaultCalendar: false, name: 'Projects' }),
  calendar('holidays', { isDefaultCalendar: false, canEdit: false, name: 'Holidays' }),
  calendar('foreign', { isDefaultCalendar: false, ownerAddress: 'bob@contoso.com' }),
];
export const BOB = { name: 'Bob', address: 'bob@contoso.com' };
export const ANN = attendee('ann@contoso.com');

export interface Over {
  calendarId?: string;
  mailboxTimeZone?: string | null;
  cancelled?: string[];
  policy?: Partial<Policy['calendar']>;
  parentId?: string | null;
  variant?: number;
}

export function mapOne(
  copy: Copy<CalendarResource>,
  policy: Partial<Policy['calendar']> = {},
  variant = 0,
): Mapped<CalendarWrite> {
  const containers = CALENDARS.map((each) => listed(`calendar:${each.id}`, { state: json(each) }));
  const own = job(
    'calendar',
    organisation({ policy: { ...POLICY, calendar: { ...POLICY.calendar, ...policy } } }),
  );
  const prepared = prepareCalendar(own, containers, BOOK, NOW);
  return mapCalendarItem([copy], { job: own, prepared, variant, prior: null });
}

export function map(over: Partial<GraphEvent> = {}, where: Over = {}): Mapped<CalendarWrite> {
  const calendarId = where.calendarId ?? 'main';
  const inline = json({
    kind: 'event',
    calendarId,
    isDefaultCalendar: calendarId === 'main',
    mailboxTimeZone: where.mailboxTimeZone === undefined ? 'W. Europe Standard Time' : where.mailboxTimeZone,
    event: event(over),
    cancelled: where.cancelled ?? [],
  });
  const targetId = where.parentId === undefined ? `${calendarId}@google` : where.parentId;
  const parent = targetId === null ? null : { targetId, wrote: null };
  return mapOne(
    { item: listed('event:event-1', { inline }), parent, resource: null },
    where.policy,
    where.variant,
  );
}

export function written(over: Partial<GraphEvent> = {}, where: Over = {}): EventValue {
  const mapped = map(over, where);
  if (mapped.kind !== 'value' || mapped.value.kind !== 'event') throw new Error(JSON.stringify(mapped));
  return mapped.value;
}

export const google = (over: Partial<GraphEvent> = {}, where: Over = {}): GoogleEvent =>
  written(over, where).event;

export function reasons(over: Partial<GraphEvent> = {}, where: Over = {}): string[] {
  const mapped = map(over, where);
  return mapped.kind === 'value' ? mapped.losses.map(({ field, reason }) => `${field}: ${reason}`) : [];
}

export const at = (start: string, end: string): Partial<GraphEvent> => ({
  start: { dateTime: `${start}.0000000`, timeZone: 'UTC' },
  end: { dateTime: `${end}.0000000`, timeZone: 'UTC' },
});
export const allDay = (start: string, end: string): Partial<GraphEvent> => ({
  ...at(`${start}T00:00:00`, `${end}T00:00:00`),
  isAllDay: true,
});
