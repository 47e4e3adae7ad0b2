import { type ApiRoute, type Call, ok, scopes } from '../api.ts';
import { childOf, type Json, objectsOf, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { demandCalendar, ownAddressesOf } from './access.ts';
import {
  announce,
  checkSequence,
  type EventDraft,
  eventByUid,
  fileEvent,
  newEvent,
  nextRevision,
  readDraft,
} from './event-draft.ts';
import { disregardedBy } from './event-fields.ts';
import { instanceKey, readMoment } from './event-times.ts';
import { describeEvent, describeInstance } from './event-view.ts';
import { instanceAt, isOriginal } from './instances.ts';
import { EVENT } from './schemas.ts';
import type { StoredCalendar, StoredEvent } from './state.ts';

const BASE = '/calendar/v3/calendars/{calendarId}/events';

/** Scopes of methods that write events (discovery document, rev. 20260708). */
export const EVENT_WRITE = scopes('calendar calendar.app.created calendar.events calendar.events.owned');

/** Calendar v3 `events.import` and `events.insert`. */
export const EVENT_CREATE_ROUTES: readonly ApiRoute[] = [
  {
    name: 'calendar.events.import',
    method: 'POST',
    path: `${BASE}/import`,
    scopes: EVENT_WRITE,
    query: 'conferenceDataVersion=0|1 eventLabelVersion=0|1 supportsAttachments:b',
    body: EVENT,
    writes: true,
    handle: importEvent,
  },
  {
    name: 'calendar.events.insert',
    method: 'POST',
    path: BASE,
    scopes: EVENT_WRITE,
    query:
      'conferenceDataVersion=0|1 eventLabelVersion=0|1 maxAttendees:i sendNotifications:b ' +
      'sendUpdates=all|externalOnly|none supportsAttachments:b',
    body: EVENT,
    writes: true,
    handle: insertEvent,
  },
];

/**
 * Import adds a private copy under its iCalendar UID and mails nobody. The same UID again replaces what is there; an
 * `originalStartTime` makes it an exception of the series that has the UID.
 */
function importEvent(call: Call) {
  const calendar = demandCalendar(call, 'writer');
  const uid = textOf(call.body['iCalUID']);
  if (uid === '') throw refuse(400, 'required', 'Missing iCalUID.');
  if (textOf(call.body['id']) !== '')
    throw refuse(400, 'invalid', 'Only one of iCalUID and id may be specified.');
  checkParticipation(call, calendar);
  const draft = readDraft(call, calendar, heededBody(call));
  const present = eventByUid(calendar, uid);
  if (call.body['originalStartTime'] !== undefined) return importException(call, calendar, present, draft);
  return ok(describeEvent(call, calendar, importWhole(call, calendar, uid, present, draft)));
}

function importWhole(
  call: Call,
  calendar: StoredCalendar,
  uid: string,
  present: StoredEvent | undefined,
  draft: EventDraft,
): StoredEvent {
  const organizer =
    textOf(childOf(call.body['organizer'])['email']) === '' ? null : childOf(call.body['organizer']);
  if (!present) {
    const sequence = Number(call.body['sequence'] ?? 0);
    const event = newEvent(call, draft, { id: importedId(uid), uid, organizer, sequence });
    fileEvent(calendar, event);
    return event;
  }
  checkSequence(call.body, present.sequence);
  Object.assign(present, draft, {
    organizer,
    sequence: Number(call.body['sequence'] ?? present.sequence),
    updatedAt: call.tenant.clock.now(),
    revision: nextRevision(call),
  });
  for (const [key, override] of present.overrides) {
    if (!isOriginal(call.tenant.calendars, present, override.originalMs)) present.overrides.delete(key);
  }
  return present;
}

/** The body without what the query does not ask to be heeded. */
function heededBody(call: Call): Json {
  const disregarded = disregardedBy(call.query);
  return Object.fromEntries(Object.entries(call.body).filter(([name]) => !disregarded.includes(name)));
}

/** The calendar's owner organises or takes part, or nobody else does. */
function checkParticipation(call: Call, calendar: StoredCalendar): void {
  const own = ownAddressesOf(call.tenant, calendar);
  const organizer = textOf(childOf(call.body['organizer'])['email']).toLowerCase();
  const attendees = objectsOf(call.body['attendees']).map((attendee) =>
    textOf(attendee['email']).toLowerCase(),
  );
  const isOwn = own.has(organizer) || attendees.some((email) => own.has(email));
  if (isOwn || (organizer === '' && attendees.length === 0)) return;
  throw refuse(
    400,
    'participantIsNeitherOrganizerNorAttendee',
    'The owner of the calendar must either be the organizer or an attendee of an event that is imported.',
    { domain: 'calendar' },
  );
}

function importException(
  call: Call,
  calendar: StoredCalendar,
  series: StoredEvent | undefined,
  draft: EventDraft,
) {
  const { calendars, clock } = call.tenant;
  const named = call.body['recurringEventId'];
  if (!series?.recurrence || (named !== undefined && named !== series.id)) {
    throw refuse(400, 'invalid', 'Invalid iCalUID value.');
  }
  const original = readMoment(call.body['originalStartTime'], 'start', calendars.zones, calendar.timeZone);
  if (original.allDay !== series.start.allDay || !isOriginal(calendars, series, original.utcMs)) {
    throw refuse(400, 'invalid', 'Invalid original start time.');
  }
  const key = instanceKey(original.allDay, original.utcMs);
  const before = series.overrides.get(key);
  checkSequence(call.body, before?.sequence ?? 0);
  series.overrides.set(key, {
    key,
    originalMs: original.utcMs,
    changes: { ...draft.fields, status: draft.status },
    start: draft.start,
    end: draft.end,
    isCancelled: draft.status === 'cancelled',
    updatedAt: clock.now(),
    revision: nextRevision(call),
    sequence: Number(call.body['sequence'] ?? before?.sequence ?? series.sequence),
  });
  return ok(describeInstance(call, calendar, instanceAt(series, original.utcMs)));
}

/** Google derives the id of an imported event from its UID. */
function importedId(uid: string): string {
  return `_${base32hex(Buffer.from(uid)).slice(0, 1_000)}`;
}

function base32hex(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ((held >> bits) & 31).toString(32);
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ((held << (5 - bits)) & 31).toString(32) : text;
}

/** Insert makes the calendar the organiser. An id stays taken for ever, also after its event was deleted. */
function insertEvent(call: Call) {
  const calendar = demandCalendar(call, 'writer');
  const given = textOf(call.body['id']);
  const givenUid = textOf(call.body['iCalUID']);
  if (given !== '' && givenUid !== '')
    throw refuse(400, 'invalid', 'Only one of iCalUID and id may be specified.');
  if (given !== '' && !/^[a-v0-9]{5,1024}$/.test(given))
    throw refuse(400, 'invalid', 'Invalid resource id value.');
  if (calendar.events.has(given) || (givenUid !== '' && eventByUid(calendar, givenUid))) throw duplicate();
  const draft = readDraft(call, calendar, heededBody(call));
  const id = given || newId(call);
  const eventType = textOf(call.body['eventType']);
  if (eventType !== '' && eventType !== 'default')
    draft.fields['eventType'] = statusEventType(calendar, eventType);
  const event = newEvent(call, draft, {
    id,
    uid: givenUid || `${id}@google.com`,
    organizer: null,
    sequence: Number(call.body['sequence'] ?? 0),
  });
  fileEvent(calendar, event);
  announce(call, calendar, id, 'invitation', event.fields['attendees']);
  return ok(describeEvent(call, calendar, event));
}

function duplicate() {
  return refuse(409, 'duplicate', 'The requested identifier already exists.');
}

function newId(call: Call): string {
  const { random } = call.tenant;
  return Array.from({ length: 26 }, () => random.int(32).toString(32)).join('');
}

/** Status events exist on primary calendars alone. */
function statusEventType(calendar: StoredCalendar, eventType: string): string {
  const isKnown = ['birthday', 'focusTime', 'outOfOffice', 'workingLocation', 'fromGmail'].includes(
    eventType,
  );
  if (!isKnown || calendar.kind !== 'primary') throw refuse(400, 'invalid', 'Invalid event type.');
  return eventType;
}

/** What `update` leaves of an event that a body describes anew. */
export function replaceEvent(call: Call, calendar: StoredCalendar, event: StoredEvent, body: Json): void {
  const draft = readDraft(call, calendar, body);
  checkSequence(call.body, event.sequence);
  const isMoved = draft.start.utcMs !== event.start.utcMs || draft.end.utcMs !== event.end.utcMs;
  Object.assign(event, draft, {
    sequence: Number(call.body['sequence'] ?? event.sequence + (isMoved ? 1 : 0)),
    updatedAt: call.tenant.clock.now(),
    revision: nextRevision(call),
  });
}
