import { childOf, isJson, type Json, objectsOf, pickFields, textOf } from '../json.ts';
import { type Refusal, refuse } from '../refusal.ts';

/** Members of an event that a writer sets, beside times, recurrence, status and sequence. */
export const WRITABLE = [
  ...[
    'anyoneCanAddSelf',
    'attachments',
    'attendees',
    'attendeesOmitted',
    'colorId',
    'conferenceData',
    'description',
  ],
  ...[
    'eventLabelId',
    'extendedProperties',
    'focusTimeProperties',
    'guestsCanInviteOthers',
    'guestsCanModify',
  ],
  ...['guestsCanSeeOtherGuests', 'location', 'outOfOfficeProperties', 'reminders', 'source', 'summary'],
  ...['transparency', 'visibility', 'workingLocationProperties'],
];

/** Members that belong to all participants: only the organiser changes them. */
export const SHARED = [
  ...['anyoneCanAddSelf', 'attachments', 'conferenceData', 'description', 'end', 'guestsCanInviteOthers'],
  ...['guestsCanModify', 'guestsCanSeeOtherGuests', 'location', 'recurrence', 'start', 'summary'],
];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  transparency: ['opaque', 'transparent'],
  visibility: ['default', 'public', 'private', 'confidential'],
  status: ['confirmed', 'tentative', 'cancelled'],
};
const RESPONSES = ['needsAction', 'declined', 'tentative', 'accepted'];

/** Limits of the Calendar API reference: reminders 5 of 0…40,320 minutes, attachments 25, property names and values. */
const MAX_REMINDERS = 5;
const MAX_REMINDER_MINUTES = 40_320;
const MAX_ATTACHMENTS = 25;
const MAX_PROPERTY_NAME = 44;
const MAX_PROPERTY_VALUE = 1_024;

/** Members that a request disregards unless its query says that the client knows them. */
export function disregardedBy(query: URLSearchParams): string[] {
  return [
    ...(query.get('conferenceDataVersion') === '1' ? [] : ['conferenceData']),
    ...(query.get('supportsAttachments') === 'true' ? [] : ['attachments']),
    query.get('eventLabelVersion') === '1' ? 'colorId' : 'eventLabelId',
  ];
}

/** Writable members of a body, checked and in Calendar's own form. */
export function readFields(body: Json): Json {
  const fields = pickFields(body, WRITABLE);
  for (const [name, values] of Object.entries(VALUES)) {
    const value = body[name];
    if (value !== undefined && value !== null && !values.includes(textOf(value)))
      throw invalid(`Invalid ${name} value.`);
  }
  const colorId = fields['colorId'];
  if (isJsonValue(colorId) && !/^([1-9]|1[01])$/.test(textOf(colorId))) throw invalid('Invalid color id.');
  if (Array.isArray(fields['attendees']))
    fields['attendees'] = objectsOf(fields['attendees']).map(readAttendee);
  if (isJson(fields['reminders'])) checkReminders(fields['reminders']);
  if (isJson(fields['extendedProperties']))
    fields['extendedProperties'] = readProperties(fields['extendedProperties']);
  checkAttachments(fields['attachments']);
  return fields;
}

function isJsonValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function invalid(message: string): Refusal {
  return refuse(400, 'invalid', message);
}

/** An attendee needs an address; `self` and `organizer` are computed. */
function readAttendee(attendee: Json): Json {
  const email = textOf(attendee['email']);
  if (email === '') throw refuse(400, 'required', 'Missing attendee email.');
  if (!/^[^@\s<>]+@[^@\s<>]+$/.test(email)) throw invalid('Invalid attendee email.');
  const response = attendee['responseStatus'] ?? 'needsAction';
  if (!RESPONSES.includes(textOf(response))) throw invalid('Invalid attendee response status.');
  const { self: _self, organizer: _organizer, id: _id, ...rest } = attendee;
  return { ...rest, email, responseStatus: response };
}

function checkReminders(reminders: Json): void {
  const overrides = objectsOf(reminders['overrides']);
  if (reminders['useDefault'] === true && overrides.length > 0) {
    throw refuse(
      400,
      'cannotUseDefaultRemindersAndSpecifyOverride',
      'Cannot specify both default reminders and overrides at the same time.',
      { domain: 'calendar' },
    );
  }
  if (overrides.length > MAX_REMINDERS) throw invalid('Too many override reminders.');
  for (const { method, minutes } of overrides) {
    const isKnown = method === 'email' || method === 'popup';
    const count = Number(minutes);
    if (!isKnown || !(count >= 0 && count <= MAX_REMINDER_MINUTES))
      throw invalid('Invalid reminder override.');
  }
}

/** Names and values that are too long are dropped or cut without a word (guides/extended-properties). */
function readProperties(properties: Json): Json {
  const trim = (map: unknown): Json =>
    Object.fromEntries(
      Object.entries(childOf(map))
        .filter(([name]) => name.length <= MAX_PROPERTY_NAME)
        .map(([name, value]) => [name, value === null ? null : textOf(value).slice(0, MAX_PROPERTY_VALUE)]),
    );
  return Object.fromEntries(Object.entries(properties).map(([name, map]) => [name, trim(map)]));
}

function checkAttachments(attachments: unknown): void {
  const list = objectsOf(attachments);
  if (list.length > MAX_ATTACHMENTS) throw invalid('Too many attachments.');
  if (list.some((one) => textOf(one['fileUrl']) === ''))
    throw refuse(400, 'required', 'Missing attachment file URL.');
}

/** Patch semantics: null clears, lists are replaced, `extendedProperties` and `reminders` are merged by name. */
export function mergeFields(before: Json, changes: Json): Json {
  const after = { ...before };
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) delete after[name];
    else if (name === 'extendedProperties')
      after[name] = mergeProperties(childOf(before[name]), childOf(value));
    else if (name === 'reminders') after[name] = { ...childOf(before[name]), ...childOf(value) };
    else after[name] = value;
  }
  return after;
}

function mergeProperties(before: Json, changes: Json): Json {
  const merged = { ...before };
  for (const [scope, map] of Object.entries(changes)) {
    const entries = Object.entries({ ...childOf(before[scope]), ...childOf(map) });
    merged[scope] = Object.fromEntries(entries.filter(([, value]) => value !== null));
  }
  return merged;
}
