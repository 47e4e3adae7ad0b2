import { Auth, type MigrationError, Throttled, Transient } from '../../src/core/errors.ts';
import type { FailedAnswer } from '../../src/transport/types.ts';
import { fieldOf, parseJson, retryAfterMs, shorten } from './answers.ts';

/**
 * What to do about an AADSTS number. Numbers are hints alone: Microsoft asks clients to branch on `error`.
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and field reports, read 2026-11.
 */
const hints: Readonly<Record<number, string>> = {
  90002: 'the tenant does not exist at this authority: check source.tenant and source.authority',
  900023: 'source.tenant is neither a tenant id nor a domain of one',
  700016:
    'the application is not known in this tenant: check source.client and source.tenant, or give consent',
  7000215: 'the client secret is wrong: use the value of the secret, not its id',
  7000222: 'the client secret has expired: create a new one',
  7000218: 'no secret or certificate was accepted: check source.credential',
  700027:
    'the certificate is not registered for the application, or its key does not fit: upload it to the app',
  700024: 'the signed assertion is outside its validity: check the clock of this machine',
  70021: 'no federated credential of the application fits the token: compare issuer, subject and audience',
  700211: 'no federated credential of the application fits the issuer of the token',
  700213: 'no federated credential of the application fits the subject of the token',
  7000112: 'the application is disabled in this tenant: enable it',
  7000229: 'the application has no service principal in this tenant: give admin consent',
  1002012: 'the scope is not accepted: source.endpoint must name a Graph root',
  70011: 'the scope is not accepted: source.endpoint must name a Graph root',
  500011: 'the Graph resource is not known in this tenant: check source.endpoint',
  53003: 'Conditional Access blocks the application: exclude this workload identity or its network',
  530035: 'Conditional Access blocks the application: exclude this workload identity or its network',
  65001: 'an administrator has not given consent to the application',
};

const byError: Readonly<Record<string, string>> = {
  invalid_client: 'check source.client and source.credential',
  unauthorized_client: 'check source.client and source.tenant, or give admin consent',
  invalid_request: 'check source.tenant and source.client',
  invalid_scope: 'source.endpoint must name a Graph root',
  invalid_resource: 'source.endpoint must name a Graph root',
  access_denied: 'a policy of the tenant blocks the application',
};

/**
 * Classifies a failed answer of the token endpoint by its `error`, the status second. Refusals are `Auth` with what to
 * do; the vendor's description is left out, since it may repeat what was sent.
 */
export function classifySignIn(answer: FailedAnswer): MigrationError {
  const body = parseJson(answer.body);
  const error = typeof fieldOf(body, 'error') === 'string' ? String(fieldOf(body, 'error')) : '';
  const detail = {
    code: shorten(error) || `http-${answer.status}`,
    status: answer.status,
    ...requestIdOf(body, answer.headers),
    ...retryAfterMs(answer.headers),
  };
  if (answer.status === 429) return new Throttled({ ...detail, message: 'the token endpoint is throttled' });
  if (answer.status >= 500 || error === 'temporarily_unavailable') {
    return new Transient({ ...detail, message: `the token endpoint answers ${answer.status}` });
  }
  const number = aadstsNumber(body);
  const hint =
    (number && hints[number]) || byError[error] || 'check source.tenant, source.client and credential';
  const name = number ? `${detail.code}, AADSTS${number}` : detail.code;
  return new Auth({ ...detail, message: `sign-in to Microsoft was refused (${name}): ${hint}` });
}

function aadstsNumber(body: unknown): number | null {
  const codes = fieldOf(body, 'error_codes');
  const first = Array.isArray(codes) ? codes[0] : null;
  if (typeof first === 'number') return first;
  const match = /AADSTS(\d{4,9})/.exec(String(fieldOf(body, 'error_description') ?? ''));
  return match ? Number(match[1]) : null;
}

function requestIdOf(body: unknown, headers: Headers): { requestId?: string } {
  const id = headers.get('x-ms-request-id') ?? fieldOf(body, 'trace_id');
  return typeof id === 'string' && id !== '' ? { requestId: shorten(id) } : {};
}
