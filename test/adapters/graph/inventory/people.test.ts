import { describe, expect, it } from 'vitest';
import type { GroupFact, UserFact } from '../../../../src/core/facts.ts';
import { organisation as newOrganisation } from '../../../support/jobs.ts';
import { type Answer, at, collect, json, list, never, refusal } from '../tenant-double.ts';
import { exactly, inventoryOf, requestsFollowTheMetadata } from './reading.ts';

const organisation = newOrganisation();

function user(name: string, facts: object = {}) {
  const address = `${name}@old.example`;
  return { id: name, userPrincipalName: address, mail: address, accountEnabled: true, ...facts };
}

function person(name: string, facts: object = {}) {
  return { '@odata.type': '#microsoft.graph.user', ...user(name, facts) };
}

/** A group with what it lists under `members`, `owners` and `transitiveMembers`. */
function group(id: string, relations: Record<string, object[]>): Answer {
  return at(`/groups/${id}/`, ({ path }) => list(relations[path.split('?')[0]!.split('/').at(-1)!] ?? []));
}

const noUsers = exactly('/users', () => list([]));
const noGroups = exactly('/groups', () => list([]));
const noRooms = exactly('/places/microsoft.graph.room', () => list([]));

async function read(...answers: Answer[]) {
  const { inventory, tenant } = inventoryOf([...answers, noUsers, noGroups, noRooms]);
  const facts = await collect(inventory.directory(organisation, [], never));
  return { facts, tenant };
}

describe('people of the source', () => {
  it('are those of the organisation’s domains, guests left out', async () => {
    const { facts } = await read(
      exactly('/users', () =>
        list([
          user('ann', {
            givenName: 'Ann',
            surname: 'Lee',
            jobTitle: 'Nurse',
            department: 'A1',
            accountEnabled: false,
            proxyAddresses: [
              'SMTP:Ann.Lee@old.example',
              'smtp:ann@old.example',
              'smtp:Ann@old.example',
              'x500:/o=x',
            ],
            manager: { id: 'boss' },
          }),
          user('boss', { proxyAddresses: null, displayName: null }),
          user('other', { userPrincipalName: 'other@else.example', mail: 'other@else.example' }),
          user('guest', { userType: 'guest' }),
          user('ext', { userPrincipalName: 'bob_fab.com#EXT#@old.example' }),
        ]),
      ),
    );

    expect(facts).toEqual([
      {
        kind: 'user',
        id: 'ann',
        address: 'ann.lee@old.example',
        givenName: 'Ann',
        familyName: 'Lee',
        title: 'Nurse',
        department: 'A1',
        suspended: true,
        aliases: ['ann@old.example'],
        managerAddress: 'boss@old.example',
      },
      {
        kind: 'user',
        id: 'boss',
        address: 'boss@old.example',
        givenName: '',
        familyName: '',
        title: '',
        department: '',
        suspended: false,
        aliases: [],
        managerAddress: null,
      },
    ]);
  });

  it.each([
    [
      'refuses to expand them',
      (url: URL) => (url.searchParams.has('$expand') ? refusal(400, 'Request_BadRequest') : null),
    ],
    ['leaves them out', () => null],
  ])('have their managers asked for one by one where the list %s', async (_, refuse) => {
    const { facts } = await read(
      exactly('/users', ({ url }) => refuse(url) ?? list([user('ann'), user('boss')])),
      exactly('/users/ann/manager', () => json({ id: 'boss' })),
      exactly('/users/boss/manager', () => refusal(404, 'Request_ResourceNotFound')),
    );

    expect(facts.map((fact) => (fact as UserFact).managerAddress)).toEqual(['boss@old.example', null]);
  });

  it('follow an empty page that has a link', async () => {
    const { facts } = await read(
      (request) =>
        request.path.includes('$skiptoken=x') ? list([user('late', { manager: { id: 'late' } })]) : null,
      exactly('/users', () => list([], { next: '/v1.0/users?$skiptoken=x' })),
    );

    expect(facts).toHaveLength(1);
  });
});

describe('groups of the source', () => {
  it('tell direct members with roles, and everybody that nesting reaches', async () => {
    const { facts } = await read(
      exactly('/users', () => list([user('ann', { mail: null }), user('bob')])),
      exactly('/groups', () =>
        list([
          { id: 'g', displayName: 'All', mail: 'All@old.example', mailEnabled: true, securityEnabled: false },
        ]),
      ),
      group('g', {
        members: [
          person('ann', { mail: null }),
          { '@odata.type': '#microsoft.graph.group', id: 'h', mail: 'H@old.example' },
          { '@odata.type': '#microsoft.graph.orgContact', id: 'k', mail: 'kim@fab.example' },
          person('g1', {
            userType: 'Guest',
            mail: 'Guest@fab.example',
            userPrincipalName: 'g_fab#EXT#@old.example',
          }),
          person('g2', { userType: 'Guest', mail: null, userPrincipalName: 'h_fab#EXT#@old.example' }),
          { '@odata.type': '#microsoft.graph.device', id: 'd' },
        ],
        owners: [person('bob')],
        transitiveMembers: [
          person('ann', { mail: null }),
          { '@odata.type': '#microsoft.graph.group', id: 'h' },
          person('cy'),
        ],
      }),
      at('/users/', () => refusal(404, 'Request_ResourceNotFound')),
    );

    const found = facts.find(({ kind }) => kind === 'group') as GroupFact;
    expect(found).toMatchObject({
      address: 'all@old.example',
      name: 'All',
      type: 'distribution',
      aliases: [],
    });
    expect(found.members).toEqual([
      { address: 'ann@old.example', role: 'member', type: 'user' },
      { address: 'h@old.example', role: 'member', type: 'group' },
      { address: 'kim@fab.example', role: 'member', type: 'external' },
      { address: 'guest@fab.example', role: 'member', type: 'external' },
      { address: 'bob@old.example', role: 'owner', type: 'user' },
    ]);
    expect(found.effective).toEqual(['ann@old.example', 'cy@old.example']);
  });

  it('without nesting reach their members, which costs no further request', async () => {
    const { facts, tenant } = await read(
      exactly('/groups', () => list([{ id: 'g', mail: 'g@old.example' }])),
      group('g', { members: [person('ann')] }),
    );

    expect(facts).toMatchObject([{ effective: ['ann@old.example'] }]);
    expect(tenant.paths().some((path) => path.includes('transitiveMembers'))).toBe(false);
  });

  it.each([
    [{ groupTypes: ['Unified'], mailEnabled: true }, 'unified'],
    [{ groupTypes: ['DynamicMembership', 'Unified'] }, 'dynamic'],
    [{ groupTypes: [], mailEnabled: true, securityEnabled: true }, 'mail-security'],
    [{ groupTypes: null, mailEnabled: true }, 'distribution'],
    [{ mailEnabled: false, securityEnabled: true }, 'security'],
  ])('%j are of type %s', async (facts, type) => {
    const found = await read(
      exactly('/groups', () => list([{ id: 'g', mail: 'g@old.example', ...facts }])),
      group('g', {}),
    );

    expect(found.facts).toMatchObject([{ type }]);
  });

  it.each([
    ['its own address', { mail: 'g@old.example' }, [], true],
    ['an alias of its own', { mail: 'g@else.example', proxyAddresses: ['smtp:g@old.example'] }, [], true],
    ['another organisation’s address', { mail: 'g@else.example' }, [person('ann')], false],
    ['no address and one of its people', { mail: null }, [person('ann')], true],
    [
      'no address and other people',
      { mail: null },
      [person('x', { mail: 'x@else.example', userPrincipalName: 'x@else.example' })],
      false,
    ],
    [
      'the initial domain alone and one of its people',
      { mail: 'g@t.onmicrosoft.com' },
      [person('ann')],
      true,
    ],
    ['no address and nobody', { mail: null }, [], true],
  ])('with %s belong to the organisation or not', async (_, facts, members, isOwn) => {
    const found = await read(
      exactly('/groups', () => list([{ id: 'g', ...facts }])),
      group('g', { members }),
    );

    expect(found.facts).toHaveLength(isOwn ? 1 : 0);
  });

  it('leave out one that is deleted meanwhile', async () => {
    const { facts } = await read(
      exactly('/groups', () =>
        list([
          { id: 'gone', mail: 'gone@old.example' },
          { id: 'g', mail: 'g@old.example' },
        ]),
      ),
      at('/groups/gone/', () => refusal(404, 'Request_ResourceNotFound')),
      group('g', {}),
    );

    expect(facts).toMatchObject([{ id: 'g' }]);
  });
});

describe('rooms of the source', () => {
  it('are those of the organisation’s domains', async () => {
    const { facts } = await read(
      exactly('/places/microsoft.graph.room', () =>
        list([
          { id: 'r', emailAddress: 'Room1@old.example', displayName: 'Room 1', capacity: 12 },
          { id: 's', emailAddress: 'room2@old.example', capacity: null },
          { id: 't', emailAddress: 'room3@else.example' },
          { id: 'u' },
        ]),
      ),
    );

    expect(facts).toEqual([
      { kind: 'room', address: 'room1@old.example', name: 'Room 1', capacity: 12 },
      { kind: 'room', address: 'room2@old.example', name: '', capacity: null },
    ]);
  });

  it.each([
    [403, 'Authorization_RequestDenied'],
    [404, 'ResourceNotFound'],
    [400, 'BadRequest'],
  ])('are none where they may not be read (%i %s), which is logged', async (status, code) => {
    const events: string[] = [];
    const answers = [noUsers, noGroups, at('/places/', () => refusal(status, code))];
    const { inventory } = inventoryOf(answers, (_, event) => events.push(event));

    expect(await collect(inventory.directory(organisation, [], never))).toEqual([]);
    expect(events).toContain('inventory.rooms-not-readable');
  });

  it('cannot be read without a valid token', async () => {
    await expect(
      read(at('/places/', () => refusal(401, 'InvalidAuthenticationToken'))),
    ).rejects.toMatchObject({
      name: 'Auth',
    });
  });
});

requestsFollowTheMetadata();
