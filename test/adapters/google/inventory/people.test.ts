import { describe, expect, it } from 'vitest';
import type { GroupFact } from '../../../../src/core/facts.ts';
import { organisation as newOrganisation } from '../../../support/jobs.ts';
import { ADMIN, failure, never, type Script } from '../tenant.ts';
import { ann, collect, DIRECTORY, inventoryOf, requestsFollowTheDescriptions } from './reading.ts';

const organisation = newOrganisation();
const EMPTY: Script = {
  [`${DIRECTORY}/users`]: { json: {} },
  [`${DIRECTORY}/groups`]: { json: {} },
  [`${DIRECTORY}/customer/my_customer/resources/calendars`]: { json: {} },
};

async function read(script: Script, principals = [ann]) {
  const { inventory, tenant } = inventoryOf({ ...EMPTY, ...script });
  return { facts: await collect(inventory.directory(organisation, principals, never)), tenant };
}

describe('people of the target', () => {
  it('are those in the organisation’s domains or scope, with what ferry wrote', async () => {
    const { facts, tenant } = await read(
      {
        [`${DIRECTORY}/users`]: [
          { json: { nextPageToken: 't' } },
          {
            json: {
              users: [
                {
                  primaryEmail: 'Ann@new.example',
                  name: { givenName: 'Ann', familyName: 'Lee' },
                  suspended: true,
                  aliases: ['Ann.Lee@new.example', 'ann@new.example.test-google-a.com'],
                  nonEditableAliases: ['ann@new.example.test-google-a.com'],
                  externalIds: [
                    { type: 'organization', value: '77' },
                    { type: 'custom', customType: 'm365_oid', value: 'oid-ann' },
                  ],
                  organizations: [{ title: 'Old' }, { primary: true, title: 'Nurse', department: 'A1' }],
                  relations: [
                    { type: 'assistant', value: 'x' },
                    { type: 'manager', value: 'Boss@new.example' },
                  ],
                },
                { primaryEmail: 'moved@third.example' },
                { primaryEmail: 'other@else.example' },
                {},
              ],
            },
          },
        ],
      },
      [{ ...ann, target: 'moved@third.example' }],
    );

    expect(facts).toEqual([
      {
        kind: 'user',
        id: 'oid-ann',
        address: 'ann@new.example',
        givenName: 'Ann',
        familyName: 'Lee',
        title: 'Nurse',
        department: 'A1',
        suspended: true,
        aliases: ['ann.lee@new.example'],
        managerAddress: 'boss@new.example',
      },
      {
        kind: 'user',
        id: null,
        address: 'moved@third.example',
        givenName: '',
        familyName: '',
        title: '',
        department: '',
        suspended: false,
        aliases: [],
        managerAddress: null,
      },
    ]);
    const grant = JSON.parse(
      Buffer.from(tenant.tokenRequests[0]!.get('assertion')!.split('.')[1]!, 'base64url').toString(),
    );
    expect(grant.sub).toBe(ADMIN);
    expect(grant.scope.split(' ').every((scope: string) => scope.endsWith('.readonly'))).toBe(true);
  });
});

describe('groups of the target', () => {
  const members = `${DIRECTORY}/groups/all@new.example/members`;

  it('tell direct members with roles, and everybody that nesting reaches', async () => {
    const { facts, tenant } = await read({
      [`${DIRECTORY}/groups`]: {
        json: {
          groups: [
            {
              email: 'All@new.example',
              name: 'All',
              aliases: ['Every@new.example'],
              nonEditableAliases: ['all@new.example.test-google-a.com'],
            },
            { email: 'x@else.example' },
          ],
        },
      },
      [members]: ({ query }) =>
        query.get('includeDerivedMembership') === 'true'
          ? {
              json: {
                members: [
                  { email: 'ann@new.example', type: 'USER' },
                  { email: 'sub@new.example', type: 'GROUP' },
                  { email: 'Cy@new.example', type: 'USER' },
                ],
              },
            }
          : {
              json: {
                members: [
                  { email: 'Ann@new.example', role: 'OWNER', type: 'USER' },
                  { email: 'sub@new.example', role: 'MEMBER', type: 'GROUP' },
                  { email: 'kim@fab.example', type: 'EXTERNAL' },
                  { id: 'C1', type: 'CUSTOMER' },
                ],
              },
            },
    });

    expect(facts).toHaveLength(1);
    expect(facts[0]).toMatchObject({
      kind: 'group',
      address: 'all@new.example',
      type: 'group',
      aliases: ['every@new.example'],
    });
    const group = facts[0] as GroupFact;
    expect(group.members).toEqual([
      { address: 'ann@new.example', role: 'owner', type: 'user' },
      { address: 'sub@new.example', role: 'member', type: 'group' },
      { address: 'kim@fab.example', role: 'member', type: 'external' },
    ]);
    expect(group.effective).toEqual(['ann@new.example', 'cy@new.example']);
    expect(tenant.asked.filter((route) => route === members)).toHaveLength(2);
  });

  it('without nesting reach their members, which costs no further request', async () => {
    const { facts, tenant } = await read({
      [`${DIRECTORY}/groups`]: { json: { groups: [{ email: 'all@new.example' }] } },
      [members]: [
        { json: { nextPageToken: 't' } },
        { json: { members: [{ email: 'ann@new.example', type: 'USER' }] } },
      ],
    });

    expect(facts).toMatchObject([{ effective: ['ann@new.example'] }]);
    expect(tenant.asked.filter((route) => route === members)).toHaveLength(2);
  });

  it('leave out one that is deleted meanwhile', async () => {
    const { facts } = await read({
      [`${DIRECTORY}/groups`]: {
        json: { groups: [{ email: 'all@new.example' }, { email: 'gone@new.example' }] },
      },
      [members]: { json: {} },
      [`${DIRECTORY}/groups/gone@new.example/members`]: failure(
        404,
        'notFound',
        'Resource Not Found: groupKey',
      ),
    });

    expect(facts).toMatchObject([{ address: 'all@new.example', members: [] }]);
  });
});

describe('rooms of the target', () => {
  const rooms = `${DIRECTORY}/customer/my_customer/resources/calendars`;

  it('are all of the customer’s resources', async () => {
    const { facts } = await read({
      [rooms]: {
        json: {
          items: [
            { resourceEmail: 'C1@resource.calendar.google.com', resourceName: 'Room 1', capacity: 12 },
            {},
          ],
        },
      },
    });

    expect(facts).toEqual([
      { kind: 'room', address: 'c1@resource.calendar.google.com', name: 'Room 1', capacity: 12 },
      { kind: 'room', address: '', name: '', capacity: null },
    ]);
  });

  it('are none where the customer has no resources at all', async () => {
    expect((await read({ [rooms]: failure(404, 'notFound', 'Resource Not Found') })).facts).toEqual([]);
  });
});

describe('a directory that may not be read', () => {
  it('says so as a matter of permission', async () => {
    await expect(
      read({ [`${DIRECTORY}/users`]: failure(403, 'forbidden', 'Not Authorized') }),
    ).rejects.toMatchObject({
      name: 'Auth',
    });
  });
});

requestsFollowTheDescriptions();
