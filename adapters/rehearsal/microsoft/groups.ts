import type { EstateGroup, Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import { answerResource, type Context, type GraphRoute } from './context.ts';
import { answerCount, answerDirectoryList } from './directory.ts';
import { GROUP_EXCHANGE_PROPERTIES, type ResourceType, TYPES } from './properties.ts';
import { shape } from './query.ts';
import { badRequest, directoryNotFound } from './refusal.ts';

const GROUP_ROLES = ['Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All'];
const MEMBER_ROLES = [...GROUP_ROLES, 'GroupMember.Read.All', 'GroupMember.ReadWrite.All'];
const LIST_OPTIONS = ['$top', '$filter', '$orderby', '$count', '$skiptoken'];

interface Member {
  /** `user`, `group` or `orgContact`. */
  kind: 'user' | 'group' | 'orgContact';
  resource: Resource;
}

function groupOf(context: Context): EstateGroup {
  const id = context.params['group'] ?? '';
  const group = context.state.estate.groups.find((one) => one.id === id);
  if (!group) throw directoryNotFound(id);
  return group;
}

function presentGroup(context: Context, resource: Resource, isSingle: boolean): Resource {
  const shaped = shape(resource, TYPES.group, context.query.select);
  const types = resource['groupTypes'];
  const isUnified = Array.isArray(types) && types.includes('Unified');
  if (isSingle && isUnified) return shaped;
  // Settings of Exchange: neither a list nor a group without mailbox shows them.
  return Object.fromEntries(Object.entries(shaped).filter(([name]) => !GROUP_EXCHANGE_PROPERTIES.has(name)));
}

function groupResources(context: Context): Resource[] {
  return context.state.estate.groups.map((group) => ({ ...group.resource, id: group.id }));
}

function listGroups(context: Context): TenantAnswer {
  return answerDirectoryList(context, 'groups', groupResources(context), (group) =>
    presentGroup(context, group, false),
  );
}

function getGroup(context: Context): TenantAnswer {
  const group = groupOf(context);
  return answerResource(context, 'groups', presentGroup(context, { ...group.resource, id: group.id }, true));
}

function findMember(context: Context, id: string): Member | null {
  const { estate } = context.state;
  const user = context.state.findUser(id);
  if (user) return { kind: 'user', resource: { ...user.resource, id: user.id } };
  const group = estate.groups.find((one) => one.id === id);
  if (group) return { kind: 'group', resource: { ...group.resource, id: group.id } };
  const contact = estate.contacts.find((one) => one['id'] === id);
  return contact ? { kind: 'orgContact', resource: contact } : null;
}

function directMembers(context: Context, group: EstateGroup): readonly string[] {
  const isHidden = group.resource['visibility'] === 'HiddenMembership';
  // Without the extra permission a hidden membership reads as empty (Graph, list members page).
  return isHidden && !context.roles.has('Member.Read.Hidden') ? [] : group.memberIds;
}

function transitiveIds(context: Context, group: EstateGroup): string[] {
  const seen = new Set<string>();
  const open = [group];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const id of directMembers(context, next)) {
      if (seen.has(id)) continue;
      seen.add(id);
      const nested = context.state.estate.groups.find((one) => one.id === id);
      if (nested) open.push(nested);
    }
  }
  return [...seen].filter((id) => id !== group.id);
}

function listMembers(
  choose: (context: Context, group: EstateGroup) => readonly string[],
): GraphRoute['handle'] {
  return (context) => {
    const cast = castOf(context);
    const members = choose(context, groupOf(context))
      .map((id) => findMember(context, id))
      .filter((member) => member !== null)
      .filter((member) => cast === null || member.kind === cast);
    const kinds = new Map(members.map((member) => [member.resource['id'], member.kind]));
    const resources = members.map((member) => member.resource);
    return answerDirectoryList(
      context,
      cast === null ? 'directoryObjects' : `${cast}s`,
      resources,
      (resource) => presentMember(context, resource, kinds.get(resource['id']) ?? 'user', cast === null),
    );
  };
}

/** Properties of `$select` that the member's own type has; without `$select` that type's defaults. */
function presentMember(
  context: Context,
  resource: Resource,
  kind: Member['kind'],
  isTyped: boolean,
): Resource {
  const type = TYPES[kind];
  const select = context.query.select?.filter((name) => type.properties.has(name.toLowerCase())) ?? null;
  const shaped = shape(resource, type, select);
  for (const name of GROUP_EXCHANGE_PROPERTIES) delete shaped[name];
  return isTyped ? { '@odata.type': `#microsoft.graph.${kind}`, ...shaped } : shaped;
}

function castOf(context: Context): Member['kind'] | null {
  const cast = context.params['cast'];
  if (cast === undefined) return null;
  const name = cast.replace(/^microsoft\.graph\./, '');
  if (name === 'user' || name === 'group' || name === 'orgContact') return name;
  throw badRequest(`Resource not found for the segment '${cast}'.`);
}

const members = listMembers(directMembers);
const owners = listMembers((_context, group) => group.ownerIds);
const transitive = listMembers(transitiveIds);

function route(
  name: string,
  path: string,
  type: ResourceType,
  handle: GraphRoute['handle'],
  units = 1,
): GraphRoute {
  const isGroup = type === TYPES.group;
  return {
    name: `graph.groups.${name}`,
    method: 'GET',
    path: `/v1.0/groups${path}`,
    service: 'directory',
    // GroupMember.Read.All shows basic properties and memberships alike.
    roles: isGroup ? [...GROUP_ROLES, 'GroupMember.Read.All'] : MEMBER_ROLES,
    rules: { type, options: name === 'get' ? [] : LIST_OPTIONS },
    units,
    handle,
  };
}

/** Groups with their members and owners. */
export const GROUP_ROUTES: readonly GraphRoute[] = [
  route('list', '', TYPES.group, listGroups),
  route('count', '/$count', TYPES.group, (context) => answerCount(context, groupResources(context))),
  route('get', '/{group}', TYPES.group, getGroup),
  route('members', '/{group}/members', TYPES.directoryObject, members, 3),
  route('members', '/{group}/members/{cast}', TYPES.directoryObject, members, 3),
  route('owners', '/{group}/owners', TYPES.directoryObject, owners),
  route('owners', '/{group}/owners/{cast}', TYPES.directoryObject, owners),
  route('transitiveMembers', '/{group}/transitiveMembers', TYPES.directoryObject, transitive, 5),
  route('transitiveMembers', '/{group}/transitiveMembers/{cast}', TYPES.directoryObject, transitive, 5),
];
