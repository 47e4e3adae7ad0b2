import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type GoogleKit, startGoogle } from './google-kit.ts';

const USERS = '/admin/directory/v1/users';
const UNITS = '/admin/directory/v1/customer/my_customer/orgunits';

let kit: GoogleKit;
beforeAll(async () => {
  kit = await startGoogle({ domainAliases: { 'mirror.example': 'new.example' } });
});
afterAll(() => kit.close());

function userBody(primaryEmail: string, more: Record<string, unknown> = {}) {
  return { primaryEmail, name: { givenName: 'Ann', familyName: 'Other' }, password: 'longenough', ...more };
}

describe('users', () => {
  it('are created with what Google computes', async () => {
    const { status, body } = await kit.ask('POST', USERS, { body: userBody('Ann@New.example') });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      primaryEmail: 'ann@new.example',
      customerId: 'C01rehear',
      isAdmin: false,
      isMailboxSetup: false,
      orgUnitPath: '/',
      name: { fullName: 'Ann Other' },
      nonEditableAliases: ['ann@mirror.example'],
    });
    expect(body.id).toMatch(/^\d{21}$/);
    expect(body).not.toHaveProperty('password');
  });

  it('get a mailbox and its mail service only after a while', async () => {
    await kit.ask('POST', USERS, { body: userBody('slow@new.example') });
    const profile = () => kit.ask('GET', '/gmail/v1/users/me/profile', { as: 'slow@new.example' });
    const user = () => kit.ask('GET', `${USERS}/slow@new.example`);

    const early = await profile();
    expect(early.status).toBe(400);
    expect(early.body.error).toMatchObject({
      message: 'Mail service not enabled',
      status: 'FAILED_PRECONDITION',
    });
    expect((await user()).body.isMailboxSetup).toBe(false);

    kit.clock.pass(6_000);
    expect((await user()).body.isMailboxSetup).toBe(true);
    kit.clock.pass(3_000);
    expect((await profile()).status).toBe(200);
  });

  it('show in lists later than by key', async () => {
    await kit.ask('POST', USERS, { body: userBody('hidden@new.example') });
    const listed = async () => {
      const { body } = await kit.ask('GET', `${USERS}?customer=my_customer&query=email:hidden@new.example`);
      return (body.users ?? []).length;
    };

    expect((await kit.ask('GET', `${USERS}/hidden@new.example`)).status).toBe(200);
    expect(await listed()).toBe(0);
    kit.clock.pass(2_000);
    expect(await listed()).toBe(1);
  });

  it.each([
    ['a taken address', { primaryEmail: ADMIN }, 409, 'duplicate', 'Entity already exists.'],
    [
      'a domain that is not verified',
      { primaryEmail: 'x@elsewhere.example' },
      404,
      'notFound',
      'Domain not found.',
    ],
    ['a reserved local part', { primaryEmail: 'postmaster@new.example' }, 400, 'invalid', 'Invalid Input'],
    [
      'signs that a local part cannot hold',
      { primaryEmail: 'a+b@new.example' },
      400,
      'invalid',
      'Invalid Input',
    ],
    ['an unknown unit', { orgUnitPath: '/Nowhere' }, 400, 'invalid', 'INVALID_OU_ID'],
    ['no family name', { name: { givenName: 'A' } }, 400, 'invalid', 'FamilyName'],
    [
      'a name of 61 signs',
      { name: { givenName: 'A'.repeat(61), familyName: 'B' } },
      400,
      'invalid',
      'GivenName',
    ],
    ['a short password', { password: 'short' }, 400, 'invalid', 'Invalid Password'],
    ['a hash that is none', { password: 'x', hashFunction: 'SHA-1' }, 400, 'invalid', 'Invalid Password'],
    [
      'a phone of an unknown type',
      { phones: [{ type: 'pigeon', value: '1' }] },
      400,
      'invalid',
      'phones.type',
    ],
    [
      'a custom type without a name',
      { externalIds: [{ type: 'custom', value: '1' }] },
      400,
      'invalid',
      'customType',
    ],
    ['phones of more than 1 kB', { phones: [{ value: '1'.repeat(1_100) }] }, 400, 'invalid', 'phones'],
  ])('are refused with %s', async (_what, more, status, reason, message) => {
    const answer = await kit.ask('POST', USERS, { body: userBody('fresh@new.example', more) });

    expect(answer.status).toBe(status);
    expect(answer.body.error.errors[0].reason).toBe(reason);
    expect(answer.body.error.message).toContain(message);
  });

  it('refuse unknown body fields, wrong types and unknown query names', async () => {
    const unknown = await kit.ask('POST', USERS, { body: userBody('f@new.example', { nickname: 'x' }) });
    const nested = await kit.ask('POST', USERS, {
      body: userBody('f@new.example', { name: { middle: 'x' } }),
    });
    const typed = await kit.ask('POST', USERS, { body: userBody('f@new.example', { suspended: 'true' }) });
    const query = await kit.ask('GET', `${USERS}?customer=my_customer&size=5`);

    expect(unknown.body.error.message).toBe(
      'Invalid JSON payload received. Unknown name "nickname": Cannot find field.',
    );
    expect(nested.body.error.message).toContain(`Unknown name "middle" at 'name': Cannot find field.`);
    expect([unknown.status, nested.status, typed.status, query.status]).toEqual([400, 400, 400, 400]);
    expect(query.body.error.message).toContain('Cannot bind query parameter');
  });

  it('keep fields that an update leaves out and replace lists whole', async () => {
    await kit.person('lists@new.example');
    const path = `${USERS}/lists@new.example`;
    await kit.ask('PATCH', path, {
      body: {
        phones: [
          { type: 'work', value: '1' },
          { type: 'home', value: '2' },
        ],
        name: { givenName: 'Liz' },
      },
    });

    const { body } = await kit.ask('PUT', path, { body: { phones: [{ type: 'mobile', value: '3' }] } });

    expect(body.phones).toEqual([{ type: 'mobile', value: '3' }]);
    expect(body.name).toMatchObject({ givenName: 'Liz', familyName: 'Person' });
  });

  it('keep the old address as an alias when renamed', async () => {
    await kit.person('before@new.example');
    await kit.ask('PATCH', `${USERS}/before@new.example`, { body: { primaryEmail: 'after@new.example' } });

    const { body } = await kit.ask('GET', `${USERS}/before@new.example`);

    expect(body).toMatchObject({ primaryEmail: 'after@new.example', aliases: ['before@new.example'] });
  });

  it('answer "User creation is not complete" now and then right after their creation', async () => {
    const messages = new Set<string>();
    for (let at = 0; at < 12; at++) {
      await kit.ask('POST', USERS, { body: userBody(`eager${at}@new.example`) });
      const answer = await kit.ask('PATCH', `${USERS}/eager${at}@new.example`, {
        body: { suspended: false },
      });
      messages.add(answer.status === 200 ? 'ok' : `${answer.status} ${answer.body.error.message}`);
    }

    expect([...messages].sort()).toEqual(['412 User creation is not complete.', 'ok']);
  });

  it('are gone after a delete while their address stays taken', async () => {
    await kit.person('leaver@new.example');

    expect((await kit.ask('DELETE', `${USERS}/leaver@new.example`)).status).toBe(204);

    expect((await kit.ask('GET', `${USERS}/leaver@new.example`)).body.error.message).toBe(
      'Resource Not Found: userKey',
    );
    expect((await kit.ask('POST', USERS, { body: userBody('leaver@new.example') })).status).toBe(409);
  });

  it('are listed in pages that hold each once', async () => {
    kit.clock.pass(60_000);
    const seen: string[] = [];
    let pageToken = '';
    do {
      const { body } = await kit.ask('GET', `${USERS}?customer=my_customer&maxResults=5${pageToken}`);
      seen.push(...body.users.map((user: { primaryEmail: string }) => user.primaryEmail));
      pageToken = body.nextPageToken ? `&pageToken=${body.nextPageToken}` : '';
    } while (pageToken !== '');

    expect(seen.length).toBeGreaterThan(10);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort());
  });

  it('answer only the fields that are asked for', async () => {
    const { body } = await kit.ask(
      'GET',
      `${USERS}/${ADMIN}?fields=primaryEmail,name/givenName,emails(address)`,
    );

    expect(body).toEqual({
      primaryEmail: ADMIN,
      name: { givenName: 'Migration' },
      emails: [{ address: ADMIN }],
    });
  });

  it('are closed to people who are no administrators', async () => {
    await kit.person('plain@new.example');

    expect((await kit.ask('GET', `${USERS}/${ADMIN}`, { as: 'plain@new.example' })).status).toBe(403);
  });

  it('keep a photo', async () => {
    await kit.person('photo@new.example');
    const path = `${USERS}/photo@new.example/photos/thumbnail`;

    expect((await kit.ask('GET', path)).status).toBe(404);
    await kit.ask('PUT', path, { body: { photoData: 'aGVsbG8*' } });

    expect((await kit.ask('GET', path)).body).toMatchObject({
      photoData: 'aGVsbG8*',
      mimeType: 'image/jpeg',
    });
  });
});

describe('aliases', () => {
  it('are unique over users, groups and aliases', async () => {
    await kit.person('one@new.example');
    await kit.person('two@new.example');
    const insert = (owner: string, alias: string) =>
      kit.ask('POST', `${USERS}/${owner}/aliases`, { body: { alias } });

    expect((await insert('one@new.example', 'uno@new.example')).body).toMatchObject({
      alias: 'uno@new.example',
      primaryEmail: 'one@new.example',
    });
    expect((await insert('one@new.example', 'uno@new.example')).status).toBe(409);
    expect((await insert('two@new.example', 'uno@new.example')).status).toBe(409);
    expect((await insert('two@new.example', 'one@new.example')).status).toBe(409);
    expect((await insert('two@new.example', 'x@elsewhere.example')).status).toBe(404);
    expect((await kit.ask('GET', `${USERS}/uno@new.example`)).body.primaryEmail).toBe('one@new.example');
  });

  it('stay taken for a while after a delete', async () => {
    await kit.person('three@new.example');
    const path = `${USERS}/three@new.example/aliases`;
    await kit.ask('POST', path, { body: { alias: 'tre@new.example' } });
    expect((await kit.ask('DELETE', `${path}/tre@new.example`)).status).toBe(204);

    expect((await kit.ask('POST', path, { body: { alias: 'tre@new.example' } })).status).toBe(409);
    kit.clock.pass(2_500);
    expect((await kit.ask('POST', path, { body: { alias: 'tre@new.example' } })).status).toBe(200);
  });

  it('number 30 at most', async () => {
    await kit.person('many@new.example');
    const statuses: number[] = [];
    for (let at = 0; at < 31; at++) {
      const body = { alias: `many${at}@new.example` };
      statuses.push((await kit.ask('POST', `${USERS}/many@new.example/aliases`, { body })).status);
    }

    expect(statuses.slice(0, 30).every((status) => status === 200)).toBe(true);
    expect(statuses[30]).toBe(412);
  });
});

describe('organisational units', () => {
  it('are created below their parent and found by a path of several segments', async () => {
    await kit.ask('POST', UNITS, { body: { name: 'Regulator', parentOrgUnitPath: '/' } });
    await kit.ask('POST', UNITS, { body: { name: 'IT & Data', parentOrgUnitPath: '/Regulator' } });

    const { body } = await kit.ask('GET', `${UNITS}/Regulator/IT%20%26%20Data`);

    expect(body).toMatchObject({ orgUnitPath: '/Regulator/IT & Data', parentOrgUnitPath: '/Regulator' });
    const all = await kit.ask('GET', `${UNITS}?type=all`);
    expect(all.body.organizationUnits.map((unit: { orgUnitPath: string }) => unit.orgUnitPath)).toEqual([
      '/Regulator',
      '/Regulator/IT & Data',
    ]);
    expect((await kit.ask('GET', UNITS)).body.organizationUnits).toHaveLength(1);
  });

  it('are refused without a parent that exists', async () => {
    const answer = await kit.ask('POST', UNITS, { body: { name: 'Lost', parentOrgUnitPath: '/Nowhere' } });

    expect(answer.status).toBe(400);
    expect(answer.body.error.message).toContain('INVALID_OU_ID');
    expect((await kit.ask('GET', `${UNITS}/Nowhere`)).status).toBe(404);
  });
});

describe('customer and domains', () => {
  it('name the primary domain and every verified one', async () => {
    const { body } = await kit.ask('GET', '/admin/directory/v1/customer/my_customer/domains');

    expect(body.domains).toMatchObject([
      { domainName: 'new.example', isPrimary: true, domainAliases: [{ domainAliasName: 'mirror.example' }] },
      { domainName: 'second.example', isPrimary: false, verified: true },
    ]);
    expect((await kit.ask('GET', '/admin/directory/v1/customers/my_customer')).body.id).toBe('C01rehear');
    expect(
      (await kit.ask('GET', '/admin/directory/v1/customer/my_customer/domains/else.example')).status,
    ).toBe(404);
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
