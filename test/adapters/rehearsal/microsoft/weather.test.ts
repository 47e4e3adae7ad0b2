import { afterEach, describe, expect, it } from 'vitest';
import { MICROSOFT_ROLES } from '../../../../adapters/rehearsal/access.ts';
import { microsoftQuotas } from '../../../../adapters/rehearsal/microsoft/quotas.ts';
import { createMicrosoftTenant } from '../../../../adapters/rehearsal/microsoft/tenant.ts';
import { createFaults } from '../../../../adapters/rehearsal/service/faults.ts';
import { createQuotas } from '../../../../adapters/rehearsal/service/quota.ts';
import { type ServedTenant, serve } from '../../../../adapters/rehearsal/service/serve.ts';
import type { FailureKind } from '../../../../adapters/rehearsal/service/types.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { CREDENTIALS, signIn } from './ask.ts';
import { fixtureEstate } from './estate-fixture.ts';

let served: ServedTenant | null = null;

afterEach(async () => {
  await served?.close();
  served = null;
});

/** The fixture's tenant over HTTP, the next request to `route` meeting the fault. */
async function startWith(route: string, kind: FailureKind): Promise<(path: string) => Promise<Response>> {
  const estate = fixtureEstate();
  const clock = systemClock();
  const faults = createFaults({ profile: 'none', seed: 1, service: 'microsoft' });
  const quotas = createQuotas(microsoftQuotas(estate), clock, 'sliding');
  const tenant = createMicrosoftTenant({
    estate,
    clock,
    seed: 1,
    credentials: CREDENTIALS,
    roles: MICROSOFT_ROLES,
  });
  const token = ((await signIn(tenant)).body as { access_token: string }).access_token;
  const opened = await serve(tenant, { clock, faults, quotas });
  served = opened;
  faults.script([{ route, fault: { kind }, times: 1 }]);
  return (path) => fetch(`${opened.origin}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

describe('the weather at Microsoft', () => {
  it.each([
    ['throttle', 429, 'ApplicationThrottled', /^[1-3]$/],
    ['throttle-silent', 429, 'UnknownError', /^null$/],
    ['concurrency', 429, 'ApplicationThrottled', /^null$/],
    ['server-error', 500, 'InternalServerError', /^null$/],
    ['unavailable', 503, 'serviceNotAvailable', /^null$/],
    ['gateway-timeout', 504, 'UnknownError', /^null$/],
    ['unauthorized', 401, 'InvalidAuthenticationToken', /^null$/],
  ] as const)('answers %s with %d %s', async (kind, status, code, retryAfter) => {
    const ask = await startWith('graph.mailFolders.list', kind);

    const answer = await ask('/v1.0/users/ann@old.example/mailFolders');

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { code, innerError: { 'request-id': expect.any(String) } },
    });
    expect(String(answer.headers.get('retry-after'))).toMatch(retryAfter);
    expect((await ask('/v1.0/users/bob@old.example/mailFolders')).status).toBe(200);
  });

  it('names the limit in the headers of the identity service', async () => {
    const ask = await startWith('graph.users.list', 'throttle');

    const answer = await ask('/v1.0/users');

    expect(answer.headers.get('x-ms-throttle-information')).toBe('ResourceUnitLimitExceeded');
    expect((await ask('/v1.0/groups')).headers.get('x-ms-resource-unit')).toBe('1');
  });

  it('answers the token endpoint in the form of OAuth', async () => {
    await startWith('identity.token', 'unavailable');

    const answer = await fetch(`${served!.origin}/old.example/oauth2/v2.0/token`, {
      method: 'POST',
      body: '',
    });

    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
  });

  it('links to the origin that the client used', async () => {
    const ask = await startWith('none', 'throttle');

    const body = (await (await ask('/v1.0/users?$top=1')).json()) as Record<string, string>;

    expect(body['@odata.nextLink']).toContain(`${served!.origin}/v1.0/users?`);
    expect(body['@odata.context']).toBe(`${served!.origin}/v1.0/$metadata#users`);
  });
});
