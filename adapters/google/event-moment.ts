/** A start or end as Calendar stores it; whole days have a `date` instead. */
export interface StoredMoment {
  dateTime?: string | null;
  timeZone?: string | null;
}

/**
 * Epoch ms of a timed start or end; null where there is none. An RFC 3339 time with its offset stands for itself; one
 * without is the wall time of `timeZone`. Source: Calendar v3 discovery document, `EventDateTime.dateTime` ("a time
 * zone offset is required unless a time zone is explicitly specified in timeZone").
 */
export function instantOf(moment: StoredMoment | null | undefined): number | null {
  const text = moment?.dateTime ?? '';
  if (text === '') return null;
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
  const at = Date.parse(hasOffset ? text : `${text}Z`);
  if (Number.isNaN(at)) return null;
  return hasOffset || !moment?.timeZone ? at : inZone(at, moment.timeZone);
}

/** The instant at which clocks of the zone show the wall time; inside a spring gap, by the offset before it. */
function inZone(wallMs: number, timeZone: string): number {
  const format = formatOf(timeZone);
  if (format === null) return wallMs;
  const offsetAt = (ms: number) => wallOf(format, ms) - Math.floor(ms / 1000) * 1000;
  const guess = wallMs - offsetAt(wallMs);
  const settled = wallMs - offsetAt(guess);
  return settled + offsetAt(settled) === wallMs ? settled : Math.max(guess, settled);
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  } catch {
    // A zone that this runtime does not know: the wall time is all there is.
    return null;
  }
}

/** Milliseconds of the wall time as if it stood in UTC; the Swedish format is `2026-03-27 09:00:00`. */
function wallOf(format: Intl.DateTimeFormat, ms: number): number {
  return Date.parse(`${format.format(ms).replace(' ', 'T')}Z`);
}
