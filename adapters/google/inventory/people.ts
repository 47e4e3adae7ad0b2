import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/directory_v1.js';
import { NotFound } from '../../../src/core/errors.ts';
import type { DirectoryFact, GroupFact, RoomFact, UserFact } from '../../../src/core/facts.ts';
import type { Organisation, Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { mapInOrder, pagesOf } from './answers.ts';

interface Position {
  primary?: boolean | null;
  title?: string | null;
  department?: string | null;
}

interface Relation {
  type?: string | null;
  customType?: string | null;
  value?: string | null;
}

/**
 * Users and groups with direct and derived members, by the organisation's target domains and principals; and all of
 * the customer's rooms, whose addresses are Google's own and tell no organisation.
 */
export async function* readDirectory(
  google: GoogleConnection,
  organisation: Organisation,
  principals: readonly Principal[],
  signal: AbortSignal,
): AsyncIterable<DirectoryFact> {
  const domains = new Set(Object.values(organisation.domains).map((domain) => domain.toLowerCase()));
  const targets = new Set(principals.map((principal) => principal.target));
  const owns = (address: string) => targets.has(address) || domains.has(address.split('@').at(-1) ?? '');
  yield* readUsers(google, owns, signal);
  yield* readGroups(google, owns, signal);
  yield* readRooms(google, signal);
}

async function* readUsers(
  google: GoogleConnection,
  owns: (address: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<UserFact> {
  const { directory } = google.apis;
  const pages = pagesOf((pageToken) =>
    google.call(
      'directory.users.list',
      google.admin,
      (options) =>
        directory.users.list(
          {
            customer: google.customer,
            projection: 'full',
            maxResults: 500,
            ...(pageToken ? { pageToken } : {}),
          },
          options,
        ),
      signal,
      'check',
    ),
  );
  for await (const page of pages) {
    for (const user of page.users ?? []) {
      const address = user.primaryEmail?.toLowerCase() ?? '';
      if (!owns(address)) continue;
      yield userOf(user, address);
    }
  }
}

function userOf(user: admin_directory_v1.Schema$User, address: string): UserFact {
  const externalIds = list<Relation>(user.externalIds);
  const relations = list<Relation>(user.relations);
  const jobs = list<Position>(user.organizations);
  const job = jobs.find(({ primary }) => primary === true) ?? jobs[0];
  return {
    kind: 'user',
    id: externalIds.find(({ customType }) => customType === 'm365_oid')?.value ?? null,
    address,
    givenName: user.name?.givenName ?? '',
    familyName: user.name?.familyName ?? '',
    title: job?.title ?? '',
    department: job?.department ?? '',
    suspended: user.suspended === true,
    aliases: aliasesOf(user, address),
    managerAddress: relations.find(({ type }) => type === 'manager')?.value?.toLowerCase() ?? null,
  };
}

/** Addresses beside the primary one that somebody gave; Google's own (`*.test-google-a.com`) are left out. */
function aliasesOf(
  owner: { aliases?: string[] | null; nonEditableAliases?: string[] | null },
  address: string,
): string[] {
  const own = new Set([address, ...(owner.nonEditableAliases ?? []).map((alias) => alias.toLowerCase())]);
  const aliases = new Set((owner.aliases ?? []).map((alias) => alias.toLowerCase()));
  return [...aliases].filter((alias) => !own.has(alias));
}

/** Directory v1 declares repeated user fields as `any`. */
function list<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}

async function* readGroups(
  google: GoogleConnection,
  owns: (address: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<GroupFact> {
  const { directory } = google.apis;
  const pages = pagesOf((pageToken) =>
    google.call(
      'directory.groups.list',
      google.admin,
      (options) =>
        directory.groups.list(
          { customer: google.customer, maxResults: 200, ...(pageToken ? { pageToken } : {}) },
          options,
        ),
      signal,
      'check',
    ),
  );
  for await (const page of pages) {
    const own = (page.groups ?? []).filter(({ email }) => owns(email?.toLowerCase() ?? ''));
    const facts = await mapInOrder(own, (group) => readGroup(google, group, signal));
    yield* facts.filter((fact) => fact !== null);
  }
}

/** Null where the group has gone since it was listed. */
async function readGroup(
  google: GoogleConnection,
  group: admin_directory_v1.Schema$Group,
  signal: AbortSignal,
): Promise<GroupFact | null> {
  const address = group.email?.toLowerCase() ?? '';
  try {
    const members = await readMembers(google, address, false, signal);
    const isNested = members.some(({ type }) => type === 'group');
    const reached = isNested ? await readMembers(google, address, true, signal) : members;
    const people = reached.filter(({ type }) => type !== 'group');
    return {
      kind: 'group',
      id: null,
      address,
      name: group.name ?? '',
      type: 'group',
      aliases: aliasesOf(group, address),
      members,
      effective: [...new Set(people.map((member) => member.address))],
    };
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

type Member = GroupFact['members'][number];

/** `derived` walks nested groups too. A member without an address is the whole customer and is left out. */
async function readMembers(
  google: GoogleConnection,
  group: string,
  derived: boolean,
  signal: AbortSignal,
): Promise<Member[]> {
  const { directory } = google.apis;
  const members: Member[] = [];
  const pages = pagesOf((pageToken) =>
    google.call(
      'directory.members.list',
      google.admin,
      (options) =>
        directory.members.list(
          {
            groupKey: group,
            maxResults: 200,
            ...(derived ? { includeDerivedMembership: true } : {}),
            ...(pageToken ? { pageToken } : {}),
          },
          options,
        ),
      signal,
      'check',
    ),
  );
  for await (const page of pages) {
    for (const { email, role, type } of page.members ?? []) {
      if (!email) continue;
      const kind = type === 'GROUP' ? 'group' : type === 'EXTERNAL' ? 'external' : 'user';
      members.push({ address: email.toLowerCase(), role: (role ?? 'MEMBER').toLowerCase(), type: kind });
    }
  }
  return members;
}

/** Addresses of the customer's rooms, lower case, by resource id. */
export async function readRoomAddresses(
  google: GoogleConnection,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const addresses = new Map<string, string>();
  for await (const { resourceId, resourceEmail } of resourcesOf(google, signal))
    if (resourceId && resourceEmail) addresses.set(resourceId, resourceEmail.toLowerCase());
  return addresses;
}

async function* readRooms(google: GoogleConnection, signal: AbortSignal): AsyncIterable<RoomFact> {
  for await (const { resourceEmail, resourceName, capacity } of resourcesOf(google, signal)) {
    yield {
      kind: 'room',
      address: resourceEmail?.toLowerCase() ?? '',
      name: resourceName ?? '',
      capacity: capacity ?? null,
    };
  }
}

async function* resourcesOf(
  google: GoogleConnection,
  signal: AbortSignal,
): AsyncIterable<admin_directory_v1.Schema$CalendarResource> {
  const { directory } = google.apis;
  const pages = pagesOf((pageToken) =>
    google.call(
      'directory.resources.calendars.list',
      google.admin,
      (options) =>
        directory.resources.calendars.list(
          { customer: google.customer, maxResults: 500, ...(pageToken ? { pageToken } : {}) },
          options,
        ),
      signal,
      'check',
    ),
  );
  try {
    for await (const page of pages) yield* page.items ?? [];
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}
