/**
 * Windows time zone names that the rehearsal estate uses, with the IANA zone that CLDR's windowsZones gives for
 * territory 001. The tenant has a table of its own, so that a fault in ferry's cannot hide in both.
 */
const WINDOWS_ZONES: ReadonlyMap<string, string> = new Map([
  ['UTC', 'Etc/UTC'],
  ['GMT Standard Time', 'Europe/London'],
  ['Greenwich Standard Time', 'Atlantic/Reykjavik'],
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['Central Europe Standard Time', 'Europe/Budapest'],
  ['Central European Standard Time', 'Europe/Warsaw'],
  ['Romance Standard Time', 'Europe/Paris'],
  ['GTB Standard Time', 'Europe/Bucharest'],
  ['FLE Standard Time', 'Europe/Kiev'],
  ['E. Europe Standard Time', 'Europe/Chisinau'],
  ['Turkey Standard Time', 'Europe/Istanbul'],
  ['Russian Standard Time', 'Europe/Moscow'],
  ['Israel Standard Time', 'Asia/Jerusalem'],
  ['Egypt Standard Time', 'Africa/Cairo'],
  ['South Africa Standard Time', 'Africa/Johannesburg'],
  ['W. Central Africa Standard Time', 'Africa/Lagos'],
  ['Morocco Standard Time', 'Africa/Casablanca'],
  ['Arab Standard Time', 'Asia/Riyadh'],
  ['Arabian Standard Time', 'Asia/Dubai'],
  ['Iran Standard Time', 'Asia/Tehran'],
  ['India Standard Time', 'Asia/Calcutta'],
  ['Nepal Standard Time', 'Asia/Katmandu'],
  ['SE Asia Standard Time', 'Asia/Bangkok'],
  ['China Standard Time', 'Asia/Shanghai'],
  ['Singapore Standard Time', 'Asia/Singapore'],
  ['Tokyo Standard Time', 'Asia/Tokyo'],
  ['Korea Standard Time', 'Asia/Seoul'],
  ['W. Australia Standard Time', 'Australia/Perth'],
  ['Cen. Australia Standard Time', 'Australia/Adelaide'],
  ['E. Australia Standard Time', 'Australia/Brisbane'],
  ['AUS Eastern Standard Time', 'Australia/Sydney'],
  ['Lord Howe Standard Time', 'Australia/Lord_Howe'],
  ['New Zealand Standard Time', 'Pacific/Auckland'],
  ['Chatham Islands Standard Time', 'Pacific/Chatham'],
  ['Hawaiian Standard Time', 'Pacific/Honolulu'],
  ['Alaskan Standard Time', 'America/Anchorage'],
  ['Pacific Standard Time', 'America/Los_Angeles'],
  ['US Mountain Standard Time', 'America/Phoenix'],
  ['Mountain Standard Time', 'America/Denver'],
  ['Central Standard Time', 'America/Chicago'],
  ['Eastern Standard Time', 'America/New_York'],
  ['Atlantic Standard Time', 'America/Halifax'],
  ['Newfoundland Standard Time', 'America/St_Johns'],
  ['E. South America Standard Time', 'America/Sao_Paulo'],
  ['Argentina Standard Time', 'America/Buenos_Aires'],
  ['SA Pacific Standard Time', 'America/Bogota'],
  ['tzone://Microsoft/Utc', 'Etc/UTC'],
]);

/** Local wall time without offset, counted as if it were UTC: milliseconds since 1970-01-01T00:00 on that wall. */
export type WallMs = number;

/** Conversions of one zone. */
export interface Zone {
  toWall(utcMs: number): WallMs;
  /**
   * The instant of a wall time. In the gap of spring the clock has not been turned yet (02:30 shows as 03:30), in the
   * overlap of autumn the earlier instant counts.
   */
  toUtc(wallMs: WallMs): number;
}

/** The zone of a Windows or IANA name; null where the name is unknown. */
export function findZone(name: string | null | undefined): Zone | null {
  if (!name) return null;
  const iana = WINDOWS_ZONES.get(name) ?? name;
  const format = formatOf(iana);
  return format ? zoneOf(format) : null;
}

/** A Graph `dateTime` without offset as wall time. */
export function parseWall(dateTime: string): WallMs {
  const text = dateTime.replace(/Z$/, '');
  const trimmed = text.replace(/(\.\d{3})\d*$/, '$1');
  return Date.parse(`${trimmed.length === 10 ? `${trimmed}T00:00:00` : trimmed}Z`);
}

/** Wall time as Graph writes it: seven digits of a second, no offset. */
export function formatWall(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}.0000000`;
}

function formatOf(iana: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone: iana,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // Intl throws a RangeError for names that are no zone.
    return null;
  }
}

function zoneOf(format: Intl.DateTimeFormat): Zone {
  const toWall = (utcMs: number) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(utcMs)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
  const offsetAt = (utcMs: number) => toWall(utcMs) - utcMs;
  return {
    toWall,
    toUtc(wallMs) {
      const day = 86_400_000;
      const before = wallMs - offsetAt(wallMs - day);
      if (toWall(before) === wallMs) return before;
      const after = wallMs - offsetAt(wallMs + day);
      return toWall(after) === wallMs ? after : before;
    },
  };
}
