import type { GraphGroup, GraphRoom, GraphUser } from '../src/core/microsoft.ts';
import type { Organisation } from '../src/core/types.ts';
import { primarySmtp, smtpProxies } from './addresses.ts';

/**
 * The organisation that an object belongs to: the one that maps the domain of its primary address, else of its UPN,
 * else of any of its other addresses; the only one there is takes what fits nowhere. Null where several could.
 */
export function organisationOf(
  resource: GraphUser | GraphGroup | GraphRoom,
  organisations: readonly Organisation[],
): Organisation | null {
  for (const address of addressesOf(resource)) {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const found = organisations.find((organisation) => maps(organisation, domain));
    if (found) return found;
  }
  return organisations.length === 1 ? (organisations[0] ?? null) : null;
}

/** True when the organisation maps the domain of one of the object's addresses. */
export function belongsTo(resource: GraphUser | GraphGroup | GraphRoom, organisation: Organisation): boolean {
  return addressesOf(resource).some((address) =>
    maps(organisation, address.slice(address.lastIndexOf('@') + 1)),
  );
}

function addressesOf(resource: GraphUser | GraphGroup | GraphRoom): string[] {
  if (resource.kind === 'room') return [resource.emailAddress.toLowerCase()];
  const upn = resource.kind === 'user' ? resource.userPrincipalName.toLowerCase() : null;
  const all = [primarySmtp(resource), upn, ...smtpProxies(resource.proxyAddresses)];
  return all.flatMap((address) => (address?.includes('@') ? [address] : []));
}

function maps(organisation: Organisation, domain: string): boolean {
  return Object.entries(organisation.domains).some(
    ([from, to]) => from.toLowerCase() === domain && to !== '' && to !== 'drop',
  );
}
