import type { EstateEvent, Resource } from '../estate/types.ts';
import { occurrenceId } from './item-ids.ts';
import { dateOf, dayOf, expandRecurrence } from './recurrence.ts';
import { parseWall, type Zone } from './time-zones.ts';

const DAY_MS = 86_400_000;
/** Head of a Global Object ID; the instance date stands in hex positions 32 to 39 (MS-OXOCAL 2.2.1.27). */
const GLOBAL_OBJECT_ID = '040000008200E00074C5B7101A82E008';

/** One event as a calendar view shows it; times are UTC milliseconds. */
export interface Instance {
  id: string;
  /** Resource of the single event, exception or occurrence, with `type` and `seriesMasterId` set. */
  resource: Resource;
  startMs: number;
  endMs: number;
}

export interface Window {
  fromMs: number;
  toMs: number;
}

/** Finds a zone by its Windows or IANA name; null where unknown. */
export type FindZone = (name: string | null | undefined) => Zone | null;

/**
 * What an event shows in a window: itself, or the occurrences and exceptions of its series. Exceptions stand where
 * they were moved to, cancelled dates show nothing. All-day events count from midnight to midnight UTC.
 */
export function instancesOf(event: EstateEvent, zone: Zone, find: FindZone, window: Window): Instance[] {
  const { resource } = event;
  const instances = resource['recurrence']
    ? seriesOf(event, zone, find, window)
    : [timed(event.id, { ...resource, type: 'singleInstance', seriesMasterId: null }, find)];
  return instances.filter((one) => isWithin(one, window));
}

/** The occurrence of a series on a local date of its rule, whether cancelled or not; null where there is none. */
export function occurrenceOn(event: EstateEvent, zone: Zone, find: FindZone, date: string): Instance | null {
  const until = dayOf(date);
  for (const day of expandRecurrence(event.resource['recurrence'] as Resource, until)) {
    if (day === until) return occurrence(event, zone, find, date);
  }
  return null;
}

/** The zone in which a series is counted: its rule's, its start's, the mailbox's, else UTC. */
export function seriesZone(resource: Resource, mailboxZone: unknown, find: FindZone): Zone {
  const range = (resource['recurrence'] as { range?: { recurrenceTimeZone?: string } } | null)?.range;
  const names = [range?.recurrenceTimeZone, resource['originalStartTimeZone'], mailboxZone, 'UTC'];
  for (const name of names) {
    const zone = typeof name === 'string' ? find(name) : null;
    if (zone) return zone;
  }
  return { toWall: (utcMs) => utcMs, toUtc: (wallMs) => wallMs };
}

/** UTC milliseconds of a Graph `dateTimeTimeZone`; an unknown zone counts as UTC. */
export function instantOf(value: unknown, find: FindZone): number {
  const { dateTime = '', timeZone } = (value ?? {}) as { dateTime?: string; timeZone?: string };
  const wall = parseWall(dateTime);
  return timeZone === undefined || timeZone === 'UTC' ? wall : (find(timeZone)?.toUtc(wall) ?? wall);
}

function seriesOf(event: EstateEvent, zone: Zone, find: FindZone, window: Window): Instance[] {
  const recurrence = event.resource['recurrence'] as Resource;
  const originals = event.exceptions.map(
    (exception) => Date.parse(String(exception['originalStart'] ?? '')) || 0,
  );
  const until = Math.floor(Math.max(window.toMs, ...originals) / DAY_MS) + 2;
  const dates = new Set([...expandRecurrence(recurrence, until)].map((day) => dateOf(day)));
  const cancelled = new Set(event.cancelled);
  const exceptions = event.exceptions.map((exception) => ({
    exception,
    date: originalDate(event, exception, zone),
  }));
  const replaced = new Set(exceptions.map((one) => one.date));
  return [
    ...[...dates]
      .filter((date) => !cancelled.has(date) && !replaced.has(date))
      .map((date) => occurrence(event, zone, find, date)),
    ...exceptions
      .filter(({ date }) => !cancelled.has(date))
      .map(({ exception, date }) => exceptionInstance(event, exception, date, find)),
  ];
}

/** An exception with all properties that it does not change taken from its master. */
export function exceptionInstance(
  event: EstateEvent,
  exception: Resource,
  date: string,
  find: FindZone,
): Instance {
  const resource = {
    ...event.resource,
    iCalUId: datedUid(event.resource['iCalUId'], date),
    ...exception,
    type: 'exception',
    seriesMasterId: event.id,
    recurrence: null,
  };
  return timed(String(exception['id']), resource, find);
}

/**
 * The local date of the rule that an exception replaces. All-day series give either midnight UTC of that date or the
 * instant of its midnight in the series' zone.
 */
export function originalDate(event: EstateEvent, exception: Resource, zone: Zone): string {
  const originalMs = Date.parse(String(exception['originalStart'] ?? '')) || 0;
  const isDate = event.resource['isAllDay'] === true && originalMs % DAY_MS === 0;
  return dateOf(Math.floor((isDate ? originalMs : zone.toWall(originalMs)) / DAY_MS));
}

function occurrence(event: EstateEvent, zone: Zone, find: FindZone, date: string): Instance {
  const { resource } = event;
  const isAllDay = resource['isAllDay'] === true;
  const [startMs, endMs] = [instantOf(resource['start'], find), instantOf(resource['end'], find)];
  const midnight = dayOf(date) * DAY_MS;
  const [startWall, endWall] = isAllDay ? [startMs, endMs] : [zone.toWall(startMs), zone.toWall(endMs)];
  const fromMidnight = startWall - Math.floor(startWall / DAY_MS) * DAY_MS;
  const wall = midnight + fromMidnight;
  const start = isAllDay ? wall : zone.toUtc(wall);
  const end = isAllDay ? wall + endWall - startWall : zone.toUtc(wall + endWall - startWall);
  const id = occurrenceId(event.id, date);
  return {
    id,
    startMs: start,
    endMs: end,
    resource: {
      ...resource,
      id,
      type: 'occurrence',
      seriesMasterId: event.id,
      recurrence: null,
      originalStart: `${new Date(start).toISOString().slice(0, 19)}Z`,
      iCalUId: datedUid(resource['iCalUId'], date),
    },
  };
}

function timed(id: string, resource: Resource, find: FindZone): Instance {
  return {
    id,
    resource,
    startMs: instantOf(resource['start'], find),
    endMs: instantOf(resource['end'], find),
  };
}

function isWithin({ startMs, endMs }: Instance, { fromMs, toMs }: Window): boolean {
  return startMs < toMs && (endMs > fromMs || (startMs === endMs && startMs >= fromMs));
}

/** Each occurrence has an iCalendar UID of its own in v1.0: the master's with the date filled in. */
function datedUid(uid: unknown, date: string): unknown {
  if (typeof uid !== 'string' || !uid.toUpperCase().startsWith(GLOBAL_OBJECT_ID)) return uid ?? null;
  const [year = '0', month = '0', day = '0'] = date.split('-');
  const hex = (value: string, digits: number) =>
    Number(value).toString(16).toUpperCase().padStart(digits, '0');
  return uid.slice(0, 32) + hex(year, 4) + hex(month, 2) + hex(day, 2) + uid.slice(40);
}
