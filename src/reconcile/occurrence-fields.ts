import type { OccurrenceFact } from '../core/facts.ts';
import { type AttendeeScope, compareAttendees } from './attendees.ts';
import { instant } from './event-pairing.ts';
import type { Difference } from './job-check.ts';
import { fold, sameText } from './names.ts';

/** Longest reminder that Google Calendar takes, in minutes (Calendar API v3, `reminders.overrides`). */
const MAX_REMINDER_MINUTES = 40_320;
const MINUTE_MS = 60_000;

export interface OccurrenceScope extends AttendeeScope {
  asOfMs: number;
  /** Whether the source keeps this occurrence as an exception of its series. */
  isException: boolean;
}

/** Differences between two occurrences at the same start, one per field. */
export function compareOccurrence(
  source: OccurrenceFact,
  target: OccurrenceFact,
  scope: OccurrenceScope,
): Difference[] {
  const found: Difference[] = [];
  const differ = (field: string, a: string, b: string, content: boolean) =>
    found.push({
      code: content ? 'event-differs' : 'event-setting-differs',
      field,
      sourceValue: a,
      targetValue: b,
    });
  if (!sameEnd(source, target))
    found.push({
      code: 'occurrence-shifted',
      field: 'end',
      sourceValue: source.end,
      targetValue: target.end,
    });
  if (!sameText(source.summary, target.summary)) differ('summary', source.summary, target.summary, true);
  if (!sameLocation(source, target)) differ('location', source.location, target.location, true);
  if (source.busy !== target.busy) differ('busy', String(source.busy), String(target.busy), false);
  // A series has one visibility at Google: what an exception adds or lifts cannot be kept.
  if (source.private !== target.private && !scope.isException)
    differ('private', String(source.private), String(target.private), false);
  if (!sameReminder(source, target, scope.asOfMs))
    differ('reminder', String(source.reminderMinutes), String(target.reminderMinutes), false);
  return [...found, ...compareAttendees(source, target, scope)];
}

/** Google refuses events without length: one minute stands for none. */
function sameEnd(source: OccurrenceFact, target: OccurrenceFact): boolean {
  if (instant(source.end) === instant(target.end)) return true;
  const noLength = Date.parse(source.end) <= Date.parse(source.start);
  return (
    noLength && Date.parse(target.end) - Date.parse(target.start) <= (source.allDay ? 1440 : 1) * MINUTE_MS
  );
}

/** Addresses are joined to the name of a place, rooms among the guests are left out, online meetings are added. */
function sameLocation(source: OccurrenceFact, target: OccurrenceFact): boolean {
  const [a, b] = [fold(source.location), fold(target.location)];
  if (a === b || a === '') return true;
  if (b !== '' && (a.includes(b) || b.includes(a))) return true;
  return source.attendees.some(({ role }) => role === 'resource');
}

/** Reminders of what is past mean nothing; longer ones than Google takes are cut. */
function sameReminder(source: OccurrenceFact, target: OccurrenceFact, asOfMs: number): boolean {
  if (Date.parse(source.start) <= asOfMs) return true;
  const wanted = source.reminderMinutes;
  if (wanted === null || target.reminderMinutes === null) return wanted === target.reminderMinutes;
  return Math.max(0, Math.min(wanted, MAX_REMINDER_MINUTES)) === target.reminderMinutes;
}
