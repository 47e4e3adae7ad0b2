import { describe, expect, it } from 'vitest';
import { dateOf, dayOf, expandRecurrence } from '../../../../adapters/rehearsal/microsoft/recurrence.ts';

const workdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const week = ['sunday', ...workdays, 'saturday'];

function dates(pattern: object, startDate: string, count: number, range: object = {}): string[] {
  const filler = {
    interval: 1,
    month: 0,
    dayOfMonth: 0,
    daysOfWeek: [],
    firstDayOfWeek: 'sunday',
    index: 'first',
  };
  const recurrence = {
    pattern: { ...filler, ...pattern },
    range: { type: 'noEnd', startDate, endDate: '0001-01-01', numberOfOccurrences: 0, ...range },
  };
  const found: string[] = [];
  for (const day of expandRecurrence(recurrence, dayOf('2060-01-01'))) {
    found.push(dateOf(day));
    if (found.length >= count) break;
  }
  return found;
}

describe('a recurrence', () => {
  it.each([
    [
      'every 3 days',
      { type: 'daily', interval: 3 },
      ['2026-03-27', '2026-03-30', '2026-04-02', '2026-04-05'],
    ],
    [
      'Tuesday and Sunday every second week from Sunday',
      { type: 'weekly', interval: 2, daysOfWeek: ['tuesday', 'sunday'], firstDayOfWeek: 'sunday' },
      ['2026-01-06', '2026-01-18', '2026-01-20', '2026-02-01', '2026-02-03'],
    ],
    [
      'Tuesday and Sunday every second week from Monday',
      { type: 'weekly', interval: 2, daysOfWeek: ['tuesday', 'sunday'], firstDayOfWeek: 'monday' },
      ['2026-01-06', '2026-01-11', '2026-01-20', '2026-01-25'],
    ],
    [
      'the 15th each quarter',
      { type: 'absoluteMonthly', interval: 3, dayOfMonth: 15 },
      ['2026-01-15', '2026-04-15', '2026-07-15'],
    ],
    [
      'the 31st, on the last day of shorter months',
      { type: 'absoluteMonthly', dayOfMonth: 31 },
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    [
      'the 30th, on the last day of February',
      { type: 'absoluteMonthly', dayOfMonth: 30 },
      ['2026-01-30', '2026-02-28', '2026-03-30', '2026-04-30'],
    ],
    [
      'the 29th, through a leap year',
      { type: 'absoluteMonthly', dayOfMonth: 29 },
      ['2027-12-29', '2028-01-29', '2028-02-29', '2028-03-29'],
    ],
    [
      'the last weekday of a month',
      { type: 'relativeMonthly', daysOfWeek: workdays, index: 'last' },
      ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30'],
    ],
    [
      'the first weekday of a month',
      { type: 'relativeMonthly', daysOfWeek: workdays, index: 'first' },
      ['2026-01-01', '2026-02-02', '2026-03-02', '2026-04-01'],
    ],
    [
      'the second weekend day of a month',
      { type: 'relativeMonthly', daysOfWeek: ['sunday', 'saturday'], index: 'second' },
      ['2026-01-04', '2026-02-07', '2026-03-07', '2026-04-05'],
    ],
    [
      'the second Thursday or Friday every three months',
      { type: 'relativeMonthly', interval: 3, daysOfWeek: ['thursday', 'friday'], index: 'second' },
      ['2026-01-02', '2026-04-03', '2026-07-03', '2026-10-02', '2027-01-07'],
    ],
    [
      'the last day of a month',
      { type: 'relativeMonthly', daysOfWeek: week, index: 'last' },
      ['2026-01-31', '2026-02-28'],
    ],
    [
      '15 March every three years',
      { type: 'absoluteYearly', interval: 3, month: 3, dayOfMonth: 15 },
      ['2026-03-15', '2029-03-15', '2032-03-15'],
    ],
    [
      '29 February, on the 28th in common years',
      { type: 'absoluteYearly', month: 2, dayOfMonth: 29 },
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      'the fourth Thursday of November',
      { type: 'relativeYearly', month: 11, daysOfWeek: ['thursday'], index: 'fourth' },
      ['2026-11-26', '2027-11-25', '2028-11-23'],
    ],
  ])('falls on %s', (_name, pattern, expected) => {
    expect(dates(pattern, expected[0]!, expected.length)).toEqual(expected);
  });

  it('begins with the first date of the rule when its start does not match', () => {
    const pattern = { type: 'relativeMonthly', daysOfWeek: ['tuesday'], index: 'second' };

    expect(dates(pattern, '2026-01-20', 2)).toEqual(['2026-02-10', '2026-03-10']);
  });

  it('ends after its number of dates, or with its last date included', () => {
    const daily = { type: 'daily' };

    expect(dates(daily, '2026-01-01', 9, { type: 'numbered', numberOfOccurrences: 2 })).toHaveLength(2);
    expect(dates(daily, '2026-01-01', 9, { type: 'endDate', endDate: '2026-01-03' })).toHaveLength(3);
    expect(dates(daily, '2026-01-01', 9, { type: 'endDate', endDate: '0001-01-01' })).toHaveLength(9);
  });

  it('ends quietly where its rule has no date', () => {
    expect(dates({ type: 'relativeMonthly', daysOfWeek: [] }, '2026-01-01', 1)).toEqual([]);
  });
});
