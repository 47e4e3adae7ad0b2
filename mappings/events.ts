import { Rejected } from '../src/core/errors.ts';
import type { EventValue, GoogleEvent } from '../src/core/google.ts';
import type { GraphCalendar, GraphEvent, GraphEventItem } from '../src/core/microsoft.ts';
import type { Copy } from '../src/core/ports.ts';
import type { Loss, Mapped, Policy, SkipReason } from '../src/core/types.ts';
import { type CalendarOwner, mapParticipants } from './attendees.ts';
import { sha256Hex } from './digest.ts';
import {
  mapDescription,
  mapLocation,
  mapReminders,
  mapTransparency,
  mapVisibility,
} from './event-content.ts';
import {
  type EventSpan,
  eventSpan,
  eventZone,
  googleTimes,
  hasUsableDates,
  moveToDate,
} from './event-times.ts';
import { cleanUid, deterministicEventId, syntheticUid } from './event-uid.ts';
import { type MappedRecurrence, mapRecurrence } from './recurrence.ts';
import { formatWall, type ZoneClock } from './wall-clock.ts';

/** What the mapping of one mailbox's calendars has to know beside the events. */
export interface PreparedCalendar {
  /** Calendar id at the source → why it is left out, null when it is moved. */
  calendars: ReadonlyMap<string, { calendar: GraphCalendar; skip: SkipReason | null }>;
  policy: Policy['calendar'];
  owner: CalendarOwner;
  /** Source address of the mailbox, part of the identity of its events. */
  mailbox: string;
  nowMs: number;
}

/** A series or single event on the way, before it is told which calendar it goes to. */
export interface EventDraft {
  event: GoogleEvent;
  span: EventSpan;
  series: MappedRecurrence | null;
  losses: Loss[];
}

/**
 * A single event or series master (mapping 4). Primary calendar: `import` under the cleaned UID with organiser and
 * attendees; secondary: `insert` under an id of our own, people as text. `variant` counts further events under a UID
 * that the mailbox holds more than once; they get `-dup1` … behind it, for an import would replace the first. Throws
 * `Rejected` when the calendar that it belongs to has not been written.
 */
export function mapEvent(
  item: GraphEventItem,
  copy: Copy<unknown>,
  prepared: PreparedCalendar,
  variant = 0,
): Mapped<EventValue> {
  const reason = eventSkip(item, prepared);
  if (reason !== null) return { kind: 'skip', reason };
  const calendarId = copy.parent?.targetId ?? (item.isDefaultCalendar ? prepared.owner.address : null);
  if (calendarId === null)
    throw new Rejected({
      code: 'calendar-not-written',
      message: 'the calendar of this event has not been written',
    });
  const draft = draftEvent(item.event, item, prepared);
  const identity = item.isDefaultCalendar
    ? { iCalUID: uidOf(item.event, prepared) + (variant > 0 ? `-dup${variant}` : '') }
    : { id: deterministicEventId(domainOf(prepared.mailbox), prepared.mailbox, item.event.id) };
  return {
    kind: 'value',
    value: {
      kind: 'event',
      calendarId,
      method: item.isDefaultCalendar ? 'import' : 'insert',
      event: { ...identity, ...draft.event },
    },
    losses: draft.losses,
  };
}

function domainOf(mailbox: string): string {
  return mailbox.slice(mailbox.lastIndexOf('@') + 1);
}

function uidOf(event: GraphEvent, prepared: PreparedCalendar): string {
  return cleanUid(event.iCalUId) ?? syntheticUid(prepared.mailbox, event.id);
}

/** What the skipping and the drafting of an event need beside it. */
export interface EventPlace {
  calendarId: string;
  isDefaultCalendar: boolean;
  mailboxTimeZone: string | null;
}

/**
 * Why an event is left out, null when it is moved: its calendar's rule, `cancelled`, dates that no calendar takes, or
 * `years-back`. A series stays whole when any of its instances ends within range.
 */
export function eventSkip(
  item: EventPlace & { event: GraphEvent; cancelled?: readonly string[] },
  prepared: PreparedCalendar,
): SkipReason | null {
  const calendar = prepared.calendars.get(item.calendarId);
  if (calendar?.skip) return calendar.skip;
  if (item.event.isCancelled && prepared.policy.cancelled === 'skip')
    return { outcome: 'excluded', rule: 'cancelled' };
  if (!hasUsableDates(item.event)) return { outcome: 'unsupported', rule: 'date-out-of-range' };
  return lastEnd(item.event, item) < cutoff(prepared) ? { outcome: 'excluded', rule: 'years-back' } : null;
}

function cutoff({ nowMs, policy }: PreparedCalendar): number {
  const date = new Date(nowMs);
  date.setUTCFullYear(date.getUTCFullYear() - policy.yearsBack);
  return date.getTime();
}

/** Epoch ms at which the last instance ends; infinite for a series without end. */
function lastEnd(event: GraphEvent, place: EventPlace): number {
  const span = eventSpan(event, eventZone(event, place.mailboxTimeZone));
  const series = seriesOf(event, span, []);
  if (series === null) return span.endMs;
  if (series.lastDate === null) return Number.POSITIVE_INFINITY;
  return moveToDate(span, series.lastDate).endMs;
}

/** The recurrence of an event whose first instance is `span`; null for single events. */
export function seriesOf(
  event: GraphEvent,
  span: EventSpan,
  cancelled: readonly string[],
): MappedRecurrence | null {
  if (event.recurrence === null) return null;
  const start = span.isAllDay ? formatWall(span.startMs) : span.clock.toWall(span.startMs);
  return mapRecurrence(event.recurrence, { start, isAllDay: span.isAllDay, clock: span.clock, cancelled });
}

/** All fields of an event but its identity. `clock` overrides the zone: an exception stands in that of its series. */
export function draftEvent(
  event: GraphEvent,
  item: EventPlace & { cancelled?: readonly string[] },
  prepared: PreparedCalendar,
  clock?: ZoneClock,
): EventDraft {
  const zone = clock ? { zone: clock.zone, loss: null } : eventZone(event, item.mailboxTimeZone);
  const listed = eventSpan(event, zone);
  const series = seriesOf(event, listed, item.cancelled ?? []);
  const span = series === null ? listed : moveToDate(listed, series.firstDate);
  const people = mapParticipants(event, prepared.owner, item.isDefaultCalendar);
  const description = mapDescription(event, people.lines, prepared.policy);
  const losses = [...listed.losses, ...(series?.losses ?? []), ...people.losses, ...description.losses];
  const reminders = mapReminders(event, losses);
  const summary = summaryOf(event);
  const location = mapLocation(event);
  const isKeptCancelled = event.isCancelled;
  if (event.categories.length > 0)
    losses.push({ field: 'categories', kind: 'weakened', reason: 'as-property' });
  return {
    event: {
      status: isTentative(event) ? 'tentative' : 'confirmed',
      ...(summary === '' ? {} : { summary }),
      ...(description.text === '' ? {} : { description: description.text }),
      ...(location === '' ? {} : { location }),
      ...googleTimes(span),
      ...(series === null || series.lines.length === 0 ? {} : { recurrence: series.lines }),
      transparency: isKeptCancelled ? 'transparent' : mapTransparency(event),
      visibility: mapVisibility(event),
      reminders,
      ...people.fields,
      extendedProperties: { private: propertiesOf(event) },
    },
    span,
    series,
    losses,
  };
}

function summaryOf(event: GraphEvent): string {
  const subject = (event.subject ?? '').toWellFormed().replace(/\s+/g, ' ').trim();
  return event.isCancelled && !/^cance/i.test(subject) ? `Canceled: ${subject}`.trim() : subject;
}

/** Only an appointment of one's own can be tentative as a whole; in meetings the response says it. */
function isTentative(event: GraphEvent): boolean {
  return event.showAs.toLowerCase() === 'tentative' && event.attendees.length === 0;
}

/** Private properties, each well below Calendar's 1,024 characters: the source id hashed, and what has no field. */
function propertiesOf(event: GraphEvent): Record<string, string> {
  const showAs = event.showAs.toLowerCase();
  const uid = cleanUid(event.iCalUId);
  const isPlain = ['free', 'busy', 'tentative'].includes(showAs);
  return {
    m365id: sha256Hex(event.id).slice(0, 32),
    ...(uid === null || uid.length > 900 ? {} : { m365uid: uid }),
    ...(isPlain ? {} : { m365showAs: event.showAs }),
    ...(event.importance.toLowerCase() === 'normal' ? {} : { m365importance: event.importance }),
    ...(event.categories.length === 0 ? {} : { m365categories: event.categories.join(', ').slice(0, 900) }),
  };
}
