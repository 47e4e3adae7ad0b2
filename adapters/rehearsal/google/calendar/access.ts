import { type ApiRoute, type Call, noContent, ok, pageOf, scopes, userOf } from '../api.ts';
import {
  addressOf,
  allAddressesOf,
  type DirectoryUser,
  findGroup,
  findUser,
} from '../directory/directory.ts';
import { childOf, compact, type Json, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { flag, pageSize } from '../shapes.ts';
import { notify, type Tenant } from '../state.ts';
import { ACL_RULE } from './schemas.ts';
import { type AccessRule, ROLES, type Role, type StoredCalendar } from './state.ts';

const BASE = '/calendar/v3/calendars/{calendarId}/acl';
const WRITE = scopes('calendar calendar.acls');
const READ = [...WRITE, ...scopes('calendar.acls.readonly')];

/** Calendar v3 `acl`: list, get, insert, patch, update, delete. */
export const ACL_ROUTES: readonly ApiRoute[] = [
  {
    name: 'calendar.acl.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query: 'maxResults:i pageToken showDeleted:b syncToken',
    handle: listRules,
  },
  {
    name: 'calendar.acl.insert',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    query: 'sendNotifications:b',
    body: ACL_RULE,
    writes: true,
    handle: insertRule,
  },
  {
    name: 'calendar.acl.get',
    method: 'GET',
    path: `${BASE}/{ruleId}`,
    scopes: [...READ, ...scopes('calendar.readonly')],
    handle: (call) => ok(describeRule(demandRule(call, demandCalendar(call, 'owner')))),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'calendar.acl.patch' : 'calendar.acl.update',
      method,
      path: `${BASE}/{ruleId}`,
      scopes: WRITE,
      query: 'sendNotifications:b',
      body: ACL_RULE,
      writes: true,
      handle: changeRule,
    }),
  ),
  {
    name: 'calendar.acl.delete',
    method: 'DELETE',
    path: `${BASE}/{ruleId}`,
    scopes: WRITE,
    writes: true,
    handle: (call) => {
      const calendar = demandCalendar(call, 'owner');
      calendar.rules.delete(demandRule(call, calendar).id);
      return noContent();
    },
  },
];

/** Id of a calendar as callers see it: the owner's address for a primary one. */
export function calendarIdOf(tenant: Tenant, calendar: StoredCalendar): string {
  if (calendar.kind !== 'primary') return calendar.key;
  const owner = tenant.directory.users.get(calendar.key);
  return owner ? addressOf(owner) : calendar.key;
}

/** Addresses under which the calendar's owner takes part in events. */
export function ownAddressesOf(tenant: Tenant, calendar: StoredCalendar): Set<string> {
  const owner = calendar.kind === 'primary' ? tenant.directory.users.get(calendar.key) : undefined;
  return owner ? allAddressesOf(tenant.directory, owner) : new Set([calendar.key]);
}

/** The calendar of a path parameter, with at least that role for the caller: 404 without any access, else 403. */
export function demandCalendar(
  call: Call,
  least: Role,
  id = call.params['calendarId'] ?? '',
): StoredCalendar {
  const user = userOf(call);
  const calendar = findCalendar(call, user, id);
  const role = calendar ? roleOf(call.tenant, calendar, user) : 'none';
  if (!calendar || role === 'none') throw notFound();
  if (ROLES.indexOf(role) < ROLES.indexOf(least)) {
    throw refuse(403, 'requiredAccessLevel', `You need to have ${least} access to this calendar.`, {
      domain: 'calendar',
    });
  }
  return calendar;
}

/** 404 of the Calendar API. */
export function notFound() {
  return refuse(404, 'notFound', 'Not Found');
}

function findCalendar(call: Call, user: DirectoryUser, id: string): StoredCalendar | undefined {
  const { calendars } = call.tenant.calendars;
  if (id === 'primary') return calendars.get(user.id);
  const owner = findUser(call.tenant.directory, id);
  return calendars.get(owner ? owner.id : id.toLowerCase());
}

/** The widest role that ownership, administration of rooms or a rule gives a user. */
export function roleOf(tenant: Tenant, calendar: StoredCalendar, user: DirectoryUser): Role {
  if (calendar.ownerId === user.id) return 'owner';
  if (calendar.kind === 'resource' && user.resource['isAdmin'] === true) return 'owner';
  const roles = [...calendar.rules.values()]
    .filter((rule) => applies(tenant, rule, user))
    .map((rule) => rule.role);
  return roles.reduce<Role>(
    (best, role) => (ROLES.indexOf(role) > ROLES.indexOf(best) ? role : best),
    'none',
  );
}

function applies(tenant: Tenant, rule: AccessRule, user: DirectoryUser): boolean {
  if (rule.type === 'default') return true;
  if (rule.type === 'domain') return addressOf(user).endsWith(`@${rule.value}`);
  if (rule.type === 'group') return findGroup(tenant.directory, rule.value)?.members.has(user.id) ?? false;
  return allAddressesOf(tenant.directory, user).has(rule.value);
}

function demandRule(call: Call, calendar: StoredCalendar): AccessRule {
  const rule = calendar.rules.get((call.params['ruleId'] ?? '').toLowerCase());
  if (!rule) throw notFound();
  return rule;
}

/** The owner's own rule stands first, as if it had been written. */
function listRules(call: Call) {
  const calendar = demandCalendar(call, 'owner');
  const owner = calendar.ownerId === null ? undefined : call.tenant.directory.users.get(calendar.ownerId);
  const rules = owner
    ? [ruleFrom('user', addressOf(owner), 'owner'), ...calendar.rules.values()]
    : [...calendar.rules.values()];
  const page = pageOf(rules, call.query, pageSize(call.query, 100, 250));
  return ok(
    compact({
      kind: 'calendar#acl',
      etag: `"${call.tenant.calendars.revision}"`,
      items: page.items.map(describeRule),
      nextPageToken: page.next,
    }),
  );
}

function ruleFrom(type: AccessRule['type'], value: string, role: Role): AccessRule {
  return { id: type === 'default' ? 'default' : `${type}:${value}`, role, type, value };
}

function insertRule(call: Call) {
  const calendar = demandCalendar(call, 'owner');
  const scope = childOf(call.body['scope']);
  const type = (['default', 'user', 'group', 'domain'] as const).find((one) => one === scope['type']);
  const value = textOf(scope['value']).toLowerCase();
  if (!type || (type !== 'default' && value === '')) throw refuse(400, 'invalid', 'Invalid scope value.');
  const rule = ruleFrom(type, type === 'default' ? '' : value, readRole(call.body));
  calendar.rules.set(rule.id, rule);
  announce(call, calendar, rule);
  return ok(describeRule(rule));
}

function changeRule(call: Call) {
  const calendar = demandCalendar(call, 'owner');
  const rule = { ...demandRule(call, calendar), role: readRole(call.body) };
  calendar.rules.set(rule.id, rule);
  announce(call, calendar, rule);
  return ok(describeRule(rule));
}

function readRole(body: Json): Role {
  const role = ROLES.find((one) => one === body['role']);
  if (!role) throw refuse(400, 'invalid', 'Invalid role.');
  return role;
}

/** `sendNotifications` is true unless the call says otherwise (discovery document, `acl.insert`). */
function announce(call: Call, calendar: StoredCalendar, rule: AccessRule): void {
  if (!flag(call.query, 'sendNotifications', true) || (rule.type !== 'user' && rule.type !== 'group')) return;
  notify(call.tenant, {
    route: call.route.name,
    kind: 'share',
    calendarId: calendarIdOf(call.tenant, calendar),
    itemId: rule.id,
    to: [rule.value],
  });
}

function describeRule(rule: AccessRule): Json {
  return {
    kind: 'calendar#aclRule',
    etag: `"${rule.id}/${rule.role}"`,
    id: rule.id,
    scope: rule.type === 'default' ? { type: 'default' } : { type: rule.type, value: rule.value },
    role: rule.role,
  };
}
