import type { GoogleMemberRole } from '../src/core/google.ts';
import type { GraphGroup, GraphMember } from '../src/core/microsoft.ts';
import type { Loss, SkipReason } from '../src/core/types.ts';
import { isMailAddress } from './addresses.ts';
import { type GroupEdges, isGroup, transitiveMembers } from './group-nesting.ts';
import { groupType } from './group-types.ts';
import { cleanLine, cutAtGrapheme } from './text.ts';

/** Name and description of a group at Google; the strictest of the vendor's statements, and the Directory schema's. */
export const GROUP_LIMITS = { name: 73, description: 4096 } as const;

/** A group as owner is expanded to its people up to this many. */
export const MAX_EXPANDED_OWNERS = 10;

/** What a group is called at Google. */
export interface MappedGroup {
  name: string;
  description: string;
  losses: Loss[];
}

/** Name and description of a group, and what is lost with the group as a whole. */
export function mapGroup(group: GraphGroup, email: string): MappedGroup {
  const losses: Loss[] = [];
  const clean = cleanLine(group.displayName.replace(/[=<>&]/g, ' ')) || (email.split('@')[0] ?? email);
  const name = cutAtGrapheme(clean, GROUP_LIMITS.name).trim();
  if (name !== group.displayName) losses.push({ field: 'name', kind: 'changed', reason: nameReason(clean) });
  const whole = (group.description ?? '').toWellFormed().normalize('NFC');
  const description = cutAtGrapheme(whole, GROUP_LIMITS.description);
  if (description !== whole) losses.push({ field: 'description', kind: 'changed', reason: 'limit-4096' });
  if (groupType(group) === 'dynamic')
    losses.push({ field: 'membershipRule', kind: 'dropped', reason: 'static-copy' });
  if (group.isAssignableToRole)
    losses.push({ field: 'isAssignableToRole', kind: 'dropped', reason: 'privileges-not-copied' });
  if (group.resourceProvisioningOptions.some((option) => option.toLowerCase() === 'team'))
    losses.push({ field: 'team', kind: 'dropped', reason: 'channels-not-moved' });
  return { name, description, losses };
}

function nameReason(clean: string): string {
  return clean.length > GROUP_LIMITS.name ? `limit-${GROUP_LIMITS.name}` : 'characters-not-allowed';
}

/** What the mapping of members has to know of the rest of the tenant. */
export interface MembershipContext {
  /** Every group of the tenant by object id. */
  groups: ReadonlyMap<string, GraphGroup>;
  /** New address of a group that is moved, else null. */
  groupAddress(id: string): string | null;
  /** New address of a person who is moved, else null. */
  personAddress(id: string): string | null;
  /** Edges between groups that may stand (`acyclicEdges`). */
  edges: GroupEdges;
}

/** One membership at Google, or a member of the source who becomes none. */
export type Membership =
  | {
      kind: 'member';
      memberId: string;
      address: string;
      role: GoogleMemberRole;
      delivery: 'ALL_MAIL' | 'NONE';
      isGroup: boolean;
      losses: Loss[];
    }
  | { kind: 'left'; memberId: string; reason: SkipReason };

interface Claim {
  member: GraphMember;
  isMember: boolean;
  isOwner: boolean;
  losses: Loss[];
}

/**
 * The members of a group (mapping 2.4). Owners who are no members become owners without delivery, since at Google
 * every owner is a member; groups as owners stand for their people; an edge that would close a cycle, or leads to a
 * group that is not moved, is replaced by the people behind it; guests and contacts come in by their mail address.
 */
export function groupMemberships(group: GraphGroup, context: MembershipContext): Membership[] {
  const claims = new Map<string, Claim>();
  const left: Membership[] = [];
  for (const member of group.members) {
    if (!isGroup(member) || canStand(group, member, context)) claim(claims, member, 'member');
    else left.push(...expandMember(member, context, claims));
  }
  for (const owner of group.owners) {
    if (isGroup(owner)) left.push(...expandOwner(owner, context, claims));
    else claim(claims, owner, 'owner');
  }
  const seen = new Set<string>();
  const delivery = deliveryOf(group);
  const members = [...claims.values()].map((each) => membership(each, delivery, context, seen));
  return [...members, ...left.filter((each) => !claims.has(each.memberId))];
}

/** Members of a Microsoft 365 group get its mail only when subscribed; those of any other group always do. */
function deliveryOf(group: GraphGroup): 'ALL_MAIL' | 'NONE' {
  const isUnified = group.groupTypes.some((type) => type.toLowerCase() === 'unified');
  return isUnified && group.autoSubscribeNewMembers !== true ? 'NONE' : 'ALL_MAIL';
}

function canStand(group: GraphGroup, child: GraphMember, context: MembershipContext): boolean {
  return context.edges.get(group.id)?.has(child.id) === true && context.groupAddress(child.id) !== null;
}

function claim(
  claims: Map<string, Claim>,
  member: GraphMember,
  as: 'member' | 'owner',
  losses: Loss[] = [],
): void {
  const known = claims.get(member.id) ?? { member, isMember: false, isOwner: false, losses };
  claims.set(member.id, {
    ...known,
    isMember: known.isMember || as === 'member',
    isOwner: known.isOwner || as === 'owner',
  });
}

function expandMember(
  child: GraphMember,
  context: MembershipContext,
  claims: Map<string, Claim>,
): Membership[] {
  const rule = context.groupAddress(child.id) === null ? 'nested-group-not-included' : 'nested-group-cycle';
  const losses: Loss[] = [{ field: 'member', kind: 'changed', reason: `${rule}-expanded` }];
  for (const member of transitiveMembers(child.id, context.groups)) claim(claims, member, 'member', losses);
  return [{ kind: 'left', memberId: child.id, reason: { outcome: 'excluded', rule } }];
}

function expandOwner(
  owner: GraphMember,
  context: MembershipContext,
  claims: Map<string, Claim>,
): Membership[] {
  const people = transitiveMembers(owner.id, context.groups).filter(
    (member) => context.personAddress(member.id) !== null,
  );
  const isSmall = people.length <= MAX_EXPANDED_OWNERS;
  const losses: Loss[] = [{ field: 'owner', kind: 'changed', reason: 'group-owner-expanded' }];
  if (isSmall) for (const member of people) claim(claims, member, 'owner', losses);
  const reason: SkipReason = isSmall
    ? { outcome: 'excluded', rule: 'group-owner-expanded' }
    : { outcome: 'unsupported', rule: 'group-owner-too-large' };
  return [{ kind: 'left', memberId: owner.id, reason }];
}

function membership(
  each: Claim,
  delivery: 'ALL_MAIL' | 'NONE',
  context: MembershipContext,
  seen: Set<string>,
): Membership {
  const { member } = each;
  const found = addressOf(member, context);
  if (found.address === null) return { kind: 'left', memberId: member.id, reason: found.reason };
  if (seen.has(found.address))
    return {
      kind: 'left',
      memberId: member.id,
      reason: { outcome: 'excluded', rule: 'same-address-as-another-member' },
    };
  seen.add(found.address);
  const isOutside = isOutsider(member);
  const isDemoted = each.isOwner && isOutside;
  const losses: Loss[] = isDemoted
    ? [...each.losses, { field: 'role', kind: 'weakened', reason: 'external-owner' }]
    : each.losses;
  return {
    kind: 'member',
    memberId: member.id,
    address: found.address,
    role: each.isOwner && !isDemoted ? 'OWNER' : 'MEMBER',
    delivery: isGroup(member) ? 'ALL_MAIL' : each.isMember ? delivery : 'NONE',
    isGroup: isGroup(member),
    losses,
  };
}

type FoundAddress = { address: string } | { address: null; reason: SkipReason };

function addressOf(member: GraphMember, context: MembershipContext): FoundAddress {
  const own = isGroup(member) ? context.groupAddress(member.id) : context.personAddress(member.id);
  if (own !== null) return { address: own.toLowerCase() };
  const type = member.type.toLowerCase();
  if (isOutsider(member)) {
    if (isMailAddress(member.mail)) return { address: member.mail.toLowerCase() };
    return { address: null, reason: { outcome: 'unsupported', rule: 'member-without-address' } };
  }
  if (type === 'user') return { address: null, reason: { outcome: 'excluded', rule: 'member-not-included' } };
  return { address: null, reason: { outcome: 'unsupported', rule: `member-${kebab(member.type)}` } };
}

function isOutsider(member: GraphMember): boolean {
  const isGuest =
    member.userType?.toLowerCase() === 'guest' ||
    (member.userPrincipalName ?? '').toLowerCase().includes('#ext#');
  return isGuest || member.type.toLowerCase() === 'orgcontact';
}

function kebab(type: string): string {
  const words = type.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
  return words.replace(/[^a-z-]/g, '') || 'unknown';
}
