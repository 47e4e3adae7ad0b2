import type { CalendarFact, EventFact, Inventory, OccurrenceFact, WindowOptions } from '../core/facts.ts';
import { uidOf } from './event-pairing.ts';
import type { JobCheck } from './job-check.ts';
import type { EndsOf } from './mail.ts';
import { readEnd } from './reading.ts';

const DAY_MS = 86_400_000;

/** Reads a list of one end whole; used for calendars and their events, whose facts are small. */
export async function readCalendars(
  check: JobCheck,
  ends: EndsOf,
  side: Inventory['side'],
): Promise<CalendarFact[]> {
  const found: CalendarFact[] = [];
  const list = ends[side].calendars(check.principal, ends.signal);
  for await (const calendar of readEnd(side, list, ends.signal)) found.push(calendar);
  return found;
}

/** Units of one calendar; cancelled occurrences of a series are none, they show in its occurrences. */
export async function readEvents(
  check: JobCheck,
  ends: EndsOf,
  side: Inventory['side'],
  calendar: CalendarFact,
): Promise<EventFact[]> {
  const found: EventFact[] = [];
  const list = ends[side].events(check.principal, calendar.id, ends.signal);
  for await (const event of readEnd(side, list, ends.signal)) {
    const isGone = side === 'target' && event.cancelled;
    const isRemovedDate = event.type === 'cancelled' && (side === 'target' || event.originalStart !== null);
    if (!isGone && !isRemovedDate) found.push(event);
  }
  return found;
}

/** The occurrences of one calendar by the UID of their series; read a day wider than asked on both sides. */
export async function readOccurrences(
  check: JobCheck,
  ends: EndsOf,
  side: Inventory['side'],
  calendar: CalendarFact,
  span: { fromMs: number; toMs: number },
): Promise<Map<string, OccurrenceFact[]>> {
  const window: WindowOptions = {
    depth: ends.depth,
    from: new Date(span.fromMs - DAY_MS).toISOString(),
    to: new Date(span.toMs + DAY_MS).toISOString(),
  };
  const found = new Map<string, OccurrenceFact[]>();
  const list = ends[side].occurrences(check.principal, calendar.id, window, ends.signal);
  for await (const occurrence of readEnd(side, list, ends.signal)) {
    const uid = uidOf(occurrence);
    const known = found.get(uid);
    if (known === undefined) found.set(uid, [occurrence]);
    else known.push(occurrence);
  }
  return found;
}
