import type { GraphCalendar, GraphEvent } from '../../src/core/microsoft.ts';
import type { JsonObject, SourceItem } from '../../src/core/types.ts';
import { asJson, versionOf } from './versions.ts';

/** The calendar that an event lies in, kept as the state of its rows. */
export interface Place {
  calendarId: string;
  isDefaultCalendar: boolean;
  mailboxTimeZone: string | null;
}

export function calendarItem(calendar: GraphCalendar): SourceItem {
  return {
    ...blank,
    key: `calendar:${calendar.id}`,
    version: versionOf(calendar),
    rank: 0,
    state: calendar as unknown as JsonObject,
  };
}

/** A single event or a master. Its version also changes with the cancelled occurrences, which have no row. */
export function eventItem(
  { event, cancelled }: { event: GraphEvent; cancelled: string[] },
  place: Place,
): SourceItem {
  return {
    ...rowIn(place),
    key: `event:${event.id}`,
    version: versionOf(changeOf(event), cancelled, place.calendarId),
    identity: event.iCalUId,
    rank: 1,
    after: `calendar:${place.calendarId}`,
    order: orderOf(event),
    inline: asJson({ kind: 'event', ...place, event, cancelled }),
  };
}

export function exceptionItem(master: GraphEvent, event: GraphEvent, place: Place): SourceItem {
  return {
    ...rowIn(place),
    key: `exception:${event.id}`,
    version: versionOf(changeOf(event), event.originalStart),
    rank: 2,
    after: `event:${master.id}`,
    order: orderOf(event),
    inline: asJson({ kind: 'exception', ...place, master, event }),
  };
}

/** An event that could not be read while it was listed: it is read when it is applied, and fails there or not. */
export function unreadItem(id: string, changeKey: string, place: Place): SourceItem {
  return {
    ...rowIn(place),
    key: `event:${id}`,
    version: versionOf(changeKey, 'unread', place.calendarId),
    rank: 1,
    after: `calendar:${place.calendarId}`,
  };
}

const blank: SourceItem = {
  key: '',
  version: '',
  container: '',
  identity: null,
  rank: 0,
  after: null,
  order: 0,
  state: {},
  inline: null,
  bytes: null,
};

function rowIn(place: Place): SourceItem {
  return { ...blank, container: place.calendarId, state: { ...place } };
}

/** The change key, or the event itself where the service gives none. */
function changeOf(event: GraphEvent): unknown {
  return event.changeKey === '' ? event : event.changeKey;
}

function orderOf(event: GraphEvent): number {
  const startMs = Date.parse(`${event.start.dateTime.slice(0, 19)}Z`);
  return Number.isNaN(startMs) ? 0 : startMs;
}
