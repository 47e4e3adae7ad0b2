import type { EstateCalendar, Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import {
  answerCollection,
  answerJson,
  answerResource,
  type Context,
  type GraphRoute,
  mailboxOf,
  pageOf,
  queried,
  userPath,
} from './context.ts';
import { TYPES } from './properties.ts';
import { shape } from './query.ts';
import { badRequest, itemNotFound } from './refusal.ts';
import type { LiveMailbox } from './state.ts';

const DEFAULT_PAGE = 10;
/** Application permissions that show calendars and events. */
export const CALENDAR_ROLES: readonly string[] = ['Calendars.Read', 'Calendars.ReadWrite'];
const SETTINGS_ROLES = ['MailboxSettings.Read', 'MailboxSettings.ReadWrite'];

/** The calendar of `{calendar}`, or the default one where the path names none. Throws Exchange's 404. */
export function calendarOf(context: Context, mailbox: LiveMailbox): EstateCalendar {
  const given = context.params['calendar'];
  const found =
    given === undefined
      ? mailbox.schedule.defaultCalendar()
      : mailbox.schedule.calendars().find((calendar) => calendar.id === given);
  if (!found) throw itemNotFound();
  return found;
}

function resourceOf(calendar: EstateCalendar): Resource {
  return { ...calendar.resource, id: calendar.id };
}

function listCalendars(context: Context): TenantAnswer {
  const kept = queried(mailboxOf(context).schedule.calendars().map(resourceOf), context.query);
  const { items, nextLink } = pageOf(context, kept, context.query.top ?? DEFAULT_PAGE);
  return answerCollection(context, `${userPath(context)}/calendars`, {
    value: items.map((calendar) => shape(calendar, TYPES.calendar, context.query.select)),
    nextLink,
    count: context.query.wantsCount ? kept.length : null,
  });
}

function getCalendar(context: Context): TenantAnswer {
  const calendar = resourceOf(calendarOf(context, mailboxOf(context)));
  return answerResource(
    context,
    `${userPath(context)}/calendars`,
    shape(calendar, TYPES.calendar, context.query.select),
  );
}

function getSettings(context: Context): TenantAnswer {
  const { settings } = mailboxOf(context);
  const shaped = shape(settings, TYPES.mailboxSettings, context.query.select);
  return answerJson(context, `${userPath(context)}/mailboxSettings`, shaped);
}

function getSetting(context: Context): TenantAnswer {
  const given = context.params['property'] ?? '';
  const property = TYPES.mailboxSettings.properties.get(given.toLowerCase());
  if (!property) throw badRequest(`Resource not found for the segment '${given}'.`);
  const value = mailboxOf(context).settings[property.name] ?? null;
  const path = `${userPath(context)}/mailboxSettings/${property.name}`;
  return answerJson(context, path, isResource(value) ? value : { value });
}

function isResource(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type TypeName = 'calendar' | 'mailboxSettings';

function route(name: string, path: string, type: TypeName, handle: GraphRoute['handle']): GraphRoute {
  const isList = name === 'calendars.list';
  return {
    name: `graph.${name}`,
    method: 'GET',
    path: `/v1.0/users/{user}${path}`,
    service: 'outlook',
    roles: type === 'calendar' ? CALENDAR_ROLES : SETTINGS_ROLES,
    rules: {
      type: TYPES[type],
      options: isList ? ['$top', '$skip', '$filter', '$orderby', '$count', '$skiptoken'] : [],
    },
    handle,
  };
}

/** Calendars and mailbox settings. */
export const CALENDAR_ROUTES: readonly GraphRoute[] = [
  route('calendars.list', '/calendars', 'calendar', listCalendars),
  route('calendars.get', '/calendars/{calendar}', 'calendar', getCalendar),
  route('calendars.default', '/calendar', 'calendar', getCalendar),
  route('mailboxSettings.get', '/mailboxSettings', 'mailboxSettings', getSettings),
  route('mailboxSettings.property', '/mailboxSettings/{property}', 'mailboxSettings', getSetting),
];
