import { type ApiRoute, type Call, ok, pageOf, scopes, userOf } from '../api.ts';
import { childOf, compact, type Json, objectsOf, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { flag, pageSize } from '../shapes.ts';
import { demandCalendar, notFound, roleOf } from './access.ts';
import { readInstant, stampOf, timeRangeEmpty } from './event-times.ts';
import { answerZone, describeEvent, describeInstance } from './event-view.ts';
import { instanceAt, instancesIn, isOriginal, overlaps, parseInstanceId, type Span } from './instances.ts';
import type { StoredCalendar, StoredEvent } from './state.ts';

const BASE = '/calendar/v3/calendars/{calendarId}/events';
const READ = scopes(
  'calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned ' +
    'calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly calendar.readonly',
);

/** Calendar v3 `events`: list, get, instances. */
export const EVENT_READ_ROUTES: readonly ApiRoute[] = [
  {
    name: 'calendar.events.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query:
      'alwaysIncludeEmail:b eventTypes=birthday|default|focusTime|fromGmail|outOfOffice|workingLocation iCalUID ' +
      'maxAttendees:i maxResults:i orderBy=startTime|updated pageToken privateExtendedProperty q ' +
      'sharedExtendedProperty showDeleted:b showHiddenInvitations:b singleEvents:b syncToken timeMax timeMin ' +
      'timeZone updatedMin',
    handle: listEvents,
  },
  {
    name: 'calendar.events.get',
    method: 'GET',
    path: `${BASE}/{eventId}`,
    scopes: READ,
    query: 'alwaysIncludeEmail:b maxAttendees:i timeZone',
    handle: getEvent,
  },
  {
    name: 'calendar.events.instances',
    method: 'GET',
    path: `${BASE}/{eventId}/instances`,
    scopes: READ,
    query:
      'alwaysIncludeEmail:b maxAttendees:i maxResults:i originalStart pageToken showDeleted:b timeMax timeMin timeZone',
    handle: listInstances,
  },
];

/** A deleted event is still answered, with `status: cancelled`. */
function getEvent(call: Call) {
  const calendar = demandCalendar(call, 'reader');
  const id = call.params['eventId'] ?? '';
  const event = calendar.events.get(id);
  if (event) return ok(describeEvent(call, calendar, event));
  const found = parseInstanceId(calendar, id);
  if (!found || !isOriginal(call.tenant.calendars, found.event, found.originalMs)) throw notFound();
  return ok(describeInstance(call, calendar, instanceAt(found.event, found.originalMs)));
}

function spanOf(query: URLSearchParams): Span {
  const span = { fromMs: readInstant(query, 'timeMin'), beforeMs: readInstant(query, 'timeMax') };
  if (span.fromMs !== null && span.beforeMs !== null && span.fromMs >= span.beforeMs) throw timeRangeEmpty();
  return span;
}

function listInstances(call: Call) {
  const calendar = demandCalendar(call, 'reader');
  const event = calendar.events.get(call.params['eventId'] ?? '');
  if (!event) throw notFound();
  const originalMs = readOriginal(call.query.get('originalStart'));
  const span = spanOf(call.query);
  // An original start names one instance, however far away.
  const wide = originalMs === null ? span : { fromMs: null, beforeMs: originalMs + 86_400_000 };
  const items = instancesIn(call.tenant.calendars, calendar, event, wide, call.tenant.clock.now())
    .filter((instance) => originalMs === null || instance.originalMs === originalMs)
    .filter((instance) => !instance.isCancelled || flag(call.query, 'showDeleted'))
    .map((instance) => describeInstance(call, calendar, instance));
  return answerPage(call, calendar, event.status === 'cancelled' ? [] : items);
}

/** `originalStart` is a date or an RFC 3339 instant. */
function readOriginal(text: string | null): number | null {
  if (text === null) return null;
  const originalMs = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (Number.isNaN(originalMs)) throw refuse(400, 'badRequest', 'Bad Request');
  return originalMs;
}

/** One item of a list with what filters and orders look at. */
interface Listed {
  item: Json;
  uid: string;
  startMs: number;
  updatedAt: number;
  revision: number;
  isDeleted: boolean;
}

const NOT_WITH_SYNC_TOKEN =
  'iCalUID orderBy privateExtendedProperty q sharedExtendedProperty timeMin timeMax updatedMin'.split(' ');

function listEvents(call: Call) {
  const calendar = demandCalendar(call, 'reader');
  const { query } = call;
  if (query.get('orderBy') === 'startTime' && !flag(query, 'singleEvents')) {
    throw refuse(400, 'badRequest', 'The requested ordering is not available for the particular query.');
  }
  const since = sinceOf(call);
  const span = spanOf(query);
  const updatedMin = readInstant(query, 'updatedMin');
  const shows = (one: Listed) =>
    !one.isDeleted || flag(query, 'showDeleted') || since !== null || updatedMin !== null;
  const listed = [...calendar.events.values()]
    .filter((event) => (query.get('iCalUID') ?? event.uid) === event.uid)
    .flatMap((event) => (flag(query, 'singleEvents') ? expanded : stored)(call, calendar, event, span))
    .filter((one) => shows(one) && (since === null || one.revision > since))
    .filter((one) => updatedMin === null || one.updatedAt >= updatedMin)
    .filter((one) => meetsQuery(one.item, query));
  if (query.get('orderBy') === 'startTime') listed.sort((one, other) => one.startMs - other.startMs);
  if (query.get('orderBy') === 'updated') listed.sort((one, other) => one.updatedAt - other.updatedAt);
  return answerPage(
    call,
    calendar,
    listed.map((one) => one.item),
  );
}

/** The change number in `syncToken`; 410 for one that is not ours, 400 beside filters. */
function sinceOf(call: Call): number | null {
  const token = call.query.get('syncToken');
  if (token === null) return null;
  if (NOT_WITH_SYNC_TOKEN.some((name) => call.query.has(name)))
    throw refuse(400, 'badRequest', 'Bad Request');
  const number = /^S(\d+)$/.exec(token)?.[1];
  if (number === undefined) {
    throw refuse(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
      domain: 'calendar',
      location: 'syncToken',
      locationType: 'parameter',
    });
  }
  return Number(number);
}

/** An event as it is stored: the master or single event, and each override as an item of its own. */
function stored(call: Call, calendar: StoredCalendar, event: StoredEvent, span: Span): Listed[] {
  const state = call.tenant.calendars;
  const hasInstances = () => instancesIn(state, calendar, event, span, call.tenant.clock.now()).length > 0;
  const isOpen = span.fromMs === null && span.beforeMs === null;
  const isInRange = isOpen || (event.recurrence ? hasInstances() : overlaps(state, calendar, event, span));
  const items: Listed[] = [];
  if (isInRange) items.push({ ...factsOf(event), item: describeEvent(call, calendar, event) });
  for (const override of event.overrides.values()) {
    const instance = instanceAt(event, override.originalMs);
    if (!isOriginal(state, event, override.originalMs) || !overlaps(state, calendar, instance, span))
      continue;
    items.push({
      ...factsOf(event),
      item: describeInstance(call, calendar, instance),
      startMs: instance.start.utcMs,
      updatedAt: override.updatedAt,
      revision: override.revision,
      // Cancelled instances of a standing series are always listed here.
      isDeleted: event.status === 'cancelled',
    });
  }
  return items;
}

/** The occurrences of an event. */
function expanded(call: Call, calendar: StoredCalendar, event: StoredEvent, span: Span): Listed[] {
  const state = call.tenant.calendars;
  if (!event.recurrence) {
    if (!overlaps(state, calendar, event, span)) return [];
    return [{ ...factsOf(event), item: describeEvent(call, calendar, event) }];
  }
  return instancesIn(state, calendar, event, span, call.tenant.clock.now()).map((instance) => ({
    ...factsOf(event),
    item: describeInstance(call, calendar, instance),
    startMs: instance.start.utcMs,
    updatedAt: instance.override?.updatedAt ?? event.updatedAt,
    revision: instance.override?.revision ?? event.revision,
    isDeleted: instance.isCancelled || event.status === 'cancelled',
  }));
}

function factsOf(event: StoredEvent): Omit<Listed, 'item'> {
  return {
    uid: event.uid,
    startMs: event.start.utcMs,
    updatedAt: event.updatedAt,
    revision: event.revision,
    isDeleted: event.status === 'cancelled',
  };
}

function meetsQuery(item: Json, query: URLSearchParams): boolean {
  const types = query.getAll('eventTypes');
  if (types.length > 0 && !types.includes(textOf(item['eventType']) || 'default')) return false;
  const properties = childOf(item['extendedProperties']);
  const holds = (scope: 'private' | 'shared') =>
    query.getAll(`${scope}ExtendedProperty`).every((constraint) => {
      const at = constraint.indexOf('=');
      return childOf(properties[scope])[constraint.slice(0, at)] === constraint.slice(at + 1);
    });
  const text = query.get('q')?.toLowerCase();
  return holds('private') && holds('shared') && (text === undefined || wordsOf(item).includes(text));
}

function wordsOf(item: Json): string {
  const people = [...objectsOf(item['attendees']), childOf(item['organizer'])];
  const names = people.flatMap((one) => [textOf(one['displayName']), textOf(one['email'])]);
  return [textOf(item['summary']), textOf(item['description']), textOf(item['location']), ...names]
    .join(' ')
    .toLowerCase();
}

/** Schema `Events`; the last page carries the token from which changes can be listed. */
function answerPage(call: Call, calendar: StoredCalendar, items: Json[]) {
  const { calendars, clock } = call.tenant;
  const page = pageOf(items, call.query, pageSize(call.query, 250, 2_500));
  const isPrimary = calendar.kind === 'primary';
  return ok(
    compact({
      kind: 'calendar#events',
      etag: `"${calendars.revision}"`,
      summary: calendar.summary ?? undefined,
      description: calendar.description || undefined,
      updated: stampOf(clock.now(), 'Etc/UTC', calendars.zones),
      timeZone: answerZone(call, calendar),
      accessRole: roleOf(call.tenant, calendar, userOf(call)),
      defaultReminders: isPrimary ? [{ method: 'popup', minutes: 10 }] : [],
      items: page.items,
      nextPageToken: page.next,
      nextSyncToken: page.next === undefined ? `S${calendars.revision}` : undefined,
    }),
  );
}
