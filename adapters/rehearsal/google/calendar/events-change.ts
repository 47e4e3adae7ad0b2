import { isDeepStrictEqual } from 'node:util';
import { type ApiRoute, type Call, noContent, ok } from '../api.ts';
import { childOf, type Json, pickFields } from '../json.ts';
import { refuse } from '../refusal.ts';
import { demandCalendar, notFound } from './access.ts';
import { announce, checkSequence, isForeign, nextRevision } from './event-draft.ts';
import { disregardedBy, mergeFields, readFields, SHARED, WRITABLE } from './event-fields.ts';
import { checkSpan, describeMoment, mergeTime, readMoment } from './event-times.ts';
import { describeEvent, describeInstance } from './event-view.ts';
import { EVENT_WRITE, replaceEvent } from './events-create.ts';
import { type Instance, instanceAt, isOriginal, parseInstanceId } from './instances.ts';
import { EVENT } from './schemas.ts';
import type { StoredCalendar, StoredEvent } from './state.ts';

const PATH = '/calendar/v3/calendars/{calendarId}/events/{eventId}';
const UPDATES = 'sendNotifications:b sendUpdates=all|externalOnly|none';

/** Calendar v3 `events.patch`, `events.update`, `events.delete`, of events and of single occurrences. */
export const EVENT_CHANGE_ROUTES: readonly ApiRoute[] = [
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'calendar.events.patch' : 'calendar.events.update',
      method,
      path: PATH,
      scopes: EVENT_WRITE,
      query:
        `alwaysIncludeEmail:b conferenceDataVersion=0|1 eventLabelVersion=0|1 maxAttendees:i ${UPDATES} ` +
        'supportsAttachments:b',
      body: EVENT,
      writes: true,
      handle: changeEvent,
    }),
  ),
  {
    name: 'calendar.events.delete',
    method: 'DELETE',
    path: PATH,
    scopes: EVENT_WRITE,
    query: UPDATES,
    writes: true,
    handle: deleteEvent,
  },
];

type Target = { event: StoredEvent; instance: Instance | null };

/** The event or the occurrence that a path names. */
function demandTarget(call: Call, calendar: StoredCalendar): Target {
  const id = call.params['eventId'] ?? '';
  const event = calendar.events.get(id);
  if (event) return { event, instance: null };
  const found = parseInstanceId(calendar, id);
  if (!found || !isOriginal(call.tenant.calendars, found.event, found.originalMs)) throw notFound();
  return { event: found.event, instance: instanceAt(found.event, found.originalMs) };
}

function changeEvent(call: Call) {
  const calendar = demandCalendar(call, 'writer');
  const { event, instance } = demandTarget(call, calendar);
  const before = currentOf(call, calendar, event, instance);
  const body = wantedOf(call, before);
  if (isForeign(call, calendar, event)) checkShared(before, body);
  checkIdentity(call, event, instance);
  if (instance) changeInstance(call, calendar, instance, body);
  else replaceEvent(call, calendar, event, body);
  const id = call.params['eventId'] ?? '';
  const after = instance ? instanceAt(event, instance.originalMs) : null;
  announce(call, calendar, id, 'update', (after ?? event).fields['attendees']);
  return ok(after ? describeInstance(call, calendar, after) : describeEvent(call, calendar, event));
}

/** The writable members as they stand, times in the form of a body. */
function currentOf(
  call: Call,
  calendar: StoredCalendar,
  event: StoredEvent,
  instance: Instance | null,
): Json {
  const { zones } = call.tenant.calendars;
  const item = instance ?? event;
  return {
    ...item.fields,
    start: describeMoment(item.start, calendar.timeZone, zones),
    end: describeMoment(item.end, calendar.timeZone, zones),
    status: instance?.isCancelled ? 'cancelled' : (item.fields['status'] ?? event.status),
    ...(instance || event.lines.length === 0 ? {} : { recurrence: [...event.lines] }),
  };
}

/** What the event is to be: `update` replaces, `patch` merges, and what the query does not ask for stays. */
function wantedOf(call: Call, before: Json): Json {
  const disregarded = disregardedBy(call.query);
  const said = Object.fromEntries(Object.entries(call.body).filter(([name]) => !disregarded.includes(name)));
  return call.request.method === 'PUT'
    ? { ...pickFields(before, disregarded), ...said }
    : mergeBody(before, said);
}

function mergeBody(before: Json, patch: Json): Json {
  const { start, end, ...rest } = patch;
  const merged = mergeFields(before, rest);
  if (start !== undefined && start !== null) merged['start'] = mergeTime(childOf(before['start']), start);
  if (end !== undefined && end !== null) merged['end'] = mergeTime(childOf(before['end']), end);
  return merged;
}

/** On a copy that somebody else organises the shared members stay as they are. */
function checkShared(before: Json, after: Json): void {
  const isChanged = SHARED.some((name) => {
    const [one, other] = [before[name], after[name]];
    return (one !== undefined || other !== undefined) && !isDeepStrictEqual(one, other);
  });
  if (isChanged) {
    throw refuse(
      403,
      'forbiddenForNonOrganizer',
      'Shared properties can only be changed by the organizer of the event.',
      {
        domain: 'calendar',
      },
    );
  }
}

function checkIdentity(call: Call, event: StoredEvent, instance: Instance | null): void {
  const { iCalUID, id, recurringEventId } = call.body;
  const ownId = call.params['eventId'];
  const isOther =
    (iCalUID !== undefined && iCalUID !== event.uid) ||
    (id !== undefined && id !== ownId) ||
    (recurringEventId !== undefined && recurringEventId !== (instance ? event.id : undefined));
  if (isOther) throw refuse(400, 'invalid', 'Invalid resource id value.');
}

/** Writes an occurrence: what it says stands in its override, what it leaves out of an update is cleared. */
function changeInstance(call: Call, calendar: StoredCalendar, instance: Instance, body: Json): void {
  const { event, key, originalMs, override } = instance;
  const { zones } = call.tenant.calendars;
  if (body['recurrence'] !== undefined)
    throw refuse(
      400,
      'invalid',
      'Cannot turn an instance of a recurring event into a recurring event itself.',
    );
  const start = readMoment(body['start'], 'start', zones, calendar.timeZone);
  const end = readMoment(body['end'], 'end', zones, calendar.timeZone);
  checkSpan(start, end);
  checkSequence(call.body, override?.sequence ?? 0);
  const said = readFields(body);
  const cleared = WRITABLE.filter((name) => event.fields[name] !== undefined && said[name] === undefined);
  const status = body['status'];
  event.overrides.set(key, {
    key,
    originalMs,
    changes: {
      ...Object.fromEntries(cleared.map((name) => [name, null])),
      ...said,
      ...(status ? { status } : {}),
    },
    start,
    end,
    isCancelled: status === 'cancelled',
    updatedAt: call.tenant.clock.now(),
    revision: nextRevision(call),
    sequence: Number(call.body['sequence'] ?? override?.sequence ?? event.sequence),
  });
}

function deleteEvent(call: Call) {
  const calendar = demandCalendar(call, 'writer');
  const { event, instance } = demandTarget(call, calendar);
  if (event.status === 'cancelled' || instance?.isCancelled) {
    throw refuse(410, 'deleted', 'Resource has been deleted', { domain: 'global' });
  }
  if (instance) cancelInstance(call, instance);
  else cancelEvent(call, event);
  announce(
    call,
    calendar,
    call.params['eventId'] ?? '',
    'cancellation',
    (instance ?? event).fields['attendees'],
  );
  return noContent();
}

function cancelEvent(call: Call, event: StoredEvent): void {
  event.status = 'cancelled';
  event.updatedAt = call.tenant.clock.now();
  event.revision = nextRevision(call);
}

function cancelInstance(call: Call, instance: Instance): void {
  const { event, key, originalMs, override } = instance;
  event.overrides.set(key, {
    key,
    originalMs,
    changes: override?.changes ?? {},
    start: override?.start ?? null,
    end: override?.end ?? null,
    isCancelled: true,
    updatedAt: call.tenant.clock.now(),
    revision: nextRevision(call),
    sequence: override?.sequence ?? event.sequence,
  });
}
