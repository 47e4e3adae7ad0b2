import { type ApiRoute, type Call, noContent, ok, pageOf, scopes } from '../api.ts';
import { compact, type Json, textOf } from '../json.ts';
import { alreadyExists, invalidInput, refuse, resourceNotFound } from '../refusal.ts';
import { flag, pageSize } from '../shapes.ts';
import {
  addressOf,
  type Directory,
  type DirectoryGroup,
  etagOf,
  findGroup,
  findUser,
  isOwnDomain,
  isSuspended,
  type Membership,
} from './directory.ts';
import { demandGroup } from './groups.ts';
import { MEMBER } from './schemas.ts';

const BASE = '/admin/directory/v1/groups/{groupKey}/members';
const WRITE = scopes('admin.directory.group admin.directory.group.member');
const READ = [...WRITE, ...scopes('admin.directory.group.readonly admin.directory.group.member.readonly')];
const ROLES = ['MEMBER', 'MANAGER', 'OWNER'] as const;
const DELIVERIES = ['ALL_MAIL', 'DAILY', 'DIGEST', 'DISABLED', 'NONE'];

/** Directory v1 `members`: list, insert, get, patch, update, delete, hasMember. */
export const MEMBER_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.members.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query: 'includeDerivedMembership:b maxResults:i pageToken roles',
    handle: listMembers,
  },
  {
    name: 'directory.members.insert',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    body: MEMBER,
    writes: true,
    handle: insertMember,
  },
  {
    name: 'directory.members.get',
    method: 'GET',
    path: `${BASE}/{memberKey}`,
    scopes: READ,
    handle: (call) => ok(describeMember(call.tenant.directory, demandMember(call), true)),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'directory.members.patch' : 'directory.members.update',
      method,
      path: `${BASE}/{memberKey}`,
      scopes: WRITE,
      body: MEMBER,
      writes: true,
      handle: changeMember,
    }),
  ),
  {
    name: 'directory.members.delete',
    method: 'DELETE',
    path: `${BASE}/{memberKey}`,
    scopes: WRITE,
    writes: true,
    handle: (call) => {
      demandSettledGroup(call).members.delete(demandMember(call).key);
      return noContent();
    },
  },
  {
    name: 'directory.members.hasMember',
    method: 'GET',
    path: '/admin/directory/v1/groups/{groupKey}/hasMember/{memberKey}',
    scopes: READ,
    handle: hasMember,
  },
];

/** A new group answers 404 on its members for a while. */
function demandSettledGroup(call: Call): DirectoryGroup {
  const group = demandGroup(call);
  const { clock, settings } = call.tenant.directory;
  if (clock.ticks() < group.createdAt + settings.delays.groupMs) throw resourceNotFound('groupKey');
  return group;
}

/** What a member's address or id leads to: a user, a group or an address outside. */
function resolveMember(directory: Directory, key: string): Pick<Membership, 'key' | 'kind'> {
  const user = findUser(directory, key);
  if (user) return { key: user.id, kind: 'user' };
  const group = findGroup(directory, key);
  if (group) return { key: group.id, kind: 'group' };
  return { key: key.toLowerCase(), kind: 'external' };
}

function demandMember(call: Call): Membership {
  const group = demandGroup(call);
  const { key } = resolveMember(call.tenant.directory, call.params['memberKey'] ?? '');
  const member = group.members.get(key);
  if (!member) throw resourceNotFound('memberKey');
  return member;
}

function insertMember(call: Call) {
  const group = demandSettledGroup(call);
  const { directory } = call.tenant;
  const named = textOf(call.body['email']) || textOf(call.body['id']);
  if (named === '') throw invalidInput('memberKey');
  const found = resolveMember(directory, named);
  if (found.kind === 'external') checkExternal(directory, group, found.key);
  if (group.members.has(found.key)) throw alreadyExists('Member already exists.');
  const role = roleOf(call.body['role'], found.kind, 'MEMBER');
  if (found.kind === 'group') checkCycle(directory, group, found.key);
  const member: Membership = { ...found, role, delivery: deliveryOf(call.body, 'ALL_MAIL') };
  group.members.set(member.key, member);
  return ok(describeMember(directory, member, true));
}

function checkExternal(directory: Directory, group: DirectoryGroup, address: string): void {
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address)) throw resourceNotFound('memberKey');
  if (isOwnDomain(directory, address)) throw resourceNotFound('memberKey');
  if (group.settings['allowExternalMembers'] !== 'true') {
    throw refuse(412, 'conditionNotMet', 'External members are not allowed in this group.');
  }
}

function roleOf(
  value: unknown,
  kind: Membership['kind'],
  whenAbsent: Membership['role'],
): Membership['role'] {
  if (value === undefined || value === null) return whenAbsent;
  const role = ROLES.find((one) => one === value);
  if (!role) throw invalidInput('role');
  // A group can be a member only: the API refuses groups as owners or managers.
  if (kind === 'group' && role !== 'MEMBER') throw invalidInput('memberKey');
  return role;
}

function deliveryOf(body: Json, whenAbsent: string): string {
  const value = body['delivery_settings'];
  if (value === undefined || value === null) return whenAbsent;
  if (!DELIVERIES.includes(textOf(value))) throw invalidInput('delivery_settings');
  return textOf(value);
}

function checkCycle(directory: Directory, group: DirectoryGroup, memberId: string): void {
  if (memberId === group.id || isReachable(directory, memberId, group.id)) {
    throw refuse(412, 'conditionNotMet', 'Cyclic memberships not allowed');
  }
}

function isReachable(directory: Directory, from: string, wanted: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const members = directory.groups.get(from)?.members ?? new Map<string, Membership>();
  return (
    members.has(wanted) || [...members.values()].some((one) => isReachable(directory, one.key, wanted, seen))
  );
}

/** `delivery_settings` is heeded by insert and update alone (Directory reference, schema `Member`). */
function changeMember(call: Call) {
  const group = demandSettledGroup(call);
  const member = demandMember(call);
  const role = roleOf(call.body['role'], member.kind, member.role);
  const delivery = call.request.method === 'PUT' ? deliveryOf(call.body, member.delivery) : member.delivery;
  group.members.set(member.key, { ...member, role, delivery });
  return ok(describeMember(call.tenant.directory, { ...member, role, delivery }, true));
}

function listMembers(call: Call) {
  const group = demandGroup(call);
  const { directory } = call.tenant;
  const roles = call.query
    .get('roles')
    ?.split(',')
    .map((role) => role.trim().toUpperCase());
  const all = flag(call.query, 'includeDerivedMembership')
    ? derivedMembers(directory, group)
    : [...group.members.values()];
  const members = all.filter((member) => !roles || roles.includes(member.role));
  const page = pageOf(members, call.query, pageSize(call.query, 200, 200));
  return ok(
    compact({
      kind: 'admin#directory#members',
      etag: etagOf(directory),
      members:
        page.items.length > 0 ? page.items.map((one) => describeMember(directory, one, false)) : undefined,
      nextPageToken: page.next,
    }),
  );
}

/** Direct members, then those that come through nested groups; each once. */
function derivedMembers(directory: Directory, group: DirectoryGroup): Membership[] {
  const found = new Map(group.members);
  const queue = [...group.members.values()];
  for (let member = queue.shift(); member; member = queue.shift()) {
    for (const below of directory.groups.get(member.key)?.members.values() ?? []) {
      if (found.has(below.key)) continue;
      found.set(below.key, { ...below, role: 'MEMBER' });
      queue.push(below);
    }
  }
  return [...found.values()];
}

/** `hasMember` errors for addresses outside the tenant's domains. */
function hasMember(call: Call) {
  const group = demandGroup(call);
  const { directory } = call.tenant;
  const { key, kind } = resolveMember(directory, call.params['memberKey'] ?? '');
  if (kind === 'external') throw invalidInput('memberKey');
  return ok({ isMember: group.members.has(key) || isReachable(directory, group.id, key) });
}

function describeMember(directory: Directory, member: Membership, withDelivery: boolean): Json {
  const user = directory.users.get(member.key);
  const group = directory.groups.get(member.key);
  return compact({
    kind: 'admin#directory#member',
    etag: `"${member.key}/${member.role}"`,
    id: member.kind === 'external' ? undefined : member.key,
    email: user ? addressOf(user) : (group?.email ?? member.key),
    role: member.role,
    type: member.kind === 'group' ? 'GROUP' : 'USER',
    status: user ? (isSuspended(user) ? 'SUSPENDED' : 'ACTIVE') : undefined,
    delivery_settings: withDelivery ? member.delivery : undefined,
  });
}
