import type { Resource } from '../estate/types.ts';

/** Days since 1970-01-01; a local date without zone. */
export type DayNumber = number;

export interface Pattern {
  type: string;
  interval: number;
  month: number;
  dayOfMonth: number;
  daysOfWeek: readonly string[];
  firstDayOfWeek: string;
  index: string;
}

export interface Range {
  type: string;
  startDate: string;
  endDate: string;
  numberOfOccurrences: number;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const INDEXES = ['first', 'second', 'third', 'fourth'];
const DAY_MS = 86_400_000;
/** A series that finds no date in so many periods (31 February does not exist) has none. */
const MAX_EMPTY_PERIODS = 1_000;

/** The day number of a date such as `2026-03-27`. */
export function dayOf(date: string): DayNumber {
  return Math.floor(Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / DAY_MS);
}

/** The date of a day number, e.g. `2026-03-27`. */
export function dateOf(day: DayNumber): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/**
 * The local dates of a series in order, through `until`. Exchange's rules: a month that lacks the day uses its last
 * day, 29 February falls on the 28th in common years, `numbered` counts every date of the rule (deleted ones too).
 * Sources: Graph recurrencePattern and recurrenceRange; MS-OXCICAL 2.1.3.2.2.
 */
export function* expandRecurrence(recurrence: Resource, until: DayNumber): Generator<DayNumber> {
  const pattern = recurrence['pattern'] as Pattern;
  const range = recurrence['range'] as Range;
  const first = dayOf(range.startDate);
  const last = Math.min(until, lastDayOf(range));
  const limit =
    range.type === 'numbered' && range.numberOfOccurrences > 0 ? range.numberOfOccurrences : Infinity;
  let count = 0;
  let empty = 0;
  for (const days of periods(pattern, first)) {
    empty = days.length === 0 ? empty + 1 : 0;
    if (empty > MAX_EMPTY_PERIODS) return;
    for (const day of days) {
      if (day < first) continue;
      if (day > last || count >= limit) return;
      count++;
      yield day;
    }
  }
}

function lastDayOf(range: Range): DayNumber {
  if (range.type !== 'endDate') return Infinity;
  const year = Number(range.endDate.slice(0, 4));
  return year <= 1 || year >= 4500 ? Infinity : dayOf(range.endDate);
}

function* periods(pattern: Pattern, first: DayNumber): Generator<readonly DayNumber[]> {
  const interval = Math.max(1, pattern.interval);
  for (let step = 0; ; step += interval) yield daysOfPeriod(pattern, first, step);
}

/** The days of the period `step` units (days, weeks, months, years) after the first. */
function daysOfPeriod(pattern: Pattern, first: DayNumber, step: number): readonly DayNumber[] {
  const start = new Date(first * DAY_MS);
  const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
  switch (pattern.type) {
    case 'daily':
      return [first + step];
    case 'weekly':
      return daysOfWeek(pattern, first, step);
    case 'absoluteMonthly':
      return [dayInMonth(year, month + step, pattern.dayOfMonth)];
    case 'relativeMonthly':
      return relativeDay(pattern, year, month + step);
    case 'absoluteYearly':
      return [dayInMonth(year + step, pattern.month - 1, pattern.dayOfMonth)];
    case 'relativeYearly':
      return relativeDay(pattern, year + step, pattern.month - 1);
    default:
      return [];
  }
}

function daysOfWeek(pattern: Pattern, first: DayNumber, step: number): DayNumber[] {
  const weekStart = Math.max(0, WEEKDAYS.indexOf(pattern.firstDayOfWeek));
  const startOfWeek = first - ((weekdayOf(first) - weekStart + 7) % 7) + step * 7;
  return pattern.daysOfWeek
    .map((name) => startOfWeek + ((WEEKDAYS.indexOf(name) - weekStart + 7) % 7))
    .sort((one, other) => one - other);
}

function dayInMonth(year: number, month: number, dayOfMonth: number): DayNumber {
  return firstOfMonth(year, month) + Math.min(dayOfMonth, lengthOfMonth(year, month)) - 1;
}

function relativeDay(pattern: Pattern, year: number, month: number): DayNumber[] {
  const start = firstOfMonth(year, month);
  const days = Array.from({ length: lengthOfMonth(year, month) }, (_, at) => start + at).filter((day) =>
    pattern.daysOfWeek.includes(WEEKDAYS[weekdayOf(day)] ?? ''),
  );
  const chosen = pattern.index === 'last' ? days.at(-1) : days[Math.max(0, INDEXES.indexOf(pattern.index))];
  return chosen === undefined ? [] : [chosen];
}

function firstOfMonth(year: number, month: number): DayNumber {
  return Date.UTC(year, month, 1) / DAY_MS;
}

function lengthOfMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

function weekdayOf(day: DayNumber): number {
  return new Date(day * DAY_MS).getUTCDay();
}
