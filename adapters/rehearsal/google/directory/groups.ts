import { type ApiRoute, type Call, demandAdmin, noContent, ok, pageOf, scopes } from '../api.ts';
import { compact, type Json, textOf } from '../json.ts';
import { badRequest, invalidInput, refuse, resourceNotFound } from '../refusal.ts';
import { pageSize } from '../shapes.ts';
import {
  claim,
  type Directory,
  type DirectoryGroup,
  etagOf,
  findGroup,
  findUser,
  isOwnCustomer,
  isOwnDomain,
  mirroredOf,
  release,
} from './directory.ts';
import { NEW_GROUP_SETTINGS } from './group-settings.ts';
import { GROUP } from './schemas.ts';

const BASE = '/admin/directory/v1/groups';
const READ = scopes('admin.directory.group admin.directory.group.readonly');
const WRITE = scopes('admin.directory.group');

/** Directory v1 `groups`: insert, get, list, patch, update, delete. */
export const GROUP_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.groups.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query:
      'customer domain maxResults:i orderBy=email pageToken query sortOrder=ASCENDING|DESCENDING userKey',
    handle: listGroups,
  },
  {
    name: 'directory.groups.insert',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    body: GROUP,
    writes: true,
    handle: insertGroup,
  },
  {
    name: 'directory.groups.get',
    method: 'GET',
    path: `${BASE}/{groupKey}`,
    scopes: READ,
    handle: (call) => ok(describeGroup(call.tenant.directory, demandGroup(call))),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'directory.groups.patch' : 'directory.groups.update',
      method,
      path: `${BASE}/{groupKey}`,
      scopes: WRITE,
      body: GROUP,
      writes: true,
      handle: changeGroup,
    }),
  ),
  {
    name: 'directory.groups.delete',
    method: 'DELETE',
    path: `${BASE}/{groupKey}`,
    scopes: WRITE,
    writes: true,
    handle: deleteGroup,
  },
];

/** The group that `groupKey` names (id, address or alias), for an administrator; 404 for none. */
export function demandGroup(call: Call): DirectoryGroup {
  demandAdmin(call);
  const group = findGroup(call.tenant.directory, call.params['groupKey'] ?? '');
  if (!group) throw resourceNotFound('groupKey');
  return group;
}

function insertGroup(call: Call) {
  demandAdmin(call);
  const { directory, clock, random } = call.tenant;
  const email = textOf(call.body['email']).toLowerCase();
  checkGroupAddress(directory, email);
  checkGroupFields(call.body);
  const id = `0${random.int(10)}${hex(random.int(2 ** 30))}${hex(random.int(2 ** 20))}`;
  claim(directory, email, { kind: 'group', id });
  const group: DirectoryGroup = {
    id,
    email,
    name: textOf(call.body['name']) || (email.split('@')[0] ?? ''),
    description: textOf(call.body['description']),
    externalIds: call.body['externalIds'],
    // `groups.insert` disregards `aliases` in the body (Directory reference).
    aliases: [],
    members: new Map(),
    settings: { ...NEW_GROUP_SETTINGS },
    createdAt: clock.ticks(),
  };
  directory.groups.set(id, group);
  return ok(describeGroup(directory, group));
}

function hex(number: number): string {
  return number.toString(16);
}

function changeGroup(call: Call) {
  const group = demandGroup(call);
  const { directory } = call.tenant;
  checkGroupFields(call.body);
  const email = call.body['email'];
  if (typeof email === 'string' && email.toLowerCase() !== group.email) {
    checkGroupAddress(directory, email);
    claim(directory, email, { kind: 'group', id: group.id });
    directory.addresses.set(group.email, { kind: 'group-alias', id: group.id, until: 0 });
    group.aliases = [...group.aliases, group.email];
    group.email = email.toLowerCase();
  }
  if (call.body['name'] !== undefined) group.name = textOf(call.body['name']);
  if (call.body['description'] !== undefined) group.description = textOf(call.body['description']);
  if (call.body['externalIds'] !== undefined) group.externalIds = call.body['externalIds'];
  return ok(describeGroup(directory, group));
}

function deleteGroup(call: Call) {
  const group = demandGroup(call);
  const { directory, settings } = call.tenant;
  directory.groups.delete(group.id);
  for (const address of [group.email, ...group.aliases])
    release(directory, address, settings.delays.groupHoldMs);
  for (const other of directory.groups.values()) other.members.delete(group.id);
  return noContent();
}

function checkGroupAddress(directory: Directory, email: string): void {
  const [local = '', domain, ...rest] = email.split('@');
  const isFit = /^(?!\.)(?!.*\.\.)(?!.*\.$)[a-z0-9\-_'.]{1,63}$/i.test(local);
  if (!domain || rest.length > 0 || !isFit) throw invalidInput('email');
  if (!isOwnDomain(directory, email)) throw refuse(404, 'notFound', 'Domain not found.');
}

/** Name at most 75 characters without `= < >`, description at most 4,096 (Directory and Groups Settings reference). */
function checkGroupFields(body: Json): void {
  const name = textOf(body['name']);
  if (name.length > 75 || /[=<>]/.test(name)) throw invalidInput('name');
  if (textOf(body['description']).length > 4_096) throw invalidInput('description');
}

function listGroups(call: Call) {
  demandAdmin(call);
  const { directory, clock, settings } = call.tenant;
  const { customer, domain, userKey, query } = Object.fromEntries(call.query);
  if (customer === undefined && domain === undefined && userKey === undefined)
    throw badRequest('Bad Request');
  if (customer !== undefined && !isOwnCustomer(directory, customer)) throw badRequest('Bad Request');
  const memberKey =
    userKey === undefined ? null : (findUser(directory, userKey)?.id ?? userKey.toLowerCase());
  const found = [...directory.groups.values()]
    .filter((group) => clock.ticks() >= group.createdAt + settings.delays.listMs)
    .filter((group) => domain === undefined || group.email.endsWith(`@${domain.toLowerCase()}`))
    .filter((group) => memberKey === null || group.members.has(memberKey))
    .filter((group) => meetsGroupQuery(group, query ?? ''))
    .sort((one, other) => (one.email < other.email ? -1 : 1));
  if (call.query.get('sortOrder') === 'DESCENDING') found.reverse();
  const page = pageOf(found, call.query, pageSize(call.query, 200, 200));
  return ok(
    compact({
      kind: 'admin#directory#groups',
      etag: etagOf(directory),
      groups: page.items.length > 0 ? page.items.map((group) => describeGroup(directory, group)) : undefined,
      nextPageToken: page.next,
    }),
  );
}

function meetsGroupQuery(group: DirectoryGroup, query: string): boolean {
  return (query.match(/\w+[:=]\S+/g) ?? []).every((clause) => {
    const [, field, , text = ''] = /^(\w+)([:=])(.*)$/.exec(clause) ?? [];
    const value = field === 'email' ? group.email : group.name.toLowerCase();
    const wanted = text.replace(/^['"]|['"]$/g, '').toLowerCase();
    return wanted.endsWith('*') ? value.startsWith(wanted.slice(0, -1)) : value === wanted;
  });
}

/** Schema `Group`. */
export function describeGroup(directory: Directory, group: DirectoryGroup): Json {
  const mirrored = mirroredOf(directory, [group.email, ...group.aliases]);
  return compact({
    kind: 'admin#directory#group',
    id: group.id,
    etag: `"${group.id}/${group.members.size}"`,
    email: group.email,
    name: group.name,
    description: group.description,
    directMembersCount: String(group.members.size),
    adminCreated: true,
    aliases: group.aliases.length > 0 ? group.aliases : undefined,
    nonEditableAliases: mirrored.length > 0 ? mirrored : undefined,
    externalIds: group.externalIds,
  });
}
