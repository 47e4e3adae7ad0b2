import type { CalendarFact, EventFact, OccurrenceFact, WindowOptions } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import {
  type Answer,
  asAnswer,
  IMMUTABLE_IDS,
  instantOrNull,
  listOf,
  numberOrNull,
  textOf,
  textOrNull,
  userPath,
} from './answers.ts';

const EVENT_SELECT =
  'id,type,iCalUId,subject,start,end,isAllDay,isCancelled,createdDateTime,lastModifiedDateTime,originalStart';
const OCCURRENCE_SELECT = [
  'id',
  'type',
  'iCalUId',
  'seriesMasterId',
  'subject',
  'start',
  'end',
  'isAllDay',
  'isCancelled',
  'showAs',
  'sensitivity',
  'isReminderOn',
  'reminderMinutesBeforeStart',
  'location',
  'organizer',
  'attendees',
].join(',');

/** Every calendar of the mailbox. */
export async function* readCalendars(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<CalendarFact> {
  const request = read(principal, 'calendars.list', `${userPath(principal)}/calendars`, {
    $top: '100',
    $select: 'id,name,isDefaultCalendar,canEdit',
  });
  for await (const page of client.pages(request, signal)) {
    for (const answer of page.value.map(asAnswer)) {
      yield {
        kind: 'calendar',
        id: textOf(answer.id),
        name: textOf(answer.name),
        primary: answer.isDefaultCalendar === true,
        writable: answer.canEdit !== false,
      };
    }
  }
}

/** Single events and masters as the calendar stores them, each master followed by its exceptions. */
export async function* readEvents(
  client: GraphClient,
  principal: Principal,
  calendarId: string,
  signal: AbortSignal,
): AsyncIterable<EventFact> {
  const path = `${userPath(principal)}/calendars/${encodeURIComponent(calendarId)}/events`;
  const request = read(principal, 'calendars.events', path, { $top: '500', $select: EVENT_SELECT });
  for await (const page of client.pages(request, signal)) {
    for (const answer of page.value.map(asAnswer)) {
      const isMaster = answer.type === 'seriesMaster';
      const fact = eventOf(
        answer,
        calendarId,
        seriesUid(textOrNull(answer.iCalUId)),
        isMaster ? 'master' : 'single',
      );
      yield fact;
      if (isMaster) yield* readExceptions(client, principal, calendarId, fact, signal);
    }
  }
}

async function* readExceptions(
  client: GraphClient,
  principal: Principal,
  calendarId: string,
  master: EventFact,
  signal: AbortSignal,
): AsyncIterable<EventFact> {
  const request = read(
    principal,
    'events.get',
    `${userPath(principal)}/events/${encodeURIComponent(master.id)}`,
    {
      $select: 'id,exceptionOccurrences',
      $expand: `exceptionOccurrences($select=${EVENT_SELECT})`,
    },
  );
  const answer = asAnswer(await client.get(request, signal));
  for (const exception of listOf(answer.exceptionOccurrences)) {
    yield eventOf(exception, calendarId, master.uid, 'exception');
  }
}

function eventOf(answer: Answer, calendarId: string, uid: string | null, type: EventFact['type']): EventFact {
  const allDay = answer.isAllDay === true;
  const original = instantOrNull(answer.originalStart);
  return {
    kind: 'event',
    id: textOf(answer.id),
    calendarId,
    uid,
    type,
    originalStart: original === null ? null : new Date(original).toISOString(),
    cancelled: answer.isCancelled === true,
    createdAt: instantOrNull(answer.createdDateTime),
    modifiedAt: instantOrNull(answer.lastModifiedDateTime),
    summary: textOf(answer.subject),
    allDay,
    startUtc: moment(answer.start, allDay),
    endUtc: moment(answer.end, allDay),
  };
}

/** Every occurrence inside the window, expanded by Exchange; the request reaches a day further on both sides. */
export async function* readOccurrences(
  client: GraphClient,
  principal: Principal,
  calendarId: string,
  window: WindowOptions,
  signal: AbortSignal,
): AsyncIterable<OccurrenceFact> {
  const day = 86_400_000;
  const path = `${userPath(principal)}/calendars/${encodeURIComponent(calendarId)}/calendarView`;
  const request = read(principal, 'calendars.calendarView', path, {
    startDateTime: new Date(Date.parse(window.from) - day).toISOString(),
    endDateTime: new Date(Date.parse(window.to) + day).toISOString(),
    $top: '500',
    $select: OCCURRENCE_SELECT,
  });
  for await (const page of client.pages(request, signal)) {
    for (const answer of page.value.map(asAnswer)) {
      const fact = occurrenceOf(answer, calendarId);
      if (answer.isCancelled !== true && within(fact, window)) yield fact;
    }
  }
}

function within(fact: OccurrenceFact, window: WindowOptions): boolean {
  const start = Date.parse(fact.start);
  return start >= Date.parse(window.from) && start < Date.parse(window.to);
}

function occurrenceOf(answer: Answer, calendarId: string): OccurrenceFact {
  const allDay = answer.isAllDay === true;
  const organizer = textOf(asAnswer(asAnswer(answer.organizer).emailAddress).address).toLowerCase();
  return {
    kind: 'occurrence',
    calendarId,
    uid: seriesUid(textOrNull(answer.iCalUId)),
    start: moment(answer.start, allDay),
    end: moment(answer.end, allDay),
    allDay,
    summary: textOf(answer.subject),
    location: textOf(asAnswer(answer.location).displayName),
    busy: isBusy(textOf(answer.showAs), allDay),
    private: ['private', 'personal', 'confidential'].includes(textOf(answer.sensitivity)),
    reminderMinutes: answer.isReminderOn === true ? numberOrNull(answer.reminderMinutesBeforeStart) : null,
    organizer: organizer === '' ? null : organizer,
    attendees: listOf(answer.attendees).map((attendee) => ({
      address: textOf(asAnswer(attendee.emailAddress).address).toLowerCase(),
      role: textOf(attendee.type) || 'required',
      response: textOf(asAnswer(attendee.status).response) || 'none',
    })),
  };
}

/** Exchange's five states as one question: does this block the time? Working elsewhere for a whole day does not. */
function isBusy(showAs: string, allDay: boolean): boolean {
  if (showAs === 'workingElsewhere') return !allDay;
  return showAs !== 'free' && showAs !== 'unknown';
}

/** UTC ISO instant, or the bare date of an all-day event. Graph's times are UTC unless asked otherwise. */
function moment(value: unknown, allDay: boolean): string {
  const text = textOf(asAnswer(value).dateTime);
  if (allDay) return text.slice(0, 10);
  const at = instantOrNull(text);
  return at === null ? '' : new Date(at).toISOString();
}

function read(principal: Principal, method: string, path: string, query: Record<string, string>) {
  return {
    method,
    path,
    mailbox: principal.source,
    query,
    headers: IMMUTABLE_IDS,
    priority: 'check' as const,
  };
}
