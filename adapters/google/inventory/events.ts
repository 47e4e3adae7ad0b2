import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import type { CalendarFact, EventFact, OccurrenceFact, WindowOptions } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { instantOf } from '../event-moment.ts';
import { instantOrNull, pagesOf } from './answers.ts';

type Event = calendar_v3.Schema$Event;
type EventTime = calendar_v3.Schema$EventDateTime;
type Reminders = calendar_v3.Schema$EventReminder[];

const DAY_MS = 86_400_000;

/** Kinds of events that Google makes by itself, out of contacts and mail: nobody put them into the calendar. */
const OF_GOOGLE = new Set(['birthday', 'fromGmail']);

/** The calendars that the person owns; what others share with them, with whatever right, is theirs. */
export async function* readCalendars(
  google: GoogleConnection,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<CalendarFact> {
  const pages = pagesOf((pageToken) =>
    google.call(
      'calendar.calendarList.list',
      principal.target,
      (options) =>
        google.apis.calendar.calendarList.list(
          { maxResults: 250, showHidden: true, ...(pageToken ? { pageToken } : {}) },
          options,
        ),
      signal,
      'check',
    ),
  );
  for await (const page of pages) {
    for (const entry of page.items ?? []) {
      if (!entry.id || !isOwn(entry, principal)) continue;
      const { id, summary, primary } = entry;
      yield { kind: 'calendar', id, name: summary ?? '', primary: primary === true, writable: true };
    }
  }
}

function isOwn(entry: calendar_v3.Schema$CalendarListEntry, principal: Principal): boolean {
  if (entry.primary === true) return true;
  const owner = entry.dataOwner?.toLowerCase() ?? principal.target;
  return entry.accessRole === 'owner' && entry.deleted !== true && owner === principal.target;
}

function readPages(
  google: GoogleConnection,
  principal: Principal,
  query: calendar_v3.Params$Resource$Events$List,
  signal: AbortSignal,
): AsyncIterable<calendar_v3.Schema$Events> {
  return pagesOf((pageToken) =>
    google.call(
      'calendar.events.list',
      principal.target,
      (options) =>
        google.apis.calendar.events.list(
          { maxResults: 2500, ...query, ...(pageToken ? { pageToken } : {}) },
          options,
        ),
      signal,
      'check',
    ),
  );
}

/** Single events, masters, changed and cancelled occurrences as the calendar stores them. */
export async function* readEvents(
  google: GoogleConnection,
  principal: Principal,
  calendarId: string,
  signal: AbortSignal,
): AsyncIterable<EventFact> {
  const query = { calendarId, singleEvents: false, showDeleted: true };
  for await (const page of readPages(google, principal, query, signal)) {
    for (const event of page.items ?? []) {
      const isDeleted = event.status === 'cancelled' && !event.recurringEventId;
      if (!isDeleted && !OF_GOOGLE.has(event.eventType ?? '')) yield eventOf(event, calendarId);
    }
  }
}

function eventOf(event: Event, calendarId: string): EventFact {
  return {
    kind: 'event',
    id: event.id ?? '',
    calendarId,
    uid: seriesUid(event.iCalUID),
    type: typeOf(event),
    originalStart: event.recurringEventId ? momentOf(event.originalStartTime) : null,
    cancelled: event.status === 'cancelled',
    createdAt: instantOrNull(event.created),
    modifiedAt: instantOrNull(event.updated),
    summary: event.summary ?? '',
    allDay: Boolean(event.start?.date),
    startUtc: momentOf(event.start),
    endUtc: momentOf(event.end),
  };
}

function typeOf(event: Event): EventFact['type'] {
  if (event.recurringEventId) return event.status === 'cancelled' ? 'cancelled' : 'exception';
  return event.recurrence?.length ? 'master' : 'single';
}

/**
 * Every occurrence that starts inside the window, expanded by Calendar. The request reaches a day further on both
 * sides; a whole day starts at midnight UTC of its date, at both ends alike.
 */
export async function* readOccurrences(
  google: GoogleConnection,
  principal: Principal,
  calendarId: string,
  window: WindowOptions,
  signal: AbortSignal,
): AsyncIterable<OccurrenceFact> {
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)];
  const query = {
    calendarId,
    singleEvents: true,
    timeMin: new Date(from - DAY_MS).toISOString(),
    timeMax: new Date(to + DAY_MS).toISOString(),
  };
  for await (const page of readPages(google, principal, query, signal)) {
    for (const event of page.items ?? []) {
      const start = Date.parse(momentOf(event.start));
      const isInside = start >= from && start < to;
      if (isInside && event.status !== 'cancelled' && !OF_GOOGLE.has(event.eventType ?? ''))
        yield occurrenceOf(event, calendarId, page.defaultReminders ?? []);
    }
  }
}

function occurrenceOf(event: Event, calendarId: string, defaults: Reminders): OccurrenceFact {
  return {
    kind: 'occurrence',
    calendarId,
    uid: seriesUid(event.iCalUID),
    start: momentOf(event.start),
    end: momentOf(event.end),
    allDay: Boolean(event.start?.date),
    summary: event.summary ?? '',
    location: event.location ?? '',
    busy: event.transparency !== 'transparent',
    private: event.visibility === 'private' || event.visibility === 'confidential',
    reminderMinutes: reminderOf(event, defaults),
    organizer: event.organizer?.email?.toLowerCase() ?? null,
    attendees: (event.attendees ?? []).map((attendee) => ({
      address: attendee.email?.toLowerCase() ?? '',
      role: attendee.resource ? 'resource' : attendee.optional ? 'optional' : 'required',
      response: attendee.responseStatus ?? 'needsAction',
    })),
  };
}

/** The reminder that shows on the screen, else the first; null where the event has none. */
function reminderOf({ reminders }: Event, defaults: Reminders): number | null {
  const own = (reminders?.useDefault ? defaults : reminders?.overrides) ?? [];
  return (own.find(({ method }) => method === 'popup') ?? own[0])?.minutes ?? null;
}

/** UTC ISO instant, or the bare date of an all-day event. */
function momentOf(time: EventTime | undefined): string {
  if (time?.date) return time.date;
  const at = instantOf(time);
  return at === null ? '' : new Date(at).toISOString();
}
