import type { GraphGroup, GraphMember, GraphRoom, GraphUser } from '../../src/core/microsoft.ts';
import type { Organisation } from '../../src/core/types.ts';

/** Which of a tenant's users, groups and rooms belong to one of the organisations that share it, by domain. Pure. */

export function ownsUser(organisation: Organisation, user: GraphUser): boolean {
  const primary = user.proxyAddresses.find((address) => address.startsWith('SMTP:'))?.slice('SMTP:'.length);
  return ownsAny(organisation, [user.userPrincipalName, user.mail, primary]);
}

export function ownsRoom(organisation: Organisation, room: GraphRoom): boolean {
  return ownsAny(organisation, [room.emailAddress]);
}

/**
 * True by the group's own addresses. A group without one, or with only the tenant's initial domain
 * (`*.onmicrosoft.com`), belongs wherever one of its people does, or everywhere while it has none.
 */
export function ownsGroup(organisation: Organisation, group: GraphGroup): boolean {
  const smtp = group.proxyAddresses.filter((address) => /^smtp:/i.test(address)).map((each) => each.slice(5));
  const addresses = [group.mail, ...smtp].filter((address) => address !== null);
  if (ownsAny(organisation, addresses)) return true;
  if (addresses.some((address) => !isInitialDomain(domainOf(address)))) return false;
  const people = [...group.members, ...group.owners];
  return people.length === 0 || people.some((person) => ownsMember(organisation, person));
}

function ownsMember(organisation: Organisation, member: GraphMember): boolean {
  return ownsAny(organisation, [member.userPrincipalName, member.mail]);
}

function ownsAny(organisation: Organisation, addresses: readonly (string | null | undefined)[]): boolean {
  return addresses.some((address) => address && Object.hasOwn(organisation.domains, domainOf(address)));
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

function isInitialDomain(domain: string): boolean {
  return domain.endsWith('.onmicrosoft.com');
}
