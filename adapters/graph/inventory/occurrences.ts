import type { OccurrenceFact, WindowOptions } from '../../../src/core/facts.ts';
import { seriesUid } from '../../../src/core/icalendar-uid.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { type Answer, asAnswer, listOf, numberOrNull, textOf, textOrNull } from './answers.ts';
import { readCollection } from './collection.ts';
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
        const fact = occurrenceOf(answer, calendarId);
        if (answer.isCancelled !== true && startsWithin(fact, span)) yield fact;
      }
    }
  }
}

function shifted(instant: string, byMs: number): string {
  return new Date(Date.parse(instant) + byMs).toISOString();
}

/** A whole day starts at midnight UTC of its date, at both ends alike. */
function startsWithin(fact: OccurrenceFact, span: { from: string; to: string }): boolean {
  const start = Date.parse(fact.start);
  return start >= Date.parse(span.from) && start < Date.parse(span.to);
}

function occurrenceOf(answer: Answer, calendarId: string): OccurrenceFact {
  const allDay = answer.isAllDay === true;
  const organizer = addressOf(answer.organizer);
  return {
    kind: 'occurrence',
    calendarId,
    uid: seriesUid(textOrNull(answer.iCalUId)),
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
