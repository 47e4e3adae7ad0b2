import { NotFound } from '../../../src/core/errors.ts';
import type { OccurrenceFact, WindowOptions } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { type Answer, asAnswer, listOf, mailboxRead, numberOrNull, textOf, textOrNull } from './answers.ts';
import { isUnrenderable, PATIENCE, readCollection } from './collection.ts';
import { DAY_MS, momentOf, spansOf } from './moments.ts';

const SELECT = [
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
  'responseStatus',
].join(',');

/**
 * Every occurrence that starts inside the window, expanded by Exchange. Requests reach a day further on both sides,
 * because whole days are selected by a stored instant and not by their date.
 */
export async function* readOccurrences(
  client: GraphClient,
  principal: Principal,
  calendarId: string,
  window: WindowOptions,
  signal: AbortSignal,
): AsyncIterable<OccurrenceFact> {
  const uidOfSeries = seriesUids(client, principal, signal);
  for (const span of spansOf({ from: Date.parse(window.from), to: Date.parse(window.to) })) {
    const collection = {
      principal,
      method: 'calendars.calendarView',
      path: `/calendars/${encodeURIComponent(calendarId)}/calendarView`,
      query: { startDateTime: shifted(span.from, -DAY_MS), endDateTime: shifted(span.to, DAY_MS) },
      select: SELECT,
      largestPage: 250,
      item: { method: 'events.get', path: '/events' },
    };
    for await (const page of readCollection(client, collection, signal)) {
      for (const answer of page) {
        const fact = occurrenceOf(answer, calendarId, await uidOfSeries(answer));
        if (answer.isCancelled !== true && startsWithin(fact, span)) yield fact;
      }
    }
  }
}

/**
 * The UID of an occurrence's series, read from its master and remembered. Microsoft promises no more than that the
 * `iCalUId` of each occurrence is another one, so that an occurrence's own says nothing sure about its series.
 * Source: https://learn.microsoft.com/graph/api/resources/event (iCalUId), read 2026-11.
 */
function seriesUids(client: GraphClient, principal: Principal, signal: AbortSignal) {
  const known = new Map<string, Promise<string | null>>();
  const read = async (masterId: string): Promise<string | null> => {
    const path = `/events/${encodeURIComponent(masterId)}`;
    const request = mailboxRead(principal, 'events.get', path, { $select: 'id,iCalUId' });
    try {
      const answer = asAnswer(await client.get({ ...request, unrenderableAfter: PATIENCE }, signal));
      return seriesUid(textOrNull(answer.iCalUId));
    } catch (error) {
      // Deleted meanwhile, or not to be rendered: the occurrence's own UID has to do.
      if (isUnrenderable(error) || (error instanceof NotFound && error.scope === 'item')) return null;
      throw error;
    }
  };
  return async (answer: Answer): Promise<string | null> => {
    const own = seriesUid(textOrNull(answer.iCalUId));
    const masterId = textOf(answer.seriesMasterId);
    if (masterId === '') return own;
    const uid = known.get(masterId) ?? read(masterId);
    known.set(masterId, uid);
    return (await uid) ?? own;
  };
}

function shifted(instant: string, byMs: number): string {
  return new Date(Date.parse(instant) + byMs).toISOString();
}

/** A whole day starts at midnight UTC of its date, at both ends alike. */
function startsWithin(fact: OccurrenceFact, span: { from: string; to: string }): boolean {
  const start = Date.parse(fact.start);
  return start >= Date.parse(span.from) && start < Date.parse(span.to);
}

function occurrenceOf(answer: Answer, calendarId: string, uid: string | null): OccurrenceFact {
  const allDay = answer.isAllDay === true;
  const organizer = addressOf(answer.organizer);
  return {
    kind: 'occurrence',
    calendarId,
    uid,
    start: momentOf(answer.start, allDay),
    end: momentOf(answer.end, allDay),
    allDay,
    summary: textOf(answer.subject),
    location: textOf(asAnswer(answer.location).displayName),
    busy: isBusy(textOf(answer.showAs), allDay),
    private: ['private', 'personal', 'confidential'].includes(textOf(answer.sensitivity)),
    reminderMinutes: answer.isReminderOn === true ? numberOrNull(answer.reminderMinutesBeforeStart) : null,
    organizer: organizer === '' ? null : organizer,
    attendees: listOf(answer.attendees).map((attendee) => ({
      address: addressOf(attendee),
      role: textOf(attendee.type) || 'required',
      response: textOf(asAnswer(attendee.status).response) || 'none',
    })),
    ownResponse: textOf(asAnswer(answer.responseStatus).response),
  };
}

function addressOf(recipient: unknown): string {
  return textOf(asAnswer(asAnswer(recipient).emailAddress).address).toLowerCase();
}

/** Exchange's states as one question: does this block the time? Working elsewhere for a whole day does not. */
function isBusy(showAs: string, allDay: boolean): boolean {
  const state = showAs.toLowerCase();
  if (state === 'workingelsewhere') return !allDay;
  return ['busy', 'tentative', 'oof'].includes(state);
}
