import type { CalendarFact, EventFact } from '../core/facts.ts';
import type { Policy } from '../core/types.ts';
import type { LeftOut } from './mail-rules.ts';
import { likenessOfPaths } from './names.ts';

/** Years that Google Calendar shows (mapping 4.2); Exchange writes 0001 and 9999 for "none". */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2200;

/** The target's calendar for each of the source's, null where there is none. */
export function pairCalendars(
  source: readonly CalendarFact[],
  target: readonly CalendarFact[],
): Map<CalendarFact, CalendarFact | null> {
  const free = new Set(target.filter(({ primary }) => !primary));
  const primary = target.find((calendar) => calendar.primary) ?? null;
  const pairs = new Map<CalendarFact, CalendarFact | null>();
  for (const calendar of source) pairs.set(calendar, calendar.primary ? primary : null);
  for (const likeness of [3, 2, 1]) {
    for (const calendar of source) {
      if (calendar.primary || !calendar.writable || pairs.get(calendar) !== null) continue;
      const found = [...free].find(
        (candidate) => likenessOfPaths([calendar.name], [candidate.name]) === likeness,
      );
      if (found === undefined) continue;
      pairs.set(calendar, found);
      free.delete(found);
    }
  }
  return pairs;
}

/** The rule that leaves out an event whatever the target holds, or null. Ages are judged apart, series need care. */
export function eventRule(event: EventFact, calendar: CalendarFact, policy: Policy): LeftOut | null {
  if (!calendar.writable && !calendar.primary) return { fate: 'excluded', rule: 'read-only-calendar' };
  const isCancelled = event.cancelled || event.type === 'cancelled';
  if (isCancelled && policy.calendar.cancelled === 'skip') return { fate: 'excluded', rule: 'cancelled' };
  const year = new Date(event.startUtc).getUTCFullYear();
  if (!(year >= FIRST_YEAR && year <= LAST_YEAR)) return { fate: 'unsupported', rule: 'date-range' };
  return null;
}

/** The instant, in UTC milliseconds, before which events are not moved. */
export function cutoffMs(policy: Policy, asOfMs: number): number {
  return yearsFrom(asOfMs, -policy.calendar.yearsBack);
}

/** The same day and time some calendar years away. */
export function yearsFrom(ms: number, years: number): number {
  const date = new Date(ms);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date.getTime();
}
