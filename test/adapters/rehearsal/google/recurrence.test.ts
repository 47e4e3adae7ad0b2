import fc from 'fast-check';
import { RRuleTemporal } from 'rrule-temporal';
import { describe, expect, it } from 'vitest';
import { expandSeries } from '../../../../adapters/rehearsal/google/calendar/expansion.ts';
import { parseRecurrence } from '../../../../adapters/rehearsal/google/calendar/recurrence.ts';
import { createZones } from '../../../../adapters/rehearsal/google/calendar/zones.ts';

const zones = createZones();

/** The first n dates (wall clock of the zone, with time where asked) of a series that starts at a local time. */
function dates(start: string, zone: string, lines: string[], count: number, until = '2040-01-01'): string[] {
  const utcMs = zones.instantOf(zone, Date.parse(`${start}Z`));
  const span = { fromMs: utcMs, beforeMs: Date.parse(until) };
  return expandSeries({ allDay: false, utcMs, zone }, parseRecurrence(lines), span, zones)
    .slice(0, count)
    .map((instant) => new Date(zones.wallOf(zone, instant)).toISOString().slice(0, 10));
}

describe('series', () => {
  const berlin = 'Europe/Berlin';

  // Worked examples, dates reckoned by hand from RFC 5545.
  it.each([
    ['2026-03-27', 'FREQ=DAILY;INTERVAL=3', ['2026-03-27', '2026-03-30', '2026-04-02', '2026-04-05']],
    [
      '2026-01-06',
      'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU',
      ['2026-01-06', '2026-01-18', '2026-01-20', '2026-02-01', '2026-02-03'],
    ],
    [
      '2026-01-06',
      'FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=TU,SU',
      ['2026-01-06', '2026-01-11', '2026-01-20', '2026-01-25'],
    ],
    ['2026-01-31', 'FREQ=MONTHLY;BYMONTHDAY=-1', ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']],
    ['2026-01-31', 'FREQ=MONTHLY;BYMONTHDAY=31', ['2026-01-31', '2026-03-31', '2026-05-31']],
    [
      '2026-01-31',
      'RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD',
      ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
    ],
    [
      '2026-01-30',
      'FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1',
      ['2026-01-30', '2026-02-28', '2026-03-30', '2026-04-30'],
    ],
    [
      '2027-12-29',
      'FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1',
      ['2027-12-29', '2028-01-29', '2028-02-29', '2028-03-29'],
    ],
    [
      '2026-01-30',
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      ['2026-01-30', '2026-02-27', '2026-03-31', '2026-04-30'],
    ],
    [
      '2026-01-04',
      'FREQ=MONTHLY;BYDAY=SU,SA;BYSETPOS=2',
      ['2026-01-04', '2026-02-07', '2026-03-07', '2026-04-05'],
    ],
    [
      '2026-01-02',
      'FREQ=MONTHLY;INTERVAL=3;BYDAY=TH,FR;BYSETPOS=2',
      ['2026-01-02', '2026-04-03', '2026-07-03', '2026-10-02', '2027-01-07'],
    ],
    ['2026-01-13', 'FREQ=MONTHLY;BYDAY=2TU', ['2026-01-13', '2026-02-10', '2026-03-10']],
    ['2026-01-26', 'FREQ=MONTHLY;BYDAY=-1MO', ['2026-01-26', '2026-02-23', '2026-03-30']],
    [
      '2026-03-15',
      'FREQ=YEARLY;INTERVAL=3;BYMONTH=3;BYMONTHDAY=15',
      ['2026-03-15', '2029-03-15', '2032-03-15'],
    ],
    [
      '2024-02-29',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1',
      ['2024-02-29', '2025-02-28', '2026-02-28', '2027-02-28', '2028-02-29'],
    ],
    ['2024-02-29', 'FREQ=YEARLY', ['2024-02-29', '2028-02-29', '2032-02-29']],
    ['2026-11-26', 'FREQ=YEARLY;BYMONTH=11;BYDAY=4TH', ['2026-11-26', '2027-11-25', '2028-11-23']],
    ['2026-01-02', 'FREQ=DAILY;BYDAY=MO,FR;COUNT=3', ['2026-01-02', '2026-01-05', '2026-01-09']],
  ])('from %s by %s', (start, rule, expected) => {
    expect(dates(`${start}T09:00:00`, berlin, [`RRULE:${rule}`], expected.length)).toEqual(expected);
  });

  it('keep their wall time over the change to summer time', () => {
    const utcMs = zones.instantOf(berlin, Date.parse('2026-03-27T09:00:00Z'));
    const span = { fromMs: utcMs, beforeMs: utcMs + 3.5 * 86_400_000 };

    const found = expandSeries(
      { allDay: false, utcMs, zone: berlin },
      parseRecurrence(['RRULE:FREQ=DAILY']),
      span,
      zones,
    );

    expect(found.map((instant) => new Date(instant).toISOString().slice(8, 16))).toEqual([
      '27T08:00',
      '28T08:00',
      '29T07:00',
      '30T07:00',
    ]);
  });

  it.each([
    ['the last instant itself', 'UNTIL=20260630T070000Z', '2026-06-30'],
    ['a second before it', 'UNTIL=20260630T065959Z', '2026-06-29'],
    ['a date', 'UNTIL=20260630', '2026-06-30'],
  ])('end with %s', (_what, until, last) => {
    expect(dates('2026-06-01T09:00:00', berlin, [`RRULE:FREQ=DAILY;${until}`], 99).at(-1)).toBe(last);
  });

  it('begin with their start and count it, even where the rule passes it over', () => {
    expect(dates('2026-01-01T09:00:00', berlin, ['RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3'], 9)).toEqual([
      '2026-01-01',
      '2026-01-05',
      '2026-01-12',
    ]);
  });

  it.each([
    ['UTC', 'EXDATE:20260402T070000Z'],
    ['a zone', 'EXDATE;TZID=Europe/Berlin:20260402T090000'],
    ['another zone', 'EXDATE;TZID=America/New_York:20260402T030000'],
    ['local time', 'EXDATE:20260402T090000'],
    ['a date', 'EXDATE;VALUE=DATE:20260402'],
  ])('leave out what EXDATE names in %s', (_form, line) => {
    expect(dates('2026-04-01T09:00:00', berlin, ['RRULE:FREQ=DAILY;COUNT=3', line], 9)).toEqual([
      '2026-04-01',
      '2026-04-03',
    ]);
  });

  it('hold what RDATE adds', () => {
    const lines = ['RRULE:FREQ=DAILY;COUNT=2', 'RDATE;TZID=Europe/Berlin:20260410T090000,20260402T090000'];

    expect(dates('2026-04-01T09:00:00', berlin, lines, 9)).toEqual([
      '2026-04-01',
      '2026-04-02',
      '2026-04-10',
    ]);
  });

  it('of whole days stay on their dates', () => {
    const start = { allDay: true, utcMs: Date.parse('2026-01-30T00:00:00Z'), zone: 'Etc/UTC' };
    const lines = parseRecurrence(['RRULE:FREQ=DAILY;UNTIL=20260202', 'EXDATE;VALUE=DATE:20260201']);

    const found = expandSeries(start, lines, { fromMs: 0, beforeMs: Date.parse('2027-01-01') }, zones);

    expect(found.map((instant) => new Date(instant).toISOString().slice(0, 10))).toEqual([
      '2026-01-30',
      '2026-01-31',
      '2026-02-02',
    ]);
  });

  it.each([
    'RRULE:FREQ=HOURLY',
    'RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260101',
    'RRULE:INTERVAL=2',
    'RRULE:FREQ=DAILY;INTERVAL=0',
    'RRULE:FREQ=DAILY;BYDAY=XX',
    'RRULE:FREQ=MONTHLY;BYMONTHDAY=32',
    'DTSTART:20260101T000000Z',
    'FREQ=DAILY',
    'EXDATE:tomorrow',
  ])('are refused as %s', (line) => {
    expect(() => parseRecurrence([line])).toThrow('Invalid recurrence rule.');
  });

  it('that match nothing end', () => {
    expect(dates('2026-01-01T09:00:00', berlin, ['RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'], 9)).toEqual([
      '2026-01-01',
    ]);
  });
});

describe('wall clocks', () => {
  it.each([
    ['an ordinary time', '2026-07-01T09:00:00', '2026-07-01T07:00:00'],
    ['the first of two in autumn', '2026-10-25T02:30:00', '2026-10-25T00:30:00'],
    ['a time in the spring gap, moved on by the gap', '2026-03-29T02:30:00', '2026-03-29T01:30:00'],
  ])('show %s', (_what, wall, utc) => {
    expect(zones.instantOf('Europe/Berlin', Date.parse(`${wall}Z`))).toBe(Date.parse(`${utc}Z`));
  });

  it('know their zones', () => {
    expect([zones.isZone('Europe/Berlin'), zones.isZone('W. Europe Standard Time')]).toEqual([true, false]);
  });
});

const weekdays = fc.uniqueArray(fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'), { minLength: 1 });
const rule = fc.oneof(
  fc.record({ freq: fc.constant('DAILY'), rest: fc.constantFrom('', ';BYMONTH=1,3,12', ';BYMONTHDAY=1,-1') }),
  weekdays.chain((days) =>
    fc.constantFrom('MO', 'SU', 'WE').map((start) => ({
      freq: 'WEEKLY',
      rest: `;BYDAY=${days.join(',')};WKST=${start}`,
    })),
  ),
  weekdays.chain((days) =>
    fc.constantFrom(1, 2, -1, -2).map((position) => ({
      freq: 'MONTHLY',
      rest: `;BYDAY=${days.join(',')};BYSETPOS=${position}`,
    })),
  ),
  fc.constantFrom(1, 15, 29, 31, -1, -3).map((day) => ({ freq: 'MONTHLY', rest: `;BYMONTHDAY=${day}` })),
  fc.constantFrom('1MO', '-1FR', '5WE').map((day) => ({ freq: 'MONTHLY', rest: `;BYDAY=${day}` })),
  fc
    .constantFrom('BYMONTH=2;BYMONTHDAY=29', 'BYMONTH=11;BYDAY=4TH', 'BYDAY=20MO', 'BYMONTHDAY=13')
    .map((rest) => ({
      freq: 'YEARLY',
      rest: `;${rest}`,
    })),
);

describe('expansion against an independent library', () => {
  it('makes the same instants, the start aside', () => {
    fc.assert(
      fc.property(
        rule,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 3_000 }),
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
        ({ freq, rest }, interval, day, zone) => {
          const wallMs = Date.parse('2018-01-01T12:15:00Z') + day * 86_400_000;
          const utcMs = zones.instantOf(zone, wallMs);
          const text = `RRULE:FREQ=${freq};INTERVAL=${interval}${rest}`;
          const span = { fromMs: utcMs, beforeMs: utcMs + 900 * 86_400_000 };
          const local = new Date(wallMs).toISOString().replace(/[-:]/g, '').slice(0, 15);
          const oracle = new RRuleTemporal({ rruleString: `DTSTART;TZID=${zone}:${local}\n${text}` });

          const ours = expandSeries({ allDay: false, utcMs, zone }, parseRecurrence([text]), span, zones);
          const theirs = oracle
            .between(new Date(span.fromMs), new Date(span.beforeMs), true)
            .map((one) => one.epochMilliseconds)
            .filter((instant) => instant < span.beforeMs);

          expect(ours.filter((instant) => instant !== utcMs)).toEqual(
            theirs.filter((instant) => instant !== utcMs),
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
