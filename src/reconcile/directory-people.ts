import type { UserFact } from '../core/facts.ts';
import type { Principal } from '../core/types.ts';
import { compareAliases } from './directory-aliases.ts';
import {
  addTo,
  type DirectoryScope,
  directoryUnit,
  isGuest,
  isSourceDomain,
  leaveOut,
} from './directory-scope.ts';
import { plainLine, sameText } from './names.ts';

/** Longest given or family name at Google (Directory API v1, `users.name`), in characters. */
const MAX_NAME = 60;
const SURE_LENGTH = 50;

/** Accounts by what they can be known by. */
class Accounts {
  readonly #byId = new Map<string, UserFact[]>();
  readonly #byAddress = new Map<string, UserFact>();

  constructor(users: readonly UserFact[]) {
    for (const user of users) {
      if (user.id !== null) addTo(this.#byId, user.id.toLowerCase(), user);
      this.#byAddress.set(user.address.toLowerCase(), user);
    }
  }

  /** The account with this address, else the first with this id. */
  find(address: string, id: string | null): UserFact | undefined {
    return this.#byAddress.get(address.toLowerCase()) ?? this.withId(id)[0];
  }

  withId(id: string | null): readonly UserFact[] {
    return id === null ? [] : (this.#byId.get(id.toLowerCase()) ?? []);
  }
}

/** Compares accounts with their addresses, managers and suspension; each of these is a unit of its own. */
export function comparePeople(scope: DirectoryScope): void {
  const source = new Accounts(scope.source.users);
  const target = new Accounts(scope.target.users);
  const seen = new Set<UserFact>();
  for (const principal of scope.principals) {
    const user = source.find(principal.source, principal.id);
    if (user !== undefined) seen.add(user);
    if (user !== undefined && !isGuest(user.address)) comparePerson(scope, principal, user, target);
  }
  leaveOutOthers(scope, seen);
}

function leaveOutOthers(scope: DirectoryScope, seen: ReadonlySet<UserFact>): void {
  const rooms = new Set([...scope.rooms, ...scope.source.rooms].map(addressOfRoom));
  for (const user of scope.source.users) {
    const address = user.address.toLowerCase();
    const unit = directoryUnit(address, 'user', address);
    if (isGuest(address)) leaveOut(scope, unit, 'guest');
    else if (seen.has(user) || rooms.has(address) || isGroupSource(scope, address)) continue;
    else if (isSourceDomain(scope.organisation, address)) leaveOut(scope, unit, 'not-in-scope');
  }
}

function addressOfRoom(room: { source: string } | { address: string }): string {
  return ('source' in room ? room.source : room.address).toLowerCase();
}

/** A shared mailbox may become a group, and is compared as such. */
function isGroupSource({ groups }: DirectoryScope, address: string): boolean {
  return groups.some(({ source }) => source.toLowerCase() === address);
}

function comparePerson(scope: DirectoryScope, principal: Principal, user: UserFact, targets: Accounts): void {
  const { check } = scope;
  const unit = directoryUnit(principal.source, 'user', principal.source);
  const found = targets.find(principal.target, user.id);
  const asGroup = scope.target.groups.some(
    ({ address }) => address.toLowerCase() === principal.target.toLowerCase(),
  );
  check.count(1);
  if (found === undefined && principal.kind === 'shared' && asGroup) {
    check.settle(unit, 'arrived', { alterations: ['as group'] });
    return;
  }
  const { source, target } = principal;
  const aliases = { source, target, sourceAliases: user.aliases, targetAliases: found?.aliases ?? null };
  if (found === undefined) check.miss(unit, { code: 'user-missing', sourceValue: target });
  else compareFields(scope, principal, user, found);
  compareAliases(scope, aliases);
  compareManager(scope, principal, user, found);
  compareSuspension(scope, principal, user, found);
  for (const other of targets.withId(user.id).filter((account) => account !== found))
    check.surplus(directoryUnit(source, 'user', other.address), {
      code: 'user-duplicate',
      targetValue: other.address,
    });
}

function compareFields(scope: DirectoryScope, principal: Principal, user: UserFact, found: UserFact): void {
  const unit = directoryUnit(principal.source, 'user', principal.source);
  const fields: [string, string, string, boolean][] = [
    ['address', principal.target, found.address, sameText(principal.target, found.address)],
    ['givenName', user.givenName, found.givenName, sameName(user.givenName, found.givenName)],
    ['familyName', user.familyName, found.familyName, sameName(user.familyName, found.familyName)],
    ['title', user.title, found.title, sameField(user.title, found.title)],
    ['department', user.department, found.department, sameField(user.department, found.department)],
  ];
  const differing = fields.filter(([, , , same]) => !same);
  scope.check.settle(unit, 'arrived', { differs: differing.length > 0 });
  for (const [field, sourceValue, targetValue] of differing)
    scope.check.differ(unit, { code: 'user-differs', field, sourceValue, targetValue });
}

/** What the source leaves empty the target may fill: Google requires both names, of sixty characters at most. */
function sameName(source: string, target: string): boolean {
  const wanted = plainLine(source.replace(/[<>]/g, ''));
  if (wanted === '') return true;
  if (wanted.length <= MAX_NAME) return sameText(wanted, target);
  // A cut may fall a little earlier, so that no visible character is split.
  return sameText(wanted.slice(0, SURE_LENGTH), plainLine(target).slice(0, SURE_LENGTH));
}

function sameField(source: string, target: string): boolean {
  return plainLine(source) === '' || sameText(source, target);
}

function compareManager(
  scope: DirectoryScope,
  principal: Principal,
  user: UserFact,
  found: UserFact | undefined,
): void {
  const { check, addresses } = scope;
  const actual = found?.managerAddress?.toLowerCase() ?? null;
  const unit = directoryUnit(principal.source, 'manager', principal.source);
  if (user.managerAddress === null) {
    if (actual !== null)
      check.differ(unit, { code: 'manager-differs', field: 'manager', targetValue: actual });
    return;
  }
  const wanted = addresses.resolve(user.managerAddress)?.toLowerCase() ?? null;
  if (wanted === null) {
    leaveOut(scope, unit, 'manager-not-moved');
    return;
  }
  check.count(1);
  if (actual === null) check.miss(unit, { code: 'manager-missing', field: 'manager', sourceValue: wanted });
  else check.settle(unit, 'arrived', { differs: actual !== wanted });
  if (actual !== null && actual !== wanted)
    check.differ(unit, {
      code: 'manager-differs',
      field: 'manager',
      sourceValue: wanted,
      targetValue: actual,
    });
}

/**
 * Accounts of shared mailboxes are disabled at the source by nature, and have to be active at the target to be
 * delegated. Other accounts are suspended when the operator asks for it, after their mail has been checked.
 */
function compareSuspension(
  scope: DirectoryScope,
  principal: Principal,
  user: UserFact,
  found: UserFact | undefined,
): void {
  const { check } = scope;
  const unit = directoryUnit(principal.source, 'suspend', principal.source);
  const values = {
    field: 'suspended',
    sourceValue: String(user.suspended),
    targetValue: String(found?.suspended ?? ''),
  };
  if (!user.suspended || principal.kind === 'shared') {
    if (found?.suspended) check.differ(unit, { code: 'suspension-differs', ...values });
    return;
  }
  if (found !== undefined && !found.suspended) {
    leaveOut(scope, unit, 'suspend-on-request');
    return;
  }
  check.count(1);
  if (found === undefined) check.miss(unit, { code: 'suspension-missing', ...values });
  else check.settle(unit, 'arrived');
}
