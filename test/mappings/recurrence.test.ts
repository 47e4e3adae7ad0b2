import { describe, expect, it } from 'vitest';
import { mapRecurrence, nearestSeriesDate } from '../../mappings/recurrence.ts';
import { seriesRule } from '../../mappings/recurrence-dates.ts';
import { zoneClock } from '../../mappings/wall-clock.ts';
import type { GraphRecurrence } from '../../src/core/microsoft.ts';
import { expand } from './expansion.ts';
import { type PatternSample, recurrence } from './samples.ts';

const ALL_DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WORKDAYS = ALL_DAYS.slice(1, 6);

interface Frame {
  zone?: string;
  time?: string;
  isAllDay?: boolean;
  cancelled?: string[];
}

function map(source: GraphRecurrence, date: string, frame: Frame = {}) {
  return mapRecurrence(source, {
    start: `${date}T${frame.isAllDay ? '00:00:00' : (frame.time ?? '09:00:00')}`,
    isAllDay: frame.isAllDay ?? false,
    clock: zoneClock(frame.zone ?? 'Europe/Berlin'),
    cancelled: frame.cancelled ?? [],
  });
}

describe('worked examples', () => {
  it.each([
    [
      'every 3 days',
      { type: 'daily', interval: 3 },
      '2026-03-27',
      'FREQ=DAILY;INTERVAL=3',
      ['2026-03-27', '2026-03-30', '2026-04-02', '2026-04-05'],
    ],
    [
      'case 61: Tue+Sun, weeks from Sunday',
      { type: 'weekly', interval: 2, daysOfWeek: ['tuesday', 'sunday'], firstDayOfWeek: 'sunday' },
      '2026-01-06',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU',
      ['2026-01-06', '2026-01-18', '2026-01-20', '2026-02-01', '2026-02-03'],
    ],
    [
      'case 61: Tue+Sun, weeks from Monday',
      { type: 'weekly', interval: 2, daysOfWeek: ['tuesday', 'sunday'], firstDayOfWeek: 'monday' },
      '2026-01-06',
      'FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU',
      ['2026-01-06', '2026-01-11', '2026-01-20', '2026-01-25'],
    ],
    [
      'case 57: monthly 31st',
      { type: 'absoluteMonthly', dayOfMonth: 31 },
      '2026-01-31',
      'FREQ=MONTHLY;BYMONTHDAY=-1',
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    [
      'case 58: monthly 30th',
      { type: 'absoluteMonthly', dayOfMonth: 30 },
      '2026-01-30',
      'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1',
      ['2026-01-30', '2026-02-28', '2026-03-30', '2026-04-30'],
    ],
    [
      'monthly 29th',
      { type: 'absoluteMonthly', dayOfMonth: 29 },
      '2027-12-29',
      'FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1',
      ['2027-12-29', '2028-01-29', '2028-02-29', '2028-03-29'],
    ],
    [
      'case 60: last weekday',
      { type: 'relativeMonthly', daysOfWeek: WORKDAYS, index: 'last' },
      '2026-01-30',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30'],
    ],
    [
      'first weekday',
      { type: 'relativeMonthly', daysOfWeek: WORKDAYS, index: 'first' },
      '2026-01-01',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1',
      ['2026-01-01', '2026-02-02', '2026-03-02', '2026-04-01'],
    ],
    [
      'second weekend day',
      { type: 'relativeMonthly', daysOfWeek: ['sunday', 'saturday'], index: 'second' },
      '2026-01-04',
      'FREQ=MONTHLY;BYDAY=SU,SA;BYSETPOS=2',
      ['2026-01-04', '2026-02-07', '2026-03-07', '2026-04-05'],
    ],
    [
      'second Thu-or-Fri every 3 months',
      { type: 'relativeMonthly', interval: 3, daysOfWeek: ['thursday', 'friday'], index: 'second' },
      '2026-01-02',
      'FREQ=MONTHLY;INTERVAL=3;BYDAY=TH,FR;BYSETPOS=2',
      ['2026-01-02', '2026-04-03', '2026-07-03', '2026-10-02', '2027-01-07'],
    ],
    [
      '2nd Tuesday',
      { type: 'relativeMonthly', daysOfWeek: ['tuesday'], index: 'second' },
      '2026-01-13',
      'FREQ=MONTHLY;BYDAY=2TU',
      ['2026-01-13', '2026-02-10', '2026-03-10'],
    ],
    [
      'last day of the month',
      { type: 'relativeMonthly', daysOfWeek: ALL_DAYS, index: 'last' },
      '2026-01-31',
      'FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=-1',
      ['2026-01-31', '2026-02-28'],
    ],
    [
      '15 Mar every 3 years',
      { type: 'absoluteYearly', interval: 3, month: 3, dayOfMonth: 15 },
      '2026-03-15',
      'FREQ=YEARLY;INTERVAL=3;BYMONTH=3;BYMONTHDAY=15',
      ['2026-03-15', '2029-03-15', '2032-03-15'],
    ],
    [
      'case 59: 29 Feb',
      { type: 'absoluteYearly', month: 2, dayOfMonth: 29 },
      '2024-02-29',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1',
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    [
      '31 in a month of 30 days',
      { type: 'absoluteYearly', month: 6, dayOfMonth: 31 },
      '2026-06-30',
      'FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=-1',
      ['2026-06-30', '2027-06-30'],
    ],
    [
      '4th Thursday of November',
      { type: 'relativeYearly', month: 11, daysOfWeek: ['thursday'], index: 'fourth' },
      '2026-11-26',
      'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH',
      ['2026-11-26', '2027-11-25', '2028-11-23'],
    ],
    [
      'last weekday of June',
      { type: 'relativeYearly', month: 6, daysOfWeek: WORKDAYS, index: 'last' },
      '2026-06-30',
      'FREQ=YEARLY;BYMONTH=6;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      ['2026-06-30', '2027-06-30', '2028-06-30'],
    ],
    [
      'interval 12 stays monthly',
      { type: 'absoluteMonthly', interval: 12, dayOfMonth: 5 },
      '2026-05-05',
      'FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=5',
      ['2026-05-05', '2027-05-05'],
    ],
  ] as [string, PatternSample, string, string, string[]][])('%s', (_, pattern, start, rule, dates) => {
    const mapped = map(recurrence(pattern), start);

    expect(mapped.lines).toEqual([`RRULE:${rule}`]);
    expect(expand(mapped.lines, start, dates.length)).toEqual(dates);
    expect(mapped.firstDate).toBe(start);
  });

  it('quarterly on the 15th, seven times', () => {
    const source = recurrence(
      { type: 'absoluteMonthly', interval: 3, dayOfMonth: 15 },
      { type: 'numbered', numberOfOccurrences: 7 },
    );
    const mapped = map(source, '2026-01-15');

    expect(mapped.lines).toEqual(['RRULE:FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15;COUNT=7']);
    expect(mapped.lastDate).toBe('2027-07-15');
  });

  it.each([
    ['Europe/Berlin', '09:00:00', '2026-06-30', '20260630T070000Z'],
    ['America/Los_Angeles', '17:30:00', '2026-12-31', '20270101T013000Z'],
    ['Pacific/Auckland', '08:00:00', '2026-06-30', '20260629T200000Z'],
  ])('case 65: until in %s at %s', (zone, time, endDate, until) => {
    const source = recurrence({ type: 'daily' }, { type: 'endDate', endDate });
    const { lines } = map(source, '2026-06-01', { zone, time });

    expect(lines).toEqual([`RRULE:FREQ=DAILY;UNTIL=${until}`]);
    expect(expand(lines, '2026-06-01', 1000, zone, time).at(-1)).toBe(endDate);
  });

  it('an all-day series ends on a date', () => {
    const source = recurrence({ type: 'daily' }, { type: 'endDate', endDate: '2026-06-30' });

    expect(map(source, '2026-06-01', { isAllDay: true }).lines).toEqual(['RRULE:FREQ=DAILY;UNTIL=20260630']);
  });
});

describe('ranges and fillers', () => {
  it.each([
    ['case 88: endDate of the year 1', { type: 'endDate', endDate: '0001-01-01' }],
    ['endDate in 4500', { type: 'endDate', endDate: '4500-08-31' }],
    ['a filler beside noEnd', { type: 'noEnd', endDate: '0001-01-01', numberOfOccurrences: 0 }],
  ] as [string, Partial<GraphRecurrence['range']>][])('%s means no end', (_, range) => {
    const mapped = map(recurrence({ type: 'daily', interval: 30 }, range), '2026-01-01');

    expect(mapped.lines).toEqual(['RRULE:FREQ=DAILY;INTERVAL=30']);
    expect(mapped.lastDate).toBeNull();
  });

  it('a count of nought means no end, and is reported', () => {
    const source = recurrence(
      { type: 'absoluteYearly', month: 1, dayOfMonth: 1 },
      { type: 'numbered', numberOfOccurrences: 0 },
    );

    expect(map(source, '2026-01-01').losses).toEqual([
      { field: 'recurrence', kind: 'changed', reason: 'count-missing-no-end' },
    ]);
  });

  it('reads nothing that the type does not need', () => {
    const source = recurrence({
      type: 'daily',
      daysOfWeek: ['monday'],
      dayOfMonth: 7,
      month: 5,
      index: 'last',
    });

    expect(map(source, '2026-01-01').lines).toEqual(['RRULE:FREQ=DAILY']);
  });

  it('takes from the start what the pattern should say and does not', () => {
    expect(map(recurrence({ type: 'weekly' }), '2026-01-06').lines).toEqual([
      'RRULE:FREQ=WEEKLY;WKST=SU;BYDAY=TU',
    ]);
    expect(map(recurrence({ type: 'absoluteYearly' }), '2026-03-05').lines).toEqual([
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5',
    ]);
  });

  it('case 89: a start that does not fit moves to the first date that does, the count stays', () => {
    const source = recurrence(
      { type: 'weekly', daysOfWeek: ['friday'] },
      { type: 'numbered', numberOfOccurrences: 3 },
    );
    const mapped = map(source, '2026-01-06');

    expect(mapped.firstDate).toBe('2026-01-09');
    expect(mapped.lines[0]).toContain('COUNT=3');
    expect(mapped.losses).toEqual([{ field: 'start', kind: 'changed', reason: 'moved-to-first-match' }]);
  });

  it('case 87: a daily series without end is kept whole, with a warning', () => {
    const mapped = map(recurrence({ type: 'daily' }), '2009-01-01');

    expect(mapped.lines).toEqual(['RRULE:FREQ=DAILY']);
    expect(mapped.losses).toEqual([{ field: 'recurrence', kind: 'weakened', reason: 'over-700-instances' }]);
  });

  it('a series that has no date at all is none', () => {
    const mapped = map(
      recurrence({ type: 'daily' }, { type: 'endDate', endDate: '2025-01-01' }),
      '2026-01-01',
    );

    expect(mapped.lines).toEqual([]);
    expect(mapped.losses).toEqual([{ field: 'recurrence', kind: 'dropped', reason: 'no-date-fits' }]);
  });
});

describe('cancelled dates', () => {
  it('case 69: each has the offset of its own date', () => {
    const source = recurrence({ type: 'weekly', daysOfWeek: ['wednesday'] });
    const { lines } = map(source, '2026-01-07', { cancelled: ['2026-03-25', '2026-04-01', '2026-04-08'] });

    expect(lines[1]).toBe('EXDATE:20260325T080000Z,20260401T070000Z,20260408T070000Z');
  });

  it('of all-day series are dates', () => {
    const { lines } = map(recurrence({ type: 'daily', interval: 7 }), '2026-04-01', {
      isAllDay: true,
      cancelled: ['2026-04-08'],
    });

    expect(lines[1]).toBe('EXDATE;VALUE=DATE:20260408');
  });

  it('that the rule does not hold are dropped and told', () => {
    const mapped = map(recurrence({ type: 'daily', interval: 300 }), '2026-04-01', {
      cancelled: ['2026-04-02', '2025-01-01'],
    });

    expect(mapped.lines).toHaveLength(1);
    expect(mapped.losses).toEqual([
      { field: 'cancelledOccurrences', kind: 'dropped', reason: 'date-not-in-rule' },
    ]);
  });

  it('leave no instance behind in an independent expansion', () => {
    const source = recurrence({ type: 'daily' }, { type: 'numbered', numberOfOccurrences: 10 });
    const { lines } = map(source, '2026-03-25', { cancelled: ['2026-03-28', '2026-03-30'] });

    expect(expand(lines, '2026-03-25', 20)).not.toContain('2026-03-30');
    expect(expand(lines, '2026-03-25', 20)).toHaveLength(8);
  });
});

describe('nearestSeriesDate', () => {
  it.each([
    ['2026-04-08', '2026-04-08'],
    ['2026-04-07', '2026-04-08'],
    ['2026-04-09', '2026-04-08'],
    ['2026-04-11', null],
  ])('%s → %s', (date, expected) => {
    const rule = seriesRule(recurrence({ type: 'daily', interval: 7 }), '2026-04-01');

    expect(nearestSeriesDate(rule, '2026-04-01', date)).toBe(expected);
  });
});
