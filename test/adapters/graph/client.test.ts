import { describe, expect, it } from 'vitest';
import { Auth, MigrationError } from '../../../src/core/errors.ts';
import {
  at,
  collect,
  ENDPOINT,
  json,
  list,
  never,
  refusal,
  tenantDouble,
  tokenWith,
} from './tenant-double.ts';

const users = { method: 'users.list', path: '/users', query: { $select: 'id', $top: '2' } };

describe('the Graph client', () => {
  it('replays a next link whole, with the same headers, over empty pages', async () => {
    const opaque = '/v1.0/users?$skiptoken=a%2Fb+c%27d&x=(1&$select=id';
    const tenant = tenantDouble([
      (request) => (request.url.search.includes('skiptoken') ? list([{ id: 'b' }]) : null),
      at('/users', () => list([], { next: opaque })),
    ]);

    const pages = await collect(tenant.client.pages({ ...users, headers: { Prefer: 'x' } }, never));

    expect(pages.flatMap((page) => page.value)).toEqual([{ id: 'b' }]);
    expect(tenant.seen[1]?.url.pathname + (tenant.seen[1]?.url.search ?? '')).toBe(opaque);
    expect(tenant.seen.map((each) => each.headers.get('prefer'))).toEqual(['x', 'x']);
  });

  it('refuses a next link to another host before a token leaves', async () => {
    const foreign = { value: [], '@odata.nextLink': 'https://evil.test/v1.0/users?$skiptoken=1' };
    const tenant = tenantDouble([at('/users', () => json(foreign))]);

    const reading = collect(tenant.client.pages(users, never));

    await expect(reading).rejects.toMatchObject({ code: 'foreign-link', scope: 'job' });
    expect(tenant.meter.origins).not.toHaveProperty('https://evil.test');
  });

  it('does not follow a link that leads to itself for ever', async () => {
    const tenant = tenantDouble([at('/users', () => list([], { next: '/v1.0/users?$skiptoken=1' }))]);

    await expect(collect(tenant.client.pages(users, never))).rejects.toMatchObject({ code: 'page-loop' });
  });

  it('asks for a new token once after a 401 and goes on', async () => {
    let refused = false;
    const tenant = tenantDouble([
      at('/users', () => {
        if (refused) return list([]);
        refused = true;
        return refusal(401, 'InvalidAuthenticationToken');
      }),
    ]);

    await tenant.client.page(users, never);

    expect(tenant.tokens).toBe(2);
  });

  it('heeds Retry-After and counts no violation', async () => {
    let calls = 0;
    const tenant = tenantDouble([
      at('/users', () =>
        calls++ === 0 ? refusal(429, 'TooManyRequests', { 'retry-after': '30' }) : list([]),
      ),
    ]);

    await tenant.client.page(users, never);

    expect(tenant.meter).toMatchObject({ throttled: 1, retryAfterViolations: 0 });
  });

  it('tries again after a body that is no JSON', async () => {
    let calls = 0;
    const tenant = tenantDouble([
      at('/users', () => (calls++ === 0 ? new Response('{"value":[{"id"') : list([{ id: 'a' }]))),
    ]);

    expect((await tenant.client.page(users, never)).value).toEqual([{ id: 'a' }]);
  });

  it('takes lasting 500s for unrenderable where it is told to', async () => {
    const tenant = tenantDouble([at('/users', () => refusal(500, 'InternalServerError'))]);

    const reading = tenant.client.get({ ...users, unrenderableAfter: 3 }, never);

    await expect(reading).rejects.toMatchObject({ name: 'Rejected', status: 500 });
    expect(tenant.seen).toHaveLength(3);
  });

  it('throws errors of ours alone, whatever the SDK makes of them', async () => {
    const tenant = tenantDouble([at('/users', () => refusal(403, 'Authorization_RequestDenied'))]);

    await expect(tenant.client.get(users, never)).rejects.toBeInstanceOf(Auth);
  });

  it('encodes query values and keeps the dollar names', async () => {
    const tenant = tenantDouble([at('/', () => list([]))]);

    await tenant.client.page({ ...users, query: { $filter: "id eq 'a&b +#'" } }, never);

    expect(tenant.seen[0]?.url.searchParams.get('$filter')).toBe("id eq 'a&b +#'");
  });

  it('stops when it is asked to', async () => {
    const controller = new AbortController();
    const tenant = tenantDouble([at('/users', () => refusal(503, 'serviceNotAvailable'))]);
    controller.abort();

    await expect(tenant.client.get(users, controller.signal)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

const ALL = [
  'User.Read.All',
  'GroupMember.Read.All',
  'Organization.Read.All',
  'Mail.Read',
  'MailboxSettings.Read',
  'Calendars.Read',
  'Place.Read.All',
];

function estate(refused: string[] = []) {
  const answer = (path: string, body: unknown) =>
    at(path, () => (refused.includes(path) ? refusal(403, 'ErrorAccessDenied') : json(body)));
  return [
    answer('/organization', { value: [{ id: 't', displayName: 'Old' }] }),
    answer('/users?', {
      value: [{ id: 'u', userPrincipalName: 'ann@old.example', mail: 'ann@old.example' }],
    }),
    answer('/groups?', { value: [] }),
    answer('/users/ann@old.example', { value: [] }),
  ];
}

describe('the sign-in check', () => {
  const check = (claims: object | string, refused?: string[]) => {
    const token = typeof claims === 'string' ? claims : tokenWith(claims);
    const tenant = tenantDouble(estate(refused), { token });
    return tenant.checkSignIn(never);
  };

  it('passes with every role and without a warning', async () => {
    expect(await check({ roles: ALL })).toMatchObject({
      missing: [],
      warnings: [],
      organisation: { id: 't' },
    });
  });

  it('says "not consented" for a token without roles', async () => {
    const refused = check({}, ['/organization']);

    await expect(refused).rejects.toMatchObject({ name: 'Auth', code: 'not-consented' });
  });

  it('names every missing permission where the directory refuses', async () => {
    const error = await check({ roles: ['Mail.Read', 'Calendars.Read'] }, ['/users?']).catch(
      (cause) => cause,
    );

    expect(error).toBeInstanceOf(Auth);
    expect(error.message).toContain(
      'User.Read.All, Group.Read.All, Organization.Read.All, MailboxSettings.Read',
    );
  });

  it('warns alone when a mail role is missing and a mailbox can be read', async () => {
    const report = await check({ roles: ALL.filter((role) => role !== 'Mail.Read') });

    expect(report.missing).toEqual(['Mail.Read']);
    expect(report.warnings.join()).toContain('RBAC for Applications');
  });

  it('throws when a mail role is missing and no mailbox can be read', async () => {
    const refused = check({ roles: ALL.filter((role) => role !== 'Mail.Read') }, ['/users/ann@old.example']);

    await expect(refused).rejects.toBeInstanceOf(MigrationError);
  });

  it('checks by use where the token cannot be read, and tells of roles that write', async () => {
    expect((await check('opaque')).roles).toBeNull();
    expect((await check({ roles: [...ALL, 'Mail.ReadWrite'] })).excess).toEqual(['Mail.ReadWrite']);
  });

  it('goes to the configured hosts alone', async () => {
    const tenant = tenantDouble(estate(), { token: tokenWith({ roles: ALL }) });

    await tenant.checkSignIn(never);

    expect(Object.keys(tenant.meter.origins).sort()).toEqual([ENDPOINT, 'https://login.test']);
  });
});
