import type { Json } from '../json.ts';
import { mergeFields } from './event-fields.ts';
import { beginOf, instanceKey } from './event-times.ts';
import { expandSeries, type Moment } from './expansion.ts';
import type { CalendarState, Override, StoredCalendar, StoredEvent } from './state.ts';
import { DAY_MS } from './zones.ts';

/** One occurrence of a series as it stands, its override applied. */
export interface Instance {
  event: StoredEvent;
  key: string;
  originalMs: number;
  start: Moment;
  end: Moment;
  fields: Json;
  override: Override | null;
  isCancelled: boolean;
}

/** A series without an end is expanded this far beyond now where the caller names no bound. */
const HORIZON_MS = 2 * 366 * DAY_MS;

/** Where the time range of a query begins and ends; null = open. */
export interface Span {
  fromMs: number | null;
  beforeMs: number | null;
}

/** Occurrences that end after `fromMs` and start before `beforeMs`, in order of their original start. */
export function instancesIn(
  state: CalendarState,
  calendar: StoredCalendar,
  event: StoredEvent,
  span: Span,
  nowMs: number,
): Instance[] {
  const lengthMs = event.end.utcMs - event.start.utcMs;
  const horizon = Math.max(nowMs, event.start.utcMs) + HORIZON_MS;
  const wide = {
    fromMs: (span.fromMs ?? event.start.utcMs) - lengthMs - 2 * DAY_MS,
    beforeMs: (span.beforeMs ?? horizon) + 2 * DAY_MS,
  };
  const originals = new Set(originalsIn(state, event, wide));
  for (const { originalMs } of event.overrides.values()) {
    if (isOriginal(state, event, originalMs)) originals.add(originalMs);
  }
  return [...originals]
    .sort((one, other) => one - other)
    .map((originalMs) => instanceAt(event, originalMs))
    .filter((instance) => overlaps(state, calendar, instance, span));
}

function originalsIn(
  state: CalendarState,
  event: StoredEvent,
  span: { fromMs: number; beforeMs: number },
): number[] {
  return event.recurrence ? expandSeries(event.start, event.recurrence, span, state.zones) : [];
}

/** True where the series has an occurrence that starts then by its rule. */
export function isOriginal(state: CalendarState, event: StoredEvent, originalMs: number): boolean {
  return originalsIn(state, event, { fromMs: originalMs, beforeMs: originalMs + 1 }).length > 0;
}

/** The occurrence of an original start, whether or not the rule makes it. */
export function instanceAt(event: StoredEvent, originalMs: number): Instance {
  const key = instanceKey(event.start.allDay, originalMs);
  const override = event.overrides.get(key) ?? null;
  const lengthMs = event.end.utcMs - event.start.utcMs;
  return {
    event,
    key,
    originalMs,
    start: override?.start ?? { ...event.start, utcMs: originalMs },
    end: override?.end ?? { ...event.end, utcMs: originalMs + lengthMs },
    fields: override ? mergeFields(event.fields, override.changes) : event.fields,
    override,
    isCancelled: override?.isCancelled ?? false,
  };
}

/** The series and the original start that an instance id names (`<id>_<key>`); null for anything else. */
export function parseInstanceId(
  calendar: StoredCalendar,
  id: string,
): { event: StoredEvent; originalMs: number } | null {
  const [, eventId = '', key = ''] = /^(.+)_(\d{8}(?:T\d{6}Z)?)$/.exec(id) ?? [];
  const event = calendar.events.get(eventId);
  if (!event?.recurrence || event.start.allDay !== (key.length === 8)) return null;
  const iso = key.replace(/^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/, (_all, y, m, d, h, i, s) =>
    h === undefined ? `${y}-${m}-${d}T00:00:00Z` : `${y}-${m}-${d}T${h}:${i}:${s}Z`,
  );
  const originalMs = Date.parse(iso);
  return Number.isNaN(originalMs) ? null : { event, originalMs };
}

/** True where something from `start` to `end` lies in the range: ends after its beginning, starts before its end. */
export function overlaps(
  state: CalendarState,
  calendar: StoredCalendar,
  item: { start: Moment; end: Moment },
  span: Span,
): boolean {
  const begin = beginOf(item.start, calendar.timeZone, state.zones);
  const finish = beginOf(item.end, calendar.timeZone, state.zones);
  return (span.fromMs === null || finish > span.fromMs) && (span.beforeMs === null || begin < span.beforeMs);
}
