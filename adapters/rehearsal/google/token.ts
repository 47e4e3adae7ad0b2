import { createVerify, randomBytes } from 'node:crypto';
import type { TenantAnswer, TenantRequest } from '../service/types.ts';
import { findUser, isSuspended } from './directory/directory.ts';
import { isJson, type Json, textOf } from './json.ts';
import type { Tenant } from './state.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** An assertion may stand for an hour at most, with some minutes of skew. */
const MAX_LIFE_S = 3_600;
const SKEW_S = 300;
/** Tokens that are kept before expired ones are dropped. */
const MAX_GRANTS = 5_000;

/** Path of the token endpoint; `token_uri` of the service account's key file is the service's origin with this. */
export const TOKEN_PATH = '/token';

/**
 * Answers the token endpoint: exchanges a service account's signed assertion for an access token of the user it
 * names. Errors have the OAuth shape `{ error, error_description }`.
 * Source: developers.google.com/identity/protocols/oauth2/service-account.
 */
export function issueToken(tenant: Tenant, request: TenantRequest): TenantAnswer {
  const form = new URLSearchParams(Buffer.from(request.body).toString());
  const grantType = form.get('grant_type') ?? '';
  if (grantType !== JWT_BEARER)
    return oauthError(400, 'unsupported_grant_type', `Invalid grant_type: ${grantType}`);
  const claims = readAssertion(tenant, form.get('assertion') ?? '');
  if (typeof claims === 'string') return invalidGrant(claims);
  return checkClaims(tenant, request, claims) ?? grant(tenant, claims);
}

/** The claims of a well-signed assertion, or what is wrong with it. */
function readAssertion(tenant: Tenant, assertion: string): Json | string {
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const header = readPart(head);
  const body = readPart(claims);
  if (!header || !body) return 'Invalid JWT: The part is not a valid JSON object.';
  const account = tenant.settings.serviceAccount;
  if (body['iss'] !== account.clientEmail) return 'Invalid grant: account not found';
  if (header['alg'] !== 'RS256') return 'Invalid JWT Signature.';
  if (header['kid'] !== undefined && header['kid'] !== account.privateKeyId) return 'Invalid JWT Signature.';
  const verifier = createVerify('RSA-SHA256').update(`${head}.${claims}`);
  return verifier.verify(account.publicKeyPem, signature, 'base64url') ? body : 'Invalid JWT Signature.';
}

function readPart(part: string): Json | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isJson(value) ? value : null;
  } catch {
    return null;
  }
}

function checkClaims(tenant: Tenant, request: TenantRequest, claims: Json): TenantAnswer | null {
  const now = tenant.clock.now() / 1000;
  const issued = Number(claims['iat']);
  const expires = Number(claims['exp']);
  if (claims['aud'] !== `${request.origin}${TOKEN_PATH}`)
    return invalidGrant('Invalid JWT: Failed audience check.');
  const isShort = expires > issued && expires - issued <= MAX_LIFE_S;
  if (!isShort || issued > now + SKEW_S || expires < now - SKEW_S) {
    return invalidGrant(
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. ' +
        'Check your iat and exp values in the JWT claim.',
    );
  }
  const wanted = scopesOf(claims);
  if (wanted.length === 0) return oauthError(400, 'invalid_scope', 'Empty or missing scope not allowed.');
  if (claims['sub'] === undefined) return null;
  const authorised = new Set(tenant.settings.authorisedScopes);
  if (wanted.every((scope) => authorised.has(scope))) return null;
  return oauthError(
    401,
    'unauthorized_client',
    'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the ' +
      'scopes requested.',
  );
}

function grant(tenant: Tenant, claims: Json): TenantAnswer {
  const subject = claims['sub'] === undefined ? null : findUser(tenant.directory, textOf(claims['sub']));
  const isKnown = subject && tenant.clock.ticks() >= subject.createdAt + tenant.settings.delays.signInMs;
  if (claims['sub'] !== undefined && (!isKnown || isSuspended(subject))) {
    return invalidGrant('Invalid email or User ID');
  }
  dropExpired(tenant);
  const accessToken = `ya29.c.${randomBytes(32).toString('base64url')}`;
  const lifeMs = tenant.settings.tokenSeconds * 1000;
  const expiresAt = tenant.clock.now() + lifeMs;
  tenant.grants.set(accessToken, {
    userId: subject?.id ?? null,
    scopes: new Set(scopesOf(claims)),
    expiresAt,
  });
  return {
    status: 200,
    body: { access_token: accessToken, expires_in: tenant.settings.tokenSeconds, token_type: 'Bearer' },
  };
}

/** Keeps the memory of tokens bounded: expired ones answer 401 whether they are known or not. */
function dropExpired(tenant: Tenant): void {
  if (tenant.grants.size < MAX_GRANTS) return;
  const now = tenant.clock.now();
  for (const [token, { expiresAt }] of tenant.grants) if (expiresAt <= now) tenant.grants.delete(token);
}

function scopesOf(claims: Json): string[] {
  return textOf(claims['scope']).split(/\s+/).filter(Boolean);
}

function invalidGrant(description: string): TenantAnswer {
  return oauthError(400, 'invalid_grant', description);
}

function oauthError(status: number, error: string, description: string): TenantAnswer {
  return { status, body: { error, error_description: description } };
}
