import { type Refusal, refuse } from '../refusal.ts';

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** A point of an RRULE, RDATE or EXDATE line as it is written. */
export type Point =
  | { form: 'date'; wallMs: number }
  | { form: 'utc'; utcMs: number }
  | { form: 'local'; wallMs: number; zone: string | null };

/** One RRULE, parsed. Weekdays count from Sunday = 0. */
export interface Rule {
  frequency: Frequency;
  interval: number;
  count: number | null;
  until: Point | null;
  byDay: readonly { ordinal: number; weekday: number }[];
  byMonthDay: readonly number[];
  byMonth: readonly number[];
  byYearDay: readonly number[];
  bySetPos: readonly number[];
  weekStart: number;
  /** What becomes of the 31st in shorter months (RFC 7529). */
  skip: 'OMIT' | 'BACKWARD' | 'FORWARD';
}

/** All `recurrence` lines of an event. */
export interface Recurrence {
  rules: Rule[];
  excludedRules: Rule[];
  added: Point[];
  excluded: Point[];
}

const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const PARTS = 'FREQ INTERVAL COUNT UNTIL BYDAY BYMONTHDAY BYMONTH BYYEARDAY BYSETPOS WKST RSCALE SKIP'.split(
  ' ',
);

/** Parses `recurrence` lines as RFC 5545 §3.8.5 has them; anything else is Google's 400 "Invalid recurrence rule." */
export function parseRecurrence(lines: readonly string[]): Recurrence {
  const recurrence: Recurrence = { rules: [], excludedRules: [], added: [], excluded: [] };
  for (const line of lines) {
    const [, name, parameters = '', value = ''] = /^([A-Z]+)((?:;[^:]*)?):(.*)$/.exec(line.trim()) ?? [];
    switch (name) {
      case 'RRULE':
        recurrence.rules.push(parseRule(value));
        break;
      case 'EXRULE':
        recurrence.excludedRules.push(parseRule(value));
        break;
      case 'RDATE':
        recurrence.added.push(...parsePoints(parameters, value));
        break;
      case 'EXDATE':
        recurrence.excluded.push(...parsePoints(parameters, value));
        break;
      default:
        throw invalidRule();
    }
  }
  return recurrence;
}

function parseRule(text: string): Rule {
  const parts = new Map<string, string>();
  for (const part of text.split(';').filter(Boolean)) {
    const [name = '', value = ''] = part.toUpperCase().split('=');
    if (!PARTS.includes(name) || value === '' || parts.has(name)) throw invalidRule();
    parts.set(name, value);
  }
  const frequency = parts.get('FREQ');
  if (!isFrequency(frequency) || (parts.has('COUNT') && parts.has('UNTIL'))) throw invalidRule();
  const until = parts.get('UNTIL');
  const skip = parts.get('SKIP') ?? 'OMIT';
  if (skip !== 'OMIT' && skip !== 'BACKWARD' && skip !== 'FORWARD') throw invalidRule();
  if ((parts.get('RSCALE') ?? 'GREGORIAN') !== 'GREGORIAN') throw invalidRule();
  return {
    frequency,
    interval: numberIn(parts.get('INTERVAL') ?? '1', 1, 10_000),
    count: parts.has('COUNT') ? numberIn(parts.get('COUNT') ?? '', 1, 100_000) : null,
    until: until === undefined ? null : parsePoint(until, null),
    byDay: listOf(parts.get('BYDAY')).map(parseDay),
    byMonthDay: numbersOf(parts.get('BYMONTHDAY'), 31),
    byMonth: listOf(parts.get('BYMONTH')).map((month) => numberIn(month, 1, 12)),
    byYearDay: numbersOf(parts.get('BYYEARDAY'), 366),
    bySetPos: numbersOf(parts.get('BYSETPOS'), 366),
    weekStart: weekdayOf(parts.get('WKST') ?? 'MO'),
    skip,
  };
}

function isFrequency(text: string | undefined): text is Frequency {
  return text === 'DAILY' || text === 'WEEKLY' || text === 'MONTHLY' || text === 'YEARLY';
}

function listOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',');
}

/** Whole numbers from -max to max without zero. */
function numbersOf(text: string | undefined, max: number): number[] {
  return listOf(text).map((one) => {
    const number = numberIn(one, -max, max);
    if (number === 0) throw invalidRule();
    return number;
  });
}

function numberIn(text: string, min: number, max: number): number {
  const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) throw invalidRule();
  return number;
}

function parseDay(text: string): { ordinal: number; weekday: number } {
  const [, ordinal = '', name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  return { ordinal: ordinal === '' ? 0 : numberIn(ordinal, -53, 53), weekday: weekdayOf(name) };
}

function weekdayOf(name: string): number {
  const weekday = WEEKDAYS.indexOf(name);
  if (weekday === -1) throw invalidRule();
  return weekday;
}

function parsePoints(parameters: string, value: string): Point[] {
  const zone = /;TZID="?([^;":]+)"?/i.exec(parameters)?.[1] ?? null;
  return value.split(',').map((text) => parsePoint(text, zone));
}

function parsePoint(text: string, zone: string | null): Point {
  const match = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?$/i.exec(text.trim());
  if (!match) throw invalidRule();
  const [, year, month, day, hour, minute, second, utc] = match;
  const wallMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour ?? 0),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  if (hour === undefined) return { form: 'date', wallMs };
  return utc === '' ? { form: 'local', wallMs, zone } : { form: 'utc', utcMs: wallMs };
}

function invalidRule(): Refusal {
  return refuse(400, 'invalid', 'Invalid recurrence rule.');
}
