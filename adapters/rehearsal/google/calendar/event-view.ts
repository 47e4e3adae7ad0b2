import type { Call } from '../api.ts';
import { addressOf, findUser } from '../directory/directory.ts';
import { childOf, compact, type Json, objectsOf, textOf } from '../json.ts';
import { calendarIdOf, ownAddressesOf } from './access.ts';
import { describeMoment } from './event-times.ts';
import type { Instance } from './instances.ts';
import type { StoredCalendar, StoredEvent } from './state.ts';

/** Schema `Event` of a single event or a master. */
export function describeEvent(call: Call, calendar: StoredCalendar, event: StoredEvent): Json {
  return {
    ...commonOf(call, calendar, event, event.fields),
    ...timesOf(call, calendar, event),
    ...compact({ recurrence: event.lines.length > 0 ? [...event.lines] : undefined }),
    status: event.status,
    updated: isoOf(event.updatedAt),
    sequence: event.sequence,
    id: event.id,
    etag: `"${event.revision}"`,
  };
}

/** Schema `Event` of one occurrence; a cancelled one has little more than its identity. */
export function describeInstance(call: Call, calendar: StoredCalendar, instance: Instance): Json {
  const { event, override } = instance;
  const { zones } = call.tenant.calendars;
  const original = { ...event.start, utcMs: instance.originalMs };
  const identity = {
    kind: 'calendar#event',
    id: `${event.id}_${instance.key}`,
    etag: `"${override?.revision ?? event.revision}"`,
    recurringEventId: event.id,
    originalStartTime: describeMoment(original, answerZone(call, calendar), zones),
  };
  if (instance.isCancelled) return { ...identity, status: 'cancelled' };
  return {
    ...commonOf(call, calendar, event, instance.fields),
    ...timesOf(call, calendar, instance),
    ...identity,
    status: event.status === 'cancelled' ? 'cancelled' : textOf(override?.changes['status']) || event.status,
    updated: isoOf(override?.updatedAt ?? event.updatedAt),
    sequence: override?.sequence ?? event.sequence,
  };
}

function commonOf(call: Call, calendar: StoredCalendar, event: StoredEvent, fields: Json): Json {
  const own = ownAddressesOf(call.tenant, calendar);
  const organizer = organizerOf(call, calendar, event);
  const { transparency, visibility, attendees, attendeesOmitted, status, ...rest } = fields;
  return compact({
    kind: 'calendar#event',
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(event.id).toString('base64url')}`,
    created: isoOf(event.createdAt),
    creator: compact({ email: event.creator, self: own.has(event.creator) ? true : undefined }),
    organizer,
    iCalUID: event.uid,
    reminders: { useDefault: true },
    eventType: 'default',
    transparency: transparency === 'opaque' ? undefined : transparency,
    visibility: visibility === 'default' ? undefined : visibility,
    ...attendeesOf(call, objectsOf(attendees), own, textOf(organizer['email'])),
    ...rest,
  });
}

function organizerOf(call: Call, calendar: StoredCalendar, event: StoredEvent): Json {
  const own = ownAddressesOf(call.tenant, calendar);
  if (event.organizer) {
    const { self: _self, ...organizer } = event.organizer;
    return compact({
      ...organizer,
      self: own.has(textOf(organizer['email']).toLowerCase()) ? true : undefined,
    });
  }
  const displayName = calendar.kind === 'secondary' ? (calendar.summary ?? undefined) : undefined;
  return compact({ email: calendarIdOf(call.tenant, calendar), displayName, self: true });
}

/** Attendees with what Google computes: who is the owner, who organises, names of the tenant's own people. */
function attendeesOf(call: Call, attendees: Json[], own: ReadonlySet<string>, organizer: string): Json {
  if (attendees.length === 0) return {};
  const described: Json[] = attendees.map((attendee) => {
    const email = textOf(attendee['email']).toLowerCase();
    const user = findUser(call.tenant.directory, email);
    return compact({
      displayName: user ? textOf(childOf(user.resource['name'])['fullName']) || undefined : undefined,
      ...attendee,
      organizer: email === organizer.toLowerCase() ? true : undefined,
      self: own.has(email) || (user !== null && own.has(addressOf(user))) ? true : undefined,
      optional: attendee['optional'] === true ? true : undefined,
      resource: attendee['resource'] === true ? true : undefined,
    });
  });
  const most = Number(call.query.get('maxAttendees') ?? Number.POSITIVE_INFINITY);
  if (described.length <= most) return { attendees: described };
  return { attendees: described.filter((attendee) => attendee['self'] === true), attendeesOmitted: true };
}

function timesOf(call: Call, calendar: StoredCalendar, item: Pick<StoredEvent, 'start' | 'end'>): Json {
  const { zones } = call.tenant.calendars;
  const zone = answerZone(call, calendar);
  return { start: describeMoment(item.start, zone, zones), end: describeMoment(item.end, zone, zones) };
}

/** Zone of the answer's date-times: the query's `timeZone`, else the calendar's. */
export function answerZone(call: Call, calendar: StoredCalendar): string {
  const asked = call.query.get('timeZone') ?? '';
  return call.tenant.calendars.zones.isZone(asked) && asked !== '' ? asked : calendar.timeZone;
}

function isoOf(utcMs: number): string {
  return new Date(utcMs).toISOString();
}
