import type { EventFact } from '../core/facts.ts';
import { fold } from './names.ts';

/** An event of the source and what stands for it at the target. */
export interface EventPair {
  source: EventFact;
  target: EventFact | null;
}

export interface PairedEvents {
  /** Single events and series masters. */
  roots: EventPair[];
  exceptions: EventPair[];
  unclaimedRoots: EventFact[];
  unclaimedExceptions: EventFact[];
}

const DAY_MS = 86_400_000;

/**
 * Pairs the events of two calendars one to one. Identity first (UID, and the original start of an exception); where
 * the target has UIDs of its own (`keepsUids` false, secondary calendars), start, end and summary stand for it, and
 * what is left pairs by all but one of these.
 */
export function pairEvents(
  source: readonly EventFact[],
  target: readonly EventFact[],
  keepsUids: boolean,
): PairedEvents {
  const roots = source.filter(isRoot).map((event): EventPair => ({ source: event, target: null }));
  const freeRoots = new Set(target.filter(isRoot));
  const open = keepsUids ? roots.filter(({ source: { uid } }) => uid !== null) : [];
  claim(open, freeRoots, (event) => `${uidOf(event)} ${instant(event.startUtc)}`);
  claim(open, freeRoots, uidOf);
  claim(roots, freeRoots, likenessKey);
  const nameless = keepsUids ? roots.filter(({ source: { uid } }) => uid === null) : roots;
  claim(nameless, freeRoots, (event) => `${event.type} ${instant(event.startUtc)} ${instant(event.endUtc)}`);
  claim(nameless, freeRoots, (event) => `${event.type} ${fold(event.summary)}`);
  const exceptions = source.filter(isException).map((event): EventPair => ({ source: event, target: null }));
  const freeExceptions = new Set(target.filter(isException));
  pairExceptions(exceptions, freeExceptions, translationOf(roots));
  pairDetached(exceptions, freeRoots);
  return { roots, exceptions, unclaimedRoots: [...freeRoots], unclaimedExceptions: [...freeExceptions] };
}

/** UIDs at the target that stand for one of the source. */
export function translationOf(roots: readonly EventPair[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { source, target } of roots) {
    if (target === null) continue;
    const known = found.get(uidOf(source)) ?? new Set();
    found.set(uidOf(source), known.add(uidOf(target)));
  }
  return found;
}

/** Case-folded UID; events without one are told apart by their summary. */
export function uidOf(event: { uid: string | null; summary: string }): string {
  return event.uid === null || event.uid === '' ? `no uid ${fold(event.summary)}` : event.uid.toLowerCase();
}

/** What two events have to share to be the same without a UID. */
export function likenessKey(event: EventFact): string {
  return `${event.type} ${instant(event.startUtc)} ${instant(event.endUtc)} ${fold(event.summary)}`;
}

/** An instant or date in one spelling; what is no date stays as it is. */
export function instant(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? text : new Date(ms).toISOString();
}

export function isRoot(event: EventFact): boolean {
  return event.type === 'single' || event.type === 'master';
}

export function isException(event: EventFact): boolean {
  return event.type === 'exception';
}

function claim(pairs: readonly EventPair[], free: Set<EventFact>, keyOf: (event: EventFact) => string): void {
  const byKey = Map.groupBy(free, keyOf);
  for (const pair of pairs) {
    if (pair.target !== null) continue;
    const found = byKey.get(keyOf(pair.source))?.shift();
    if (found === undefined) continue;
    pair.target = found;
    free.delete(found);
  }
}

/** By series and original start; all-day starts may be off by less than a day (a vendor shows them in local time). */
function pairExceptions(
  pairs: readonly EventPair[],
  free: Set<EventFact>,
  translation: ReadonlyMap<string, ReadonlySet<string>>,
): void {
  const bySeries = Map.groupBy(free, uidOf);
  for (const exact of [true, false]) {
    for (const pair of pairs) {
      if (pair.target !== null) continue;
      const uids = [...(translation.get(uidOf(pair.source)) ?? [uidOf(pair.source)])];
      const found = uids
        .flatMap((uid) => bySeries.get(uid) ?? [])
        .filter((event) => free.has(event))
        .find((event) => replacesSame(pair.source, event, exact));
      if (found === undefined) continue;
      pair.target = found;
      free.delete(found);
    }
  }
}

/**
 * A changed occurrence may stand at the target as an event of its own, where that calendar cannot change it inside a
 * series which somebody else organises: same instants and summary, and a UID that begins with the series'.
 */
function pairDetached(pairs: readonly EventPair[], free: Set<EventFact>): void {
  for (const pair of pairs.filter(({ target }) => target === null)) {
    const series = uidOf(pair.source);
    const wanted = likenessKey({ ...pair.source, type: 'single' });
    const found = [...free].find((event) => uidOf(event).startsWith(series) && likenessKey(event) === wanted);
    if (found === undefined) continue;
    pair.target = found;
    free.delete(found);
  }
}

function replacesSame(a: EventFact, b: EventFact, exact: boolean): boolean {
  const [x, y] = [a.originalStart ?? '', b.originalStart ?? ''];
  if (exact || !(a.allDay || b.allDay)) return instant(x) === instant(y);
  return Math.abs(Date.parse(x) - Date.parse(y)) < DAY_MS;
}
