import type { GraphRecurrence } from '../src/core/microsoft.ts';
import { dateOfDay, dayNumber, type LocalDate } from './wall-clock.ts';

/** Weekdays in the words of RFC 5545, in the order of `Date.getUTCDay`. */
export const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'] as const;
/** One of `WEEKDAYS`. */
export type Weekday = (typeof WEEKDAYS)[number];

/** A recurrence with every filler value gone: what the type does not need is absent. */
export interface SeriesRule {
  frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  interval: number;
  /** Weekly and relative patterns, in the order of the source. */
  days: readonly Weekday[];
  weekStart: Weekday;
  /** Absolute patterns; in shorter months the last day counts. */
  dayOfMonth: number | null;
  /** Relative patterns: 1 to 4, or -1 for the last. */
  position: number | null;
  /** Yearly patterns, 1 to 12. */
  month: number | null;
  count: number | null;
  until: LocalDate | null;
}

const POSITIONS: Readonly<Record<string, number>> = { first: 1, second: 2, third: 3, fourth: 4, last: -1 };
/** Exchange's own "no end" lies in 4500; nothing is expanded that far. */
const LAST_YEAR = 2400;

/**
 * Reads what the pattern's type needs and nothing else (Graph fills the other fields with `0`, `first` and
 * `sunday`); what is needed and missing is taken from the first date.
 */
export function seriesRule(recurrence: GraphRecurrence, start: LocalDate): SeriesRule {
  const { pattern, range } = recurrence;
  const type = pattern.type;
  const isRelative = type === 'relativeMonthly' || type === 'relativeYearly';
  const isAbsolute = type === 'absoluteMonthly' || type === 'absoluteYearly';
  const isYearly = type === 'absoluteYearly' || type === 'relativeYearly';
  const given = weekdaysOf(pattern.daysOfWeek ?? []);
  const needsDays = type === 'weekly' || isRelative;
  return {
    frequency: type === 'daily' ? 'DAILY' : type === 'weekly' ? 'WEEKLY' : isYearly ? 'YEARLY' : 'MONTHLY',
    interval: Math.max(1, Math.trunc(pattern.interval) || 1),
    days: needsDays ? (given.length > 0 ? given : [weekdayOf(dayNumber(start))]) : [],
    weekStart: weekdaysOf([pattern.firstDayOfWeek ?? ''])[0] ?? 'SU',
    dayOfMonth: isAbsolute ? (within(pattern.dayOfMonth, 31) ?? Number(start.slice(8, 10))) : null,
    position: isRelative ? (POSITIONS[pattern.index?.toLowerCase() ?? ''] ?? 1) : null,
    month: isYearly ? (within(pattern.month, 12) ?? Number(start.slice(5, 7))) : null,
    count: range.type === 'numbered' && range.numberOfOccurrences > 0 ? range.numberOfOccurrences : null,
    until: range.type === 'endDate' ? untilOf(range.endDate) : null,
  };
}

/** An end date that is one: `0001-01-01` and years from 4500 on mean none. */
function untilOf(endDate: string | null | undefined): LocalDate | null {
  const date = (endDate ?? '').slice(0, 10);
  const year = Number(date.slice(0, 4));
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && year > 1 && year < 4500 ? date : null;
}

/**
 * The dates of the series from `start` on, as Exchange means them: only dates that fit the pattern (the first may
 * lie after `start`), counted from the first that fits, up to count or end. May run to the year 2400.
 */
export function* seriesDates(rule: SeriesRule, start: LocalDate): Generator<LocalDate> {
  const first = dayNumber(start);
  const last = rule.until === null ? dayNumber(`${LAST_YEAR}-12-31`) : dayNumber(rule.until);
  let left = rule.count ?? Number.POSITIVE_INFINITY;
  for (const day of candidates(rule, start)) {
    if (day > last || left <= 0) return;
    if (day < first) continue;
    left -= 1;
    yield dateOfDay(day);
  }
}

function* candidates(rule: SeriesRule, start: LocalDate): Generator<number> {
  const limit = dayNumber(`${LAST_YEAR}-12-31`);
  const first = dayNumber(start);
  if (rule.frequency === 'DAILY') for (let day = first; day <= limit; day += rule.interval) yield day;
  else if (rule.frequency === 'WEEKLY') yield* weeks(rule, first, limit);
  else yield* months(rule, start);
}

function* weeks(rule: SeriesRule, first: number, limit: number): Generator<number> {
  const weekStart = WEEKDAYS.indexOf(rule.weekStart);
  const offsets = rule.days.map((day) => (WEEKDAYS.indexOf(day) - weekStart + 7) % 7).sort((a, b) => a - b);
  const monday = first - ((WEEKDAYS.indexOf(weekdayOf(first)) - weekStart + 7) % 7);
  for (let week = monday; week <= limit; week += 7 * rule.interval)
    for (const offset of offsets) yield week + offset;
}

function* months(rule: SeriesRule, start: LocalDate): Generator<number> {
  const step = rule.frequency === 'YEARLY' ? 12 * rule.interval : rule.interval;
  const year = Number(start.slice(0, 4));
  const month = rule.month ?? Number(start.slice(5, 7));
  for (let index = year * 12 + month - 1; index < (LAST_YEAR + 1) * 12; index += step)
    yield dayInMonth(rule, Math.floor(index / 12), (index % 12) + 1);
}

function dayInMonth(rule: SeriesRule, year: number, month: number): number {
  const length = daysInMonth(year, month);
  const first = dayNumber(`${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-01`);
  if (rule.dayOfMonth !== null) return first + Math.min(rule.dayOfMonth, length) - 1;
  const fitting: number[] = [];
  for (let day = first; day < first + length; day += 1)
    if (rule.days.includes(weekdayOf(day))) fitting.push(day);
  return fitting.at(rule.position === -1 ? -1 : (rule.position ?? 1) - 1) ?? first;
}

/** Days of a month (1 to 12). */
export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The weekday of a day counted from 1970-01-01, a Thursday. */
export function weekdayOf(day: number): Weekday {
  return WEEKDAYS[(((day + 4) % 7) + 7) % 7] ?? 'SU';
}

function weekdaysOf(names: readonly string[]): Weekday[] {
  const found = names.flatMap((name) => {
    const short = name.slice(0, 2).toUpperCase();
    return WEEKDAYS.find((day) => day === short) ?? [];
  });
  return [...new Set(found)];
}

function within(value: number | null | undefined, most: number): number | null {
  return value !== null && value !== undefined && value >= 1 && value <= most ? Math.trunc(value) : null;
}
