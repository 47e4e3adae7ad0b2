import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../adapters/rehearsal/estate/types.ts';
import { microsoftQuotas } from '../../../../adapters/rehearsal/microsoft/quotas.ts';
import { createMicrosoftTenant } from '../../../../adapters/rehearsal/microsoft/tenant.ts';
import { createFaults } from '../../../../adapters/rehearsal/service/faults.ts';
import { createQuotas } from '../../../../adapters/rehearsal/service/quota.ts';
import { virtualClock } from '../service/virtual-clock.ts';
import { type Asker, CREDENTIALS, openTenant, requestOf, signIn } from './ask.ts';
import { ANN, fixtureEstate } from './estate-fixture.ts';

interface Part {
  id: string;
  status: number;
  body: Resource;
}

async function batch(
  asker: Asker,
  requests: object[],
): Promise<{ status: number; parts: Map<string, Part> }> {
  const { status, body } = await asker.ask('/v1.0/$batch', {
    method: 'POST',
    body: JSON.stringify({ requests }),
  });
  const parts = (body['responses'] ?? []) as Part[];
  return { status, parts: new Map(parts.map((part) => [part.id, part])) };
}

const get = (id: string, url: string, more: object = {}) => ({ id, method: 'GET', url, ...more });
const SETTINGS = '/users/ann@old.example/mailboxSettings/userPurpose';

describe('a batch', () => {
  it('answers each part with a status of its own inside 200', async () => {
    const asker = await openTenant();

    const { status, parts } = await batch(asker, [
      get('1', SETTINGS),
      get('2', '/users/nobody/mailboxSettings'),
      get('3', `users/${ANN}?$select=id`),
      get('4', '/users/ann@old.example/messages/AAkALg-AQMkInbox-2/$value'),
    ]);

    expect(status).toBe(200);
    expect(parts.get('1')).toMatchObject({ status: 200, body: { value: 'user' } });
    expect(parts.get('2')).toMatchObject({ status: 404, body: { error: { code: 'ErrorInvalidUser' } } });
    expect(parts.get('3')).toMatchObject({ status: 200, body: { id: ANN } });
    expect(Buffer.from(String(parts.get('4')!.body), 'base64').toString()).toContain('Hello there');
  });

  it('fails the children of a part that failed', async () => {
    const asker = await openTenant();

    const { parts } = await batch(asker, [
      get('1', '/users/nobody'),
      get('2', SETTINGS, { dependsOn: ['1'] }),
    ]);

    expect(parts.get('2')!.status).toBe(424);
  });

  it.each([
    ['more than 20 parts', Array.from({ length: 21 }, (_, at) => get(String(at), SETTINGS))],
    ['one id twice', [get('1', SETTINGS), get('1', SETTINGS)]],
    ['a part without url', [{ id: '1', method: 'GET' }]],
  ])('is refused whole for %s', async (_name, requests) => {
    expect((await batch(await openTenant(), requests)).status).toBe(400);
  });

  it('takes up to four slots of each mailbox, one where it is chained', async () => {
    const { tenant } = await openTenant();
    const charges = (requests: object[]) => {
      const request = requestOf('/v1.0/$batch', { method: 'POST', body: JSON.stringify({ requests }) });
      return tenant.quotas(request, tenant.match(request)!);
    };
    const six = Array.from({ length: 6 }, (_, at) => get(String(at), SETTINGS));
    const chained = six.map((part, at) => ({ ...part, ...(at > 0 ? { dependsOn: [String(at - 1)] } : {}) }));

    expect(charges(six)).toEqual([{ bucket: 'graph:mailbox', key: ANN, units: 0, slots: 4 }]);
    expect(charges(chained)).toEqual([{ bucket: 'graph:mailbox', key: ANN, units: 0, slots: 1 }]);
  });

  it('throttles parts one by one', async () => {
    const clock = virtualClock();
    const estate = fixtureEstate();
    const rows = microsoftQuotas(estate).map((row) =>
      row.bucket === 'graph:mailbox' ? { ...row, units: 1 } : row,
    );
    const weather = {
      quotas: createQuotas(rows, clock, 'sliding'),
      faults: createFaults({ profile: 'none', seed: 1 }),
    };
    const options = {
      estate,
      clock,
      seed: 1,
      credentials: CREDENTIALS,
      roles: ['MailboxSettings.Read'],
      weather,
    };
    const tenant = createMicrosoftTenant(options);
    const token = String(((await signIn(tenant)).body as Resource)['access_token']);
    const body = JSON.stringify({ requests: [get('1', SETTINGS), get('2', SETTINGS)] });
    const headers = { authorization: `Bearer ${token}` };
    const request = requestOf('/v1.0/$batch', { method: 'POST', body, headers });

    const answer = await tenant.handle(request, tenant.match(request));
    const parts = (answer.body as Resource)['responses'] as (Part & { headers: Record<string, string> })[];

    expect(answer.status).toBe(200);
    expect(parts.map((part) => part.status).toSorted()).toEqual([200, 429]);
    expect(parts.find((part) => part.status === 429)!.headers['Retry-After']).toBe('600');
  });
});

describe('quotas of Graph', () => {
  it.each([
    ['/v1.0/users/ann@old.example/mailFolders', { bucket: 'graph:mailbox', key: ANN, units: 1 }],
    ['/v1.0/users', { bucket: 'graph:tenant', key: expect.any(String), units: 2 }],
    ['/v1.0/users?$select=id', { bucket: 'graph:tenant', key: expect.any(String), units: 1 }],
    ['/v1.0/groups/g/members?$expand=x', { bucket: 'graph:tenant', key: expect.any(String), units: 4 }],
    [
      '/v1.0/groups/g/transitiveMembers?$top=5',
      { bucket: 'graph:tenant', key: expect.any(String), units: 4 },
    ],
  ])('charge %s to the narrowest bucket first', async (path, charge) => {
    const { tenant } = await openTenant();
    const request = requestOf(path);

    expect(tenant.quotas(request, tenant.match(request)!)[0]).toEqual(charge);
  });
});
