import { constants, createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../adapters/rehearsal/estate/types.ts';
import { createMicrosoftTenant } from '../../../../adapters/rehearsal/microsoft/tenant.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { CREDENTIALS, errorCode, ORIGIN, openTenant, requestOf, signIn } from './ask.ts';
import { fixtureEstate, TENANT_ID } from './estate-fixture.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Just enough DER for a self-signed certificate. */
function selfSigned(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const der = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    const size = body.length < 128 ? [body.length] : [0x82, body.length >> 8, body.length & 255];
    return Buffer.concat([Buffer.from([tag, ...size]), body]);
  };
  const algorithm = der(0x30, Buffer.from('06092a864886f70d01010b', 'hex'), der(0x05));
  const commonName = der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('ferry'))));
  const name = der(0x30, commonName);
  const validity = der(
    0x30,
    der(0x17, Buffer.from('200101000000Z')),
    der(0x17, Buffer.from('400101000000Z')),
  );
  const key = publicKey.export({ type: 'spki', format: 'der' });
  const body = der(0x30, der(0x02, Buffer.from([1])), algorithm, name, validity, name, key);
  return der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)));
}

function assertion(privateKey: KeyObject, thumbprint: string, claims: object = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const seconds = Math.floor(Date.now() / 1000);
  const text = [
    encode({ alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint }),
    encode({
      aud: `${ORIGIN}/${TENANT_ID}/oauth2/v2.0/token`,
      iss: CREDENTIALS.clientId,
      sub: CREDENTIALS.clientId,
      nbf: seconds,
      exp: seconds + 600,
      jti: 'one',
      ...claims,
    }),
  ].join('.');
  const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, ...padding }).toString('base64url')}`;
}

describe('the token endpoint', () => {
  it('issues a token that names its roles and lives about an hour', async () => {
    const { tenant } = await openTenant(['Mail.Read']);

    const { body } = await signIn(tenant);
    const granted = body as Resource;
    const claims = JSON.parse(
      Buffer.from(String(granted['access_token']).split('.')[1]!, 'base64url').toString(),
    );

    expect(granted).toMatchObject({ token_type: 'Bearer', expires_in: 3599 });
    expect(claims).toMatchObject({
      roles: ['Mail.Read'],
      aud: 'https://graph.microsoft.com',
      tid: TENANT_ID,
    });
  });

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['no secret', { client_secret: undefined }, 401, 'invalid_client', 7000218],
    ['an unknown app', { client_id: 'nobody' }, 400, 'unauthorized_client', 700016],
    ['a scope without /.default', { scope: 'Mail.Read' }, 400, 'invalid_scope', 1002012],
    ['a foreign resource', { scope: 'https://elsewhere.example/.default' }, 400, 'invalid_resource', 500011],
    ['another grant', { grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('refuses %s', async (_name, form, status, error, code) => {
    const { tenant } = await openTenant();

    const answer = await signIn(tenant, form);

    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error, error_codes: [code] });
    expect((answer.body as Resource)['error_description']).toMatch(new RegExp(`^AADSTS${code}: `));
  });

  it('refuses an unknown tenant and takes a verified domain for one', async () => {
    const { tenant } = await openTenant();

    const unknown = await signIn(tenant, {}, '/elsewhere.example/oauth2/v2.0/token');

    expect(unknown).toMatchObject({ status: 400, body: { error: 'invalid_request', error_codes: [90002] } });
    expect(await signIn(tenant, {}, '/old.example/oauth2/v2.0/token')).toMatchObject({ status: 200 });
    expect(await signIn(tenant, { scope: `${ORIGIN}/.default` })).toMatchObject({ status: 200 });
  });

  it('verifies certificate assertions', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = selfSigned(publicKey, privateKey);
    const thumbprint = createHash('sha256').update(certificate).digest('base64url');
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const tenant = createMicrosoftTenant({
      estate: fixtureEstate(),
      clock: systemClock(),
      seed: 1,
      credentials: { ...CREDENTIALS, certificates: [pem] },
      roles: [],
    });
    const attempt = (jwt: string) =>
      signIn(tenant, {
        client_secret: undefined,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: jwt,
      });
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

    expect(await attempt(assertion(privateKey, thumbprint))).toMatchObject({ status: 200 });
    expect(await attempt(assertion(other, thumbprint))).toMatchObject({ body: { error_codes: [700027] } });
    expect(await attempt(assertion(privateKey, 'AAAA'))).toMatchObject({ body: { error_codes: [700027] } });
    expect(await attempt(assertion(privateKey, thumbprint, { exp: 1 }))).toMatchObject({
      body: { error_codes: [700024] },
    });
    expect(await attempt(assertion(privateKey, thumbprint, { aud: 'https://x.example' }))).toMatchObject({
      body: { error_codes: [700023] },
    });
  });

  it('says where it is', async () => {
    const { tenant } = await openTenant();
    const request = requestOf(`/${TENANT_ID}/v2.0/.well-known/openid-configuration`);

    expect(await tenant.handle(request, tenant.match(request))).toMatchObject({
      status: 200,
      body: {
        token_endpoint: `${ORIGIN}/${TENANT_ID}/oauth2/v2.0/token`,
        issuer: `${ORIGIN}/${TENANT_ID}/v2.0`,
      },
    });
  });
});

describe('a bearer token', () => {
  it.each([
    ['is absent', ''],
    ['is foreign', 'Bearer a.b.c'],
  ])('that %s meets 401', async (_name, authorization) => {
    const { ask } = await openTenant();

    const { status, body, headers } = await ask('/v1.0/users', { headers: { authorization } });

    expect(status).toBe(401);
    expect(errorCode(body)).toBe('InvalidAuthenticationToken');
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('that has expired meets 401 until a new one is fetched', async () => {
    const { ask, change, tenant } = await openTenant();
    await change({ op: 'expire-tokens' });

    expect((await ask('/v1.0/users')).status).toBe(401);
    const token = String(((await signIn(tenant)).body as Resource)['access_token']);
    expect((await ask('/v1.0/users', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it.each([
    ['/v1.0/users', 'Authorization_RequestDenied'],
    ['/v1.0/users/ann@old.example/mailFolders', 'ErrorAccessDenied'],
    ['/v1.0/places/microsoft.graph.room', 'ErrorAccessDenied'],
  ])('without the role for %s meets 403 %s', async (path, code) => {
    const { ask } = await openTenant(['Calendars.Read']);

    const { status, body } = await ask(path);

    expect(status).toBe(403);
    expect(errorCode(body)).toBe(code);
  });

  it('loses roles that are revoked', async () => {
    const { ask, change } = await openTenant();
    await change({ op: 'revoke-roles', roles: ['Mail.Read'] });

    expect((await ask('/v1.0/users/ann@old.example/mailFolders')).status).toBe(403);
    expect((await ask('/v1.0/users')).status).toBe(200);
  });
});
