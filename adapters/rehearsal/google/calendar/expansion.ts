import type { Point, Recurrence, Rule } from './recurrence.ts';
import { DAY_MS, type Zones } from './zones.ts';

/** When an event starts: a date (`allDay`) or an instant with the zone in which it recurs. Dates are UTC midnights. */
export interface Moment {
  allDay: boolean;
  utcMs: number;
  zone: string;
}

/** No series runs further than this from its start where nothing else bounds it. */
const MAX_YEARS = 200;
/** A rule that matches nothing (30 February) is given up after so many empty periods. */
const MAX_EMPTY_PERIODS = 3_000;

/**
 * The starts of a series that lie before `beforeMs` and not before `fromMs`, ascending, in UTC. The event's own start
 * is always the first, whether the rule meets it or not, and counts for COUNT. Rules are reckoned on the wall clock
 * of the start's zone (RFC 5545 §3.3.10).
 */
export function expandSeries(
  start: Moment,
  recurrence: Recurrence,
  span: { fromMs: number; beforeMs: number },
  zones: Zones,
): number[] {
  const series = {
    start,
    zones,
    wallStart: start.allDay ? start.utcMs : zones.wallOf(start.zone, start.utcMs),
  };
  const limit = span.beforeMs + 2 * DAY_MS;
  const walls = new Set<number>([series.wallStart]);
  for (const rule of recurrence.rules) for (const wall of expandRule(series, rule, limit)) walls.add(wall);
  for (const rule of recurrence.excludedRules)
    for (const wall of expandRule(series, rule, limit)) walls.delete(wall);
  const near = [...walls].filter((wall) => wall >= span.fromMs - 2 * DAY_MS);
  const instants = new Set(near.map((wall) => (start.allDay ? wall : zones.instantOf(start.zone, wall))));
  for (const point of recurrence.added) instants.add(instantOf(series, point));
  return [...instants]
    .filter((instant) => instant >= span.fromMs && instant < span.beforeMs)
    .filter((instant) => !recurrence.excluded.some((point) => excludes(series, point, instant)))
    .sort((one, other) => one - other);
}

interface Series {
  start: Moment;
  zones: Zones;
  wallStart: number;
}

function instantOf({ start, zones }: Series, point: Point): number {
  if (point.form === 'utc') return point.utcMs;
  if (start.allDay || point.form === 'date') return point.wallMs;
  return zones.instantOf(point.zone ?? start.zone, point.wallMs);
}

/** A date takes out whatever starts on it; a time only what starts then. */
function excludes(series: Series, point: Point, instant: number): boolean {
  const { start, zones } = series;
  if (start.allDay) {
    const wall = point.form === 'utc' ? zones.wallOf(start.zone, point.utcMs) : point.wallMs;
    return Math.floor(wall / DAY_MS) * DAY_MS === instant;
  }
  if (point.form === 'date') {
    return Math.floor(zones.wallOf(start.zone, instant) / DAY_MS) * DAY_MS === point.wallMs;
  }
  return instantOf(series, point) === instant;
}

/** Wall times that one rule makes, in order, up to `limit`. */
function* expandRule(series: Series, rule: Rule, limit: number): Generator<number> {
  const { wallStart } = series;
  const timeOfDay = ((wallStart % DAY_MS) + DAY_MS) % DAY_MS;
  const startDay = (wallStart - timeOfDay) / DAY_MS;
  const until = untilOf(series, rule);
  const lastDay = Math.min(limit / DAY_MS, startDay + MAX_YEARS * 366);
  let made = 0;
  let empty = 0;
  // The start itself is the first occurrence even where the rule passes it over.
  let startIsMade = false;
  for (let period = 0; empty < MAX_EMPTY_PERIODS; period++) {
    const { firstDay, days } = periodOf(rule, startDay, period);
    if (firstDay > lastDay) return;
    const due = days.filter((day) => day >= startDay);
    empty = due.length === 0 ? empty + 1 : 0;
    for (const day of due) {
      if (!startIsMade && day !== startDay) made++;
      startIsMade = true;
      const wall = day * DAY_MS + timeOfDay;
      if (wall > until || (rule.count !== null && made >= rule.count)) return;
      made++;
      yield wall;
    }
  }
}

/** Last wall time that a rule may make. */
function untilOf({ start, zones }: Series, { until }: Rule): number {
  if (until === null) return Number.POSITIVE_INFINITY;
  if (until.form === 'utc') return start.allDay ? until.utcMs : zones.wallOf(start.zone, until.utcMs);
  return until.form === 'date' ? until.wallMs + DAY_MS - 1 : until.wallMs;
}

/** The days of the n-th period of a rule, ascending, after BYSETPOS; `firstDay` = where the period begins. */
function periodOf(rule: Rule, startDay: number, period: number): { firstDay: number; days: number[] } {
  const { firstDay, days } = candidatesOf(rule, startDay, period * rule.interval);
  const sorted = [...new Set(days)].sort((one, other) => one - other);
  if (rule.bySetPos.length === 0) return { firstDay, days: sorted };
  const chosen = rule.bySetPos.flatMap((position) => sorted.at(position > 0 ? position - 1 : position) ?? []);
  return { firstDay, days: [...new Set(chosen)].sort((one, other) => one - other) };
}

function candidatesOf(rule: Rule, startDay: number, steps: number): { firstDay: number; days: number[] } {
  const { year, month } = civil(startDay);
  switch (rule.frequency) {
    case 'DAILY': {
      const day = startDay + steps;
      return { firstDay: day, days: meetsDaily(rule, day) ? [day] : [] };
    }
    case 'WEEKLY': {
      const firstDay = startDay - ((weekdayOf(startDay) - rule.weekStart + 7) % 7) + steps * 7;
      const weekdays = rule.byDay.length > 0 ? rule.byDay.map((one) => one.weekday) : [weekdayOf(startDay)];
      const days = weekdays.map((weekday) => firstDay + ((weekday - rule.weekStart + 7) % 7));
      return { firstDay, days: days.filter((day) => meetsMonth(rule, day)) };
    }
    case 'MONTHLY': {
      const index = year * 12 + month - 1 + steps;
      const [atYear, atMonth] = [Math.floor(index / 12), (index % 12) + 1];
      const firstDay = dayOf(atYear, atMonth, 1);
      const isMeant = rule.byMonth.length === 0 || rule.byMonth.includes(atMonth);
      return { firstDay, days: isMeant ? monthDays(rule, startDay, atYear, atMonth) : [] };
    }
    case 'YEARLY':
      return { firstDay: dayOf(year + steps, 1, 1), days: yearDays(rule, startDay, year + steps) };
  }
}

function meetsMonth(rule: Rule, day: number): boolean {
  return rule.byMonth.length === 0 || rule.byMonth.includes(civil(day).month);
}

function meetsDaily(rule: Rule, day: number): boolean {
  const { year, month, dayOfMonth } = civil(day);
  const length = monthLength(year, month);
  const isDay =
    rule.byMonthDay.length === 0 ||
    rule.byMonthDay.some((one) => (one > 0 ? one : length + 1 + one) === dayOfMonth);
  const isWeekday = rule.byDay.length === 0 || rule.byDay.some((one) => one.weekday === weekdayOf(day));
  return isDay && isWeekday && meetsMonth(rule, day);
}

function monthDays(rule: Rule, startDay: number, year: number, month: number): number[] {
  if (rule.byMonthDay.length > 0) {
    const days = rule.byMonthDay.flatMap((one) => dayInMonth(rule, year, month, one));
    return rule.byDay.length === 0
      ? days
      : days.filter((day) => rule.byDay.some((one) => one.weekday === weekdayOf(day)));
  }
  const first = dayOf(year, month, 1);
  if (rule.byDay.length > 0) return weekdaysIn(rule, first, first + monthLength(year, month) - 1);
  return dayInMonth(rule, year, month, civil(startDay).dayOfMonth);
}

/** A day of a month; one the month has not is left out, or moved as SKIP says. */
function dayInMonth(rule: Rule, year: number, month: number, dayOfMonth: number): number[] {
  const length = monthLength(year, month);
  if (dayOfMonth < 0) return dayOfMonth >= -length ? [dayOf(year, month, length + 1 + dayOfMonth)] : [];
  if (dayOfMonth <= length) return [dayOf(year, month, dayOfMonth)];
  if (rule.skip === 'OMIT') return [];
  return [dayOf(year, month, rule.skip === 'BACKWARD' ? length : length + 1)];
}

function yearDays(rule: Rule, startDay: number, year: number): number[] {
  const first = dayOf(year, 1, 1);
  const last = dayOf(year + 1, 1, 1) - 1;
  if (rule.byYearDay.length > 0) {
    return rule.byYearDay
      .map((one) => (one > 0 ? first + one - 1 : last + 1 + one))
      .filter((day) => day >= first && day <= last);
  }
  if (rule.byMonth.length > 0) return rule.byMonth.flatMap((month) => monthDays(rule, startDay, year, month));
  if (rule.byMonthDay.length > 0) {
    return Array.from({ length: 12 }, (_, at) => monthDays(rule, startDay, year, at + 1)).flat();
  }
  if (rule.byDay.length > 0) return weekdaysIn(rule, first, last);
  const { month, dayOfMonth } = civil(startDay);
  return dayInMonth(rule, year, month, dayOfMonth);
}

/** Days of BYDAY between two days: the n-th of its kind from either end, or all of them without an ordinal. */
function weekdaysIn(rule: Rule, first: number, last: number): number[] {
  return rule.byDay.flatMap(({ ordinal, weekday }) => {
    const all: number[] = [];
    for (let day = first + ((weekday - weekdayOf(first) + 7) % 7); day <= last; day += 7) all.push(day);
    if (ordinal === 0) return all;
    return all.at(ordinal > 0 ? ordinal - 1 : ordinal) ?? [];
  });
}

function civil(day: number): { year: number; month: number; dayOfMonth: number } {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, dayOfMonth: date.getUTCDate() };
}

function dayOf(year: number, month: number, dayOfMonth: number): number {
  return Date.UTC(year, month - 1, dayOfMonth) / DAY_MS;
}

function monthLength(year: number, month: number): number {
  return dayOf(year, month + 1, 1) - dayOf(year, month, 1);
}

/** Sunday = 0; 1 January 1970 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
