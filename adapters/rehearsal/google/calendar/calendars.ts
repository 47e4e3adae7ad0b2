import { createHash } from 'node:crypto';
import { type ApiRoute, type Call, noContent, ok, pageOf, scopes, userOf } from '../api.ts';
import { addressOf } from '../directory/directory.ts';
import { compact, type Json, pickFields, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { flag, pageSize } from '../shapes.ts';
import { calendarIdOf, demandCalendar, notFound, roleOf } from './access.ts';
import { CALENDAR, CALENDAR_LIST_ENTRY } from './schemas.ts';
import { addCalendar, listOf, ROLES, type StoredCalendar } from './state.ts';

/** New calendars of one user before "Calendar usage limits exceeded." (knowledge.workspace.google.com, calendar limits). */
const MAX_NEW_CALENDARS = 60;

const CALENDARS = '/calendar/v3/calendars';
const LIST = '/calendar/v3/users/me/calendarList';
const CALENDAR_WRITE = scopes('calendar calendar.app.created calendar.calendars');
const LIST_WRITE = scopes('calendar calendar.calendarlist');
const LIST_READ = [...LIST_WRITE, ...scopes('calendar.calendarlist.readonly calendar.readonly')];
const OWN = scopes('calendar.app.created');

/** Calendar v3 `calendars` (get, insert, patch, update, delete) and `calendarList` (list, get, insert, patch, update, delete). */
export const CALENDAR_ROUTES: readonly ApiRoute[] = [...calendarRoutes(), ...listRoutes()];

function calendarRoutes(): ApiRoute[] {
  return [
    {
      name: 'calendar.calendars.insert',
      method: 'POST',
      path: CALENDARS,
      scopes: CALENDAR_WRITE,
      body: CALENDAR,
      writes: true,
      handle: insertCalendar,
    },
    {
      name: 'calendar.calendars.get',
      method: 'GET',
      path: `${CALENDARS}/{calendarId}`,
      scopes: [...CALENDAR_WRITE, ...scopes('calendar.calendars.readonly calendar.readonly')],
      handle: (call) => ok(describeCalendar(call, demandCalendar(call, 'reader'))),
    },
    ...(['PATCH', 'PUT'] as const).map(
      (method): ApiRoute => ({
        name: method === 'PATCH' ? 'calendar.calendars.patch' : 'calendar.calendars.update',
        method,
        path: `${CALENDARS}/{calendarId}`,
        scopes: CALENDAR_WRITE,
        body: CALENDAR,
        writes: true,
        handle: changeCalendar,
      }),
    ),
    {
      name: 'calendar.calendars.delete',
      method: 'DELETE',
      path: `${CALENDARS}/{calendarId}`,
      scopes: CALENDAR_WRITE,
      writes: true,
      handle: deleteCalendar,
    },
  ];
}

function listRoutes(): ApiRoute[] {
  return [
    {
      name: 'calendar.calendarList.list',
      method: 'GET',
      path: LIST,
      scopes: LIST_READ,
      query:
        `maxResults:i minAccessRole=${ROLES.filter((role) => role !== 'none').join('|')} pageToken showDeleted:b ` +
        'showHidden:b showOwnOrganizationOnly:b syncToken',
      handle: listCalendars,
    },
    {
      name: 'calendar.calendarList.insert',
      method: 'POST',
      path: LIST,
      scopes: LIST_WRITE,
      query: 'colorRgbFormat:b',
      body: CALENDAR_LIST_ENTRY,
      writes: true,
      handle: insertEntry,
    },
    {
      name: 'calendar.calendarList.get',
      method: 'GET',
      path: `${LIST}/{calendarId}`,
      scopes: [...LIST_READ, ...OWN],
      handle: (call) => ok(describeEntry(call, demandEntry(call))),
    },
    ...(['PATCH', 'PUT'] as const).map(
      (method): ApiRoute => ({
        name: method === 'PATCH' ? 'calendar.calendarList.patch' : 'calendar.calendarList.update',
        method,
        path: `${LIST}/{calendarId}`,
        scopes: [...LIST_WRITE, ...OWN],
        query: 'colorRgbFormat:b',
        body: CALENDAR_LIST_ENTRY,
        writes: true,
        handle: changeEntry,
      }),
    ),
    {
      name: 'calendar.calendarList.delete',
      method: 'DELETE',
      path: `${LIST}/{calendarId}`,
      scopes: [...LIST_WRITE, ...OWN],
      writes: true,
      handle: (call) => {
        listOf(call.tenant.calendars, userOf(call).id).delete(demandEntry(call).key);
        return noContent();
      },
    },
  ];
}

function insertCalendar(call: Call) {
  const user = userOf(call);
  const { calendars, random, settings } = call.tenant;
  if (textOf(call.body['summary']) === '') throw refuse(400, 'required', 'Missing title.');
  const own = [...calendars.calendars.values()].filter(
    (one) => one.kind === 'secondary' && one.ownerId === user.id,
  );
  if (own.length >= MAX_NEW_CALENDARS) {
    throw refuse(403, 'quotaExceeded', 'Calendar usage limits exceeded.', { domain: 'usageLimits' });
  }
  const zone = checkedZone(call) ?? settings.timeZone;
  const noise = createHash('sha256').update(`${settings.seed}/${random.next()}/${user.id}`).digest('hex');
  const calendar = addCalendar(calendars, {
    key: `c_${noise}@group.calendar.google.com`,
    kind: 'secondary',
    ownerId: user.id,
    summary: textOf(call.body['summary']),
    timeZone: zone,
  });
  calendar.description = textOf(call.body['description']);
  calendar.location = textOf(call.body['location']);
  return ok(describeCalendar(call, calendar));
}

function changeCalendar(call: Call) {
  const calendar = demandCalendar(call, 'owner');
  const { summary, description, location } = call.body;
  calendar.timeZone = checkedZone(call) ?? calendar.timeZone;
  if (summary !== undefined) calendar.summary = textOf(summary);
  if (description !== undefined) calendar.description = textOf(description);
  if (location !== undefined) calendar.location = textOf(location);
  return ok(describeCalendar(call, calendar));
}

function checkedZone(call: Call): string | undefined {
  const zone = call.body['timeZone'];
  if (zone === undefined || zone === null) return undefined;
  if (!call.tenant.calendars.zones.isZone(textOf(zone))) throw refuse(400, 'invalid', 'Invalid time zone.');
  return textOf(zone);
}

function deleteCalendar(call: Call) {
  const calendar = demandCalendar(call, 'owner');
  if (calendar.kind !== 'secondary') {
    throw refuse(403, 'cannotDeletePrimaryCalendar', 'Primary calendars cannot be deleted.', {
      domain: 'calendar',
    });
  }
  call.tenant.calendars.calendars.delete(calendar.key);
  for (const list of call.tenant.calendars.lists.values()) list.delete(calendar.key);
  return noContent();
}

function describeCalendar(call: Call, calendar: StoredCalendar): Json {
  const owner = calendar.ownerId === null ? undefined : call.tenant.directory.users.get(calendar.ownerId);
  const id = calendarIdOf(call.tenant, calendar);
  return compact({
    kind: 'calendar#calendar',
    etag: `"${calendar.key}"`,
    id,
    summary: calendar.summary ?? id,
    description: calendar.description || undefined,
    location: calendar.location || undefined,
    timeZone: calendar.timeZone,
    dataOwner: calendar.kind === 'secondary' && owner ? addressOf(owner) : undefined,
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  });
}

const ENTRY_FIELDS = [
  ...['backgroundColor', 'colorId', 'defaultReminders', 'foregroundColor', 'hidden', 'notificationSettings'],
  ...['selected', 'summaryOverride'],
];

function listCalendars(call: Call) {
  const user = userOf(call);
  const { calendars } = call.tenant;
  const least = ROLES.indexOf(
    ROLES.find((role) => role === call.query.get('minAccessRole')) ?? 'freeBusyReader',
  );
  const entries = [...listOf(calendars, user.id).keys()]
    .flatMap((key) => calendars.calendars.get(key) ?? [])
    .filter((calendar) => ROLES.indexOf(roleOf(call.tenant, calendar, user)) >= least)
    .map((calendar) => describeEntry(call, calendar))
    .filter((entry) => entry['hidden'] !== true || flag(call.query, 'showHidden'));
  const page = pageOf(entries, call.query, pageSize(call.query, 100, 250));
  return ok(
    compact({
      kind: 'calendar#calendarList',
      etag: `"${calendars.revision}"`,
      items: page.items,
      nextPageToken: page.next,
      nextSyncToken: page.next === undefined ? `CL${calendars.revision}` : undefined,
    }),
  );
}

function demandEntry(call: Call): StoredCalendar {
  const calendar = demandCalendar(call, 'freeBusyReader');
  if (!listOf(call.tenant.calendars, userOf(call).id).has(calendar.key)) throw notFound();
  return calendar;
}

function insertEntry(call: Call) {
  const calendar = demandCalendar(call, 'freeBusyReader', textOf(call.body['id']));
  const list = listOf(call.tenant.calendars, userOf(call).id);
  list.set(calendar.key, { ...list.get(calendar.key), ...entryChanges(call) });
  return ok(describeEntry(call, calendar));
}

function changeEntry(call: Call) {
  const calendar = demandEntry(call);
  const list = listOf(call.tenant.calendars, userOf(call).id);
  list.set(calendar.key, { ...list.get(calendar.key), ...entryChanges(call) });
  return ok(describeEntry(call, calendar));
}

/** Free colours are taken only with `colorRgbFormat=true`. */
function entryChanges(call: Call): Json {
  const changes = pickFields(call.body, ENTRY_FIELDS);
  const colours = [changes['backgroundColor'], changes['foregroundColor']].filter((one) => one !== undefined);
  if (colours.length === 0) return changes;
  if (colours.some((colour) => !/^#[0-9a-f]{6}$/i.test(textOf(colour)))) {
    throw refuse(400, 'invalid', 'Invalid color.');
  }
  if (flag(call.query, 'colorRgbFormat')) return changes;
  const { backgroundColor: _background, foregroundColor: _foreground, ...rest } = changes;
  return rest;
}

function describeEntry(call: Call, calendar: StoredCalendar): Json {
  const user = userOf(call);
  const { conferenceProperties, ...described } = describeCalendar(call, calendar);
  return compact({
    ...described,
    kind: 'calendar#calendarListEntry',
    colorId: '14',
    backgroundColor: '#9fe1e7',
    foregroundColor: '#000000',
    selected: false,
    defaultReminders: calendar.kind === 'primary' ? [{ method: 'popup', minutes: 10 }] : [],
    accessRole: roleOf(call.tenant, calendar, user),
    primary: calendar.key === user.id ? true : undefined,
    conferenceProperties,
    ...listOf(call.tenant.calendars, user.id).get(calendar.key),
  });
}
