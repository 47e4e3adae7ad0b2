import type { GraphRecurrence } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';
import { type SeriesRule, seriesDates, seriesRule } from './recurrence-dates.ts';
import { addDays, type LocalDate, type WallTime, type ZoneClock } from './wall-clock.ts';

/** Instances within 20 years beyond which Google's own tool warns that events may stop showing. */
export const MANY_INSTANCES = 700;

/** Where and when the series is at home. */
export interface SeriesFrame {
  /** Local start of the master in the series' zone; for all-day series midnight of its date. */
  start: WallTime;
  isAllDay: boolean;
  clock: ZoneClock;
  /** Local dates of cancelled occurrences. */
  cancelled: readonly LocalDate[];
}

/** A series as Google takes it, and where it begins and ends. */
export interface MappedRecurrence {
  /** Lines for `events.recurrence`: RRULE, then EXDATE. Empty when the rule has no date at all. */
  lines: string[];
  rule: SeriesRule;
  /** First date that fits the rule; the master has to start there. */
  firstDate: LocalDate;
  /** Last date, null for series without end. */
  lastDate: LocalDate | null;
  losses: Loss[];
}

/**
 * A Graph recurrence as RFC 5545 (mapping 4.5). Where Exchange takes the last day of shorter months and RFC 5545
 * would skip them, the rule says so by `BYSETPOS=-1`. Cancelled dates become EXDATE, each in UTC with the offset of
 * that date; dates that the rule does not hold are dropped with a loss.
 */
export function mapRecurrence(recurrence: GraphRecurrence, frame: SeriesFrame): MappedRecurrence {
  const startDate = frame.start.slice(0, 10);
  const rule = seriesRule(recurrence, startDate);
  const losses: Loss[] = [];
  const firstDate = seriesDates(rule, startDate).next().value ?? null;
  if (firstDate === null) {
    losses.push({ field: 'recurrence', kind: 'dropped', reason: 'no-date-fits' });
    return { lines: [], rule, firstDate: startDate, lastDate: startDate, losses };
  }
  if (firstDate !== startDate)
    losses.push({ field: 'start', kind: 'changed', reason: 'moved-to-first-match' });
  if (recurrence.range.type === 'numbered' && rule.count === null)
    losses.push({ field: 'recurrence', kind: 'changed', reason: 'count-missing-no-end' });
  if (hasManyInstances(rule, firstDate))
    losses.push({ field: 'recurrence', kind: 'weakened', reason: 'over-700-instances' });
  const cancelled = fittingDates(rule, firstDate, frame.cancelled, losses);
  const lines = [rruleLine(rule, frame), ...exdateLines(cancelled, frame)];
  return { lines, rule, firstDate, lastDate: lastDateOf(rule, firstDate), losses };
}

function rruleLine(rule: SeriesRule, frame: SeriesFrame): string {
  const parts = [
    `FREQ=${rule.frequency}`,
    ...(rule.interval > 1 ? [`INTERVAL=${rule.interval}`] : []),
    ...(rule.frequency === 'WEEKLY' ? [`WKST=${rule.weekStart}`, `BYDAY=${rule.days.join(',')}`] : []),
    ...(rule.month === null ? [] : [`BYMONTH=${rule.month}`]),
    ...(rule.dayOfMonth === null ? [] : dayOfMonthParts(rule.dayOfMonth, rule.month)),
    ...(rule.position === null ? [] : relativeParts(rule.days, rule.position)),
    ...(rule.count === null ? [] : [`COUNT=${rule.count}`]),
    ...(rule.until === null ? [] : [`UNTIL=${untilValue(rule.until, frame)}`]),
  ];
  return `RRULE:${parts.join(';')}`;
}

function dayOfMonthParts(day: number, month: number | null): string[] {
  const shortest = month === null ? 28 : month === 2 ? 28 : [4, 6, 9, 11].includes(month) ? 30 : 31;
  if (day <= shortest) return [`BYMONTHDAY=${day}`];
  if (month !== null || day === 31) return ['BYMONTHDAY=-1'];
  return [`BYMONTHDAY=${day === 29 ? '28,29' : '28,29,30'}`, 'BYSETPOS=-1'];
}

/** One weekday carries its ordinal; several need BYSETPOS, for `1MO,1TU` would mean two dates a month. */
function relativeParts(days: readonly string[], position: number): string[] {
  if (days.length === 1) return [`BYDAY=${position}${days[0]}`];
  return [`BYDAY=${days.join(',')}`, `BYSETPOS=${position}`];
}

function untilValue(until: LocalDate, frame: SeriesFrame): string {
  if (frame.isAllDay) return compactDate(until);
  return compactUtc(frame.clock.toUtc(`${until}T${frame.start.slice(11)}`));
}

function exdateLines(dates: readonly LocalDate[], frame: SeriesFrame): string[] {
  if (dates.length === 0) return [];
  if (frame.isAllDay) return [`EXDATE;VALUE=DATE:${dates.map(compactDate).join(',')}`];
  const time = frame.start.slice(11);
  return [`EXDATE:${dates.map((date) => compactUtc(frame.clock.toUtc(`${date}T${time}`))).join(',')}`];
}

function fittingDates(
  rule: SeriesRule,
  firstDate: LocalDate,
  cancelled: readonly LocalDate[],
  losses: Loss[],
): LocalDate[] {
  const wanted = new Set(cancelled.map((date) => date.slice(0, 10)));
  const latest = [...wanted].sort().at(-1) ?? '';
  const found: LocalDate[] = [];
  for (const date of wanted.size === 0 ? [] : seriesDates(rule, firstDate)) {
    if (date > latest) break;
    if (wanted.has(date)) found.push(date);
  }
  if (found.length < wanted.size)
    losses.push({ field: 'cancelledOccurrences', kind: 'dropped', reason: 'date-not-in-rule' });
  return found;
}

function hasManyInstances(rule: SeriesRule, firstDate: LocalDate): boolean {
  const horizon = addDays(firstDate, 20 * 365);
  let count = 0;
  for (const date of seriesDates(rule, firstDate)) {
    count += 1;
    if (count > MANY_INSTANCES || date > horizon) break;
  }
  return count > MANY_INSTANCES;
}

function lastDateOf(rule: SeriesRule, firstDate: LocalDate): LocalDate | null {
  if (rule.count === null && rule.until === null) return null;
  let last = firstDate;
  for (const date of seriesDates(rule, firstDate)) last = date;
  return last;
}

/** The date of the rule nearest to `date`, at most one day away; null when none is so near. */
export function nearestSeriesDate(rule: SeriesRule, firstDate: LocalDate, date: LocalDate): LocalDate | null {
  const near = [date, addDays(date, -1), addDays(date, 1)];
  const found = new Set<LocalDate>();
  for (const each of seriesDates(rule, firstDate)) {
    if (each > addDays(date, 1)) break;
    if (near.includes(each)) found.add(each);
  }
  return near.find((each) => found.has(each)) ?? null;
}

function compactDate(date: LocalDate): string {
  return date.replaceAll('-', '');
}

function compactUtc(utcMs: number): string {
  return new Date(utcMs).toISOString().replace(/[-:]|\.\d+/g, '');
}
