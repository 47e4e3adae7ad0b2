import type { AddressRow } from '../src/core/estate-rows.ts';
import type { GraphGroup } from '../src/core/microsoft.ts';
import { type ActionRow, act, leave, RANK } from './directory-rows.ts';
import { type DirectoryScope, domainOf } from './directory-scope.ts';
import { acyclicEdges, nestingHeights } from './group-nesting.ts';
import { groupSettings } from './group-settings.ts';
import { groupMemberships, type Membership, type MembershipContext, mapGroup } from './groups.ts';
import { belongsTo } from './organisations.ts';

type AliasActions = (lines: readonly AddressRow[], primary: string, after: string) => ActionRow[];

interface Nesting extends MembershipContext {
  heights: ReadonlyMap<string, number>;
}

/** Groups of one organisation with settings, aliases and members. */
export function groupActions(scope: DirectoryScope, aliasActions: AliasActions): ActionRow[] {
  const edges = acyclicEdges(scope.groupsById);
  const nesting: Nesting = {
    groups: scope.groupsById,
    groupAddress: (id) => scope.groupTargets.get(id) ?? null,
    personAddress: (id) => scope.personTargets.get(id) ?? null,
    edges,
    heights: nestingHeights(edges),
  };
  return [...scope.groupsById.values()].flatMap((group) => oneGroup(group, scope, nesting, aliasActions));
}

function oneGroup(
  group: GraphGroup,
  scope: DirectoryScope,
  nesting: Nesting,
  aliasActions: AliasActions,
): ActionRow[] {
  const key = `group:${group.id}`;
  const row = scope.groupRow(group);
  if (row === null) {
    if (!belongsTo(group, scope.organisation)) return [];
    return [leave(key, RANK.group, { outcome: 'excluded', rule: 'not-in-groups' })];
  }
  if (row.organisation !== scope.organisation.id) return [];
  const email = scope.groupTargets.get(group.id);
  if (email === undefined) {
    const rule =
      row.type === 'security' ? 'security-group' : row.type === 'dynamic' ? 'dynamic-group' : 'not-included';
    return [leave(key, RANK.group, { outcome: 'excluded', rule })];
  }
  const memberships = groupMemberships(group, nesting);
  const isOutside = (each: Membership) =>
    each.kind === 'member' && !scope.targetDomains.has(domainOf(each.address));
  const { name, description, losses } = mapGroup(group, email);
  const mapped = groupSettings(group, memberships.some(isOutside));
  return [
    act(key, RANK.group, { action: 'group', email, name, description }, { losses }),
    act(
      `settings:${group.id}`,
      RANK.settings,
      { action: 'settings', group: email, settings: mapped.settings },
      { after: key, losses: mapped.losses },
    ),
    ...aliasActions(scope.addressLines.get(email) ?? [], email, key),
    ...memberships.map((each) => memberAction(group, email, each, nesting.heights.get(group.id) ?? 0)),
  ];
}

/** Memberships of groups in groups come after those of people, the deepest nested groups first. */
function memberAction(group: GraphGroup, email: string, each: Membership, height: number): ActionRow {
  const key = `member:${group.id}/${each.memberId}`;
  if (each.kind === 'left') return leave(key, RANK.member, each.reason);
  const { address: member, role, delivery, losses } = each;
  const rank = each.isGroup ? Math.min(RANK.member + height, RANK.deepestMember) : RANK.member;
  return act(
    key,
    rank,
    { action: 'member', group: email, member, role, delivery },
    { after: `group:${group.id}`, losses },
  );
}
