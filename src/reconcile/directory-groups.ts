import type { GroupFact } from '../core/facts.ts';
import { compareAliases } from './directory-aliases.ts';
import { compareMembers, type MovedGroups } from './directory-members.ts';
import {
  type DirectoryScope,
  directoryUnit,
  type GroupRow,
  isSourceDomain,
  leaveOut,
} from './directory-scope.ts';
import { fold, plainLine } from './names.ts';

/** Longest group name at Google (support.google.com/a/answer/9193374), in characters. */
const MAX_GROUP_NAME = 73;

/** Compares groups, their addresses and their members. */
export function compareGroups(scope: DirectoryScope): void {
  const rows = new Map(scope.groups.map((row) => [row.source.toLowerCase(), row]));
  const moved: MovedGroups = { source: new Map(), target: new Map(), rows: new Map() };
  for (const group of scope.target.groups) moved.target.set(group.address.toLowerCase(), group);
  const inScope: [GroupFact, string][] = [];
  for (const group of scope.source.groups) {
    const row = rows.get(group.address.toLowerCase()) ?? rows.get(group.id?.toLowerCase() ?? '');
    moved.source.set(keyOf(group), group);
    const target = targetOf(scope, group, row);
    const rule = groupRule(scope, group, row, target);
    if (rule === null && target !== null) {
      moved.rows.set(keyOf(group), target);
      inScope.push([group, target]);
    } else if (row !== undefined || group.address === '' || isSourceDomain(scope.organisation, group.address))
      leaveOut(scope, directoryUnit(keyOf(group), 'group', keyOf(group)), rule ?? 'address-dropped');
  }
  for (const [group, target] of inScope) compareGroup(scope, group, target, moved);
}

/** Groups without an address are known by their id. */
function keyOf(group: GroupFact): string {
  return (group.address || group.id || group.name).toLowerCase();
}

function targetOf({ addresses }: DirectoryScope, group: GroupFact, row: GroupRow | undefined): string | null {
  const target = row?.target || addresses.resolve(group.address) || null;
  return target?.toLowerCase() ?? null;
}

function groupRule(
  { organisation }: DirectoryScope,
  group: GroupFact,
  row: GroupRow | undefined,
  target: string | null,
): string | null {
  const { securityGroups, dynamicGroups } = organisation.policy.directory;
  const isNameless = group.type === 'security' && (group.address === '' || !group.address.includes('@'));
  if (isNameless && securityGroups === 'skip') return 'security-group';
  if (group.type === 'dynamic' && dynamicGroups === 'skip') return 'dynamic-group';
  if (row === undefined) return 'not-in-scope';
  if (!row.include) return 'not-included';
  return target === null ? 'address-dropped' : null;
}

function compareGroup(scope: DirectoryScope, group: GroupFact, target: string, moved: MovedGroups): void {
  const { check } = scope;
  const key = keyOf(group);
  const unit = directoryUnit(key, 'group', key);
  const found = moved.target.get(target);
  check.count(1);
  if (found === undefined) check.miss(unit, { code: 'group-missing', sourceValue: target });
  else {
    const differs = !sameGroupName(group.name, found.name);
    check.settle(unit, 'arrived', { differs });
    if (differs)
      check.differ(unit, {
        code: 'group-differs',
        field: 'name',
        sourceValue: group.name,
        targetValue: found.name,
      });
  }
  compareAliases(scope, {
    source: group.address || key,
    target,
    sourceAliases: group.aliases,
    targetAliases: found?.aliases ?? null,
  });
  compareMembers(scope, group, key, found ?? null, moved);
  compareDoubles(scope, group, key, found);
}

function compareDoubles(
  scope: DirectoryScope,
  group: GroupFact,
  key: string,
  found: GroupFact | undefined,
): void {
  for (const other of scope.target.groups) {
    if (other === found || other.id === null || other.id !== group.id) continue;
    const unit = directoryUnit(key, 'group', other.address);
    scope.check.surplus(unit, { code: 'group-duplicate', targetValue: other.address });
  }
}

/** Google takes no `=`, `<`, `>` in group names and cuts them. */
function sameGroupName(source: string, target: string): boolean {
  const wanted = fold(source);
  const actual = fold(target);
  if (wanted === actual || wanted === '') return true;
  return plainLine(source).length > MAX_GROUP_NAME && actual !== '' && wanted.startsWith(actual);
}
