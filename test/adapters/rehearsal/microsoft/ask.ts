import { MICROSOFT_ROLES } from '../../../../adapters/rehearsal/access.ts';
import type { Estate, Resource } from '../../../../adapters/rehearsal/estate/types.ts';
import type { SourceChange } from '../../../../adapters/rehearsal/microsoft/source-changes.ts';
import {
  createMicrosoftTenant,
  type MicrosoftTenant,
} from '../../../../adapters/rehearsal/microsoft/tenant.ts';
import type { TenantAnswer, TenantRequest } from '../../../../adapters/rehearsal/service/types.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { fixtureEstate, TENANT_ID } from './estate-fixture.ts';

export const ORIGIN = 'http://localhost:4000';
export const CREDENTIALS = { clientId: '66666666-7777-8888-9999-000000000000', secret: 'right horse' };
export const IMMUTABLE = { prefer: 'IdType="ImmutableId"' };

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A tenant over the fixture, without HTTP in between. */
export interface Asker {
  tenant: MicrosoftTenant;
  /** Sends with a token; returns status, headers and the body as an object. */
  ask(path: string, asked?: Asked): Promise<{ status: number; headers: Headers; body: Resource }>;
  raw(path: string, asked?: Asked): Promise<TenantAnswer>;
  change(change: SourceChange): Promise<Resource>;
  token: string;
}

/** Opens the fixture's tenant and signs in with the given roles. */
export async function openTenant(
  roles: readonly string[] = MICROSOFT_ROLES,
  estate: Estate = fixtureEstate(),
): Promise<Asker> {
  const tenant = createMicrosoftTenant({
    estate,
    clock: systemClock(),
    seed: 1,
    credentials: CREDENTIALS,
    roles,
  });
  const granted = await signIn(tenant, {}, `/${estate.tenantId}/oauth2/v2.0/token`);
  const token = String((granted.body as Resource)['access_token']);
  const raw = async (path: string, asked: Asked = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...asked.headers };
    const request = requestOf(path, { ...asked, headers });
    return await tenant.handle(request, tenant.match(request));
  };
  return {
    tenant,
    token,
    raw,
    ask: async (path, asked) => {
      const answer = await raw(path, asked);
      return { status: answer.status, headers: new Headers(answer.headers), body: answer.body as Resource };
    },
    change: async (change) => {
      const request = requestOf('/_rehearsal/source', { method: 'POST', body: JSON.stringify(change) });
      return (await tenant.control?.('source', request))?.body as Resource;
    },
  };
}

export function requestOf(path: string, asked: Asked = {}): TenantRequest {
  const url = new URL(path, ORIGIN);
  return {
    method: asked.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: new Headers(asked.headers),
    body: Buffer.from(asked.body ?? ''),
    origin: ORIGIN,
  };
}

/** Asks for a token; `form` overrides the right parameters, undefined values leave one out. */
export async function signIn(
  tenant: MicrosoftTenant,
  form: Record<string, string | undefined> = {},
  path = `/${TENANT_ID}/oauth2/v2.0/token`,
): Promise<TenantAnswer> {
  const parameters = {
    grant_type: 'client_credentials',
    client_id: CREDENTIALS.clientId,
    client_secret: CREDENTIALS.secret,
    scope: 'https://graph.microsoft.com/.default',
    ...form,
  };
  const body = new URLSearchParams(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ).toString();
  const request = requestOf(path, { method: 'POST', body });
  return await tenant.handle(request, tenant.match(request));
}

/** The `value` of a collection. */
export function valuesOf(body: Resource): Resource[] {
  return body['value'] as Resource[];
}

/** Follows `@odata.nextLink` to the end; returns all values, the pages and the delta link. */
export async function walk(
  asker: Asker,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ values: Resource[]; pages: number; deltaLink: string }> {
  const values: Resource[] = [];
  let pages = 0;
  let next: string | undefined = path;
  let deltaLink = '';
  while (next !== undefined) {
    const { status, body } = await asker.ask(next, { headers });
    if (status !== 200) throw new Error(`status ${status}`);
    values.push(...valuesOf(body));
    pages++;
    next = body['@odata.nextLink'] as string | undefined;
    deltaLink = String(body['@odata.deltaLink'] ?? '');
  }
  return { values, pages, deltaLink };
}

export function errorCode(body: Resource): string {
  return String((body['error'] as Resource)['code']);
}
