import { Auth } from '../../../src/core/errors.ts';
import type { DirectoryFact, GroupFact, RoomFact, UserFact } from '../../../src/core/facts.ts';
import type { Organisation } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { type Answer, asAnswer, numberOrNull, textOf, textsOf } from './answers.ts';

const USER_SELECT =
  'id,userPrincipalName,mail,givenName,surname,displayName,jobTitle,department,accountEnabled,proxyAddresses,userType';
const GROUP_SELECT = 'id,displayName,mail,mailEnabled,securityEnabled,groupTypes,proxyAddresses';
const MEMBER_SELECT = 'id,mail,userPrincipalName,userType,displayName';

/** People, groups with direct and transitive members, and rooms of one organisation, by its source domains. */
export async function* readDirectory(
  client: GraphClient,
  organisation: Organisation,
  signal: AbortSignal,
): AsyncIterable<DirectoryFact> {
  const owns = (address: string) => Object.hasOwn(organisation.domains, domainOf(address));
  const names = new Map<string, string>();
  const users: { answer: Answer; fact: UserFact }[] = [];
  const query = { $top: '999', $select: USER_SELECT, $expand: 'manager($select=id)' };
  for await (const answer of each(client, 'users.list', '/users', query, signal)) {
    const fact = userOf(answer);
    names.set(textOf(answer.id), fact.address);
    if (isGuest(answer) || owns(fact.address) || owns(textOf(answer.userPrincipalName)))
      users.push({ answer, fact });
  }
  for (const { answer, fact } of users) {
    if (isGuest(answer)) continue;
    const managerId = textOf(asAnswer(answer.manager).id);
    yield { ...fact, managerAddress: names.get(managerId) ?? null };
  }
  yield* readGroups(client, owns, signal);
  yield* readRooms(client, owns, signal);
}

async function* each(
  client: GraphClient,
  method: string,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): AsyncIterable<Answer> {
  for await (const page of client.pages({ method, path, query, priority: 'check' }, signal))
    yield* page.value.map(asAnswer);
}

function isGuest(answer: Answer): boolean {
  return answer.userType === 'Guest' || textOf(answer.userPrincipalName).includes('#EXT#');
}

function domainOf(address: string): string {
  return address.split('@').at(-1)?.toLowerCase() ?? '';
}

/** The primary address: capital `SMTP:`, else mail, else UPN. */
function primaryOf(answer: Answer): string {
  const primary = textsOf(answer.proxyAddresses).find((address) => address.startsWith('SMTP:'));
  return (primary?.slice(5) ?? (textOf(answer.mail) || textOf(answer.userPrincipalName))).toLowerCase();
}

function aliasesOf(answer: Answer, primary: string): string[] {
  const proxies = textsOf(answer.proxyAddresses).filter((address) => address.startsWith('smtp:'));
  return proxies.map((address) => address.slice(5).toLowerCase()).filter((address) => address !== primary);
}

function userOf(answer: Answer): UserFact {
  const address = primaryOf(answer);
  return {
    kind: 'user',
    id: textOf(answer.id),
    address,
    givenName: textOf(answer.givenName),
    familyName: textOf(answer.surname),
    title: textOf(answer.jobTitle),
    department: textOf(answer.department),
    suspended: answer.accountEnabled === false,
    aliases: aliasesOf(answer, address),
    managerAddress: null,
  };
}

async function* readGroups(
  client: GraphClient,
  owns: (address: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<GroupFact> {
  for await (const answer of each(
    client,
    'groups.list',
    '/groups',
    { $top: '999', $select: GROUP_SELECT },
    signal,
  )) {
    const address = primaryOf(answer);
    if (address !== '' && !owns(address)) continue;
    const id = textOf(answer.id);
    const path = `/groups/${encodeURIComponent(id)}`;
    const query = { $top: '999', $select: MEMBER_SELECT };
    const members = await collect(each(client, 'groups.members', `${path}/members`, query, signal));
    const owners = await collect(each(client, 'groups.owners', `${path}/owners`, query, signal));
    const transitive = await collect(
      each(client, 'groups.transitiveMembers', `${path}/transitiveMembers`, query, signal),
    );
    yield {
      kind: 'group',
      id,
      address,
      name: textOf(answer.displayName),
      type: typeOf(answer),
      aliases: aliasesOf(answer, address),
      members: [
        ...members.map((member) => memberOf(member, 'member')),
        ...owners.map((owner) => memberOf(owner, 'owner')),
      ].filter(({ address: own }) => own !== ''),
      effective: [
        ...new Set(transitive.filter((member) => memberType(member) !== 'group').map(memberAddress)),
      ].filter((own) => own !== ''),
    };
  }
}

async function collect(answers: AsyncIterable<Answer>): Promise<Answer[]> {
  const list: Answer[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

function typeOf(answer: Answer): string {
  const types = textsOf(answer.groupTypes);
  if (types.includes('DynamicMembership')) return 'dynamic';
  if (types.includes('Unified')) return 'unified';
  if (answer.mailEnabled !== true) return 'security';
  return answer.securityEnabled === true ? 'mail-security' : 'distribution';
}

function memberOf(member: Answer, role: string): GroupFact['members'][number] {
  return { address: memberAddress(member), role, type: memberType(member) };
}

/** Guests are known by their outside address, never by the `#EXT#` name. */
function memberAddress(member: Answer): string {
  const upn = textOf(member.userPrincipalName);
  return (textOf(member.mail) || (upn.includes('#EXT#') ? '' : upn)).toLowerCase();
}

function memberType(member: Answer): 'user' | 'group' | 'external' {
  const type = textOf(member['@odata.type']).replace(/^#microsoft\.graph\./i, '');
  if (type === 'group') return 'group';
  return type === 'orgContact' || isGuest(member) ? 'external' : 'user';
}

/** Rooms are a permission of their own; without it none is listed and the mover's rooms count as unseen. */
async function* readRooms(
  client: GraphClient,
  owns: (address: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<RoomFact> {
  try {
    for await (const answer of each(
      client,
      'places.rooms',
      '/places/microsoft.graph.room',
      { $top: '100' },
      signal,
    )) {
      const address = textOf(answer.emailAddress).toLowerCase();
      if (!owns(address)) continue;
      yield {
        kind: 'room',
        address,
        name: textOf(answer.displayName),
        capacity: numberOrNull(answer.capacity),
      };
    }
  } catch (error) {
    if (!(error instanceof Auth)) throw error;
    client.log('warn', 'inventory.rooms-not-readable', { code: error.code });
  }
}
