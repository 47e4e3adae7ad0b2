import { NotFound } from '../../../src/core/errors.ts';
import type { GroupFact } from '../../../src/core/facts.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { aliasesOf, domainOf, isGuest, primaryOf } from './addresses.ts';
import { type Answer, asAnswer, textOf, textsOf } from './answers.ts';

const GROUP_SELECT = 'id,displayName,mail,mailEnabled,securityEnabled,groupTypes,proxyAddresses';
const MEMBER_SELECT = 'id,mail,userPrincipalName,userType,displayName';
const GROUPS_AT_ONCE = 4;

export interface GroupScope {
  /** Whether an address lies in the organisation's domains. */
  owns(address: string): boolean;
  /** Primary address of every user of the tenant by id, guests left out. */
  addresses: ReadonlyMap<string, string>;
}

/** The organisation's groups with direct and transitive members; one that is deleted meanwhile is left out. */
export async function* readGroups(
  client: GraphClient,
  scope: GroupScope,
  signal: AbortSignal,
): AsyncIterable<GroupFact> {
  const query = { $top: '999', $select: GROUP_SELECT };
  const request = { method: 'groups.list', path: '/groups', query, priority: 'check' as const };
  for await (const page of client.pages(request, signal)) {
    const known = page.value.map(asAnswer).filter((answer) => isEligible(answer, scope));
    const facts = await mapParallel(known, GROUPS_AT_ONCE, (answer) =>
      readGroup(client, answer, scope, signal),
    );
    yield* facts.filter((fact) => fact !== null);
  }
}

function addressesOf(group: Answer): string[] {
  const primary = primaryOf(group);
  const mail = textOf(group.mail);
  return [...new Set([primary, mail, ...aliasesOf(group, primary)])].filter((each) => each !== '');
}

/** False for groups that by their own addresses are another organisation's. */
function isEligible(group: Answer, { owns }: GroupScope): boolean {
  const addresses = addressesOf(group);
  return addresses.some(owns) || addresses.every((each) => domainOf(each).endsWith('.onmicrosoft.com'));
}

/** A group without an address of its own belongs where one of its people does, and everywhere while it is empty. */
function belongs(group: Answer, people: readonly Answer[], { owns }: GroupScope): boolean {
  if (addressesOf(group).some(owns) || people.length === 0) return true;
  return people.some((each) => owns(textOf(each.userPrincipalName)) || owns(textOf(each.mail)));
}

async function readGroup(
  client: GraphClient,
  answer: Answer,
  scope: GroupScope,
  signal: AbortSignal,
): Promise<GroupFact | null> {
  const list = (relation: string) => readPeople(client, textOf(answer.id), relation, signal);
  try {
    const members = await list('members');
    const owners = await list('owners');
    if (!belongs(answer, [...members, ...owners], scope)) return null;
    const isNested = members.some((member) => memberType(member) === 'group');
    const reached = isNested ? await list('transitiveMembers') : members;
    return groupOf(answer, { members, owners, reached }, scope);
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}

async function readPeople(
  client: GraphClient,
  id: string,
  relation: string,
  signal: AbortSignal,
): Promise<Answer[]> {
  const path = `/groups/${encodeURIComponent(id)}/${relation}`;
  const query = { $top: '999', $select: MEMBER_SELECT };
  const list: Answer[] = [];
  const request = { method: `groups.${relation}`, path, query, priority: 'check' as const };
  for await (const page of client.pages(request, signal)) list.push(...page.value.map(asAnswer));
  return list;
}

function groupOf(
  answer: Answer,
  { members, owners, reached }: { members: Answer[]; owners: Answer[]; reached: Answer[] },
  scope: GroupScope,
): GroupFact {
  const address = primaryOf(answer);
  const memberOf = (member: Answer, role: string) => ({
    address: memberAddress(member, scope),
    role,
    type: memberType(member),
  });
  const direct = [
    ...members.map((each) => memberOf(each, 'member')),
    ...owners.map((each) => memberOf(each, 'owner')),
  ];
  const effective = reached.filter((each) => memberType(each) !== 'group');
  return {
    kind: 'group',
    id: textOf(answer.id),
    address,
    name: textOf(answer.displayName),
    type: typeOf(answer),
    aliases: aliasesOf(answer, address),
    members: direct.filter((member) => member.address !== ''),
    effective: [...new Set(effective.map((each) => memberAddress(each, scope)))].filter(Boolean),
  };
}

function typeOf(answer: Answer): string {
  const types = textsOf(answer.groupTypes);
  if (types.includes('DynamicMembership')) return 'dynamic';
  if (types.includes('Unified')) return 'unified';
  if (answer.mailEnabled !== true) return 'security';
  return answer.securityEnabled === true ? 'mail-security' : 'distribution';
}

/** Guests are known by their outside address, never by the `#EXT#` name; devices and the like have none. */
function memberAddress(member: Answer, { addresses }: GroupScope): string {
  const upn = textOf(member.userPrincipalName);
  const own = textOf(member.mail) || (upn.includes('#EXT#') ? '' : upn);
  return addresses.get(textOf(member.id)) ?? own.toLowerCase();
}

function memberType(member: Answer): 'user' | 'group' | 'external' {
  const type = textOf(member['@odata.type'])
    .replace(/^#?microsoft\.graph\./i, '')
    .toLowerCase();
  if (type === 'group') return 'group';
  return type === 'orgcontact' || isGuest(member) ? 'external' : 'user';
}
