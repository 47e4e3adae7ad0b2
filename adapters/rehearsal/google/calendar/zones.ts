/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/**
 * Wall clocks of IANA zones. A wall time is given as the milliseconds that the same clock face would show in UTC, so
 * that dates can be reckoned with whole days.
 */
export interface Zones {
  isZone(zone: string): boolean;
  /** What the clock of the zone shows at an instant. */
  wallOf(zone: string, utcMs: number): number;
  /** The instant of a wall time: the first of two in autumn, shifted by the gap in spring (RFC 5545 §3.3.5). */
  instantOf(zone: string, wallMs: number): number;
}

/** Creates the clocks; formatters are kept per zone because making one costs far more than using it. */
export function createZones(): Zones {
  const formats = new Map<string, Intl.DateTimeFormat | null>();
  const formatOf = (zone: string) => {
    const known = formats.get(zone);
    if (known !== undefined) return known;
    const made = createFormat(zone);
    formats.set(zone, made);
    return made;
  };
  const wallOf = (zone: string, utcMs: number) => {
    const format = formatOf(zone);
    return format ? readClock(format, utcMs) : utcMs;
  };
  return {
    isZone: (zone) => formatOf(zone) !== null,
    wallOf,
    instantOf(zone, wallMs) {
      const offsetAt = (utcMs: number) => wallOf(zone, utcMs) - utcMs;
      const before = wallMs - offsetAt(wallMs - DAY_MS);
      const after = wallMs - offsetAt(wallMs + DAY_MS);
      const fitting = [before, after].filter((utcMs) => wallOf(zone, utcMs) === wallMs);
      return fitting.length > 0 ? Math.min(...fitting) : before;
    },
  };
}

function createFormat(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    // Not a zone that the time-zone tables know.
    return null;
  }
}

function readClock(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts = new Map(format.formatToParts(utcMs).map((part) => [part.type, Number(part.value)]));
  const get = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
}
