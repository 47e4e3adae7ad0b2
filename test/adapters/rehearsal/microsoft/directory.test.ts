import { describe, expect, it } from 'vitest';
import { errorCode, openTenant, valuesOf, walk } from './ask.ts';
import { ANN, BOB } from './estate-fixture.ts';

describe('users', () => {
  it('show the documented default properties, and others only on $select', async () => {
    const { ask } = await openTenant();

    const [plain] = valuesOf((await ask('/v1.0/users')).body);
    const [chosen] = valuesOf((await ask('/v1.0/users?$select=proxyAddresses,employeeId')).body);

    expect(plain).toHaveProperty('userPrincipalName', 'ann@old.example');
    expect(plain).not.toHaveProperty('proxyAddresses');
    expect(chosen).toEqual({ proxyAddresses: ['SMTP:ann@old.example'], employeeId: null, id: ANN });
  });

  it('come in pages whose link carries the query on', async () => {
    const asker = await openTenant();

    const { values, pages } = await walk(asker, '/v1.0/users?$top=1&$select=id');

    expect(values.map((user) => Object.keys(user))).toEqual([['id'], ['id'], ['id']]);
    expect(pages).toBe(3);
  });

  it('expand their managers, with the nested selection', async () => {
    const { ask } = await openTenant();

    const { body } = await ask('/v1.0/users?$select=id&$expand=manager($select=mail)');

    expect(valuesOf(body).find((user) => user['id'] === ANN)).toEqual({
      id: ANN,
      manager: { '@odata.type': '#microsoft.graph.user', mail: 'bob@old.example', id: BOB },
    });
    expect(valuesOf(body).find((user) => user['id'] === BOB)).toEqual({ id: BOB });
  });

  it('are found by id or UPN in any case, and filtered', async () => {
    const { ask } = await openTenant();

    expect((await ask(`/v1.0/users/${ANN}`)).body).toMatchObject({ mail: 'ann@old.example' });
    expect((await ask('/v1.0/users/ANN%40old.example')).body).toMatchObject({ id: ANN });
    expect(valuesOf((await ask("/v1.0/users?$filter=mail eq 'bob@old.example'")).body)).toHaveLength(1);
    expect((await ask(`/v1.0/users/${ANN}/manager`)).body).toMatchObject({ id: BOB });
  });

  it.each([
    ['/v1.0/users?$top=1000', 400, 'Request_UnsupportedQuery'],
    ['/v1.0/users?$skip=1', 400, 'BadRequest'],
    ['/v1.0/users?$select=surname,shoeSize', 400, 'BadRequest'],
    ['/v1.0/users?$expand=shoes', 400, 'BadRequest'],
    ['/v1.0/users?colour=red', 400, 'BadRequest'],
    ['/v1.0/users?$search="mail:ann"', 400, 'BadRequest'],
    ['/v1.0/users?$filter=mail is 3', 400, 'BadRequest'],
    ['/v1.0/users/nobody@old.example', 404, 'Request_ResourceNotFound'],
    [`/v1.0/users/${BOB}/manager`, 404, 'Request_ResourceNotFound'],
    ['/v1.0/users/$count', 400, 'Request_UnsupportedQuery'],
    ['/v1.0/me', 400, 'BadRequest'],
    ['/v1.0/shoes', 400, 'BadRequest'],
    ['/beta/users', 400, 'BadRequest'],
  ])('%s meets %d %s', async (path, status, code) => {
    const { ask } = await openTenant();

    const answer = await ask(path);

    expect(answer.status).toBe(status);
    expect(errorCode(answer.body)).toBe(code);
  });

  it('are only read', async () => {
    const { ask } = await openTenant();

    expect((await ask('/v1.0/users', { method: 'POST', body: '{}' })).status).toBe(405);
  });

  it('are counted for clients that accept a lag', async () => {
    const { raw, ask } = await openTenant();
    const headers = { ConsistencyLevel: 'eventual' };

    expect((await raw('/v1.0/users/$count', { headers })).body).toBe('3');
    expect((await ask('/v1.0/users?$count=true&$top=1', { headers })).body['@odata.count']).toBe(3);
  });
});

describe('groups', () => {
  it('show members of every kind with their types', async () => {
    const { ask } = await openTenant();

    const { body } = await ask('/v1.0/groups/g-outer/members?$select=id,mail,userPrincipalName');

    expect(valuesOf(body)).toEqual([
      {
        '@odata.type': '#microsoft.graph.user',
        id: ANN,
        mail: 'ann@old.example',
        userPrincipalName: 'ann@old.example',
      },
      { '@odata.type': '#microsoft.graph.group', id: 'g-inner', mail: null },
      { '@odata.type': '#microsoft.graph.orgContact', id: 'contact-1', mail: 'out@elsewhere.example' },
    ]);
  });

  it('show each transitive member once', async () => {
    const { ask } = await openTenant();

    const { body } = await ask('/v1.0/groups/g-outer/transitiveMembers/microsoft.graph.user');

    expect(valuesOf(body).map((user) => user['id'])).toEqual([ANN, BOB]);
  });

  it('show settings of Exchange only on the get of one with a mailbox', async () => {
    const { ask } = await openTenant();
    const select = '?$select=id,allowExternalSenders';

    expect((await ask(`/v1.0/groups/g-outer${select}`)).body).toHaveProperty('allowExternalSenders', true);
    expect((await ask(`/v1.0/groups/g-inner${select}`)).body).not.toHaveProperty('allowExternalSenders');
    expect(valuesOf((await ask(`/v1.0/groups${select}`)).body)[0]).not.toHaveProperty('allowExternalSenders');
  });

  it('hide a hidden membership from apps without the extra permission', async () => {
    const blind = await openTenant(['Group.Read.All']);
    const seeing = await openTenant(['Group.Read.All', 'Member.Read.Hidden']);

    expect(valuesOf((await blind.ask('/v1.0/groups/g-hidden/members')).body)).toEqual([]);
    expect(valuesOf((await seeing.ask('/v1.0/groups/g-hidden/members')).body)).toHaveLength(1);
  });
});

describe('the tenant', () => {
  it('has its domains, the initial one first and the first other one as default', async () => {
    const { ask } = await openTenant();

    expect(valuesOf((await ask('/v1.0/domains')).body)).toMatchObject([
      { id: 'old.onmicrosoft.com', isInitial: true, isDefault: false, isVerified: true },
      { id: 'old.example', isInitial: false, isDefault: true, isVerified: true },
    ]);
  });

  it('has rooms under their cast in any case, and licences', async () => {
    const { ask } = await openTenant();

    expect(valuesOf((await ask('/v1.0/places/Microsoft.Graph.Room')).body)).toMatchObject([
      { emailAddress: 'room1@old.example', capacity: 8 },
    ]);
    expect(valuesOf((await ask('/v1.0/subscribedSkus')).body)).toMatchObject([{ skuPartNumber: 'SPE_E3' }]);
  });
});

describe('mailbox settings', () => {
  it('tell what a mailbox is for', async () => {
    const { ask } = await openTenant();

    const { body } = await ask('/v1.0/users/ann@old.example/mailboxSettings/userPurpose');

    expect(body).toEqual({
      '@odata.context': expect.stringContaining('mailboxSettings/userPurpose'),
      value: 'user',
    });
    expect((await ask('/v1.0/users/ann@old.example/mailboxSettings')).body).toMatchObject({
      timeZone: 'W. Europe Standard Time',
      language: { locale: 'nl-NL' },
    });
  });

  it.each([
    ['svc@old.example', 'MailboxNotEnabledForRESTAPI'],
    ['nobody@old.example', 'ErrorInvalidUser'],
  ])('of %s meet 404 %s', async (user, code) => {
    const { ask } = await openTenant();

    const { status, body } = await ask(`/v1.0/users/${user}/mailboxSettings`);

    expect(status).toBe(404);
    expect(errorCode(body)).toBe(code);
  });
});
