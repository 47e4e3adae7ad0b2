import { z } from 'zod';
import type { GraphCalendar, GraphEmail, GraphEvent, GraphRecurrence } from '../../src/core/microsoft.ts';
import { fieldOf } from './answers.ts';
import { filledText, flag, listOf, text, texts } from './schemas.ts';

const id = z.string().min(1);

const email = z.object({ name: filledText, address: filledText });
const recipient = z
  .object({ emailAddress: email.nullable().catch(null) })
  .nullable()
  .catch(null);

const calendar = z.object({
  id,
  name: z.string().catch(''),
  isDefaultCalendar: flag,
  canEdit: z.boolean().catch(true),
  color: filledText,
  hexColor: filledText,
  owner: email.nullable().catch(null),
});

export const calendarSelect = 'id,name,color,hexColor,isDefaultCalendar,canEdit,owner';

/** Null where the element has no id. */
export function parseCalendar(json: unknown, mailboxTimeZone: string | null): GraphCalendar | null {
  const parsed = calendar.safeParse(json);
  if (!parsed.success) return null;
  const { owner, ...fields } = parsed.data;
  return {
    kind: 'calendar',
    ...fields,
    ownerAddress: owner?.address ?? null,
    ownerName: owner?.name ?? null,
    mailboxTimeZone,
  };
}

/** A time that cannot be read is the year 1, which lies outside of every range that is moved. */
const NO_TIME = { dateTime: '0001-01-01T00:00:00.0000000', timeZone: 'UTC' };
const time = z.object({ dateTime: z.string().min(1), timeZone: z.string().catch('UTC') }).catch(NO_TIME);

const address = z
  .object({ street: text, city: text, state: text, postalCode: text, countryOrRegion: text })
  .nullable()
  .catch(null);
const location = z.object({ displayName: text, locationUri: text, address });

const attendee = z.object({
  type: z.enum(['required', 'optional', 'resource']).catch('required'),
  status: z
    .object({ response: z.string().catch('none'), time: text })
    .nullable()
    .catch(null),
  emailAddress: email.catch({ name: null, address: null }),
});

const pattern = z.object({
  type: z.string(),
  interval: z.number().catch(1),
  month: z.number().catch(0),
  dayOfMonth: z.number().catch(0),
  daysOfWeek: texts,
  firstDayOfWeek: z.string().catch('sunday'),
  index: z.string().catch('first'),
});

const range = z.object({
  type: z.string(),
  startDate: z.string(),
  endDate: z.string().catch('0001-01-01'),
  recurrenceTimeZone: filledText,
  numberOfOccurrences: z.number().catch(0),
});

/** Kept with unknown words in it: the mapping decides what it cannot express. */
const recurrence = z
  .object({ pattern, range })
  .transform((value) => value as GraphRecurrence)
  .nullable()
  .catch(null);

const TYPES = ['singleInstance', 'occurrence', 'exception', 'seriesMaster'] as const;

const event = z.object({
  id,
  changeKey: text,
  '@odata.etag': text,
  type: z.enum(TYPES).nullable().catch(null),
  iCalUId: filledText,
  seriesMasterId: filledText,
  subject: text,
  body: z
    .object({ contentType: z.enum(['text', 'html']).catch('html'), content: z.string() })
    .nullable()
    .catch(null),
  start: time,
  end: time,
  originalStartTimeZone: filledText,
  originalEndTimeZone: filledText,
  originalStart: filledText,
  isAllDay: flag,
  isCancelled: flag,
  isDraft: flag,
  isOrganizer: flag,
  organizer: recipient,
  attendees: listOf(attendee),
  responseStatus: z.object({ response: text }).nullable().catch(null),
  responseRequested: z.boolean().catch(true),
  hideAttendees: flag,
  showAs: z.string().catch('unknown'),
  sensitivity: z.string().catch('normal'),
  importance: z.string().catch('normal'),
  categories: texts,
  isReminderOn: flag,
  reminderMinutesBeforeStart: z.number().catch(0),
  location: location.nullable().catch(null),
  locations: listOf(location),
  onlineMeeting: z.object({ joinUrl: filledText }).nullable().catch(null),
  onlineMeetingUrl: filledText,
  hasAttachments: flag,
  recurrence,
  createdDateTime: text,
  lastModifiedDateTime: text,
});

/** Properties of an event that are asked for, and no others. */
export const eventSelect: string = Object.keys(event.shape)
  .filter((name) => !name.startsWith('@'))
  .join(',');

/** An event as Graph gives it; null where it has no id. */
export function parseEvent(json: unknown): GraphEvent | null {
  const parsed = event.safeParse(json);
  if (!parsed.success) return null;
  const {
    '@odata.etag': etag,
    onlineMeeting,
    organizer,
    responseStatus,
    changeKey,
    type,
    ...fields
  } = parsed.data;
  return {
    ...fields,
    type: type ?? (fields.recurrence === null ? 'singleInstance' : 'seriesMaster'),
    changeKey: changeKey ?? etag?.replace(/^W\//, '').replaceAll('"', '') ?? '',
    organizer: present(organizer?.emailAddress ?? null),
    responseStatus: responseStatus?.response ?? null,
    onlineMeetingUrl: onlineMeeting?.joinUrl ?? fields.onlineMeetingUrl,
  };
}

function present(each: GraphEmail | null): GraphEmail | null {
  return each === null || (each.name === null && each.address === null) ? null : each;
}

/** Null where the answer does not show the property, which is not the same as an empty list. */
export function cancelledDates(json: unknown): string[] | null {
  const ids = fieldOf(json, 'cancelledOccurrences');
  if (!Array.isArray(ids)) return null;
  const dates = ids.flatMap((each) => /(\d{4}-\d{2}-\d{2})$/.exec(String(each))?.[1] ?? []);
  return [...new Set(dates)].sort();
}

/** Null where the answer does not show the property. */
export function exceptionsIn(json: unknown): GraphEvent[] | null {
  const exceptions = fieldOf(json, 'exceptionOccurrences');
  return Array.isArray(exceptions) ? exceptions.flatMap((each) => parseEvent(each) ?? []) : null;
}

/** True where an event came with what makes it an event; a reference by id alone has to be read by itself. */
export function isWholeEvent(each: GraphEvent): boolean {
  return each.start.dateTime !== NO_TIME.dateTime && each.changeKey !== '';
}
