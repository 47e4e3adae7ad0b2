import type { Clock } from '../../../../src/core/clock.ts';
import type { Random } from '../../service/random.ts';
import { type Json, textOf } from '../json.ts';
import type { TenantSettings } from '../options.ts';
import { alreadyExists } from '../refusal.ts';

/** A user, its Directory resource and when it becomes usable (milliseconds of scaled time). */
export interface DirectoryUser {
  id: string;
  /** Schema `User` without what is computed on reading (`emails`, `isMailboxSetup`, aliases). */
  resource: Json;
  aliases: string[];
  createdAt: number;
  mailboxAt: number;
  mailServiceAt: number;
  photo: Json | null;
  deleted: boolean;
}

/** One direct membership. `key` is the id of a user or group, or an external address. */
export interface Membership {
  key: string;
  kind: 'user' | 'group' | 'external';
  role: 'MEMBER' | 'MANAGER' | 'OWNER';
  delivery: string;
}

export interface DirectoryGroup {
  id: string;
  email: string;
  name: string;
  description: string;
  externalIds: unknown;
  aliases: string[];
  members: Map<string, Membership>;
  /** Schema `Groups` of Groups Settings, the settings alone. */
  settings: Json;
  createdAt: number;
}

export interface OrgUnit {
  id: string;
  path: string;
  description: string;
  blockInheritance: boolean;
}

/** Who holds an address; `held` = given up, but not free before `until`. */
export interface Holder {
  kind: 'user' | 'user-alias' | 'group' | 'group-alias' | 'resource' | 'held';
  id: string;
  until: number;
}

/** Users, groups, organisational units and rooms of a tenant; addresses are unique over all of them. */
export interface Directory {
  clock: Clock;
  random: Random;
  settings: TenantSettings;
  users: Map<string, DirectoryUser>;
  groups: Map<string, DirectoryGroup>;
  orgUnits: Map<string, OrgUnit>;
  buildings: Map<string, Json>;
  features: Map<string, Json>;
  rooms: Map<string, Json>;
  addresses: Map<string, Holder>;
}

/** Creates the directory with its root unit and its administrator. */
export function createDirectory(settings: TenantSettings, clock: Clock, random: Random): Directory {
  const directory: Directory = {
    clock,
    random,
    settings,
    users: new Map(),
    groups: new Map(),
    orgUnits: new Map([['/', { id: 'id:root', path: '/', description: '', blockInheritance: false }]]),
    buildings: new Map(),
    features: new Map(),
    rooms: new Map(),
    addresses: new Map(),
  };
  const always = Number.NEGATIVE_INFINITY;
  addUser(directory, {
    resource: {
      primaryEmail: settings.admin,
      name: { givenName: 'Migration', familyName: 'Admin', fullName: 'Migration Admin' },
      orgUnitPath: '/',
      isAdmin: true,
    },
    createdAt: always,
    mailboxAt: always,
    mailServiceAt: always,
  });
  return directory;
}

/** Adds a user under a new id; claims its address (409 where that is taken). */
export function addUser(
  directory: Directory,
  user: Pick<DirectoryUser, 'resource' | 'createdAt' | 'mailboxAt' | 'mailServiceAt'>,
): DirectoryUser {
  const id = digits(directory.random, 21);
  claim(directory, textOf(user.resource['primaryEmail']), { kind: 'user', id });
  const added: DirectoryUser = {
    ...user,
    id,
    resource: { ...user.resource, id, creationTime: isoNow(directory.clock) },
    aliases: [],
    photo: null,
    deleted: false,
  };
  directory.users.set(id, added);
  return added;
}

/** Takes an address for a holder; 409 where somebody holds it, or where it is not free again yet. */
export function claim(directory: Directory, address: string, holder: Omit<Holder, 'until'>): void {
  const key = address.toLowerCase();
  const known = directory.addresses.get(key);
  const isFree = !known || (known.kind === 'held' && directory.clock.ticks() >= known.until);
  if (!isFree) throw alreadyExists();
  directory.addresses.set(key, { ...holder, until: 0 });
}

/** Gives an address up; it stays taken for `holdMs` of scaled time. */
export function release(directory: Directory, address: string, holdMs: number): void {
  const until = directory.clock.ticks() + holdMs;
  directory.addresses.set(address.toLowerCase(), { kind: 'held', id: '', until });
}

/** The user with an id, primary address or alias; null for none, deleted ones included. */
export function findUser(directory: Directory, key: string): DirectoryUser | null {
  const holder = directory.addresses.get(key.toLowerCase());
  const isUser = holder?.kind === 'user' || holder?.kind === 'user-alias';
  const user = directory.users.get(isUser ? holder.id : key);
  return user && !user.deleted ? user : null;
}

/** The group with an id, address or alias. */
export function findGroup(directory: Directory, key: string): DirectoryGroup | null {
  const holder = directory.addresses.get(key.toLowerCase());
  const isGroup = holder?.kind === 'group' || holder?.kind === 'group-alias';
  return directory.groups.get(isGroup ? holder.id : key) ?? null;
}

/** Primary address of a user. */
export function addressOf(user: DirectoryUser): string {
  return textOf(user.resource['primaryEmail']);
}

/** Primary address, aliases and mirrored addresses of a user, lower case. */
export function allAddressesOf(directory: Directory, user: DirectoryUser): Set<string> {
  return new Set([
    addressOf(user),
    ...user.aliases,
    ...mirroredOf(directory, [addressOf(user), ...user.aliases]),
  ]);
}

/** Addresses that exist on alias domains because they exist on the parent (`nonEditableAliases`). */
export function mirroredOf(directory: Directory, addresses: readonly string[]): string[] {
  const mirrored = addresses.flatMap((address) => {
    const [local, domain] = address.split('@');
    return Object.entries(directory.settings.domainAliases)
      .filter(([, parent]) => parent === domain)
      .map(([alias]) => `${local}@${alias}`);
  });
  return mirrored;
}

export function isSuspended(user: DirectoryUser): boolean {
  return user.resource['suspended'] === true;
}

/** True where the domain of an address is one of the tenant's own. */
export function isOwnDomain(directory: Directory, address: string): boolean {
  const domain = address.toLowerCase().split('@')[1] ?? '';
  return directory.settings.verifiedDomains.includes(domain) || domain === directory.settings.adminDomain;
}

/** True where `customer` names this tenant. */
export function isOwnCustomer(directory: Directory, customer: string): boolean {
  return customer === 'my_customer' || customer === directory.settings.customer;
}

/** ISO instant of now, milliseconds included, as Directory gives it. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** An ETag in the Directory's quoting, changed by every write. */
export function etagOf(directory: Directory): string {
  return `"${digits(directory.random, 12)}/${digits(directory.random, 12)}"`;
}

/** A number of n digits that does not begin with zero, as text. */
export function digits(random: Random, count: number): string {
  let text = String(1 + random.int(9));
  while (text.length < count) text += String(random.int(10));
  return text;
}
