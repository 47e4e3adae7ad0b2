import type { AddressRow, RoomRow } from '../src/core/estate-rows.ts';
import type { DirectoryAction } from '../src/core/google.ts';
import type { DirectoryResource, GraphUser } from '../src/core/microsoft.ts';
import type { Copy } from '../src/core/ports.ts';
import type { Loss, Mapped, SkipReason, SourceItem } from '../src/core/types.ts';
import { isResource } from './address-plan.ts';
import { isGuest, primarySmtp, rewriteAddress } from './addresses.ts';
import { groupActions } from './directory-groups.ts';
import { type ActionRow, act, asItems, leave, RANK } from './directory-rows.ts';
import { type DirectoryInput, type DirectoryScope, directoryScope, domainOf } from './directory-scope.ts';
import { GROUP_OF_ONE_SETTINGS, SHARED_MAILBOX_SETTINGS } from './group-settings.ts';
import { belongsTo } from './organisations.ts';
import { buildingsOf, mapRoom } from './rooms.ts';
import { mapUser } from './users.ts';

/**
 * Every action that builds one organisation's directory at Google, as ledger items: org units by depth, users,
 * groups, aliases, settings, members (nested groups deeper first), buildings and rooms, managers, suspensions. What
 * becomes no action is there as a row with its rule. The same input gives the same items.
 */
export function directoryActions(input: DirectoryInput): SourceItem[] {
  const scope = directoryScope(input);
  return asItems([
    ...orgUnitActions(scope),
    ...scope.users.flatMap((user) => userActions(user, scope)),
    ...groupActions(scope, (old, primary, key) => aliasActions(old, primary, key, 'group', scope)),
    ...roomActions(scope),
  ]);
}

/** The mapping of a directory item: its action as it stands, or the rule by which there is none. */
export function mapDirectory(
  copies: readonly [Copy<DirectoryResource>, ...Copy<DirectoryResource>[]],
): Mapped<DirectoryAction> {
  const { state, inline } = copies[0].item;
  const losses = (state.losses ?? []) as unknown as readonly Loss[];
  if (state.skip || inline === null) {
    const reason = (state.skip ?? { outcome: 'excluded', rule: 'no-action' }) as unknown as SkipReason;
    return { kind: 'skip', reason };
  }
  return { kind: 'value', value: inline as unknown as DirectoryAction, losses };
}

function orgUnitActions(scope: DirectoryScope): ActionRow[] {
  const paths = scope.people
    .filter((row) => row.include && row.organisation === scope.organisation.id)
    .map((row) => row.orgUnit || scope.organisation.orgUnit);
  const units = new Set([scope.organisation.orgUnit, ...paths].flatMap(withAncestors));
  return [...units]
    .sort()
    .map((path) => act(`org-unit:${path}`, path.split('/').length - 2, { action: 'org-unit', path }));
}

/** `/A/B` → `/A`, `/A/B`; the root is there already. */
function withAncestors(path: string): string[] {
  const names = path.split('/').filter((name) => name.trim() !== '');
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function userActions(user: GraphUser, scope: DirectoryScope): ActionRow[] {
  const key = `user:${user.id}`;
  const row = scope.personRow(user);
  if (row === null) {
    if (isResource(user) || !belongsTo(user, scope.organisation)) return [];
    return [leave(key, RANK.user, { outcome: 'excluded', rule: 'not-in-people' })];
  }
  if (row.organisation !== scope.organisation.id || isResource(user)) return [];
  if (isGuest(user)) return [leave(key, RANK.user, { outcome: 'excluded', rule: 'guest' })];
  if (!row.include || row.target === '')
    return [leave(key, RANK.user, { outcome: 'excluded', rule: 'not-included' })];
  const target = row.target.toLowerCase();
  if (row.kind === 'shared' && scope.policy.directory.sharedMailboxes === 'skip')
    return [leave(key, RANK.user, { outcome: 'excluded', rule: 'shared-mailbox' })];
  if (row.kind === 'shared' && scope.policy.directory.sharedMailboxes === 'group')
    return sharedGroupActions(user, target, scope);
  const unit = withAncestors(row.orgUnit || scope.organisation.orgUnit).at(-1) ?? '/';
  const { user: value, losses } = mapUser(user, target, unit);
  return [
    act(key, RANK.user, { action: 'user', user: value }, { losses }),
    ...aliasesOf(user.id, target, scope, key),
    ...managerActions(user, target, scope),
    ...(user.accountEnabled || row.kind === 'shared' ? [] : suspendActions(user, target, scope, key)),
  ];
}

function suspendActions(user: GraphUser, target: string, scope: DirectoryScope, after: string): ActionRow[] {
  const key = `suspend:${user.id}`;
  if (!scope.suspendLeavers)
    return [leave(key, RANK.suspend, { outcome: 'excluded', rule: 'suspend-on-request' })];
  return [act(key, RANK.suspend, { action: 'suspend', user: target }, { after })];
}

function sharedGroupActions(user: GraphUser, email: string, scope: DirectoryScope): ActionRow[] {
  const key = `group:${user.id}`;
  const name =
    (user.displayName ?? email)
      .replace(/[=<>&]/g, ' ')
      .slice(0, 73)
      .trim() || email;
  const losses: Loss[] = [{ field: 'sharedMailbox', kind: 'changed', reason: 'group-by-policy' }];
  const settings = SHARED_MAILBOX_SETTINGS;
  const lines = scope.addressLines.get(email) ?? [];
  return [
    act(key, RANK.group, { action: 'group', email, name, description: '' }, { losses }),
    act(`settings:${user.id}`, RANK.settings, { action: 'settings', group: email, settings }, { after: key }),
    ...aliasActions(lines, email, key, 'group', scope),
  ];
}

function aliasesOf(oid: string, primary: string, scope: DirectoryScope, key: string): ActionRow[] {
  const lines = scope.addressLines.get(primary) ?? [];
  return [
    ...aliasActions(lines, primary, key, 'user', scope),
    ...lines
      .filter((line) => line.rule === 'group-of-one')
      .flatMap((line) => groupOfOneActions(line, oid, primary, scope)),
  ];
}

/** Aliases of one primary address, and a row for each old address that becomes none. */
function aliasActions(
  lines: readonly AddressRow[],
  primary: string,
  after: string,
  owner: 'user' | 'group',
  scope: DirectoryScope,
): ActionRow[] {
  return lines.flatMap((line) => {
    const obstacle = ALIAS_OBSTACLES[line.rule];
    if (line.kind !== 'smtp' || line.rule === 'group-of-one') return [];
    if (obstacle) return [leave(`alias:${line.old}`, RANK.alias, obstacle)];
    if (line.rule !== 'alias' && line.rule !== '') return [];
    const alias = scope.rewrite(line.old);
    if (alias === null) return [leave(`alias:${line.old}`, RANK.alias, NOT_MAPPED)];
    if (alias === primary) return [];
    const domains = { [domainOf(line.old)]: domainOf(alias) };
    const rewritten = rewriteAddress(line.old, domains);
    const losses = rewritten.address === null ? [] : rewritten.losses;
    return [act(`alias:${alias}`, RANK.alias, { action: 'alias', owner, primary, alias }, { after, losses })];
  });
}

const NOT_MAPPED: SkipReason = { outcome: 'excluded', rule: 'domain-not-mapped' };
const ALIAS_OBSTACLES: Readonly<Record<string, SkipReason | undefined>> = {
  reserved: { outcome: 'unsupported', rule: 'alias-reserved' },
  taken: { outcome: 'excluded', rule: 'alias-taken' },
  'domain-not-mapped': NOT_MAPPED,
};

function groupOfOneActions(
  line: AddressRow,
  oid: string,
  primary: string,
  scope: DirectoryScope,
): ActionRow[] {
  const email = scope.rewrite(line.old);
  if (email === null) return [leave(`alias:${line.old}`, RANK.alias, NOT_MAPPED)];
  const id = `alias:${email}`;
  const after = `group:${id}`;
  const losses: Loss[] = [{ field: 'alias', kind: 'changed', reason: 'limit-30-group-of-one' }];
  return [
    act(after, RANK.group, { action: 'group', email, name: email.slice(0, 73), description: '' }, { losses }),
    act(
      `settings:${id}`,
      RANK.settings,
      { action: 'settings', group: email, settings: GROUP_OF_ONE_SETTINGS },
      { after },
    ),
    act(
      `member:${id}/${oid}`,
      RANK.member,
      { action: 'member', group: email, member: primary, role: 'MEMBER', delivery: 'ALL_MAIL' },
      { after },
    ),
  ];
}

/** A manager in another organisation of the tenant, if that one is moved as well. */
function elsewhere(upn: string | null | undefined, { people }: DirectoryScope): string | null {
  if (!upn) return null;
  const row = people.find(({ source, include }) => include && source === upn.toLowerCase());
  return row?.target || null;
}

function managerActions(user: GraphUser, target: string, scope: DirectoryScope): ActionRow[] {
  if (user.managerId === null || user.managerId === user.id) return [];
  const key = `manager:${user.id}`;
  const manager = scope.personTargets.get(user.managerId) ?? elsewhere(user.managerUpn, scope);
  if (manager === null)
    return [leave(key, RANK.manager, { outcome: 'excluded', rule: 'manager-not-included' })];
  return [act(key, RANK.manager, { action: 'manager', user: target, manager }, { after: `user:${user.id}` })];
}

function roomActions(scope: DirectoryScope): ActionRow[] {
  const found = scope.rooms.filter((row) => ownsRoom(row, scope)).map((row) => joinRoom(row, scope));
  const moved = found.filter(({ row, id }) => row.include && id !== null);
  return [
    ...buildingsOf(moved).map((building) =>
      act(`building:${building.buildingId}`, RANK.building, { action: 'building', ...building }),
    ),
    ...found.map(({ row, room, id, isEquipment }) => {
      if (id === null || !row.include)
        return leave(`room:${id ?? row.source}`, RANK.room, {
          outcome: 'excluded',
          rule: row.include ? 'room-not-found' : 'not-included',
        });
      const { resource, losses } = mapRoom(row, room, isEquipment);
      return act(`room:${id}`, RANK.room, { action: 'room', resource }, { losses });
    }),
  ];
}

function joinRoom(row: RoomRow, scope: DirectoryScope) {
  const source = row.source.toLowerCase();
  const room = scope.places.find((place) => place.emailAddress.toLowerCase() === source) ?? null;
  const mailbox = scope.users.find(
    (user) =>
      isResource(user) && (primarySmtp(user) === source || user.userPrincipalName.toLowerCase() === source),
  );
  const isEquipment = mailbox?.userPurpose === 'equipment';
  return { row, room, id: room?.id ?? mailbox?.id ?? null, isEquipment };
}

/** `rooms.csv` names no organisation: the domain decides; rooms of unmapped domains go with the first one. */
function ownsRoom(row: RoomRow, scope: DirectoryScope): boolean {
  const domains = Object.keys(scope.organisation.domains).map((domain) => domain.toLowerCase());
  if (domains.includes(domainOf(row.source))) return true;
  const organisations = [...new Set(scope.people.map(({ organisation }) => organisation))].sort();
  const isShared = domainOf(row.source).endsWith('.onmicrosoft.com');
  const isFirst = organisations[0] === scope.organisation.id;
  return organisations.length <= 1 || (isShared && isFirst);
}
