import type { GraphGroup } from '../src/core/microsoft.ts';

/** Kind of a group as `groups.csv` names it (learn.microsoft.com/graph/api/resources/groups-overview). */
export type GroupType = 'unified' | 'distribution' | 'mail-security' | 'security' | 'dynamic';

/** The kind of a group; `dynamic` goes before what it would be without its rule. */
export function groupType(group: GraphGroup): GroupType {
  const isDynamic = group.groupTypes.some((type) => type.toLowerCase() === 'dynamicmembership');
  return isDynamic ? 'dynamic' : baseType(group);
}

/** The kind of a group, membership rule or not. Anything mail-enabled that is no security group distributes. */
export function baseType(group: GraphGroup): Exclude<GroupType, 'dynamic'> {
  if (group.groupTypes.some((type) => type.toLowerCase() === 'unified')) return 'unified';
  if (!group.mailEnabled) return 'security';
  return group.securityEnabled ? 'mail-security' : 'distribution';
}
