import type { DirectoryFact, GroupFact, Inventory, RoomFact, UserFact } from '../core/facts.ts';
import type { AddressBook, Organisation, Principal } from '../core/types.ts';
import type { JobCheck, SettleDetail, Unit } from './job-check.ts';
import { readEnd } from './reading.ts';

/** A row of `groups.csv` as far as the check needs it. */
export interface GroupRow {
  source: string;
  target: string;
  organisation: string;
  type: string;
  include: boolean;
}

/** A row of `rooms.csv` as far as the check needs it. */
export interface RoomRow {
  source: string;
  name: string;
  capacity: number | null;
  include: boolean;
}

/** One end's directory. */
export interface DirectorySide {
  users: UserFact[];
  groups: GroupFact[];
  rooms: RoomFact[];
}

/** What the comparison of one organisation's directory looks things up in. */
export interface DirectoryScope {
  check: JobCheck;
  organisation: Organisation;
  /** People and shared mailboxes of this organisation. */
  principals: readonly Principal[];
  groups: readonly GroupRow[];
  rooms: readonly RoomRow[];
  addresses: AddressBook;
  source: DirectorySide;
  target: DirectorySide;
}

export async function readDirectory(
  inventory: Inventory,
  organisation: Organisation,
  principals: readonly Principal[],
  signal: AbortSignal,
): Promise<DirectorySide> {
  const side: DirectorySide = { users: [], groups: [], rooms: [] };
  const list: AsyncIterable<DirectoryFact> = inventory.directory(organisation, principals, signal);
  for await (const fact of readEnd(inventory.side, list, signal)) {
    if (fact.kind === 'user') side.users.push(fact);
    else if (fact.kind === 'group') side.groups.push(fact);
    else side.rooms.push(fact);
  }
  return side;
}

/** A directory unit: what it belongs to, what it is, and the address it is known by. */
export function directoryUnit(owner: string, kind: string, address: string): Unit {
  return { container: owner, containerKey: owner, item: `${kind}:${address}`, identity: address };
}

/** Counts a unit and leaves it out by a rule. */
export function leaveOut(scope: DirectoryScope, unit: Unit, rule: string, detail: SettleDetail = {}): void {
  scope.check.count(1);
  scope.check.settle(unit, 'excluded', { ...detail, rule });
}

/** Guests keep an address of their own behind this mark (Microsoft Entra B2B). */
export function isGuest(address: string): boolean {
  return /#ext#/i.test(address);
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase();
}

/** Whether two domains of the organisation's files are meant; sub-domains are domains of their own. */
export function isSourceDomain(organisation: Organisation, address: string): boolean {
  return Object.hasOwn(organisation.domains, domainOf(address));
}

const NOT_ALLOWED = /[^a-z0-9._'-]/g;

/**
 * An address of the source as it reads on the new domain; null where its domain is not moved. Google allows letters,
 * digits, `-`, `_`, `'` and single inner dots before the @ (support.google.com/a/answer/9193374).
 */
export function onNewDomain(address: string, organisation: Organisation): string | null {
  const domain = organisation.domains[domainOf(address)];
  if (domain === undefined) return null;
  const local = address.slice(0, address.lastIndexOf('@')).toLowerCase();
  const plain = local
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(NOT_ALLOWED, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^\.+|\.+$/g, '');
  return `${plain}@${domain.toLowerCase()}`;
}

/** Adds `one` to what lies under a key. */
export function addTo<K, V>(map: Map<K, V[]>, key: K, one: V): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [one]);
  else known.push(one);
}
