import { createRandom, hash } from '../service/random.ts';
import type { Locale } from './names.ts';
import { addDays, graphTime, instantOf, isoDate, weekday } from './zoned-time.ts';

/** One meeting or appointment as its organiser planned it; every attendee's mailbox holds a copy of its own. */
export interface Meeting {
  name: string;
  uid: string;
  organiserId: string;
  attendeeIds: readonly string[];
  external: readonly string[];
  roomAddress: string | null;
  subject: string;
  body: string;
  zone: Locale['zone'];
  date: string;
  time: string;
  minutes: number;
  allDay: boolean;
  pattern: Pattern | null;
  range: Range;
  /** Occurrences by position that are cancelled or changed; only daily and weekly series have some. */
  cancelled: readonly string[];
  changed: readonly Change[];
  showAs: string;
  sensitivity: string;
  reminderMinutes: number | null;
  teams: boolean;
  isCancelled: boolean;
}

export interface Change {
  /** Local date of the occurrence that is replaced. */
  date: string;
  newDate: string;
  newTime: string;
  subject: string | null;
}

export interface Pattern {
  type: string;
  interval: number;
  month: number;
  dayOfMonth: number;
  daysOfWeek: string[];
  firstDayOfWeek: string;
  index: string;
}

export interface Range {
  type: 'noEnd' | 'numbered' | 'endDate';
  endDate: string;
  numberOfOccurrences: number;
}

export interface MeetingSeed {
  seed: number;
  index: number;
  organiserId: string;
  /** Ids that may be invited. */
  colleagues: readonly string[];
  roomAddresses: readonly string[];
  locale: Locale;
  today: number;
}

const NONE: Pattern = {
  type: 'daily',
  interval: 1,
  month: 0,
  dayOfMonth: 0,
  daysOfWeek: [],
  firstDayOfWeek: 'sunday',
  index: 'first',
};
const NO_END: Range = { type: 'noEnd', endDate: '0001-01-01', numberOfOccurrences: 0 };
const WORKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];

/** The shapes that recur in every calendar, and those that other tools get wrong. */
export function planMeeting(seed: MeetingSeed): Meeting {
  const { index, locale } = seed;
  const random = createRandom(Number.parseInt(hash(seed.seed, 'meeting', index).slice(0, 8), 16));
  const name = `meeting-${seed.seed}-${index}`;
  const date = isoDate(seed.today + (random.int(240) - 120) * 86_400_000);
  const alone = random.chance(0.45);
  const pool = seed.colleagues.filter((id) => id !== seed.organiserId);
  const invited = alone ? [] : pool.filter(() => random.chance(Math.min(0.5, 3 / Math.max(1, pool.length))));
  const plain: Meeting = {
    name,
    uid: `040000008200E00074C5B7101A82E00800000000${hash(name).slice(0, 24).toUpperCase()}00000000000000001000000${hash(name).slice(24, 57).toUpperCase()}`,
    organiserId: seed.organiserId,
    attendeeIds: invited,
    external: !alone && random.chance(0.3) ? ['guest@partner.example.net'] : [],
    roomAddress:
      !alone && seed.roomAddresses.length > 0 && random.chance(0.3) ? random.pick(seed.roomAddresses) : null,
    subject: random.pick(locale.subjects),
    body: `<html><body><p>${random.pick(locale.sentences)}</p></body></html>`,
    zone: locale.zone,
    date,
    time: random.pick(['08:30', '09:00', '11:15', '14:00', '16:45']),
    minutes: random.pick([15, 30, 60, 90]),
    allDay: false,
    pattern: null,
    range: NO_END,
    cancelled: [],
    changed: [],
    showAs: random.pick(['busy', 'busy', 'busy', 'free', 'tentative', 'oof', 'workingElsewhere']),
    sensitivity: random.pick(['normal', 'normal', 'normal', 'normal', 'private']),
    reminderMinutes: random.pick([15, 15, 30, 0, 1440, null]),
    teams: !alone && random.chance(0.3),
    isCancelled: false,
  };
  return shape(plain, index % 16, seed.today);
}

function shape(plain: Meeting, kind: number, today: number): Meeting {
  switch (kind) {
    case 1:
      return allDay(plain, 1);
    case 2:
      return allDay(plain, 3);
    case 3:
      return weekly(plain, 1, NO_END, today);
    case 4:
      return withChanges(weekly(plain, 1, { ...NO_END, type: 'numbered', numberOfOccurrences: 20 }, today));
    case 5:
      return weekly(plain, 2, { ...NO_END, type: 'endDate', endDate: addDays(plain.date, 200) }, today);
    case 6:
      return series(plain, { ...NONE, type: 'absoluteMonthly', dayOfMonth: 31 }, '2025-10-31');
    case 7:
      return series(
        plain,
        { ...NONE, type: 'relativeMonthly', daysOfWeek: WORKDAYS, index: 'last' },
        lastWorkday(today),
      );
    case 8:
      return series(plain, { ...NONE, type: 'absoluteYearly', month: 2, dayOfMonth: 29 }, '2024-02-29');
    case 9:
      return withChanges({
        ...series(plain, NONE, plain.date),
        range: { ...NO_END, type: 'numbered', numberOfOccurrences: 12 },
      });
    case 10:
      return { ...plain, minutes: 0 };
    case 11:
      return { ...plain, isCancelled: true };
    default:
      return plain;
  }
}

function allDay(plain: Meeting, days: number): Meeting {
  return { ...plain, allDay: true, time: '00:00', minutes: days * 1440, showAs: 'free', teams: false };
}

function series(plain: Meeting, pattern: Pattern, date: string): Meeting {
  return { ...plain, pattern, date };
}

function weekly(plain: Meeting, interval: number, range: Range, today: number): Meeting {
  const date = isoDate(today - 70 * 86_400_000);
  const pattern = {
    ...NONE,
    type: 'weekly',
    interval,
    daysOfWeek: [weekday(date)],
    firstDayOfWeek: 'monday',
  };
  return {
    ...plain,
    pattern,
    date,
    range: range.type === 'endDate' ? { ...range, endDate: addDays(date, 200) } : range,
  };
}

/** One cancelled, one moved to another hour, one moved to another day with a subject of its own. */
function withChanges(meeting: Meeting): Meeting {
  const step = meeting.pattern?.type === 'weekly' ? 7 : 1;
  const nth = (n: number) => addDays(meeting.date, n * step);
  return {
    ...meeting,
    cancelled: [nth(2)],
    changed: [
      { date: nth(4), newDate: nth(4), newTime: '17:00', subject: null },
      {
        date: nth(6),
        newDate: addDays(nth(6), step === 7 ? 1 : 0),
        newTime: '10:30',
        subject: `${meeting.subject} (moved)`,
      },
    ],
  };
}

function lastWorkday(today: number): string {
  const day = new Date(today);
  let date = isoDate(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - 1, 0));
  while (!WORKDAYS.includes(weekday(date))) date = addDays(date, -1);
  return date;
}

/** Start and end of an occurrence on a local date, as Graph gives them: UTC, or bare midnights for all-day ones. */
export function times(meeting: Meeting, date: string, time: string): { start: string; end: string } {
  if (meeting.allDay) {
    const days = Math.max(1, Math.round(meeting.minutes / 1440));
    return { start: `${date}T00:00:00.0000000`, end: `${addDays(date, days)}T00:00:00.0000000` };
  }
  const start = instantOf(date, time, meeting.zone.iana);
  return { start: graphTime(start), end: graphTime(start + meeting.minutes * 60_000) };
}
