import { execFileSync } from 'node:child_process';
import { constants, createHash, generateKeyPairSync, verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { classify } from '../../../adapters/graph/failures.ts';
import { graphLimits } from '../../../adapters/graph/limits.ts';
import { createSignIn, decodeRoles } from '../../../adapters/graph/sign-in.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { SourceConnection } from '../../../src/core/connections.ts';
import { MigrationError } from '../../../src/core/errors.ts';
import { silent } from '../../../src/core/log.ts';
import { twinsOf } from '../../../src/transport/origins.ts';
import { createTransport } from '../../../src/transport/transport.ts';
import { IdleClock } from '../../support/idle-clock.ts';
import { AUTHORITY, connection, never, tokenWith } from './tenant-double.ts';

const TOKEN_PATH = `/${connection.tenant}/oauth2/v2.0/token`;

function signInTo(changes: Partial<SourceConnection> = {}, clock: Clock = new IdleClock()) {
  const source = { ...connection, ...changes };
  const transport = createTransport({
    limits: graphLimits,
    classify,
    origins: [source.authority],
    twins: twinsOf([source.authority]),
    clock,
    log: silent,
    fetch: globalThis.fetch,
  });
  return createSignIn(source, { transport, clock });
}

function expectToken(body: (form: URLSearchParams) => boolean, authority = AUTHORITY) {
  return nock(authority)
    .post(TOKEN_PATH, (form) => body(new URLSearchParams(form)))
    .query(true);
}

const granted = { access_token: 'token-1', expires_in: 3600, token_type: 'Bearer' };

describe('signing in', () => {
  beforeAll(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  afterAll(() => nock.restore());

  it('sends the secret to the configured authority alone, and asks for the endpoint by /.default', async () => {
    const scope = expectToken(
      (form) =>
        form.get('client_secret') === 'not-a-real-secret' &&
        form.get('grant_type') === 'client_credentials' &&
        form.get('scope') === 'https://graph.test/.default',
    ).reply(200, granted);

    expect(await signInTo().token(never)).toBe('token-1');
    expect(scope.isDone()).toBe(true);
  });

  it('signs in at a plain-http authority on loopback without discovering anything', async () => {
    expectToken(() => true, 'http://127.0.0.1:4711').reply(200, granted);

    expect(await signInTo({ authority: 'http://127.0.0.1:4711' }).token(never)).toBe('token-1');
  });

  it('shares one request and keeps the token until five minutes before its end', async () => {
    const idle = new IdleClock();
    let passedMs = 0;
    const clock = {
      scale: 1,
      now: () => idle.now() + passedMs,
      ticks: () => idle.ticks(),
      wait: idle.wait.bind(idle),
    };
    const signIn = signInTo({}, clock);
    expectToken(() => true).reply(200, granted);

    expect(await Promise.all([signIn.token(never), signIn.token(never)])).toEqual(['token-1', 'token-1']);
    passedMs = 54 * 60_000;
    expect(await signIn.token(never)).toBe('token-1');

    expectToken(() => true).reply(200, { ...granted, access_token: 'token-2' });
    passedMs = 56 * 60_000;
    expect(await signIn.token(never)).toBe('token-2');
  });

  it('asks again after it was told to forget', async () => {
    const signIn = signInTo();
    expectToken(() => true).reply(200, granted);
    await signIn.token(never);

    signIn.forget();
    expectToken(() => true).reply(200, { ...granted, access_token: 'token-2' });

    expect(await signIn.token(never)).toBe('token-2');
  });

  it('turns a refusal into Auth with a hint, once', async () => {
    expectToken(() => true).reply(401, {
      error: 'invalid_client',
      error_codes: [7000215],
      error_description: 'AADSTS7000215: Invalid client secret provided.',
    });

    await expect(signInTo().token(never)).rejects.toMatchObject({
      name: 'Auth',
      code: 'invalid_client',
      scope: 'run',
    });
  });

  it('waits out a throttle', async () => {
    expectToken(() => true).reply(429, {}, { 'retry-after': '5' });
    expectToken(() => true).reply(200, granted);

    expect(await signInTo().token(never)).toBe('token-1');
  });

  it('shows no secret, even when the answer repeats it', async () => {
    expectToken(() => true).reply(400, {
      error: 'not-a-real-secret',
      error_description: 'not-a-real-secret',
    });

    const error: unknown = await signInTo()
      .token(never)
      .catch((cause: unknown) => cause);

    expect(error).toBeInstanceOf(MigrationError);
    const shown = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack);
    expect(shown).not.toContain('not-a-real-secret');
  });

  it('reads the federated token anew for each request', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ferry-'));
    const tokenFile = join(folder, 'token');
    const signIn = signInTo({ credential: { kind: 'federated', tokenFile } });
    for (const assertion of ['first', 'second']) {
      writeFileSync(tokenFile, `${assertion}\n`);
      expectToken((form) => form.get('client_assertion') === assertion).reply(200, granted);
      await signIn.token(never);
      signIn.forget();
    }
    rmSync(folder, { recursive: true });

    await expect(signIn.token(never)).rejects.toMatchObject({ name: 'Auth', code: 'unreadable-token-file' });
  });

  it('refuses a private key that cannot sign before anything is sent', async () => {
    const credential = {
      kind: 'certificate' as const,
      certificatePem: certificate().pem,
      privateKeyPem: 'nonsense',
    };

    await expect(signInTo({ credential }).token(never)).rejects.toMatchObject({
      code: 'unusable-credential',
    });
  });

  it('signs with PS256 and the SHA-256 thumbprint of the certificate', async () => {
    const { pem, key } = certificate();
    let assertion = '';
    expectToken((form) => {
      assertion = form.get('client_assertion') ?? '';
      return true;
    }).reply(200, granted);

    await signInTo({ credential: { kind: 'certificate', certificatePem: pem, privateKeyPem: key } }).token(
      never,
    );

    const [head = '', payload = '', signature = ''] = assertion.split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    const thumbprint = createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
    expect(decode(head)).toMatchObject({ alg: 'PS256', 'x5t#S256': thumbprint });
    expect(decode(payload)).toMatchObject({ aud: AUTHORITY + TOKEN_PATH, iss: connection.client });
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const signed = { key: new X509Certificate(pem).publicKey, ...padding };
    expect(
      verify('sha256', Buffer.from(`${head}.${payload}`), signed, Buffer.from(signature, 'base64url')),
    ).toBe(true);
  });
});

describe('the roles of a token', () => {
  it.each<[string, string, string[] | null]>([
    ['are listed', tokenWith({ roles: ['A', 1, 'B'] }), ['A', 'B']],
    ['are none without the claim', tokenWith({}), []],
    ['are unknown in an opaque token', 'opaque', null],
    ['are unknown in a broken token', 'a.%%%.c', null],
  ])('%s', (_name, token, roles) => {
    expect(decodeRoles(token)).toEqual(roles);
  });
});

/** A self-signed certificate; Node makes keys but no certificates, so openssl does. */
function certificate(): { pem: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-'));
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  });
  writeFileSync(join(folder, 'key.pem'), key);
  const request = ['req', '-x509', '-key', 'key.pem', '-out', 'cert.pem', '-days', '1', '-subj', '/CN=ferry'];
  execFileSync('openssl', request, { cwd: folder });
  const pem = readFileSync(join(folder, 'cert.pem'), 'utf8');
  rmSync(folder, { recursive: true });
  return { pem, key: String(key) };
}
