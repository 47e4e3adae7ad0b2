import type { AddressRow, GroupRow, PersonRow, RoomRow } from '../src/core/estate-rows.ts';
import type { DirectoryResource, GraphGroup, GraphRoom, GraphUser } from '../src/core/microsoft.ts';
import type { AddressBook, Organisation, Policy } from '../src/core/types.ts';
import { primarySmtp, rewriteAddress, smtpProxies } from './addresses.ts';
import { groupSource } from './estate-rows.ts';

/** Everything from which the directory's actions of one organisation follow. */
export interface DirectoryInput {
  organisation: Organisation;
  /** The whole tenant as listed. */
  resources: readonly DirectoryResource[];
  /** `people.csv`, all organisations. */
  people: readonly PersonRow[];
  /** `groups.csv`, all organisations. */
  groups: readonly GroupRow[];
  rooms: readonly RoomRow[];
  addresses: AddressBook;
  addressRows: readonly AddressRow[];
  policy: Policy;
  /**
   * False while mail still moves or is to be checked: a suspended account can be impersonated by nobody. True in the
   * closing pass that suspends the accounts which are disabled at the source.
   */
  suspendLeavers?: boolean;
}

/** The input with its cross references looked up. */
export interface DirectoryScope extends DirectoryInput {
  users: readonly GraphUser[];
  /** Every group of the tenant by object id. */
  groupsById: ReadonlyMap<string, GraphGroup>;
  places: readonly GraphRoom[];
  personRow(user: GraphUser): PersonRow | null;
  groupRow(group: GraphGroup): GroupRow | null;
  /** Object id → new address of everybody who is moved, whatever the organisation. */
  personTargets: ReadonlyMap<string, string>;
  groupTargets: ReadonlyMap<string, string>;
  /** Domains of the target tenant as far as the files name them. */
  targetDomains: ReadonlySet<string>;
  /** New primary address → its lines of `addresses.csv`. */
  addressLines: ReadonlyMap<string, readonly AddressRow[]>;
  /** An old address rewritten under the organisation's domains, null where they map none. */
  rewrite(old: string): string | null;
}

/** Joins resources with the lines of the CSV files that speak of them. */
export function directoryScope(input: DirectoryInput): DirectoryScope {
  const users = input.resources.filter((resource) => resource.kind === 'user');
  const groups = input.resources.filter((resource) => resource.kind === 'group');
  const people = new Map(input.people.map((row) => [row.source.toLowerCase(), row]));
  const groupLines = new Map(input.groups.map((row) => [row.source.toLowerCase(), row]));
  const personRow = (user: GraphUser) => firstOf(people, userNames(user));
  const groupRow = (group: GraphGroup) => firstOf(groupLines, groupNames(group));
  const personTargets = targetsOf(users, personRow);
  const groupTargets = targetsOf(groups, groupRow);
  const domains = lowerCased(input.organisation.domains);
  return {
    ...input,
    users,
    groupsById: new Map(groups.map((group) => [group.id, group])),
    places: input.resources.filter((resource) => resource.kind === 'room'),
    personRow,
    groupRow,
    personTargets,
    groupTargets,
    targetDomains: new Set([
      ...Object.values(domains),
      ...[...personTargets.values(), ...groupTargets.values()].map(domainOf),
    ]),
    addressLines: Map.groupBy(input.addressRows, (row) => row.new.toLowerCase()),
    rewrite: (old) => rewriteAddress(old, domains).address,
  };
}

function targetsOf<T extends { id: string }>(
  resources: readonly T[],
  rowOf: (resource: T) => { include: boolean; target: string } | null,
): Map<string, string> {
  const targets = new Map<string, string>();
  for (const resource of resources) {
    const row = rowOf(resource);
    if (row?.include && row.target !== '') targets.set(resource.id, row.target.toLowerCase());
  }
  return targets;
}

function firstOf<T>(rows: ReadonlyMap<string, T>, names: readonly (string | null)[]): T | null {
  for (const name of names) {
    const row = name === null ? undefined : rows.get(name.toLowerCase());
    if (row !== undefined) return row;
  }
  return null;
}

function userNames(user: GraphUser): (string | null)[] {
  const { userPrincipalName, id, mail, proxyAddresses } = user;
  return [userPrincipalName, primarySmtp(user), mail, id, ...smtpProxies(proxyAddresses)];
}

function groupNames(group: GraphGroup): (string | null)[] {
  return [groupSource(group), group.mail, group.id, ...smtpProxies(group.proxyAddresses)];
}

function lowerCased(domains: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(domains).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()]),
  );
}

/** The part of an address after its last `@`. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}
