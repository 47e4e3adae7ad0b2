import type { GroupRow, PersonRow, RoomRow } from '../src/core/estate-rows.ts';
import type { DirectoryResource, GraphGroup, GraphRoom, GraphUser } from '../src/core/microsoft.ts';
import type { Organisation } from '../src/core/types.ts';
import { type AddressPlan, isResource, planAddresses } from './address-plan.ts';
import { isGuest, primarySmtp } from './addresses.ts';
import { sha256Hex } from './digest.ts';
import { groupType } from './group-types.ts';
import { organisationOf } from './organisations.ts';
import { cleanLine, present } from './text.ts';

const FIRST_WAVE = '1';

/**
 * The rows of `people.csv`: every user account of the tenant but rooms and equipment. Guests, technical mailboxes
 * (`others`) and people without a mapped address are listed with `include` false and a note that says why.
 */
export function peopleRows(
  resources: readonly DirectoryResource[],
  organisations: readonly Organisation[],
  plan: AddressPlan = planAddresses(resources, organisations),
): PersonRow[] {
  return resources
    .filter((resource) => resource.kind === 'user')
    .filter((user) => !isResource(user))
    .map((user) => personRow(user, organisations, plan));
}

function personRow(user: GraphUser, organisations: readonly Organisation[], plan: AddressPlan): PersonRow {
  const organisation = organisationOf(user, organisations) ?? organisations[0] ?? null;
  const target = plan.primaries.get(user.id) ?? '';
  const obstacle = obstacleOf(user, target, organisation);
  return {
    source: user.userPrincipalName.toLowerCase(),
    target,
    organisation: organisation?.id ?? '',
    wave: FIRST_WAVE,
    kind: kindOf(user),
    include: obstacle === null,
    orgUnit: organisation?.orgUnit ?? '',
    licence: '',
    note: obstacle ?? remarkOf(user),
  };
}

function kindOf(user: GraphUser): PersonRow['kind'] {
  if (user.userPurpose === 'shared') return 'shared';
  return user.userPurpose === 'none' && !isGuest(user) ? 'account' : 'person';
}

function obstacleOf(user: GraphUser, target: string, organisation: Organisation | null): string | null {
  if (isGuest(user)) return 'guest: no account of its own';
  if (target === '') return 'no address in a mapped domain';
  if (user.userPurpose === 'others') return 'technical mailbox';
  if (user.userPurpose === 'shared' && organisation?.policy.directory.sharedMailboxes === 'skip')
    return 'shared mailbox: skipped by policy';
  return null;
}

function remarkOf(user: GraphUser): string {
  if (user.userPurpose === 'none') return 'no mailbox: account only';
  if (user.userPurpose === 'unknown') return 'mailbox settings could not be read';
  if (!user.accountEnabled && user.userPurpose !== 'shared') return 'disabled: suspended at the end';
  return '';
}

/** The rows of `groups.csv`; `include` follows the policy for security and dynamic groups. */
export function groupRows(
  resources: readonly DirectoryResource[],
  organisations: readonly Organisation[],
  plan: AddressPlan = planAddresses(resources, organisations),
): GroupRow[] {
  return resources
    .filter((resource) => resource.kind === 'group')
    .map((group) => groupRow(group, organisations, plan));
}

function groupRow(group: GraphGroup, organisations: readonly Organisation[], plan: AddressPlan): GroupRow {
  const organisation = organisationOf(group, organisations) ?? organisations[0] ?? null;
  const target = plan.primaries.get(group.id) ?? securityAddress(group, organisation, plan);
  const type = groupType(group);
  const note = groupObstacle(group, target, organisation);
  return {
    source: groupSource(group),
    target,
    organisation: organisation?.id ?? '',
    type,
    include: note === null,
    note: note ?? '',
  };
}

/** What stands for a group in `groups.csv`: its address, or its object id where it has none. */
export function groupSource(group: GraphGroup): string {
  return primarySmtp(group) ?? group.id.toLowerCase();
}

function groupObstacle(group: GraphGroup, target: string, organisation: Organisation | null): string | null {
  const policy = organisation?.policy.directory;
  if (primarySmtp(group) === null && policy?.securityGroups !== 'create')
    return 'security group without an address: skipped by policy';
  if (groupType(group) === 'dynamic' && policy?.dynamicGroups === 'skip')
    return 'dynamic group: skipped by policy';
  return target === '' ? 'no address in a mapped domain' : null;
}

/** `sec-<nickname>@domain` for a group without an address; empty where policy makes none of it. */
function securityAddress(group: GraphGroup, organisation: Organisation | null, plan: AddressPlan): string {
  const domain = Object.values(organisation?.domains ?? {}).find((to) => to !== '' && to !== 'drop');
  if (organisation?.policy.directory.securityGroups !== 'create' || primarySmtp(group) !== null) return '';
  if (domain === undefined) return '';
  const nickname = (present(group.mailNickname) ?? '').toLowerCase().replace(/[^a-z0-9_-]+/g, '-');
  const name =
    nickname === '' || nickname === '-' ? group.id.slice(0, 8).toLowerCase() : nickname.slice(0, 50);
  const address = `sec-${name}@${domain}`;
  const isTaken = [...plan.primaries.values()].includes(address);
  return isTaken ? `sec-${name}-${sha256Hex(group.id).slice(0, 6)}@${domain}` : address;
}

/** The rows of `rooms.csv`: places of the tenant, and mailboxes of rooms and equipment that are no places. */
export function roomRows(resources: readonly DirectoryResource[]): RoomRow[] {
  const rows = new Map<string, RoomRow>();
  for (const resource of resources) {
    const row = resource.kind === 'room' ? placeRow(resource) : resourceRow(resource);
    if (row !== null && (resource.kind === 'room' || !rows.has(row.source))) rows.set(row.source, row);
  }
  return [...rows.values()];
}

function placeRow(room: GraphRoom): RoomRow {
  const source = room.emailAddress.trim().toLowerCase();
  return {
    source,
    resourceId: resourceIdOf(source),
    name: cleanLine(room.displayName) || source,
    building: cleanLine(room.building ?? ''),
    capacity: room.capacity,
    include: true,
  };
}

function resourceRow(resource: DirectoryResource): RoomRow | null {
  if (resource.kind !== 'user' || !isResource(resource)) return null;
  const source = primarySmtp(resource) ?? resource.userPrincipalName.toLowerCase();
  const name = cleanLine(resource.displayName ?? '') || source;
  return { source, resourceId: resourceIdOf(source), name, building: '', capacity: null, include: true };
}

/** The resource id of a room: stable, made of its old address. */
export function resourceIdOf(address: string): string {
  return `room-${sha256Hex(address.trim().toLowerCase()).slice(0, 20)}`;
}
