import { Rejected } from '../src/core/errors.ts';
import type { ExceptionValue, GoogleEvent } from '../src/core/google.ts';
import type { GraphEvent, GraphExceptionItem } from '../src/core/microsoft.ts';
import type { Copy } from '../src/core/ports.ts';
import type { Loss, Mapped } from '../src/core/types.ts';
import { type EventSpan, googleTimes } from './event-times.ts';
import { draftEvent, type EventDraft, eventSkip, type PreparedCalendar } from './events.ts';
import { nearestSeriesDate } from './recurrence.ts';
import { parseWall } from './wall-clock.ts';

/** Fields of an instance that may differ from its series, with what stands for "nothing there". */
const FIELDS = {
  summary: '',
  description: '',
  location: '',
  transparency: 'opaque',
  reminders: { useDefault: false, overrides: [] },
  attendees: [],
} as const satisfies Partial<GoogleEvent>;

/**
 * One changed occurrence: its original start and what differs from the master, nothing else. A cancelled one says
 * so. Visibility stays the master's: Google ignores a looser one, and a tighter one spreads to the series. Throws
 * `Rejected` when the series has not been written.
 */
export function mapException(
  item: GraphExceptionItem,
  copy: Copy<unknown>,
  prepared: PreparedCalendar,
): Mapped<ExceptionValue> {
  const reason = eventSkip({ ...item, event: item.master }, prepared);
  if (reason !== null) return { kind: 'skip', reason };
  const target = copy.parent?.targetId ?? '';
  const slash = target.lastIndexOf('/');
  if (slash < 1)
    throw new Rejected({
      code: 'series-not-written',
      message: 'the series of this occurrence has not been written',
    });
  const master = draftEvent(item.master, item, prepared);
  const original = originalStart(item.event, master);
  const place = {
    kind: 'exception' as const,
    calendarId: target.slice(0, slash),
    masterId: target.slice(slash + 1),
  };
  if (item.event.isCancelled)
    return {
      kind: 'value',
      value: { ...place, originalStart: original.text, patch: { status: 'cancelled' } },
      losses: original.losses,
    };
  const changed = draftEvent(item.event, item, prepared, master.span.clock);
  const patch = {
    ...changedTimes(changed.span, master.span, original.ms),
    ...changedFields(item, changed, master),
  };
  return {
    kind: 'value',
    value: { ...place, originalStart: original.text, patch },
    losses: [...original.losses, ...changed.losses, ...visibilityLoss(changed, master)],
  };
}

interface OriginalStart {
  /** As Calendar names it: RFC 3339 with offset, or a date. */
  text: string;
  /** Epoch ms; for all-day series midnight of the date as if in UTC. */
  ms: number;
  losses: Loss[];
}

/**
 * Graph gives the original start of all-day occurrences in UTC and off midnight: the date in the series' zone, or the
 * rule's date at most a day away from it, is meant.
 */
function originalStart(event: GraphEvent, master: EventDraft): OriginalStart {
  const { span, series } = master;
  const given = event.originalStart === null ? Number.NaN : instantOfUtc(event.originalStart);
  const isMissing = Number.isNaN(given);
  const losses: Loss[] = isMissing
    ? [{ field: 'originalStart', kind: 'added', reason: 'missing-in-source' }]
    : [];
  const instant = isMissing ? parseWall(event.start.dateTime) : given;
  if (!span.isAllDay) return { text: span.clock.toOffsetTime(instant), ms: instant, losses };
  const isMidnight = /T00:00/.test(event.originalStart ?? '');
  const local = isMidnight ? new Date(instant).toISOString() : span.clock.toWall(instant);
  const near = series === null ? null : nearestSeriesDate(series.rule, series.firstDate, local.slice(0, 10));
  const date = near ?? local.slice(0, 10);
  if (near === null) losses.push({ field: 'originalStart', kind: 'weakened', reason: 'date-not-in-rule' });
  return { text: date, ms: parseWall(date), losses };
}

function instantOfUtc(text: string): number {
  return /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : parseWall(text);
}

function changedTimes(changed: EventSpan, master: EventSpan, originalMs: number): Partial<GoogleEvent> {
  const duration = master.endMs - master.startMs;
  const isSame =
    changed.isAllDay === master.isAllDay &&
    changed.startMs === originalMs &&
    changed.endMs - changed.startMs === duration;
  return isSame ? {} : googleTimes(changed);
}

/** What the source leaves out of an exception (a body that is null) is as in the series. */
function changedFields(
  item: GraphExceptionItem,
  changed: EventDraft,
  master: EventDraft,
): Partial<GoogleEvent> {
  const { event } = item;
  const unknown = new Set<string>([
    ...(event.body === null ? ['description'] : []),
    ...(event.subject === null ? ['summary'] : []),
    ...(event.location === null && event.locations.length === 0 ? ['location'] : []),
  ]);
  const entries = Object.entries(FIELDS).flatMap(([name, nothing]) => {
    const key = name as keyof typeof FIELDS;
    const [ours, theirs] = [changed.event[key] ?? nothing, master.event[key] ?? nothing];
    return unknown.has(name) || JSON.stringify(ours) === JSON.stringify(theirs) ? [] : [[name, ours]];
  });
  return Object.fromEntries(entries) as Partial<GoogleEvent>;
}

function visibilityLoss(changed: EventDraft, master: EventDraft): Loss[] {
  if (changed.event.visibility === master.event.visibility) return [];
  return [{ field: 'sensitivity', kind: 'weakened', reason: 'as-in-series' }];
}
