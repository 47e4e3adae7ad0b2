import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapRecurrence } from '../../mappings/recurrence.ts';
import { seriesDates, seriesRule } from '../../mappings/recurrence-dates.ts';
import { zoneClock } from '../../mappings/wall-clock.ts';
import type { GraphRecurrence } from '../../src/core/microsoft.ts';
import { expand } from './expansion.ts';
import { recurrence } from './samples.ts';

const ALL_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/**
 * What Exchange means, day by day: a date belongs to the series when its period is one of every n-th counted from
 * the start's, and it is the date that the pattern names in that period.
 */
function exchangeDates({ pattern }: GraphRecurrence, start: string, days: number): string[] {
  const date = (offset: number) => new Date(Date.parse(`${start}T00:00:00Z`) + offset * 86_400_000);
  const first = date(0);
  const lastOf = (day: Date) =>
    new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  const monthOf = (day: Date) => day.getUTCFullYear() * 12 + day.getUTCMonth();
  const isListed = (day: Date) => pattern.daysOfWeek.includes(ALL_DAYS[day.getUTCDay()] as string);
  const weekOf = (day: Date) => {
    const shift = ALL_DAYS.indexOf(pattern.firstDayOfWeek);
    const number = Math.floor(day.getTime() / 86_400_000);
    return Math.floor((number + 4 - shift) / 7);
  };
  const isNamed = (day: Date) => {
    const inMonth = Array.from(
      { length: lastOf(day) },
      (_, index) => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), index + 1)),
    ).filter(isListed);
    const position = ['first', 'second', 'third', 'fourth'].indexOf(pattern.index);
    const named = position < 0 ? inMonth.at(-1) : inMonth[position];
    return named?.getTime() === day.getTime();
  };
  const isDayOfMonth = (day: Date) => day.getUTCDate() === Math.min(pattern.dayOfMonth, lastOf(day));
  const isEveryNth = (distance: number, n: number) => distance % n === 0;
  const fits = (day: Date, offset: number): boolean => {
    const months = monthOf(day) - monthOf(first);
    const years = day.getUTCFullYear() - first.getUTCFullYear();
    const isMonth = day.getUTCMonth() + 1 === pattern.month;
    if (pattern.type === 'daily') return isEveryNth(offset, pattern.interval);
    if (pattern.type === 'weekly')
      return isListed(day) && isEveryNth(weekOf(day) - weekOf(first), pattern.interval);
    if (pattern.type === 'absoluteMonthly') return isDayOfMonth(day) && isEveryNth(months, pattern.interval);
    if (pattern.type === 'relativeMonthly') return isNamed(day) && isEveryNth(months, pattern.interval);
    const isRight = pattern.type === 'absoluteYearly' ? isDayOfMonth(day) : isNamed(day);
    return isMonth && isRight && isEveryNth(years, pattern.interval);
  };
  return Array.from({ length: days }, (_, offset) => offset).flatMap((offset) => {
    const day = date(offset);
    return fits(day, offset) ? [day.toISOString().slice(0, 10)] : [];
  });
}

describe('any pattern', () => {
  const pattern = fc.record({
    type: fc.constantFrom(
      'daily',
      'weekly',
      'absoluteMonthly',
      'relativeMonthly',
      'absoluteYearly',
      'relativeYearly',
    ),
    interval: fc.integer({ min: 1, max: 4 }),
    month: fc.integer({ min: 1, max: 12 }),
    dayOfMonth: fc.integer({ min: 1, max: 31 }),
    daysOfWeek: fc.uniqueArray(fc.constantFrom(...ALL_DAYS), { minLength: 1, maxLength: 7 }),
    firstDayOfWeek: fc.constantFrom('sunday', 'monday', 'saturday'),
    index: fc.constantFrom('first', 'second', 'third', 'fourth', 'last'),
  }) as fc.Arbitrary<GraphRecurrence['pattern']>;
  const start = fc
    .integer({ min: 0, max: 3000 })
    .map((days) => new Date(Date.UTC(2020, 0, 1) + days * 86_400_000).toISOString().slice(0, 10));
  const DAYS = 366 * 9;

  it('is expanded as Exchange means it', () => {
    fc.assert(
      fc.property(pattern, start, (each, date) => {
        const source = recurrence(each);
        const expected = exchangeDates(source, date, DAYS);
        const found: string[] = [];
        for (const next of seriesDates(seriesRule(source, date), date)) {
          if (found.push(next) >= expected.length) break;
        }

        expect(found.slice(0, expected.length)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is written so that an RFC 5545 expansion gives the same dates', () => {
    fc.assert(
      fc.property(pattern, start, (each, date) => {
        const source = recurrence(each);
        const expected = exchangeDates(source, date, DAYS).slice(0, 12);
        const clock = zoneClock('Europe/Berlin');
        const mapped = mapRecurrence(source, {
          start: `${date}T09:00:00`,
          isAllDay: false,
          clock,
          cancelled: [],
        });

        expect(mapped.firstDate).toBe(expected[0]);
        expect(expand(mapped.lines, mapped.firstDate, expected.length)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});
