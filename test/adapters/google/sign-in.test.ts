import { verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Script } from './tenant.ts';
import { ADMIN, ANN, ENDPOINT, failure, never, publicKey, ScriptedTenant, target } from './tenant.ts';

const PROFILE = { 'GET /gmail/v1/users/me/profile': { json: { messagesTotal: 1 } } };
const DOMAINS = '/admin/directory/v1/customer/my_customer/domains';

function profile(tenant: ScriptedTenant, subject = ANN): Promise<unknown> {
  const { google } = tenant;
  return google.call(
    'gmail.getProfile',
    subject,
    (options) => google.apis.gmail.users.getProfile({ userId: 'me' }, options),
    never,
  );
}

function claimsOf(assertion: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(assertion.split('.')[1]!, 'base64url').toString());
}

describe('signing in', () => {
  it('sends an assertion that the key of the service account has signed', async () => {
    const tenant = new ScriptedTenant(PROFILE);
    await profile(tenant);

    const form = tenant.tokenRequests[0]!;
    const assertion = form.get('assertion')!;
    const [header, claims, signature] = assertion.split('.');
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: 'key-1',
    });
    expect(
      verify(
        'RSA-SHA256',
        Buffer.from(`${header}.${claims}`),
        publicKey,
        Buffer.from(signature!, 'base64url'),
      ),
    ).toBe(true);
    const { iat, exp, ...rest } = claimsOf(assertion) as { iat: number; exp: number };
    expect(rest).toEqual({
      iss: 'ferry@project.iam.gserviceaccount.com',
      sub: ANN,
      aud: `${ENDPOINT}/token`,
      scope: ['gmail.insert', 'gmail.labels', 'gmail.modify', 'gmail.readonly']
        .map((name) => `https://www.googleapis.com/auth/${name}`)
        .join(' '),
    });
    expect(exp - iat).toBe(3600);
    expect(iat * 1000).toBeLessThan(tenant.clock.now());
  });

  it('asks for one token however many calls of a mailbox begin at once', async () => {
    const tenant = new ScriptedTenant(PROFILE);

    await Promise.all([profile(tenant), profile(tenant), profile(tenant)]);
    await profile(tenant);

    expect(tenant.tokenRequests).toHaveLength(1);
  });

  it('asks for a token of its own for each mailbox', async () => {
    const tenant = new ScriptedTenant(PROFILE);

    await Promise.all([profile(tenant, ANN), profile(tenant, 'bob@new.example')]);

    expect(tenant.tokenRequests).toHaveLength(2);
  });

  it('renews a token ahead of its expiry', async () => {
    const tenant = new ScriptedTenant(PROFILE);

    await profile(tenant);
    await tenant.clock.wait(55 * 60_000);
    await profile(tenant);

    expect(tenant.tokenRequests).toHaveLength(2);
  });

  it('drops a token that is no longer accepted and asks once more', async () => {
    const tenant = new ScriptedTenant({
      'GET /gmail/v1/users/me/profile': [failure(401, 'authError', 'Invalid Credentials'), { json: {} }],
      'POST /token': [
        { json: { access_token: 'stale', expires_in: 3599 } },
        { json: { access_token: 'good', expires_in: 3599 } },
      ],
    });

    await profile(tenant);

    expect(tenant.seen.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer stale',
      'Bearer good',
    ]);
  });

  it('names the scopes that were asked for when delegation refuses them', async () => {
    const refusal = {
      status: 401,
      json: { error: 'unauthorized_client', error_description: 'Client is unauthorized' },
    };
    const tenant = new ScriptedTenant({ ...PROFILE, 'POST /token': refusal });

    await expect(profile(tenant)).rejects.toMatchObject({
      name: 'Auth',
      code: 'unauthorized_client',
      message: expect.stringMatching(/domain-wide delegation.*auth\/gmail\.insert/s),
    });
  });

  it('waits for a user who was created moments ago', async () => {
    const unknown = {
      status: 400,
      json: { error: 'invalid_grant', error_description: 'Invalid email or User ID' },
    };
    const tenant = new ScriptedTenant({
      ...PROFILE,
      'POST /token': [unknown, unknown, { json: { access_token: 't', expires_in: 3599 } }],
    });

    await profile(tenant);

    expect(tenant.clock.ticks()).toBeGreaterThanOrEqual(6_000);
  });

  it('gives a subject that stays unknown up after half a minute', async () => {
    const unknown = {
      status: 400,
      json: { error: 'invalid_grant', error_description: 'Invalid email or User ID' },
    };
    const tenant = new ScriptedTenant({ ...PROFILE, 'POST /token': unknown });

    await expect(profile(tenant)).rejects.toMatchObject({
      name: 'Auth',
      code: 'subject-unknown',
      scope: 'job',
    });
    expect(tenant.clock.ticks()).toBeLessThan(60_000);
  });

  it('has a keyless account sign through the signing service', async () => {
    const sign = 'POST /v1/projects/-/serviceAccounts/ferry@project.iam.gserviceaccount.com:signJwt';
    const connection = target({
      credential: { kind: 'keyless', serviceAccount: 'ferry@project.iam.gserviceaccount.com' },
    });
    const tenant = new ScriptedTenant({ ...PROFILE, [sign]: { json: { signedJwt: 'a.b.c' } } }, connection, {
      callerToken: () => Promise.resolve('caller'),
    });

    await profile(tenant);

    expect(tenant.tokenRequests[0]!.get('assertion')).toBe('a.b.c');
    expect(tenant.last(sign).headers.get('authorization')).toBe('Bearer caller');
    const { payload } = tenant.last(sign).body as { payload: string };
    expect(JSON.parse(payload)).toMatchObject({ sub: ANN, aud: `${ENDPOINT}/token` });
  });
});

describe('the check of sign-in', () => {
  it('asks one token per scope and reads the domains', async () => {
    const tenant = new ScriptedTenant({
      [`GET ${DOMAINS}`]: {
        json: { domains: [{ domainName: 'New.Example', verified: true, isPrimary: true }, {}] },
      },
    });

    const { scopes, domains } = await tenant.google.checkSignIn(never);

    expect(domains).toEqual([{ name: 'new.example', verified: true, primary: true }]);
    const asked = tenant.tokenRequests.map((form) => claimsOf(form.get('assertion')!));
    expect(asked.slice(0, -1).map(({ scope }) => scope)).toEqual(scopes);
    expect(new Set(asked.map(({ sub }) => sub))).toEqual(new Set([ADMIN]));
  });

  it('names every scope that is missing', async () => {
    const script: Script = {};
    const tenant = new ScriptedTenant({
      ...script,
      'POST /token': (seen) => {
        const { scope } = claimsOf(new URLSearchParams(seen.text).get('assertion')!);
        const missing = /orgunit|\/calendar$/.test(String(scope));
        return missing
          ? { status: 401, json: { error: 'unauthorized_client', error_description: 'no' } }
          : { json: { access_token: 't', expires_in: 3599 } };
      },
    });

    await expect(tenant.google.checkSignIn(never)).rejects.toMatchObject({
      name: 'Auth',
      code: 'scopes-missing',
      message: expect.stringMatching(/2 scope.*admin\.directory\.orgunit .*auth\/calendar$/),
    });
  });
});
