import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { Rejected } from '../../src/core/errors.ts';
import type { EventValue, GoogleEvent } from '../../src/core/google.ts';
import type { Loss, Receipt } from '../../src/core/types.ts';

type StoredEvent = calendar_v3.Schema$Event;

/** The receipt of an event: its two ids, and which fields were written, so that dropped ones can be cleared later. */
export function eventReceipt(
  value: EventValue,
  stored: StoredEvent,
  eventId: string,
  losses: readonly Loss[] = storedLosses(value.event, stored),
): Receipt {
  const fields = Object.keys(value.event).sort();
  return { targetId: `${value.calendarId}/${stored.id ?? eventId}`, wrote: { fields }, losses };
}

/** Splits `<calendarId>/<eventId>`; neither id of Google's holds a slash. */
export function splitTarget(receipt: Receipt): { calendarId: string; eventId: string } {
  const cut = receipt.targetId.lastIndexOf('/');
  return { calendarId: receipt.targetId.slice(0, cut), eventId: receipt.targetId.slice(cut + 1) };
}

export function fieldsBefore(prior: Receipt): string[] {
  const fields = (prior.wrote as { fields?: unknown } | null)?.fields;
  return Array.isArray(fields) ? fields.filter((field) => typeof field === 'string') : [];
}

export function deletedAtTarget(): Rejected {
  return new Rejected({
    code: 'deleted-at-target',
    message: 'a user has deleted the event at Google',
  });
}

/** Fields whose stored value can be compared as it is; absent in the answer means Google's default. */
const COMPARED = ['summary', 'description', 'location', 'visibility', 'transparency', 'status'] as const;

/** Losses that only the answer shows: Google cut a text, or left attendees or the recurrence away. */
export function storedLosses(sent: GoogleEvent, stored: StoredEvent): Loss[] {
  const losses: Loss[] = [];
  for (const field of COMPARED) {
    const held = stored[field];
    if (sent[field] !== undefined && held != null && held !== sent[field]) {
      losses.push({ field, kind: 'changed', reason: 'stored-differently' });
    }
  }
  const wanted = sent.attendees?.length ?? 0;
  if (stored.attendees && stored.attendees.length < wanted) {
    losses.push({ field: 'attendees', kind: 'changed', reason: 'stored-differently' });
  }
  return losses;
}
