import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import type { CalendarFact, EventFact, OccurrenceFact, WindowOptions } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { instantOrNull, pagesOf } from './answers.ts';

type Event = calendar_v3.Schema$Event;
type EventTime = calendar_v3.Schema$EventDateTime;

/** The calendars that the person owns; what others share with them is theirs. */
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
    for (const { id, summary, primary, accessRole } of page.items ?? []) {
      if (!id || (accessRole !== 'owner' && primary !== true)) continue;
      yield { kind: 'calendar', id, name: summary ?? '', primary: primary === true, writable: true };
    }
  }
}

async function* readPages(
  google: GoogleConnection,
  principal: Principal,
  query: calendar_v3.Params$Resource$Events$List,
  signal: AbortSignal,
): AsyncIterable<Event> {
  const pages = pagesOf((pageToken) =>
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
  for await (const page of pages) yield* page.items ?? [];
}

/** Single events, masters, changed and cancelled occurrences as the calendar stores them. */
export async function* readEvents(
  google: GoogleConnection,
  principal: Principal,
  calendarId: string,
  signal: AbortSignal,
): AsyncIterable<EventFact> {
  for await (const event of readPages(
    google,
    principal,
    { calendarId, singleEvents: false, showDeleted: true },
    signal,
  )) {
    const cancelled = event.status === 'cancelled';
    const isInstance = Boolean(event.recurringEventId);
    if (cancelled && !isInstance) continue;
    yield {
      kind: 'event',
      id: event.id ?? '',
      calendarId,
      uid: seriesUid(event.iCalUID),
      type: isInstance
        ? cancelled
          ? 'cancelled'
          : 'exception'
        : event.recurrence?.length
          ? 'master'
          : 'single',
      originalStart: isInstance ? moment(event.originalStartTime) : null,
      cancelled,
      createdAt: instantOrNull(event.created),
      modifiedAt: instantOrNull(event.updated),
      summary: event.summary ?? '',
      allDay: Boolean(event.start?.date),
      startUtc: moment(event.start),
      endUtc: moment(event.end),
    };
  }
}

/** Every occurrence that starts inside the window, expanded by Calendar. */
export async function* readOccurrences(
  google: GoogleConnection,
  principal: Principal,
  calendarId: string,
  window: WindowOptions,
  signal: AbortSignal,
): AsyncIterable<OccurrenceFact> {
  const day = 86_400_000;
  const query = {
    calendarId,
    singleEvents: true,
    timeMin: new Date(Date.parse(window.from) - day).toISOString(),
    timeMax: new Date(Date.parse(window.to) + day).toISOString(),
  };
  for await (const event of readPages(google, principal, query, signal)) {
    if (event.status === 'cancelled') continue;
    const start = Date.parse(moment(event.start));
    if (start < Date.parse(window.from) || start >= Date.parse(window.to)) continue;
    yield occurrenceOf(event, calendarId);
  }
}

function occurrenceOf(event: Event, calendarId: string): OccurrenceFact {
  const [reminder] = event.reminders?.overrides ?? [];
  return {
    kind: 'occurrence',
    calendarId,
    uid: seriesUid(event.iCalUID),
    start: moment(event.start),
    end: moment(event.end),
    allDay: Boolean(event.start?.date),
    summary: event.summary ?? '',
    location: event.location ?? '',
    busy: event.transparency !== 'transparent',
    private: event.visibility === 'private' || event.visibility === 'confidential',
    reminderMinutes: reminder?.minutes ?? null,
    organizer: event.organizer?.email?.toLowerCase() ?? null,
    attendees: (event.attendees ?? []).map((attendee) => ({
      address: attendee.email?.toLowerCase() ?? '',
      role: attendee.resource ? 'resource' : attendee.optional ? 'optional' : 'required',
      response: attendee.responseStatus ?? 'needsAction',
    })),
  };
}

/** UTC ISO instant, or the bare date of an all-day event. */
function moment(time: EventTime | undefined): string {
  if (time?.date) return time.date;
  const at = instantOrNull(time?.dateTime);
  return at === null ? '' : new Date(at).toISOString();
}
