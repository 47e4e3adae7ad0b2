import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicEdges, nestingHeights, transitiveMembers } from '../../mappings/group-nesting.ts';
import { groupSettings } from '../../mappings/group-settings.ts';
import { groupType } from '../../mappings/group-types.ts';
import {
  groupMemberships,
  type Membership,
  type MembershipContext,
  mapGroup,
} from '../../mappings/groups.ts';
import type { GraphGroup, GraphMember } from '../../src/core/microsoft.ts';
import { group, groupMember, member } from './samples.ts';

describe('groupType', () => {
  it.each([
    ['unified', { groupTypes: ['Unified'] }],
    ['dynamic', { groupTypes: ['DynamicMembership', 'Unified'] }],
    ['distribution', { mailEnabled: true, securityEnabled: false }],
    ['mail-security', { mailEnabled: true, securityEnabled: true }],
    ['security', { mail: null }],
  ])('recognises %s', (type, over) => {
    expect(groupType(group('g', over as Partial<GraphGroup>))).toBe(type);
  });
});

describe('groupSettings', () => {
  const unified = { groupTypes: ['Unified'], allowExternalSenders: false };

  it.each([
    [
      'B1 public',
      { ...unified, visibility: 'Public' },
      [
        'ALL_IN_DOMAIN_CAN_JOIN',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_DISCOVER',
        'true',
      ],
    ],
    [
      'B2 private',
      { ...unified, visibility: 'Private' },
      [
        'CAN_REQUEST_TO_JOIN',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_MEMBERS_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_DISCOVER',
        'true',
      ],
    ],
    [
      'B2 nothing said',
      { ...unified, visibility: null },
      [
        'CAN_REQUEST_TO_JOIN',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_MEMBERS_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_DISCOVER',
        'true',
      ],
    ],
    [
      'B3, case 19: hidden membership',
      { ...unified, visibility: 'HiddenMembership' },
      [
        'INVITED_CAN_JOIN',
        'ALL_MANAGERS_CAN_VIEW',
        'ALL_MEMBERS_CAN_VIEW',
        'ALL_MEMBERS_CAN_DISCOVER',
        'true',
      ],
    ],
    [
      'B4 distribution',
      { mailEnabled: true, securityEnabled: false },
      [
        'INVITED_CAN_JOIN',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_MEMBERS_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_DISCOVER',
        'false',
      ],
    ],
    [
      'B5 mail-enabled security',
      { mailEnabled: true, securityEnabled: true },
      [
        'INVITED_CAN_JOIN',
        'ALL_IN_DOMAIN_CAN_VIEW',
        'ALL_MEMBERS_CAN_VIEW',
        'ALL_IN_DOMAIN_CAN_DISCOVER',
        'false',
      ],
    ],
    [
      'B6 security',
      { mail: null },
      [
        'INVITED_CAN_JOIN',
        'ALL_MANAGERS_CAN_VIEW',
        'ALL_MANAGERS_CAN_VIEW',
        'ALL_MEMBERS_CAN_DISCOVER',
        'false',
      ],
    ],
  ])('%s', (_, over, expected) => {
    const { settings } = groupSettings(group('g', over as Partial<GraphGroup>), false);

    expect([
      settings.whoCanJoin,
      settings.whoCanViewMembership,
      settings.whoCanViewGroup,
      settings.whoCanDiscoverGroup,
      settings.isArchived,
    ]).toEqual(expected);
  });

  it('case 22: O3 external senders may post, spam is moderated', () => {
    const { settings } = groupSettings(group('g', { allowExternalSenders: true }), false);

    expect(settings).toMatchObject({
      whoCanPostMessage: 'ANYONE_CAN_POST',
      messageModerationLevel: 'MODERATE_NONE',
      spamModerationLevel: 'MODERATE',
    });
  });

  it('O3u leaves the post right narrow and reports it where the source cannot say', () => {
    const { settings, losses } = groupSettings(group('g'), false);

    expect(settings.whoCanPostMessage).toBe('ALL_IN_DOMAIN_CAN_POST');
    expect(losses).toEqual([
      { field: 'whoCanPostMessage', kind: 'weakened', reason: 'external-senders-unknown' },
    ]);
  });

  it('O9 hides a group that is hidden from address lists', () => {
    const { settings } = groupSettings(group('g', { hideFromAddressLists: true }), false);

    expect(settings).toMatchObject({
      whoCanDiscoverGroup: 'ALL_MEMBERS_CAN_DISCOVER',
      includeInGlobalAddressList: 'false',
    });
  });

  it.each([
    [true, 'true'],
    [false, 'false'],
  ])('O11 external members %s → "%s"', (hasExternal, expected) => {
    expect(groupSettings(group('g'), hasExternal).settings.allowExternalMembers).toBe(expected);
  });

  it('writes strings only', () => {
    const values = Object.values(groupSettings(group('g'), true).settings);

    expect(values.every((value) => typeof value === 'string')).toBe(true);
  });
});

describe('mapGroup', () => {
  it('case 24: cuts a name of 100 characters to 73 and takes out brackets', () => {
    const { name, losses } = mapGroup(group('g', { displayName: `<a>${'b'.repeat(97)}` }), 'g@new.example');

    expect(name).toBe(`a ${'b'.repeat(71)}`);
    expect(losses).toEqual([{ field: 'name', kind: 'changed', reason: 'limit-73' }]);
  });

  it('case 20: a dynamic group reports its rule', () => {
    const dynamic = group('g', {
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.department -eq "x"',
    });

    expect(mapGroup(dynamic, 'g@new.example').losses).toEqual([
      { field: 'membershipRule', kind: 'dropped', reason: 'static-copy' },
    ]);
  });

  it('never copies privileges of roles', () => {
    const { losses } = mapGroup(group('g', { isAssignableToRole: true }), 'g@new.example');

    expect(losses[0]?.field).toBe('isAssignableToRole');
  });
});

function context(groups: readonly GraphGroup[], left: readonly string[] = []): MembershipContext {
  const byId = new Map(groups.map((each) => [each.id, each]));
  const isMoved = (id: string) => !left.includes(id);
  return {
    groups: byId,
    edges: acyclicEdges(byId),
    groupAddress: (id) => (byId.has(id) && isMoved(id) ? `${id}@new.example` : null),
    personAddress: (id) => (id.startsWith('u') && isMoved(id) ? `${id}@new.example` : null),
  };
}

function shape(memberships: readonly Membership[]): string[] {
  return memberships.map((each) =>
    each.kind === 'left'
      ? `${each.memberId}: ${each.reason.outcome} ${each.reason.rule}`
      : `${each.address}: ${each.role} ${each.delivery}`,
  );
}

describe('groupMemberships', () => {
  it('case 17: an owner who is no member gets no mail', () => {
    const g = group('g', { members: [member('u1'), member('u2')], owners: [member('u2'), member('u3')] });

    expect(shape(groupMemberships(g, context([g])))).toEqual([
      'u1@new.example: MEMBER ALL_MAIL',
      'u2@new.example: OWNER ALL_MAIL',
      'u3@new.example: OWNER NONE',
    ]);
  });

  it('members of a Microsoft 365 group get mail only when subscribed', () => {
    const quiet = group('q', { groupTypes: ['Unified'], members: [member('u1')] });
    const loud = group('l', { ...quiet, id: 'l', autoSubscribeNewMembers: true });

    expect(shape(groupMemberships(quiet, context([quiet])))).toEqual(['u1@new.example: MEMBER NONE']);
    expect(shape(groupMemberships(loud, context([loud])))).toEqual(['u1@new.example: MEMBER ALL_MAIL']);
  });

  it('case 11: guests and contacts come in by their mail address', () => {
    const guest = member('x', {
      userType: 'Guest',
      userPrincipalName: 'bob_fab.com#EXT#@c',
      mail: 'Bob@fab.com',
    });
    const contact = member('c', {
      type: 'orgContact',
      userPrincipalName: null,
      userType: null,
      mail: 'c@out.example',
    });
    const g = group('g', { members: [guest, contact], owners: [guest] });

    expect(shape(groupMemberships(g, context([g])))).toEqual([
      'bob@fab.com: MEMBER ALL_MAIL',
      'c@out.example: MEMBER ALL_MAIL',
    ]);
  });

  it('says by which rule somebody is no member', () => {
    const g = group('g', {
      members: [
        member('u9'),
        member('d', { type: 'device', mail: null }),
        member('s', { type: 'servicePrincipal', mail: null }),
        member('c', { type: 'orgContact', mail: null }),
      ],
    });

    expect(shape(groupMemberships(g, context([g], ['u9'])))).toEqual([
      'u9: excluded member-not-included',
      'd: unsupported member-device',
      's: unsupported member-service-principal',
      'c: unsupported member-without-address',
    ]);
  });

  it('case 16: two groups nested in each other lose one edge and no person', () => {
    const a = group('a', { members: [member('u1'), groupMember('b')] });
    const b = group('b', { members: [member('u2'), member('u3'), groupMember('a')] });
    const tenant = context([a, b]);

    expect(shape(groupMemberships(a, tenant))).toEqual([
      'u1@new.example: MEMBER ALL_MAIL',
      'u2@new.example: MEMBER ALL_MAIL',
      'u3@new.example: MEMBER ALL_MAIL',
      'b: excluded nested-group-cycle',
    ]);
    expect(shape(groupMemberships(b, tenant))).toEqual([
      'u2@new.example: MEMBER ALL_MAIL',
      'u3@new.example: MEMBER ALL_MAIL',
      'a@new.example: MEMBER ALL_MAIL',
    ]);
  });

  it('replaces a nested group that is not moved by its people, with a loss on each', () => {
    const inner = group('inner', { members: [member('u1')] });
    const outer = group('outer', { members: [groupMember('inner')] });

    const memberships = groupMemberships(outer, context([inner, outer], ['inner']));

    expect(memberships).toMatchObject([
      {
        address: 'u1@new.example',
        losses: [{ field: 'member', reason: 'nested-group-not-included-expanded' }],
      },
      { kind: 'left', memberId: 'inner' },
    ]);
  });

  it('case 18: a group as owner stands for its people up to ten', () => {
    const people = (count: number) => Array.from({ length: count }, (_, index) => member(`u${index}`));
    const ten = group('ten', { members: people(10) });
    const eleven = group('eleven', { members: people(11) });
    const g = group('g', { owners: [groupMember('ten')] });
    const h = group('h', { owners: [groupMember('eleven')] });
    const tenant = context([ten, eleven, g, h]);

    expect(shape(groupMemberships(g, tenant)).filter((line) => line.includes('OWNER NONE'))).toHaveLength(10);
    expect(shape(groupMemberships(h, tenant))).toEqual(['eleven: unsupported group-owner-too-large']);
  });

  it('adds one address once', () => {
    const contact = member('c', { type: 'orgContact', mail: 'u1@new.example' });
    const g = group('g', { members: [member('u1'), contact] });

    expect(shape(groupMemberships(g, context([g])))).toEqual([
      'u1@new.example: MEMBER ALL_MAIL',
      'c: excluded same-address-as-another-member',
    ]);
  });
});

describe('acyclicEdges', () => {
  const tenant = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 24 }).map((pairs) =>
    Array.from({ length: 8 }, (_, index) => {
      const children = pairs
        .filter(([parent]) => parent === index)
        .map(([, child]) => groupMember(`g${child}`));
      return group(`g${index}`, { members: [member(`u${index}`), ...children] });
    }),
  );

  it('leaves no cycle, and everybody reaches whom they reached before', () => {
    fc.assert(
      fc.property(tenant, (groups) => {
        const where = context(groups);
        const direct = new Map(groups.map((each) => [each.id, groupMemberships(each, where)]));
        const reach = (id: string, path: readonly string[]): string[] => {
          expect(path).not.toContain(id);
          return (direct.get(id) ?? []).flatMap((each) => {
            if (each.kind === 'left') return [];
            return each.isGroup ? reach(each.memberId, [...path, id]) : [each.memberId];
          });
        };

        for (const each of groups) {
          const before = transitiveMembers(each.id, where.groups).map(({ id }: GraphMember) => id);
          expect(new Set(reach(each.id, []))).toEqual(new Set(before));
        }
      }),
    );
  });

  it('measures how deep groups nest', () => {
    const groups = [
      group('a', { members: [groupMember('b')] }),
      group('b', { members: [groupMember('c')] }),
      group('c'),
    ];

    const heights = nestingHeights(acyclicEdges(new Map(groups.map((each) => [each.id, each]))));

    expect(heights).toEqual(
      new Map([
        ['c', 0],
        ['b', 1],
        ['a', 2],
      ]),
    );
  });
});
