import type { GroupFact } from '../core/facts.ts';
import { type DirectoryScope, directoryUnit, isGuest, isSourceDomain, leaveOut } from './directory-scope.ts';

/** Groups of both ends by key; `rows` leads from a source group to its address at the target. */
export interface MovedGroups {
  source: Map<string, GroupFact>;
  target: Map<string, GroupFact>;
  rows: Map<string, string>;
}

const RANK: Readonly<Record<string, number>> = { member: 0, manager: 1, owner: 2 };

/** Compares direct members with their roles, then, where these agree, whom the group reaches through nesting. */
export function compareMembers(
  scope: DirectoryScope,
  group: GroupFact,
  key: string,
  found: GroupFact | null,
  moved: MovedGroups,
): void {
  const { check } = scope;
  const actual = rolesOf(found?.members ?? []);
  const accounted = new Set<string>();
  for (const [address, { role, type }] of rolesOf(group.members)) {
    const unit = directoryUnit(key, 'member', address);
    const wanted = memberAddress(scope, address, type, moved);
    const expanded =
      wanted === null || isCyclic(address, type, key, moved) ? reached(scope, address, type, moved) : null;
    if (wanted === null && expanded === null) {
      leaveOut(scope, unit, isGuest(address) ? 'guest' : 'member-not-moved');
      continue;
    }
    check.count(1);
    const member = wanted === null ? undefined : actual.get(wanted);
    if (wanted !== null) accounted.add(wanted);
    if (expanded !== null) for (const one of expanded) accounted.add(one);
    if (member !== undefined) {
      const differs = type === 'user' && member.role !== role;
      check.settle(unit, 'arrived', { differs });
      if (differs)
        check.differ(unit, {
          code: 'member-role',
          field: 'role',
          sourceValue: role,
          targetValue: member.role,
        });
    } else if (expanded?.every((one) => isReached(one, found, actual))) {
      check.settle(unit, 'arrived', { alterations: ['members instead of the nested group'] });
    } else check.miss(unit, { code: 'member-missing', field: 'member', sourceValue: wanted ?? address });
  }
  compareSurplus(scope, group, key, actual, accounted);
  if (found !== null) compareEffective(scope, group, key, found, moved);
}

function rolesOf(members: GroupFact['members']): Map<string, { role: string; type: string }> {
  const roles = new Map<string, { role: string; type: string }>();
  for (const { address, role, type } of members) {
    const known = roles.get(address.toLowerCase());
    const folded = role.toLowerCase();
    if (known === undefined || (RANK[folded] ?? 0) > (RANK[known.role] ?? 0))
      roles.set(address.toLowerCase(), { role: folded, type });
  }
  return roles;
}

/** The address that a member has at the target; null for who is not moved. Outsiders keep theirs. */
function memberAddress(
  { addresses, organisation }: DirectoryScope,
  address: string,
  type: string,
  moved: MovedGroups,
): string | null {
  if (type === 'group')
    return moved.rows.get(address) ?? (moved.source.has(address) ? null : addresses.resolve(address));
  const known = addresses.resolve(address)?.toLowerCase() ?? null;
  if (known !== null) return known;
  if (isGuest(address) || !address.includes('@') || isSourceDomain(organisation, address)) return null;
  return address;
}

/** People of a nested group that stand for it where it cannot be a member itself. */
function reached(scope: DirectoryScope, address: string, type: string, moved: MovedGroups): string[] | null {
  const nested = type === 'group' ? moved.source.get(address) : undefined;
  if (nested === undefined) return null;
  const people = nested.effective.flatMap(
    (one) => memberAddress(scope, one.toLowerCase(), 'user', moved) ?? [],
  );
  return people.length === 0 && !moved.rows.has(address) ? null : people;
}

function isReached(address: string, found: GroupFact | null, direct: ReadonlyMap<string, unknown>): boolean {
  return direct.has(address) || (found?.effective.some((one) => one.toLowerCase() === address) ?? false);
}

/** Google refuses cycles: one of their edges has to be replaced by people. */
function isCyclic(address: string, type: string, key: string, moved: MovedGroups): boolean {
  return type === 'group' && closureOf(address, moved).has(key);
}

/** A group and all that are nested in it. */
function closureOf(key: string, moved: MovedGroups): Set<string> {
  const seen = new Set<string>();
  const open = [key];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    for (const { address, type } of moved.source.get(next)?.members ?? [])
      if (type === 'group') open.push(address.toLowerCase());
  }
  return seen;
}

function compareSurplus(
  { check }: DirectoryScope,
  group: GroupFact,
  key: string,
  actual: ReadonlyMap<string, { role: string }>,
  accounted: ReadonlySet<string>,
): void {
  const hasOwner = group.members.some(({ role }) => role.toLowerCase() === 'owner');
  let spareOwners = hasOwner ? 0 : 1;
  for (const [address, { role }] of actual) {
    // A member without an address is the whole customer; a group without owners gets one at the target.
    if (accounted.has(address) || !address.includes('@')) continue;
    if (role === 'owner' && spareOwners > 0) {
      spareOwners -= 1;
      continue;
    }
    check.surplus(directoryUnit(key, 'member', address), {
      code: 'member-extra',
      field: 'member',
      targetValue: address,
    });
  }
}

/**
 * Sets of people reached are compared only where all direct members of the group and of what is nested in it agree:
 * else the differing member has been told already.
 */
function compareEffective(
  scope: DirectoryScope,
  group: GroupFact,
  key: string,
  found: GroupFact,
  moved: MovedGroups,
): void {
  if (group.effective.length === 0 || found.effective.length === 0) return;
  if (![...closureOf(key, moved)].every((nested) => sameMembers(scope, nested, moved))) return;
  const wanted = new Set(
    group.effective.flatMap((one) => memberAddress(scope, one.toLowerCase(), 'user', moved) ?? []),
  );
  const actual = new Set(found.effective.map((one) => one.toLowerCase()));
  const owners = new Set(
    found.members
      .filter(({ role }) => role.toLowerCase() === 'owner')
      .map(({ address }) => address.toLowerCase()),
  );
  const missing = [...wanted].filter((one) => !actual.has(one));
  const surplus = [...actual].filter((one) => !wanted.has(one) && !owners.has(one));
  if (missing.length + surplus.length === 0) return;
  scope.check.differ(directoryUnit(key, 'group', key), {
    code: 'effective-members',
    field: 'effective-members',
    sourceValue: String(wanted.size),
    targetValue: String(actual.size),
  });
}

function sameMembers(scope: DirectoryScope, key: string, moved: MovedGroups): boolean {
  const group = moved.source.get(key);
  const target = moved.rows.get(key);
  if (group === undefined || target === undefined) return true;
  const actual = rolesOf(moved.target.get(target)?.members ?? []);
  const wanted = [...rolesOf(group.members)].flatMap(
    ([address, { type }]) => memberAddress(scope, address, type, moved) ?? [],
  );
  return (
    wanted.every((address) => actual.has(address)) &&
    [...actual].every(([address, { role }]) => wanted.includes(address) || role === 'owner')
  );
}
