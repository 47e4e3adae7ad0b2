import type { EstateCalendar, EstateEvent, Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import { CALENDAR_ROLES, calendarOf } from './calendars.ts';
import {
  answerCollection,
  answerResource,
  type Context,
  type GraphRoute,
  mailboxOf,
  pageOf,
  queried,
  userPath,
} from './context.ts';
import { masterExtras, presentInstance } from './event-shape.ts';
import { readOccurrenceId, readOrdinaryId } from './item-ids.ts';
import {
  exceptionInstance,
  type Instance,
  instancesOf,
  instantOf,
  occurrenceOn,
  originalDate,
  seriesZone,
  type Window,
} from './occurrences.ts';
import { TYPES } from './properties.ts';
import { badRequest, itemNotFound, Refusal } from './refusal.ts';
import type { LiveMailbox } from './state.ts';

const DEFAULT_PAGE = 10;
const MAX_PAGE = 1_000;
/** Exchange refuses calendar views longer than five years. */
const MAX_VIEW_MS = 1_826 * 86_400_000;

/** An instance with the event and calendar it belongs to. */
interface Shown {
  event: EstateEvent;
  instance: Instance;
}

function plainInstance(context: Context, event: EstateEvent): Instance {
  const { resource } = event;
  const find = context.state.zone;
  return {
    id: event.id,
    resource: {
      ...resource,
      type: resource['recurrence'] ? 'seriesMaster' : 'singleInstance',
      seriesMasterId: null,
    },
    startMs: instantOf(resource['start'], find),
    endMs: instantOf(resource['end'], find),
  };
}

/** Single events and masters of a calendar; occurrences and exceptions come by the master or by a view. */
function listEvents(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const calendar = calendarOf(context, mailbox);
  refuseMasterExpansion(context);
  const shown = mailbox.schedule
    .events(calendar.id)
    .map((event) => ({ event, instance: plainInstance(context, event) }));
  return answerShown(context, shown, `${calendarPath(context, calendar)}/events`);
}

function listView(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const calendar = calendarOf(context, mailbox);
  refuseMasterExpansion(context);
  const window = windowOf(context);
  const shown = mailbox.schedule
    .events(calendar.id)
    .flatMap((event) => shownIn(context, mailbox, event, window));
  return answerShown(context, inOrder(shown), `${calendarPath(context, calendar)}/calendarView`);
}

function listInstances(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const { event } = findEvent(context, mailbox);
  if (!event.resource['recurrence']) {
    throw new Refusal(400, 'ErrorInvalidRequest', 'The event is not a recurring master.');
  }
  const shown = shownIn(context, mailbox, event, windowOf(context));
  return answerShown(context, inOrder(shown), `${userPath(context)}/events/instances`);
}

function getEvent(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const { event, instance } = findEvent(context, mailbox);
  const isMaster = instance.resource['type'] === 'seriesMaster';
  return answerResource(context, `${userPath(context)}/events`, {
    ...presentInstance(context, event.calendarId, instance),
    ...(isMaster ? masterExtras(context, mailbox, event) : {}),
    ...attachmentExtras(context),
  });
}

function shownIn(context: Context, mailbox: LiveMailbox, event: EstateEvent, window: Window): Shown[] {
  const find = context.state.zone;
  const zone = seriesZone(event.resource, mailbox.settings['timeZone'], find);
  return instancesOf(event, zone, find, window).map((instance) => ({ event, instance }));
}

function inOrder(shown: readonly Shown[]): Shown[] {
  return shown.toSorted((one, other) => one.instance.startMs - other.instance.startMs);
}

function answerShown(context: Context, shown: readonly Shown[], path: string): TenantAnswer {
  const { query, preferences } = context;
  const size = query.top ?? preferences.maxPageSize ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) {
    throw new Refusal(400, 'ErrorInvalidRequest', `The page size must be between 1 and ${MAX_PAGE}.`);
  }
  const whole = new Map<Resource, Shown>();
  for (const one of shown) whole.set(presentInstance(context, one.event.calendarId, one.instance, null), one);
  const kept = queried([...whole.keys()], query);
  const { items, nextLink } = pageOf(context, kept, size);
  const value = items.map((item) => {
    const one = whole.get(item);
    return one
      ? { ...presentInstance(context, one.event.calendarId, one.instance), ...attachmentExtras(context) }
      : item;
  });
  return answerCollection(context, path, { value, nextLink, count: query.wantsCount ? kept.length : null });
}

/** The event, exception or occurrence that an id in either format names. */
function findEvent(context: Context, mailbox: LiveMailbox): Shown {
  const given = context.params['event'] ?? '';
  const ordinary = readOrdinaryId(given);
  const id = ordinary?.id ?? given;
  const found = findById(context, mailbox, id);
  if (!found || (ordinary && found.event.calendarId !== ordinary.containerId)) throw itemNotFound();
  return found;
}

function findById(context: Context, mailbox: LiveMailbox, id: string): Shown | null {
  const find = context.state.zone;
  const occurrence = readOccurrenceId(id);
  const found = mailbox.schedule.find(occurrence?.masterId ?? id);
  if (!found) return null;
  const { event, exception } = found;
  const zone = seriesZone(event.resource, mailbox.settings['timeZone'], find);
  if (occurrence) {
    const isGone = event.cancelled.includes(occurrence.date);
    const instance = isGone ? null : occurrenceOn(event, zone, find, occurrence.date);
    return instance && { event, instance };
  }
  if (!exception) return { event, instance: plainInstance(context, event) };
  const date = originalDate(event, exception, zone);
  return { event, instance: exceptionInstance(event, exception, date, find) };
}

function windowOf(context: Context): Window {
  const { custom } = context.query;
  const [from, to] = [custom['startdatetime'], custom['enddatetime']];
  if (from === undefined || to === undefined) {
    const text =
      'This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.';
    throw new Refusal(400, 'ErrorInvalidParameter', text);
  }
  const window = { fromMs: parseTime(from), toMs: parseTime(to) };
  if (window.toMs - window.fromMs > MAX_VIEW_MS) {
    const text = 'The requested time window is too long: the maximum is 1825 days.';
    throw new Refusal(400, 'ErrorCalendarViewRangeTooBig', text);
  }
  return window;
}

/** ISO 8601; without an offset it is UTC (Graph, list calendarView page). `+` may have become a blank in the query. */
function parseTime(text: string): number {
  const value = text.replace(/ (\d\d:\d\d)$/, '+$1');
  const time = Date.parse(/(Z|[+-]\d\d:\d\d)$/i.test(value) || value.length === 10 ? value : `${value}Z`);
  if (Number.isNaN(time)) throw badRequest(`The value '${text}' is not a valid date and time.`);
  return time;
}

/** Both come only with the get of one master (Graph, event resource). */
function refuseMasterExpansion(context: Context): void {
  if (!context.query.expand.some((one) => one.name === 'exceptionOccurrences')) return;
  throw new Refusal(
    400,
    'ErrorInvalidRequest',
    'exceptionOccurrences can be expanded on a single event only.',
  );
}

/** Events of the rehearsal carry no files. */
function attachmentExtras(context: Context): Resource {
  return context.query.expand.some((one) => one.name === 'attachments') ? { attachments: [] } : {};
}

function calendarPath(context: Context, calendar: EstateCalendar): string {
  return `${userPath(context)}/calendars('${encodeURIComponent(calendar.id)}')`;
}

const LIST = ['$top', '$skip', '$filter', '$orderby', '$count', '$skiptoken'];
const WINDOW = ['startDateTime', 'endDateTime'];

function route(name: string, path: string, handle: GraphRoute['handle']): GraphRoute {
  const isList = name !== 'get';
  return {
    name: `graph.events.${name}`,
    method: 'GET',
    path: `/v1.0/users/{user}${path}`,
    service: 'outlook',
    roles: CALENDAR_ROLES,
    rules: {
      type: TYPES.event,
      options: isList ? LIST : [],
      custom: isList && name !== 'list' ? WINDOW : [],
    },
    handle,
  };
}

/** Events, their instances and calendar views. */
export const EVENT_ROUTES: readonly GraphRoute[] = [
  route('list', '/calendars/{calendar}/events', listEvents),
  route('list', '/calendar/events', listEvents),
  route('list', '/events', listEvents),
  route('get', '/events/{event}', getEvent),
  route('get', '/calendar/events/{event}', getEvent),
  route('get', '/calendars/{calendar}/events/{event}', getEvent),
  route('instances', '/events/{event}/instances', listInstances),
  route('instances', '/calendars/{calendar}/events/{event}/instances', listInstances),
  route('calendarView', '/calendars/{calendar}/calendarView', listView),
  route('calendarView', '/calendar/calendarView', listView),
  route('calendarView', '/calendarView', listView),
];
