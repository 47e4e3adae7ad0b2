import { bareAddress } from '../src/core/address-book.ts';
import type { AddressRow } from '../src/core/estate-rows.ts';
import type { DirectoryResource, GraphGroup, GraphUser } from '../src/core/microsoft.ts';
import type { Organisation } from '../src/core/types.ts';
import {
  isGuest,
  isMailAddress,
  MAX_ALIASES,
  primarySmtp,
  RESERVED_GROUP_ALIASES,
  RESERVED_LOCAL_PARTS,
  rewriteAddress,
  smtpProxies,
} from './addresses.ts';
import { organisationOf } from './organisations.ts';

/**
 * Why an old address leads where it leads. `alias` ones become aliases at Google; `group-of-one` ones are beyond the
 * 30 that Google allows and become groups with a single member; all others only resolve.
 */
export type AddressRule =
  | 'primary'
  | 'primary-suffixed'
  | 'same-as-primary'
  | 'alias'
  | 'group-of-one'
  | 'reserved'
  | 'taken'
  | 'domain-not-mapped'
  | 'upn'
  | 'mail'
  | 'x500'
  | 'guest';

/** Two sources that lead to one address, and what was done. */
export interface Collision {
  /** The address that both want. */
  target: string;
  /** Old address that keeps it. */
  kept: string;
  /** Old address that does not get it. */
  lost: string;
  clash: 'user-user' | 'user-group' | 'group-group' | 'alias-primary' | 'alias-alias';
  /** The suffixed address that the loser gets; null when its alias is left out. */
  instead: string | null;
}

/** All addresses of the plan. */
export interface AddressPlan {
  rows: AddressRow[];
  collisions: Collision[];
  /** Object id → new primary address. Objects without a mapped address are absent. */
  primaries: ReadonlyMap<string, string>;
}

interface Holder {
  id: string;
  resource: GraphUser | GraphGroup;
  rank: number;
  domains: Readonly<Record<string, string>>;
  /** Old address from which the new primary is made. */
  base: string;
  desired: string;
  chosen: boolean;
}

/**
 * Rewrites every address of users and groups, guests resolved to their outside address, collisions settled: a user
 * goes before a shared mailbox, that before a group; among equals one whose local part needs no change, then the
 * first by address. Losing primaries get `-2`, `-3` …; losing aliases are left out. `chosen` (old address or object
 * id → new primary, lower case) holds targets that the operator has set; they win.
 */
export function planAddresses(
  resources: readonly DirectoryResource[],
  organisations: readonly Organisation[],
  chosen: ReadonlyMap<string, string> = new Map(),
): AddressPlan {
  const holders = sortedHolders(resources, organisations, chosen);
  const { primaries, owners, collisions } = assignPrimaries(holders);
  const rows = new Map<string, AddressRow>();
  const add = (row: AddressRow) => {
    if (row.old !== '' && !rows.has(row.old)) rows.set(row.old, row);
  };
  for (const holder of holders) add(primaryRow(holder, primaries.get(holder.id) ?? ''));
  for (const holder of holders) for (const row of aliasRows(holder, primaries, owners, collisions)) add(row);
  for (const row of guestRows(resources)) add(row);
  return { rows: [...rows.values()], collisions, primaries };
}

/** The rows of `addresses.csv`; see `planAddresses`. */
export function addressRows(
  users: readonly GraphUser[],
  groups: readonly GraphGroup[],
  organisations: readonly Organisation[],
  chosen: ReadonlyMap<string, string> = new Map(),
): AddressRow[] {
  return planAddresses([...users, ...groups], organisations, chosen).rows;
}

function sortedHolders(
  resources: readonly DirectoryResource[],
  organisations: readonly Organisation[],
  chosen: ReadonlyMap<string, string>,
): Holder[] {
  const holders = resources.flatMap((resource) => holderOf(resource, organisations, chosen));
  const order = (holder: Holder) => [holder.chosen ? 0 : 1, holder.rank, changes(holder) ? 1 : 0] as const;
  return holders.sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    const different = left.findIndex((value, index) => value !== right[index]);
    if (different >= 0) return (left[different] ?? 0) - (right[different] ?? 0);
    return compare(a.base, b.base) || compare(a.id, b.id);
  });
}

function holderOf(
  resource: DirectoryResource,
  organisations: readonly Organisation[],
  chosen: ReadonlyMap<string, string>,
): Holder[] {
  if (resource.kind !== 'user' && resource.kind !== 'group') return [];
  if (resource.kind === 'user' && (isGuest(resource) || isResource(resource))) return [];
  const domains = domainsFor(organisationOf(resource, organisations), organisations);
  const candidates = candidateAddresses(resource);
  const wanted = [resource.id.toLowerCase(), ...candidates]
    .map((name) => chosen.get(name))
    .find((to) => to !== undefined);
  const base = candidates.find((address) => rewriteAddress(address, domains).address !== null);
  const desired = wanted ?? (base === undefined ? null : rewriteAddress(base, domains).address);
  if (desired === null || (resource.kind === 'user' && isReserved(desired))) return [];
  const rank = resource.kind === 'group' ? 2 : resource.userPurpose === 'shared' ? 1 : 0;
  return [
    {
      id: resource.id,
      resource,
      rank,
      domains,
      base: base ?? candidates[0] ?? '',
      desired: desired.toLowerCase(),
      chosen: wanted !== undefined,
    },
  ];
}

/** True for an address that only a group can have at Google (`abuse@`, `postmaster@`). */
export function isReserved(address: string): boolean {
  return RESERVED_LOCAL_PARTS.includes(address.slice(0, address.lastIndexOf('@')));
}

/** True for the mailbox of a room or of equipment, which becomes a calendar resource. */
export function isResource(user: GraphUser): boolean {
  return user.userPurpose === 'room' || user.userPurpose === 'equipment';
}

/** The primary address first, then the others by which the object could be known. */
function candidateAddresses(resource: GraphUser | GraphGroup): string[] {
  const names = [primarySmtp(resource), resource.kind === 'user' ? resource.userPrincipalName : null];
  const all = [...names, resource.mail, ...smtpProxies(resource.proxyAddresses)];
  return [...new Set(all.flatMap((address) => (address ? [address.trim().toLowerCase()] : [])))];
}

/** An organisation's own domains first; domains that only others map stay usable for aliases. */
function domainsFor(
  own: Organisation | null,
  organisations: readonly Organisation[],
): Readonly<Record<string, string>> {
  const merged: Record<string, string> = {};
  for (const organisation of [...organisations].reverse()) Object.assign(merged, organisation.domains);
  const all = { ...merged, ...own?.domains };
  return Object.fromEntries(Object.entries(all).map(([from, to]) => [from.toLowerCase(), to.toLowerCase()]));
}

function changes(holder: Holder): boolean {
  return (
    holder.desired.slice(0, holder.desired.lastIndexOf('@')) !==
    holder.base.slice(0, holder.base.lastIndexOf('@'))
  );
}

function assignPrimaries(holders: readonly Holder[]): {
  primaries: Map<string, string>;
  owners: Map<string, Holder>;
  collisions: Collision[];
} {
  const primaries = new Map<string, string>();
  const owners = new Map<string, Holder>();
  const collisions: Collision[] = [];
  const wanted = new Set(holders.map((holder) => holder.desired));
  for (const holder of holders) {
    const owner = owners.get(holder.desired);
    if (owner === undefined || holder.chosen) {
      if (owner === undefined) owners.set(holder.desired, holder);
      primaries.set(holder.id, holder.desired);
      continue;
    }
    const instead = freeAddress(holder.desired, (address) => owners.has(address) || wanted.has(address));
    owners.set(instead, holder);
    primaries.set(holder.id, instead);
    collisions.push({
      target: holder.desired,
      kept: owner.base,
      lost: holder.base,
      clash: clashOf(owner, holder),
      instead,
    });
  }
  return { primaries, owners, collisions };
}

function freeAddress(address: string, isTaken: (address: string) => boolean): string {
  const at = address.lastIndexOf('@');
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const local = address.slice(0, at).slice(0, 64 - suffix.length);
    const candidate = `${local}${suffix}${address.slice(at)}`;
    if (!isTaken(candidate)) return candidate;
  }
}

function clashOf(owner: Holder, holder: Holder): Collision['clash'] {
  const groups = [owner, holder].filter(({ rank }) => rank === 2).length;
  return groups === 0 ? 'user-user' : groups === 1 ? 'user-group' : 'group-group';
}

function primaryRow(holder: Holder, primary: string): AddressRow {
  const rule: AddressRule = primary === holder.desired ? 'primary' : 'primary-suffixed';
  return { old: bareAddress(holder.base), new: primary, kind: 'smtp', rule };
}

function aliasRows(
  holder: Holder,
  primaries: ReadonlyMap<string, string>,
  owners: Map<string, Holder>,
  collisions: Collision[],
): AddressRow[] {
  const primary = primaries.get(holder.id) ?? '';
  const { resource } = holder;
  let aliases = 0;
  const rows = smtpProxies(resource.proxyAddresses)
    .filter((old) => old !== holder.base)
    .map((old): AddressRow => {
      const rule = aliasRule(old, holder, primary, owners, collisions);
      if (rule !== 'alias') return { old, new: primary, kind: 'smtp', rule };
      aliases += 1;
      return { old, new: primary, kind: 'smtp', rule: aliases > MAX_ALIASES ? 'group-of-one' : 'alias' };
    });
  const upn = resource.kind === 'user' ? resource.userPrincipalName.toLowerCase() : '';
  const mail = resource.mail?.toLowerCase() ?? '';
  const x500 = resource.proxyAddresses.filter((proxy) => /^x500:/i.test(proxy)).map(bareAddress);
  return [
    ...rows,
    ...(upn ? [{ old: upn, new: primary, kind: 'upn', rule: 'upn' satisfies AddressRule }] : []),
    ...(mail ? [{ old: mail, new: primary, kind: 'mail', rule: 'mail' satisfies AddressRule }] : []),
    ...x500.map((old) => ({ old, new: primary, kind: 'x500', rule: 'x500' satisfies AddressRule })),
  ];
}

function aliasRule(
  old: string,
  holder: Holder,
  primary: string,
  owners: Map<string, Holder>,
  collisions: Collision[],
): AddressRule {
  const rewritten = rewriteAddress(old, holder.domains).address;
  if (rewritten === null) return 'domain-not-mapped';
  if (rewritten === primary) return 'same-as-primary';
  const local = rewritten.slice(0, rewritten.lastIndexOf('@'));
  const reserved = holder.resource.kind === 'group' ? RESERVED_GROUP_ALIASES : RESERVED_LOCAL_PARTS;
  if (reserved.includes(local)) return 'reserved';
  const owner = owners.get(rewritten);
  if (owner === undefined) {
    owners.set(rewritten, holder);
    return 'alias';
  }
  if (owner.id === holder.id) return 'same-as-primary';
  const clash = owner.desired === rewritten ? 'alias-primary' : 'alias-alias';
  collisions.push({ target: rewritten, kept: owner.base, lost: old, clash, instead: null });
  return 'taken';
}

function guestRows(resources: readonly DirectoryResource[]): AddressRow[] {
  return resources.flatMap((resource) => {
    if (resource.kind !== 'user' || !isGuest(resource) || !isMailAddress(resource.mail)) return [];
    const rule: AddressRule = 'guest';
    return [
      { old: resource.userPrincipalName.toLowerCase(), new: resource.mail.toLowerCase(), kind: 'upn', rule },
    ];
  });
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
