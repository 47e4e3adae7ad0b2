import { type Call, userOf } from '../api.ts';
import { addressOf } from '../directory/directory.ts';
import { type Json, objectsOf, textOf, textsOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { notify } from '../state.ts';
import { calendarIdOf, ownAddressesOf } from './access.ts';
import { readFields } from './event-fields.ts';
import { checkSpan, readMoment } from './event-times.ts';
import type { Moment } from './expansion.ts';
import { parseRecurrence, type Recurrence } from './recurrence.ts';
import type { StoredCalendar, StoredEvent } from './state.ts';

/** What a body says of a whole event, checked. */
export interface EventDraft {
  fields: Json;
  start: Moment;
  end: Moment;
  lines: readonly string[];
  recurrence: Recurrence | null;
  status: StoredEvent['status'];
}

/** Reads a body that describes an event completely (import, insert, update). */
export function readDraft(call: Call, calendar: StoredCalendar, body: Json): EventDraft {
  const { zones } = call.tenant.calendars;
  const lines = textsOf(body['recurrence']);
  const recurs = lines.length > 0;
  const start = readMoment(body['start'], 'start', zones, calendar.timeZone, recurs);
  const end = readMoment(body['end'], 'end', zones, calendar.timeZone, recurs);
  checkSpan(start, end);
  const status = body['status'];
  return {
    fields: withoutNulls(readFields(body)),
    start,
    end,
    lines,
    recurrence: recurs ? parseRecurrence(lines) : null,
    status: status === 'tentative' || status === 'cancelled' ? status : 'confirmed',
  };
}

function withoutNulls(fields: Json): Json {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}

/** Makes the stored event of a draft; times of its making and the number of the change are set. */
export function newEvent(
  call: Call,
  draft: EventDraft,
  identity: Pick<StoredEvent, 'id' | 'uid' | 'organizer' | 'sequence'>,
): StoredEvent {
  const now = call.tenant.clock.now();
  return {
    ...draft,
    ...identity,
    overrides: new Map(),
    creator: addressOf(userOf(call)),
    createdAt: now,
    updatedAt: now,
    revision: nextRevision(call),
  };
}

/** Number of the change that is being made. */
export function nextRevision(call: Call): number {
  call.tenant.calendars.revision++;
  return call.tenant.calendars.revision;
}

/** Files an event under its id and its iCalendar UID. */
export function fileEvent(calendar: StoredCalendar, event: StoredEvent): void {
  calendar.events.set(event.id, event);
  calendar.byUid.set(event.uid, event.id);
}

/** The stored event with an iCalendar UID, deleted ones included. */
export function eventByUid(calendar: StoredCalendar, uid: string): StoredEvent | undefined {
  const id = calendar.byUid.get(uid);
  return id === undefined ? undefined : calendar.events.get(id);
}

/** A sequence number below the stored one is refused. */
export function checkSequence(body: Json, stored: number): void {
  if (body['sequence'] !== undefined && Number(body['sequence']) < stored) {
    throw refuse(
      400,
      'invalid',
      'Invalid sequence value. The specified sequence number is below the current sequence number of the resource. ' +
        'Re-fetch the resource and use its sequence number on the following request.',
    );
  }
}

/** True where somebody else organises the event. */
export function isForeign(call: Call, calendar: StoredCalendar, event: StoredEvent): boolean {
  const email = textOf(event.organizer?.['email']).toLowerCase();
  return email !== '' && !ownAddressesOf(call.tenant, calendar).has(email);
}

/**
 * Notes the mails that a write would have sent: to all attendees but the owner, unless `sendUpdates=none` (the
 * documentation warns that nothing less is sure to be silent).
 */
export function announce(
  call: Call,
  calendar: StoredCalendar,
  itemId: string,
  kind: 'invitation' | 'update' | 'cancellation',
  attendees: unknown,
): void {
  if (call.query.get('sendUpdates') === 'none') return;
  const own = ownAddressesOf(call.tenant, calendar);
  const to = objectsOf(attendees)
    .map((attendee) => textOf(attendee['email']).toLowerCase())
    .filter((email) => !own.has(email));
  notify(call.tenant, {
    route: call.route.name,
    kind,
    calendarId: calendarIdOf(call.tenant, calendar),
    itemId,
    to,
  });
}
