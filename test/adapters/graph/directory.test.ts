import { describe, expect, it } from 'vitest';
import { createDirectorySource } from '../../../adapters/graph/directory.ts';
import type { GraphGroup, GraphRoom, GraphUser } from '../../../src/core/microsoft.ts';
import type { Page } from '../../../src/core/types.ts';
import { loadCsdl, validatePath } from '../../support/csdl.ts';
import { jobOf, listedKey } from './jobs.ts';
import {
  type Answer,
  at,
  collect,
  itemsOf,
  json,
  list,
  never,
  refusal,
  type TenantDouble,
  tenantDouble,
} from './tenant-double.ts';

const job = jobOf('directory');

function user(id: string, extra: object = {}) {
  return { id, userPrincipalName: `${id}@old.example`, mail: `${id}@old.example`, ...extra };
}

const people = [
  user('ann', {
    displayName: 'Ann',
    proxyAddresses: ['SMTP:ann@old.example', 'smtp:a@old.example'],
    assignedLicenses: [{ skuId: 'sku', disabledPlans: [] }],
    employeeOrgData: { costCenter: '7', division: null },
    manager: { '@odata.type': '#microsoft.graph.user', id: 'bob' },
  }),
  user('bob', {
    mail: null,
    userPrincipalName: 'bob@tenant.onmicrosoft.com',
    proxyAddresses: ['SMTP:bob@OLD.example'],
  }),
  user('guest', { userType: 'Guest', userPrincipalName: 'g#EXT#@old.example' }),
  user('other', { mail: 'o@elsewhere.example', userPrincipalName: 'o@elsewhere.example' }),
];

const member = { '@odata.type': '#microsoft.graph.user', id: 'ann', userPrincipalName: 'ann@old.example' };

const estate: Answer[] = [
  at('/domains', () => list([{ id: 'old.example', isVerified: true, isDefault: true, isInitial: false }])),
  at('/users?', () => list(people)),
  at('/users/ann/mailboxSettings', () => json({ userPurpose: 'user', timeZone: 'UTC' })),
  at('/users/bob/mailboxSettings/userPurpose', () => json({ value: 'shared' })),
  at('/users/bob/mailboxSettings', () => json({ timeZone: 'UTC' })),
  at('/groups?', () =>
    list([
      { id: 'g1', displayName: 'Team', mail: 'team@old.example', groupTypes: ['Unified'], mailEnabled: true },
      { id: 'g2', displayName: 'Sec', securityEnabled: true },
      { id: 'g3', displayName: 'Foreign', mail: 'x@elsewhere.example' },
      { id: 'g4', displayName: 'Foreign security' },
    ]),
  ),
  at('/groups/g1/members', () => list([member], { next: '/v1.0/members-2' })),
  at('/members-2', () =>
    list([{ '@odata.type': '#microsoft.graph.orgContact', id: 'c', mail: 'c@out.example' }]),
  ),
  at('/groups/g1/owners', () => list([member])),
  at('/groups/g1?', () => json({ allowExternalSenders: true, autoSubscribeNewMembers: false })),
  at('/groups/g2/members', () => list([member])),
  at('/groups/g4/members', () => list([{ id: 'o', userPrincipalName: 'o@elsewhere.example' }])),
  at('/groups/', () => list([])),
  at('/places/microsoft.graph.room', () =>
    list([
      { id: 'p1', emailAddress: 'room@old.example', displayName: 'Room', capacity: 8 },
      { id: 'p2', emailAddress: 'room@elsewhere.example', displayName: 'Far' },
    ]),
  ),
];

function read(tenant: TenantDouble): Promise<Page[]> {
  return collect(createDirectorySource(tenant.client).pages(job, new Map(), never));
}

async function resource<T>(tenant: TenantDouble, key: string): Promise<T> {
  return itemsOf(await read(tenant), 'directory').get(key)?.inline as unknown as T;
}

describe('the directory', () => {
  it('lists what belongs to the organisation by domain, in one full reading', async () => {
    const pages = await read(tenantDouble(estate));

    const items = itemsOf(pages, 'directory');
    expect([...items.keys()]).toEqual([
      'domain:old.example',
      'user:ann',
      'user:bob',
      'user:guest',
      'group:g1',
      'group:g2',
      'room:p1',
    ]);
    expect([...items.values()].every((item) => item.rank === 0 && item.inline !== null)).toBe(true);
    expect(pages.filter((page) => page.first)).toHaveLength(1);
    expect(pages.map((page) => page.last)).toEqual([...pages.slice(1).map(() => false), true]);
  });

  it('shows users with manager, licences, purpose and zone', async () => {
    const tenant = tenantDouble(estate);

    expect(await resource<GraphUser>(tenant, 'user:ann')).toMatchObject({
      managerId: 'bob',
      licences: ['sku'],
      employeeOrgData: { costCenter: '7', division: null },
      userPurpose: 'user',
      mailboxTimeZone: 'UTC',
      accountEnabled: true,
      businessPhones: [],
    });
    expect(await resource<GraphUser>(tenant, 'user:bob')).toMatchObject({
      managerId: null,
      userPurpose: 'shared',
    });
  });

  it.each<[number, string, string]>([
    [404, 'MailboxNotEnabledForRESTAPI', 'none'],
    [403, 'ErrorAccessDenied', 'unknown'],
    [500, 'InternalServerError', 'unknown'],
  ])('goes on where settings answer %i %s, with the purpose %3$s', async (status, code, purpose) => {
    const closed = at('/users/ann/mailboxSettings', () => refusal(status, code));

    const ann = await resource<GraphUser>(tenantDouble([closed, ...estate]), 'user:ann');

    expect(ann).toMatchObject({ userPurpose: purpose, mailboxTimeZone: null });
  });

  it('asks no guest for a mailbox', async () => {
    const tenant = tenantDouble(estate);

    expect(await resource<GraphUser>(tenant, 'user:guest')).toMatchObject({ userPurpose: 'none' });
    expect(tenant.paths().filter((path) => path.startsWith('/users/guest/mailboxSettings'))).toEqual([]);
  });

  it.each([
    ['is refused', () => refusal(400, 'BadRequest')],
    ['is ignored', () => list(people.map((each) => ({ ...each, manager: undefined })))],
  ])('asks for managers one by one where expanding them %s', async (_name, expanded) => {
    const answers = [
      (request: { path: string }) => (request.path.includes('$expand') ? expanded() : null),
      at('/users/ann/manager', () => json({ '@odata.type': '#microsoft.graph.user', id: 'bob' })),
      at('/users?', () => list(people.map((each) => ({ ...each, manager: undefined })))),
      ...estate,
    ];

    expect(await resource<GraphUser>(tenantDouble(answers), 'user:ann')).toMatchObject({ managerId: 'bob' });
  });

  it('shows groups with all members, owners and the settings of Microsoft 365 groups', async () => {
    const tenant = tenantDouble(estate);

    const group = await resource<GraphGroup>(tenant, 'group:g1');
    expect(group.members.map(({ type, id }) => [type, id])).toEqual([
      ['user', 'ann'],
      ['orgContact', 'c'],
    ]);
    expect(group.owners).toHaveLength(1);
    expect(group).toMatchObject({
      allowExternalSenders: true,
      autoSubscribeNewMembers: false,
      hideFromAddressLists: null,
    });
    expect(await resource<GraphGroup>(tenant, 'group:g2')).toMatchObject({
      allowExternalSenders: null,
      mail: null,
    });
  });

  it('does without group settings that applications may not read', async () => {
    const closed = at('/groups/g1?', () => refusal(403, 'ErrorGroupsAccessDenied'));

    expect(await resource<GraphGroup>(tenantDouble([closed, ...estate]), 'group:g1')).toMatchObject({
      allowExternalSenders: null,
      members: [{ id: 'ann' }, { id: 'c' }],
    });
  });

  it('does without rooms and says so', async () => {
    const events: string[] = [];
    const closed = at('/places', () => refusal(403, 'ErrorAccessDenied'));
    const tenant = tenantDouble([closed, ...estate], { log: (_level, event) => events.push(event) });

    expect(await resource<GraphRoom>(tenant, 'room:p1')).toBeUndefined();
    expect(events).toContain('rooms-not-listed');
  });

  it('takes the verified domains of the organisation where domains may not be listed', async () => {
    const answers = [
      at('/domains', () => refusal(403, 'Authorization_RequestDenied')),
      at('/organization', () =>
        list([{ id: 't', verifiedDomains: [{ name: 'old.example', isDefault: true }] }]),
      ),
      ...estate,
    ];

    expect(await resource(tenantDouble(answers), 'domain:old.example')).toMatchObject({
      isVerified: true,
      isDefault: true,
    });
  });

  it('stops where users may not be read', async () => {
    const closed = at('/users?', () => refusal(403, 'Authorization_RequestDenied'));

    await expect(read(tenantDouble([closed, ...estate]))).rejects.toMatchObject({
      name: 'Auth',
      scope: 'run',
    });
  });

  it('reads one resource again', async () => {
    const answers = [
      at('/users/ann?', () => json(people[0])),
      at('/groups/g2?', () => json({ id: 'g2' })),
      ...estate,
    ];
    const source = createDirectorySource(tenantDouble(answers).client);

    expect(await source.get(job, listedKey('user:ann'), never)).toMatchObject({
      id: 'ann',
      userPurpose: 'user',
    });
    expect(await source.get(job, listedKey('group:g2'), never)).toMatchObject({
      id: 'g2',
      members: [{ id: 'ann' }],
    });
    expect(await source.get(job, listedKey('room:p1'), never)).toMatchObject({
      emailAddress: 'room@old.example',
    });
    await expect(source.get(job, listedKey('room:gone'), never)).rejects.toMatchObject({ name: 'NotFound' });
  });

  it.skipIf(loadCsdl() === null)(
    'is asked for with nothing that Graph does not know (needs ../shared)',
    async () => {
      const tenant = tenantDouble(estate);

      await read(tenant);

      const requests = tenant.paths().filter((path) => !path.startsWith('/members-2'));
      expect(requests.flatMap(validatePath)).toEqual([]);
    },
  );
});
