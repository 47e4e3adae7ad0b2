import { NotFound } from '../../../src/core/errors.ts';
import type { DirectoryFact, GroupFact, RoomFact, UserFact } from '../../../src/core/facts.ts';
import type { Organisation, Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { pagesOf } from './answers.ts';

interface Relation {
  type?: string | null;
  customType?: string | null;
  value?: string | null;
}

/** Users, groups with direct and derived members, and rooms whose address lies in the organisation's target domains. */
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
      const own = new Set([address, ...(user.nonEditableAliases ?? []).map((alias) => alias.toLowerCase())]);
      const externalIds = list<Relation>(user.externalIds);
      const relations = list<Relation>(user.relations);
      const [work] = list<{ title?: string | null; department?: string | null }>(user.organizations);
      yield {
        kind: 'user',
        id: externalIds.find(({ customType }) => customType === 'm365_oid')?.value ?? null,
        address,
        givenName: user.name?.givenName ?? '',
        familyName: user.name?.familyName ?? '',
        title: work?.title ?? '',
        department: work?.department ?? '',
        suspended: user.suspended === true,
        aliases: (user.aliases ?? []).map((alias) => alias.toLowerCase()).filter((alias) => !own.has(alias)),
        managerAddress: relations.find(({ type }) => type === 'manager')?.value?.toLowerCase() ?? null,
      };
    }
  }
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
    for (const group of page.groups ?? []) {
      const address = group.email?.toLowerCase() ?? '';
      if (!owns(address)) continue;
      const direct = await readMembers(google, address, false, signal);
      const nested = direct.some(({ type }) => type === 'group');
      const derived = nested ? await readMembers(google, address, true, signal) : direct;
      yield {
        kind: 'group',
        id: null,
        address,
        name: group.name ?? '',
        type: 'group',
        aliases: (group.aliases ?? []).map((alias) => alias.toLowerCase()),
        members: direct,
        effective: [
          ...new Set(derived.filter(({ type }) => type !== 'group').map((member) => member.address)),
        ],
      };
    }
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

async function* readRooms(google: GoogleConnection, signal: AbortSignal): AsyncIterable<RoomFact> {
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
    for await (const page of pages) {
      for (const { resourceEmail, resourceName, capacity } of page.items ?? []) {
        yield {
          kind: 'room',
          address: resourceEmail?.toLowerCase() ?? '',
          name: resourceName ?? '',
          capacity: capacity ?? null,
        };
      }
    }
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}
