import { NotFound } from '../../../src/core/errors.ts';
import type { CalendarFact, EventFact } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { type Answer, asAnswer, instantOrNull, mailboxRead, textOf, textOrNull } from './answers.ts';
import { READS_AT_ONCE, readCollection } from './collection.ts';
import { EVENT_SELECT, readExceptions } from './exceptions.ts';
import { momentOf, originalDateOf } from './moments.ts';

/** Every calendar of the mailbox. */
export async function* readCalendars(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<CalendarFact> {
  const query = { $top: '100', $select: 'id,name,isDefaultCalendar,canEdit' };
  const request = mailboxRead(principal, 'calendars.list', '/calendars', query);
  for await (const page of client.pages(request, signal)) {
    for (const answer of page.value.map(asAnswer)) {
      if (textOf(answer.id) === '') continue;
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
  const collection = {
    principal,
    method: 'calendars.events',
    path: `/calendars/${encodeURIComponent(calendarId)}/events`,
    select: EVENT_SELECT,
    largestPage: 250,
    item: { method: 'events.get', path: '/events' },
  };
  for await (const page of readCollection(client, collection, signal)) {
    const stored = page.filter(isStored);
    const facts = await mapParallel(stored, READS_AT_ONCE, async (answer) =>
      isMaster(answer)
        ? seriesOf(client, principal, calendarId, answer, signal)
        : [eventOf(answer, calendarId, 'single')],
    );
    for (const series of facts) yield* series;
  }
}

/** Occurrences and exceptions belong to their master; an exception without one stands for itself. */
function isStored(answer: Answer): boolean {
  if (textOf(answer.id) === '' || answer.type === 'occurrence') return false;
  return answer.type !== 'exception' || textOf(answer.seriesMasterId) === '';
}

function isMaster(answer: Answer): boolean {
  const hasRule = typeof answer.recurrence === 'object' && answer.recurrence !== null;
  return answer.type === 'seriesMaster' || (textOf(answer.type) === '' && hasRule);
}

/** A master that is deleted before its exceptions are read has gone. */
async function seriesOf(
  client: GraphClient,
  principal: Principal,
  calendarId: string,
  answer: Answer,
  signal: AbortSignal,
): Promise<EventFact[]> {
  const master = eventOf(answer, calendarId, 'master');
  try {
    const exceptions = await readExceptions(client, principal, answer, signal);
    return [master, ...exceptions.map((exception) => exceptionOf(exception, master))];
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return [];
    throw error;
  }
}

function eventOf(answer: Answer, calendarId: string, type: EventFact['type']): EventFact {
  const allDay = answer.isAllDay === true;
  return {
    kind: 'event',
    id: textOf(answer.id),
    calendarId,
    uid: seriesUid(textOrNull(answer.iCalUId)),
    type,
    originalStart: null,
    cancelled: answer.isCancelled === true,
    createdAt: instantOrNull(answer.createdDateTime),
    modifiedAt: instantOrNull(answer.lastModifiedDateTime),
    summary: textOf(answer.subject),
    allDay,
    startUtc: momentOf(answer.start, allDay),
    endUtc: momentOf(answer.end, allDay),
  };
}

/** The date of the occurrence for a series of whole days, else its instant. */
function exceptionOf(answer: Answer, master: EventFact): EventFact {
  const original = instantOrNull(answer.originalStart);
  const originalStart =
    original === null ? null : master.allDay ? originalDateOf(original) : new Date(original).toISOString();
  return { ...eventOf(answer, master.calendarId, 'exception'), uid: master.uid, originalStart };
}
