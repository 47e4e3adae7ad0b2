const DAY_MS = 86_400_000;

/** A calendar date `2026-03-27` in no particular zone. */
export type LocalDate = string;

/** A local date and time `2026-03-27T09:00:00` in no particular zone. */
export type WallTime = string;

/** Converts between UTC instants and the wall time of one zone, by the IANA data of the runtime. */
export interface ZoneClock {
  readonly zone: string;
  /** Wall time of a UTC instant (epoch ms), whole seconds. */
  toWall(utcMs: number): WallTime;
  /**
   * Epoch ms of a wall time. One that does not exist (spring gap) counts with the offset from before the gap; one
   * that exists twice is the first of the two.
   */
  toUtc(wall: WallTime): number;
  /** RFC 3339 with the zone's offset at that instant, e.g. `2026-03-27T09:00:00+01:00`. */
  toOffsetTime(utcMs: number): string;
}

/** A clock for an IANA zone. The name must be one that `Intl.DateTimeFormat` accepts. */
export function zoneClock(zone: string): ZoneClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const offsetAt = (utcMs: number) => wallMs(format, utcMs) - Math.floor(utcMs / 1000) * 1000;
  const toUtc = (wall: WallTime) => {
    const asIfUtc = parseWall(wall);
    const before = asIfUtc - offsetAt(asIfUtc - DAY_MS);
    const after = asIfUtc - offsetAt(asIfUtc + DAY_MS);
    const fits = (utcMs: number) => utcMs + offsetAt(utcMs) === asIfUtc;
    if (fits(before)) return before;
    return fits(after) ? after : before;
  };
  return {
    zone,
    toUtc,
    toWall: (utcMs) => formatWall(utcMs + offsetAt(utcMs)),
    toOffsetTime: (utcMs) => formatWall(utcMs + offsetAt(utcMs)) + formatOffset(offsetAt(utcMs)),
  };
}

/** Milliseconds of a wall time as if it stood in UTC; NaN when it is none. Fractions of a second are dropped. */
export function parseWall(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?(?:[.,]\d*)?)?/.exec(text);
  if (!match) return Number.NaN;
  const [, date, hour = '00', minute = '00', second = '00'] = match;
  return Date.parse(`${date}T${hour}:${minute}:${second}Z`);
}

/** The wall time that stands for these milliseconds as if in UTC. */
export function formatWall(wallMsValue: number): WallTime {
  return new Date(wallMsValue).toISOString().slice(0, 19);
}

/** Days from 1970-01-01 to the date. */
export function dayNumber(date: LocalDate): number {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);
}

/** The date that many days after 1970-01-01. */
export function dateOfDay(day: number): LocalDate {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** The date `days` later. */
export function addDays(date: LocalDate, days: number): LocalDate {
  return dateOfDay(dayNumber(date) + days);
}

function wallMs(format: Intl.DateTimeFormat, utcMs: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(utcMs)) part[type] = value;
  const year = (part.year ?? '').padStart(4, '0');
  return Date.parse(`${year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}Z`);
}

function formatOffset(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
