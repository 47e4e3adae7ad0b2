import { describe, expect, it } from 'vitest';
import { planAddresses } from '../../mappings/address-plan.ts';
import { directoryActions, mapDirectory } from '../../mappings/directory.ts';
import { groupRows, peopleRows, roomRows } from '../../mappings/estate-rows.ts';
import { addressBook } from '../../src/core/address-book.ts';
import type { DirectoryAction } from '../../src/core/google.ts';
import type { DirectoryResource } from '../../src/core/microsoft.ts';
import type { Organisation, SourceItem } from '../../src/core/types.ts';
import { group, groupMember, listed, member, organisation, POLICY, room, user } from './samples.ts';

const BODY = organisation();

function actions(
  resources: readonly DirectoryResource[],
  body: Organisation = BODY,
  all: readonly Organisation[] = [body],
  suspendLeavers = true,
): SourceItem[] {
  const { rows } = planAddresses(resources, all);
  return directoryActions({
    organisation: body,
    resources,
    people: peopleRows(resources, all),
    groups: groupRows(resources, all),
    rooms: roomRows(resources),
    addresses: addressBook(rows),
    addressRows: rows,
    policy: body.policy,
    suspendLeavers,
  });
}

function actionAt(items: readonly SourceItem[], key: string): DirectoryAction | null {
  const item = items.find((each) => each.key === key);
  expect(item, key).toBeDefined();
  return item?.inline as DirectoryAction | null;
}

function skipAt(items: readonly SourceItem[], key: string): unknown {
  return items.find((each) => each.key === key)?.state.skip;
}

describe('peopleRows', () => {
  it('lists people, shared mailboxes and guests, and no rooms', () => {
    const rows = peopleRows(
      [
        user('ann'),
        user('box', { userPurpose: 'shared', accountEnabled: false }),
        user('r', { userPurpose: 'room' }),
        user('none', { userPurpose: 'none' }),
        user('g', { userPrincipalName: 'b_f.com#EXT#@contoso.com', userType: 'Guest', mail: 'b@f.com' }),
      ],
      [BODY],
    );

    expect(
      rows.map(({ source, target, kind, include, note }) => [source, target, kind, include, note]),
    ).toEqual([
      ['ann@contoso.com', 'ann@new.example', 'person', true, ''],
      ['box@contoso.com', 'box@new.example', 'shared', true, ''],
      ['none@contoso.com', 'none@new.example', 'account', true, 'no mailbox: account only'],
      ['b_f.com#ext#@contoso.com', '', 'person', false, 'guest: no account of its own'],
    ]);
  });

  it('case 13: settings that could not be read are noted, the person stays in', () => {
    expect(peopleRows([user('ann', { userPurpose: 'unknown' })], [BODY])).toMatchObject([
      { include: true, note: 'mailbox settings could not be read' },
    ]);
  });

  it('gives everybody to the organisation of their domain', () => {
    const other = organisation({
      id: 'other',
      domains: { 'other.example': 'new2.example' },
      orgUnit: '/Other',
    });
    const rows = peopleRows(
      [user('ann'), user('eve', { userPrincipalName: 'eve@other.example' })],
      [BODY, other],
    );

    expect(rows.map((row) => [row.organisation, row.orgUnit, row.target])).toEqual([
      ['body', '/Body', 'ann@new.example'],
      ['other', '/Other', 'eve@new2.example'],
    ]);
  });
});

describe('groupRows', () => {
  it('case 23: a security group without an address is left out by default, and made on request', () => {
    const security = group('abcd', { mail: null, mailNickname: 'Finance Team' });
    const create = organisation({
      policy: { ...POLICY, directory: { ...POLICY.directory, securityGroups: 'create' } },
    });

    expect(groupRows([security], [BODY])).toMatchObject([
      { source: 'abcd', type: 'security', include: false },
    ]);
    expect(groupRows([security], [create])).toMatchObject([
      { target: 'sec-finance-team@new.example', include: true },
    ]);
  });
});

describe('roomRows', () => {
  it('takes places, and equipment that is no place', () => {
    const rows = roomRows([
      room('r1'),
      user('r1', { userPurpose: 'room' }),
      user('beamer', { userPurpose: 'equipment', displayName: 'Beamer' }),
    ]);

    expect(rows.map(({ source, name, capacity }) => [source, name, capacity])).toEqual([
      ['r1@contoso.com', 'Room r1', 8],
      ['beamer@contoso.com', 'Beamer', null],
    ]);
  });
});

describe('directoryActions', () => {
  it('orders org units, users, groups, aliases, settings, members, rooms, managers, suspensions', () => {
    const items = actions([
      user('boss'),
      user('ann', {
        managerId: 'boss',
        accountEnabled: false,
        proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:a@contoso.com'],
      }),
      group('team', { members: [member('ann')] }),
      room('r1'),
    ]);

    expect(items.map(({ key }) => key.replace(/building-\w+/, 'building'))).toEqual([
      'org-unit:/Body',
      'user:boss',
      'user:ann',
      'group:team',
      'alias:a@new.example',
      'settings:team',
      'member:team/ann',
      'building:building',
      'room:r1',
      'manager:ann',
      'suspend:ann',
    ]);
    expect(items.map(({ rank }) => rank)).toEqual([0, 100, 100, 110, 120, 130, 140, 150, 151, 200, 900]);
  });

  it('makes org units from the root down', () => {
    const items = actions([user('ann')], organisation({ orgUnit: '/A/B' }));

    expect(items.slice(0, 2).map(({ key, rank }) => [key, rank])).toEqual([
      ['org-unit:/A', 0],
      ['org-unit:/A/B', 1],
    ]);
    expect(actionAt(items, 'user:ann')).toMatchObject({ user: { orgUnitPath: '/A/B' } });
  });

  it('case 10: a disabled person is suspended last, a disabled shared mailbox is not', () => {
    const items = actions([
      user('ann', { accountEnabled: false }),
      user('box', { accountEnabled: false, userPurpose: 'shared' }),
    ]);

    expect(
      items.filter(({ key }) => key.startsWith('suspend:')).map(({ key, after }) => [key, after]),
    ).toEqual([['suspend:ann', 'user:ann']]);
  });

  it('nobody is suspended before the closing pass, for mail cannot be written to a suspended account', () => {
    const items = actions([user('ann', { accountEnabled: false })], BODY, [BODY], false);

    expect(skipAt(items, 'suspend:ann')).toEqual({ outcome: 'excluded', rule: 'suspend-on-request' });
  });

  it('case 12: a manager who stays behind is reported; managers of each other are both written', () => {
    const cycle = actions([user('a', { managerId: 'b' }), user('b', { managerId: 'a' })]);
    const gone = actions([user('a', { managerId: 'nobody' })]);

    expect(actionAt(cycle, 'manager:a')).toEqual({
      action: 'manager',
      user: 'a@new.example',
      manager: 'b@new.example',
    });
    expect(actionAt(cycle, 'manager:b')).toEqual({
      action: 'manager',
      user: 'b@new.example',
      manager: 'a@new.example',
    });
    expect(skipAt(gone, 'manager:a')).toEqual({ outcome: 'excluded', rule: 'manager-not-included' });
  });

  it('case 5: an alias that Google reserves is counted, not created', () => {
    const items = actions([
      user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:postmaster@contoso.com'] }),
    ]);

    expect(actionAt(items, 'alias:postmaster@contoso.com')).toBeNull();
    expect(skipAt(items, 'alias:postmaster@contoso.com')).toEqual({
      outcome: 'unsupported',
      rule: 'alias-reserved',
    });
  });

  it('case 6: the aliases beyond 30 become groups with one member that take mail from everywhere', () => {
    const aliases = Array.from({ length: 42 }, (_, index) => `smtp:a${index}@contoso.com`);
    const items = actions([user('ann', { proxyAddresses: ['SMTP:ann@contoso.com', ...aliases] })]);

    expect(items.filter(({ key }) => key.startsWith('alias:'))).toHaveLength(30);
    expect(items.filter(({ key }) => key.startsWith('group:'))).toHaveLength(12);
    expect(actionAt(items, 'member:alias:a41@new.example/ann')).toMatchObject({ member: 'ann@new.example' });
    expect(actionAt(items, 'settings:alias:a41@new.example')).toMatchObject({
      settings: { whoCanPostMessage: 'ANYONE_CAN_POST' },
    });
  });

  it('case 11: a guest becomes a member by the outside address, and no user', () => {
    const guest = user('g', {
      userPrincipalName: 'b_f.com#EXT#@contoso.com',
      userType: 'Guest',
      mail: 'b@f.com',
    });
    const asMember = member('g', { userType: 'Guest', mail: 'b@f.com' });
    const items = actions([guest, group('team', { members: [asMember] })]);

    expect(skipAt(items, 'user:g')).toEqual({ outcome: 'excluded', rule: 'guest' });
    expect(actionAt(items, 'member:team/g')).toMatchObject({ member: 'b@f.com', role: 'MEMBER' });
    expect(actionAt(items, 'settings:team')).toMatchObject({ settings: { allowExternalMembers: 'true' } });
  });

  it('people of another organisation are members, but not created', () => {
    const other = organisation({ id: 'other', domains: { 'other.example': 'new2.example' } });
    const eve = user('eve', { userPrincipalName: 'eve@other.example' });
    const items = actions([user('ann'), eve, group('team', { members: [member('eve')] })], BODY, [
      BODY,
      other,
    ]);

    expect(items.map(({ key }) => key)).not.toContain('user:eve');
    expect(actionAt(items, 'member:team/eve')).toMatchObject({ member: 'eve@new2.example' });
    expect(actionAt(items, 'settings:team')).toMatchObject({ settings: { allowExternalMembers: 'false' } });
  });

  it('writes nested groups deepest first', () => {
    const items = actions([
      group('a', { members: [groupMember('b')] }),
      group('b', { members: [groupMember('c')] }),
      group('c', { members: [member('ann')] }),
      user('ann'),
    ]);

    expect(items.filter(({ key }) => key.startsWith('member:')).map(({ key }) => key)).toEqual([
      'member:c/ann',
      'member:b/c',
      'member:a/b',
    ]);
  });

  it('case 20: a dynamic group without members is created empty', () => {
    const dynamic = group('d', { groupTypes: ['DynamicMembership'], membershipRule: 'x' });
    const items = actions([dynamic]);

    expect(actionAt(items, 'group:d')).toMatchObject({ action: 'group', email: 'd@new.example' });
    expect(items.some(({ key }) => key.startsWith('member:'))).toBe(false);
  });

  it.each([
    ['auto', 'user:box', 'user'],
    ['user', 'user:box', 'user'],
    ['group', 'group:box', 'group'],
  ] as const)('shared mailboxes by policy %s: %s', (sharedMailboxes, key, action) => {
    const policy = { ...POLICY, directory: { ...POLICY.directory, sharedMailboxes } };
    const items = actions([user('box', { userPurpose: 'shared' })], organisation({ policy }));

    expect(actionAt(items, key)?.action).toBe(action);
  });

  it('a room lies in its building, on a floor that the building has', () => {
    const items = actions([room('r1', { floorLabel: 'Ground' }), room('r2', { floorNumber: null })]);
    const building = items.find(({ key }) => key.startsWith('building:'))?.inline as DirectoryAction;

    expect(building).toMatchObject({
      action: 'building',
      buildingName: 'North',
      floorNames: ['1', 'Ground'],
    });
    expect(actionAt(items, 'room:r1')).toMatchObject({
      resource: {
        resourceName: 'Room r1',
        capacity: 8,
        floorName: 'Ground',
        resourceCategory: 'CONFERENCE_ROOM',
      },
    });
  });

  it('equipment without a place is a resource of another kind', () => {
    const items = actions([user('beamer', { userPurpose: 'equipment', displayName: 'Beamer' })]);

    expect(actionAt(items, 'room:beamer')).toMatchObject({
      resource: { resourceName: 'Beamer', resourceCategory: 'OTHER' },
    });
    expect(items.some(({ key }) => key.startsWith('user:'))).toBe(false);
  });

  it('gives the same items for the same estate, and a new version only where something changed', () => {
    const before = [user('ann'), user('bob')];
    const after = [user('ann', { jobTitle: 'Clerk' }), user('bob')];
    const versions = (items: readonly SourceItem[]) =>
      new Map(items.map(({ key, version }) => [key, version]));

    const [first, again, changed] = [actions(before), actions(before), actions(after)].map(versions);

    expect(again).toEqual(first);
    expect(changed?.get('user:bob')).toBe(first?.get('user:bob'));
    expect(changed?.get('user:ann')).not.toBe(first?.get('user:ann'));
  });
});

describe('mapDirectory', () => {
  const copy = (item: SourceItem) =>
    [{ item: listed(item.key, item), parent: null, resource: null }] as const;

  it('hands out the action with its losses', () => {
    const items = actions([user('ann', { surname: null, displayName: 'Ann', givenName: 'Ann' })]);
    const item = items.find(({ key }) => key === 'user:ann');

    expect(mapDirectory([...copy(item as SourceItem)])).toMatchObject({
      kind: 'value',
      value: { action: 'user' },
      losses: [{ field: 'name.familyName', kind: 'added' }],
    });
  });

  it('skips what has a rule', () => {
    const items = actions([user('ann', { managerId: 'gone' })]);
    const item = items.find(({ key }) => key === 'manager:ann');

    expect(mapDirectory([...copy(item as SourceItem)])).toEqual({
      kind: 'skip',
      reason: { outcome: 'excluded', rule: 'manager-not-included' },
    });
  });
});
