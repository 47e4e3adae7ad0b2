import { childOf, isJson, type Json, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import type { Moment } from './expansion.ts';
import type { Zones } from './zones.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * Reads `start` or `end` of an event: a date, or a date-time with an offset or a zone. A series needs the zone by name.
 * Without a name the calendar's zone holds.
 */
export function readMoment(
  value: unknown,
  which: 'start' | 'end',
  zones: Zones,
  calendarZone: string,
  recurs = false,
): Moment {
  if (!isJson(value)) throw refuse(400, 'required', `Missing ${which} time.`);
  const { date, dateTime, timeZone } = value;
  const zone = textOf(timeZone);
  if (zone !== '' && !zones.isZone(zone)) {
    throw refuse(400, 'invalid', `Invalid time zone definition for ${which} time.`);
  }
  if (isSet(date) === isSet(dateTime)) throw invalidTime(which, isSet(date) ? 'invalid' : 'required');
  if (isSet(date)) return { allDay: true, utcMs: readDate(textOf(date), which), zone: 'Etc/UTC' };
  const [, wall, offset] = DATE_TIME.exec(textOf(dateTime)) ?? [];
  const wallMs = Date.parse(`${wall}Z`);
  if (wall === undefined || Number.isNaN(wallMs)) throw invalidTime(which, 'invalid');
  if (zone === '' && (recurs || offset === undefined)) {
    throw refuse(400, 'required', `Missing time zone definition for ${which} time.`);
  }
  const utcMs = offset === undefined ? zones.instantOf(zone, wallMs) : Date.parse(`${wall}${offset}`);
  return { allDay: false, utcMs: Math.floor(utcMs / 1000) * 1000, zone: zone || calendarZone };
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readDate(text: string, which: string): number {
  const utcMs = DATE.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(utcMs)) throw invalidTime(which, 'invalid');
  return utcMs;
}

function invalidTime(which: string, reason: 'invalid' | 'required') {
  return refuse(400, reason, reason === 'invalid' ? `Invalid ${which} time.` : `Missing ${which} time.`);
}

/** Start and end must be of one form and in order: 400 `timeRangeEmpty` otherwise, zero length included. */
export function checkSpan(start: Moment, end: Moment): void {
  if (start.allDay !== end.allDay)
    throw refuse(400, 'invalid', 'Start and end times must either both be date or both be dateTime.');
  if (end.utcMs <= start.utcMs) throw timeRangeEmpty();
}

/** 400 of the Calendar API for an empty range. */
export function timeRangeEmpty() {
  return refuse(400, 'timeRangeEmpty', 'The specified time range is empty.', { domain: 'calendar' });
}

/** Schema `EventDateTime`, its date-time in the zone of the answer. */
export function describeMoment(moment: Moment, answerZone: string, zones: Zones): Json {
  if (moment.allDay) return { date: new Date(moment.utcMs).toISOString().slice(0, 10) };
  return { dateTime: stampOf(moment.utcMs, answerZone, zones), timeZone: moment.zone };
}

/** RFC 3339 with the offset of a zone. */
export function stampOf(utcMs: number, zone: string, zones: Zones): string {
  const wallMs = zones.wallOf(zone, utcMs);
  const offset = Math.round((wallMs - utcMs) / 60_000);
  const text = new Date(wallMs).toISOString().slice(0, 19);
  if (offset === 0) return `${text}Z`;
  const size = Math.abs(offset);
  const two = (number: number) => String(number).padStart(2, '0');
  return `${text}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** What an instance id appends to the id of its series: `yyyymmddThhmmssZ`, or `yyyymmdd` of an all-day series. */
export function instanceKey(allDay: boolean, originalMs: number): string {
  const text = new Date(originalMs).toISOString().replace(/[-:]/g, '');
  return allDay ? text.slice(0, 8) : `${text.slice(0, 15)}Z`;
}

/** The instant at which a moment begins for filters: a date begins at midnight of the calendar's zone. */
export function beginOf(moment: Moment, calendarZone: string, zones: Zones): number {
  return moment.allDay ? zones.instantOf(calendarZone, moment.utcMs) : moment.utcMs;
}

/** An RFC 3339 instant of the query with its offset; null where the name is absent. */
export function readInstant(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const offset = DATE_TIME.exec(text)?.[2];
  const utcMs = offset === undefined ? Number.NaN : Date.parse(text);
  if (Number.isNaN(utcMs))
    throw refuse(400, 'badRequest', 'Bad Request', { location: name, locationType: 'parameter' });
  return utcMs;
}

/** Patch semantics of `start` and `end`: named members replace, null clears, one form takes the other's place. */
export function mergeTime(before: Json, patch: unknown): Json {
  const change = childOf(patch);
  const kept = { ...before };
  if (isSet(change['date'])) delete kept['dateTime'];
  if (isSet(change['dateTime'])) delete kept['date'];
  return Object.fromEntries(Object.entries({ ...kept, ...change }).filter(([, value]) => value !== null));
}
