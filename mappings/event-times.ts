import type { GoogleEventTime } from '../src/core/google.ts';
import type { GraphDateTime, GraphEvent } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';
import { ianaZone, type ResolvedZone, resolveZone } from './time-zones.ts';
import {
  addDays,
  dayNumber,
  formatWall,
  type LocalDate,
  parseWall,
  type ZoneClock,
  zoneClock,
} from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** When an event takes place, with its zone decided. */
export interface EventSpan {
  isAllDay: boolean;
  clock: ZoneClock;
  /** Epoch ms; for all-day events midnight of the dates as if in UTC. */
  startMs: number;
  endMs: number;
  losses: Loss[];
}

/** The zone of an event (mapping 4.4): that of the series or of the start, then what else is known, then UTC. */
export function eventZone(event: GraphEvent, mailboxTimeZone: string | null): ResolvedZone {
  const rest = [event.originalStartTimeZone, event.originalEndTimeZone, mailboxTimeZone];
  const first = event.recurrence ? [event.recurrence.range.recurrenceTimeZone] : [];
  return resolveZone([...first, ...rest], 'Etc/UTC');
}

/** True when both ends can be read and lie in the years 1900 to 2200. */
export function hasUsableDates(event: GraphEvent): boolean {
  return [event.start, event.end].every(({ dateTime }) => {
    const year = Number(dateTime.slice(0, 4));
    return !Number.isNaN(parseWall(dateTime)) && year >= 1900 && year <= 2200;
  });
}

/** The instant (epoch ms) of a Graph time; a zone that is not known counts as UTC, Graph's default. */
export function instantOf(time: GraphDateTime): number {
  const zone = ianaZone(time.timeZone) ?? 'Etc/UTC';
  return zone === 'Etc/UTC' ? parseWall(time.dateTime) : zoneClock(zone).toUtc(time.dateTime.slice(0, 19));
}

/** Start and end with what is broken set right: an end not after the start, all-day events not at midnight. */
export function eventSpan(event: GraphEvent, zone: ResolvedZone): EventSpan {
  const clock = zoneClock(zone.zone);
  const losses = zone.loss !== null && !event.isAllDay ? [zone.loss] : [];
  if (event.isAllDay) return allDaySpan(event, clock, losses);
  const startMs = instantOf(event.start);
  const endMs = instantOf(event.end);
  if (endMs > startMs) return { isAllDay: false, clock, startMs, endMs, losses };
  const loss: Loss = { field: 'end', kind: 'changed', reason: 'zero-length-one-minute' };
  return { isAllDay: false, clock, startMs, endMs: startMs + MINUTE_MS, losses: [...losses, loss] };
}

/** Dates are taken as written; only an all-day event that does not begin at midnight is looked at in its zone. */
function allDaySpan(event: GraphEvent, clock: ZoneClock, losses: Loss[]): EventSpan {
  const isMidnight = [event.start, event.end].every(({ dateTime }) =>
    /T00:00(:00(\.0*)?)?Z?$/.test(dateTime),
  );
  const walls = isMidnight
    ? [event.start.dateTime, event.end.dateTime]
    : [event.start, event.end].map((time) => clock.toWall(instantOf(time)));
  const [start = '', end = ''] = walls;
  const first = start.slice(0, 10);
  const last = isMidnight || end.slice(11) === '00:00:00' ? end.slice(0, 10) : addDays(end.slice(0, 10), 1);
  const isShort = dayNumber(last) <= dayNumber(first);
  if (!isMidnight && (start.slice(11) !== '00:00:00' || end.slice(11) !== '00:00:00'))
    losses.push({ field: 'start', kind: 'changed', reason: 'all-day-not-midnight' });
  if (isShort) losses.push({ field: 'end', kind: 'changed', reason: 'zero-length-one-day' });
  const endDate = isShort ? addDays(first, 1) : last;
  return { isAllDay: true, clock, startMs: parseWall(first), endMs: parseWall(endDate), losses };
}

/** The date on which a span begins, in its zone. */
export function startDate(span: EventSpan): LocalDate {
  return span.isAllDay ? formatWall(span.startMs).slice(0, 10) : span.clock.toWall(span.startMs).slice(0, 10);
}

/** The span moved by whole days of its own zone, wall times kept. */
export function moveToDate(span: EventSpan, date: LocalDate): EventSpan {
  const days = dayNumber(date) - dayNumber(startDate(span));
  if (days === 0) return span;
  const shift = (ms: number) => {
    const wall = span.isAllDay ? formatWall(ms) : span.clock.toWall(ms);
    const moved = `${addDays(wall.slice(0, 10), days)}${wall.slice(10)}`;
    return span.isAllDay ? parseWall(moved) : span.clock.toUtc(moved);
  };
  return { ...span, startMs: shift(span.startMs), endMs: shift(span.endMs) };
}

/** Start and end as Calendar takes them: dates (end exclusive), or local time with its zone. */
export function googleTimes(span: EventSpan): { start: GoogleEventTime; end: GoogleEventTime } {
  return { start: googleTime(span, span.startMs), end: googleTime(span, span.endMs) };
}

/** A local time that occurs twice in autumn carries its offset when the second one is meant. */
function googleTime(span: EventSpan, ms: number): GoogleEventTime {
  if (span.isAllDay) return { date: formatWall(ms).slice(0, 10) };
  const wall = span.clock.toWall(ms);
  const isFirst = span.clock.toUtc(wall) === Math.floor(ms / 1000) * 1000;
  return { dateTime: isFirst ? wall : span.clock.toOffsetTime(ms), timeZone: span.clock.zone };
}
