import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, type GoogleKit, SCOPES, startGoogle } from './google-kit.ts';

let kit: GoogleKit;
beforeAll(async () => {
  kit = await startGoogle({ tokenSeconds: 100 });
});
afterAll(() => kit.close());

const scope = SCOPES.join(' ');
const profile = '/gmail/v1/users/me/profile';

describe('the token endpoint', () => {
  it('exchanges a signed assertion for a token of the subject', async () => {
    const answer = await kit.exchange(kit.assertion({ sub: ADMIN, scope }));

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 100 });
    expect((await kit.ask('GET', profile, { token: answer.body.access_token })).body.emailAddress).toBe(
      ADMIN,
    );
  });

  it.each([
    ['another audience', { aud: 'https://oauth2.googleapis.com/token' }, 400, 'invalid_grant', 'audience'],
    ['an unknown issuer', { iss: 'other@project.iam' }, 400, 'invalid_grant', 'account not found'],
    ['a life above an hour', { exp: 4_000_000_000 }, 400, 'invalid_grant', 'short-lived token'],
    ['a time long past', { iat: 1_000_000, exp: 1_003_600 }, 400, 'invalid_grant', 'short-lived token'],
    ['an unknown subject', { sub: 'nobody@new.example' }, 400, 'invalid_grant', 'Invalid email or User ID'],
    ['no scope', { scope: '' }, 400, 'invalid_scope', 'scope'],
    [
      'one scope too many',
      { scope: `${scope} https://www.googleapis.com/auth/drive` },
      401,
      'unauthorized_client',
      'not authorized for any of the scopes',
    ],
  ])('refuses %s', async (_what, claims, status, error, description) => {
    const answer = await kit.exchange(kit.assertion({ sub: ADMIN, scope, ...claims }));

    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
    expect(answer.body.error_description).toContain(description);
  });

  it('refuses the signature of another key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });

    const answer = await kit.exchange(kit.assertion({ sub: ADMIN, scope }, privateKey));

    expect(answer.body).toEqual({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  });

  it('refuses a suspended subject and its earlier token', async () => {
    await kit.person('gone@new.example');
    const token = await kit.token('gone@new.example');

    await kit.ask('PATCH', '/admin/directory/v1/users/gone@new.example', { body: { suspended: true } });

    expect((await kit.exchange(kit.assertion({ sub: 'gone@new.example', scope }))).body.error).toBe(
      'invalid_grant',
    );
    expect((await kit.ask('GET', profile, { token })).status).toBe(401);
  });
});

describe('access tokens', () => {
  it('open nothing when unknown', async () => {
    const answer = await kit.ask('GET', profile, { token: 'ya29.other' });

    expect(answer.status).toBe(401);
    expect(answer.body.error.errors[0].reason).toBe('authError');
  });

  it('expire', async () => {
    const { body } = await kit.exchange(kit.assertion({ sub: ADMIN, scope }));

    kit.clock.pass(101_000);

    expect((await kit.ask('GET', profile, { token: body.access_token })).status).toBe(401);
  });

  it('open only what their scopes name', async () => {
    const { body } = await kit.exchange(
      kit.assertion({ sub: ADMIN, scope: 'https://www.googleapis.com/auth/gmail.insert' }),
    );

    const answer = await kit.ask('GET', profile, { token: body.access_token });

    expect(answer.status).toBe(403);
    expect(answer.body.error.errors[0].reason).toBe('insufficientPermissions');
    expect(answer.body.error.details[0].reason).toBe('ACCESS_TOKEN_SCOPE_INSUFFICIENT');
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  it('of the service account itself reach no mailbox and no directory', async () => {
    const { body } = await kit.exchange(kit.assertion({ scope }));

    expect((await kit.ask('GET', profile, { token: body.access_token })).body.error.errors[0].reason).toBe(
      'failedPrecondition',
    );
    const users = await kit.ask('GET', '/admin/directory/v1/users?customer=my_customer', {
      token: body.access_token,
    });
    expect(users.status).toBe(403);
  });
});
