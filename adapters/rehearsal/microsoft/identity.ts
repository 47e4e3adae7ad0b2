import { randomUUID } from 'node:crypto';
import type { TenantAnswer, TenantRequest } from '../service/types.ts';
import { checkAssertion } from './assertion.ts';
import type { TenantState } from './state.ts';

/** Entra's default lifetime is 60 to 90 minutes; the rehearsal gives the shortest. */
const TOKEN_SECONDS = 3_599;
const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';
const GRAPH_HOSTS: ReadonlySet<string> = new Set([
  'graph.microsoft.com',
  'graph.microsoft.us',
  'dod-graph.microsoft.us',
  'microsoftgraph.chinacloudapi.cn',
]);
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** `/{tenant}/v2.0/.well-known/openid-configuration`. */
export function answerOpenIdConfiguration(
  state: TenantState,
  request: TenantRequest,
  tenant: string,
): TenantAnswer {
  if (!isTenant(state, tenant) && tenant !== 'common' && tenant !== 'organizations') {
    return tenantNotFound(tenant);
  }
  const root = `${request.origin}/${tenant}`;
  return {
    status: 200,
    body: {
      token_endpoint: `${root}/oauth2/v2.0/token`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
      jwks_uri: `${root}/discovery/v2.0/keys`,
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
      scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
      issuer: `${request.origin}/${isTenant(state, tenant) ? state.estate.tenantId : '{tenantid}'}/v2.0`,
      authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
      device_authorization_endpoint: `${root}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${root}/oauth2/v2.0/logout`,
      claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'tid', 'ver'],
      tenant_region_scope: 'EU',
      cloud_instance_name: 'microsoftonline.com',
      msgraph_host: 'graph.microsoft.com',
    },
  };
}

/** `/common/discovery/instance`: which hosts belong to one cloud. */
export function answerInstanceDiscovery(request: TenantRequest): TenantAnswer {
  const { host } = new URL(request.origin);
  const endpoint =
    request.query.get('authorization_endpoint') ?? `${request.origin}/common/oauth2/v2.0/authorize`;
  return {
    status: 200,
    body: {
      tenant_discovery_endpoint: endpoint.replace(
        /\/oauth2\/v2\.0\/authorize\/?$/,
        '/v2.0/.well-known/openid-configuration',
      ),
      'api-version': '1.1',
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    },
  };
}

/** `/{tenant}/oauth2/v2.0/token` for `grant_type=client_credentials`. */
export function answerToken(state: TenantState, request: TenantRequest, tenant: string): TenantAnswer {
  const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
  const { clientId, secret } = clientOf(request, form);
  const { credentials } = state.options;
  if (!isTenant(state, tenant)) return tenantNotFound(tenant);
  const grant = form.get('grant_type');
  if (grant === null) {
    const text = "The request body must contain the following parameter: 'grant_type'.";
    return refuse(400, 'invalid_request', 900144, text);
  }
  if (grant !== 'client_credentials') {
    return refuse(
      400,
      'unsupported_grant_type',
      70003,
      `The app requested an unsupported grant type '${grant}'.`,
    );
  }
  if (clientId?.toLowerCase() !== credentials.clientId.toLowerCase()) {
    const text = `Application with identifier '${clientId ?? ''}' was not found in the directory '${tenant}'.`;
    return refuse(400, 'unauthorized_client', 700016, text);
  }
  const fault = checkCredential(state, form, secret);
  if (fault) return refuse(401, 'invalid_client', fault.code, fault.text);
  return checkScope(request, form.get('scope')) ?? grantToken(state, request, form.get('scope') ?? '');
}

function clientOf(
  request: TenantRequest,
  form: URLSearchParams,
): { clientId: string | null; secret: string | null } {
  const basic = /^Basic (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (!basic) return { clientId: form.get('client_id'), secret: form.get('client_secret') };
  const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { clientId: decodeURIComponent(id), secret: decodeURIComponent(rest.join(':')) };
}

function checkCredential(
  state: TenantState,
  form: URLSearchParams,
  secret: string | null,
): { code: number; text: string } | null {
  const { credentials } = state.options;
  const assertion = form.get('client_assertion');
  if (assertion !== null && form.get('client_assertion_type') === ASSERTION_TYPE) {
    return checkAssertion(assertion, {
      clientId: credentials.clientId,
      tenants: tenantNames(state),
      certificates: credentials.certificates ?? [],
      thumbprints: credentials.certificateThumbprints ?? [],
      nowMs: state.clock.now(),
    });
  }
  if (secret === null) {
    const text =
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return { code: 7000218, text };
  }
  if (secret === credentials.secret) return null;
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${credentials.clientId}'.`;
  return { code: 7000215, text };
}

function checkScope(request: TenantRequest, scope: string | null): TenantAnswer | null {
  if (!scope?.endsWith('/.default')) {
    const text = `The provided value for scope ${scope ?? ''} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    return refuse(400, 'invalid_scope', 1002012, text);
  }
  const resource = scope.slice(0, -'/.default'.length).replace(/\/$/, '');
  if (isGraph(resource, request)) return null;
  const text = `The resource principal named ${resource} was not found in the tenant.`;
  return refuse(400, 'invalid_resource', 500011, text);
}

/** Graph under its own hosts, its app id, or the origin under which the client reaches this tenant. */
function isGraph(resource: string, request: TenantRequest): boolean {
  if (resource.toLowerCase() === GRAPH_APP_ID || resource === '') return true;
  if (!URL.canParse(resource)) return false;
  const { host, hostname, port } = new URL(resource);
  const own = new URL(request.origin);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname) && port === own.port;
  return GRAPH_HOSTS.has(host) || host === own.host || isLoopback;
}

function grantToken(state: TenantState, request: TenantRequest, scope: string): TenantAnswer {
  const seconds = Math.floor(state.clock.now() / 1000);
  const roles = [...state.roles];
  const token = state.seals.issueAccess({
    aud: scope.slice(0, -'/.default'.length),
    iss: `${request.origin}/${state.estate.tenantId}/`,
    iat: seconds,
    nbf: seconds,
    exp: seconds + TOKEN_SECONDS,
    appid: state.options.credentials.clientId,
    tid: state.estate.tenantId,
    // Entra issues a token without the claim where nothing was consented to.
    ...(roles.length > 0 ? { roles } : {}),
    epoch: state.tokenEpoch,
  });
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' },
    body: {
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
      ext_expires_in: TOKEN_SECONDS,
      access_token: token,
    },
  };
}

function isTenant(state: TenantState, name: string): boolean {
  return tenantNames(state).includes(name.toLowerCase());
}

function tenantNames(state: TenantState): string[] {
  const { tenantId, initialDomain, organisations } = state.estate;
  return [tenantId, initialDomain, ...organisations.map((one) => one.sourceDomain)].map((name) =>
    name.toLowerCase(),
  );
}

function tenantNotFound(tenant: string): TenantAnswer {
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  return refuse(400, 'invalid_request', 90002, text);
}

/** The answer of the token endpoint to a fault: `{ error, error_description, error_codes, … }`. */
export function refuse(
  status: number,
  error: string,
  code: number,
  text: string,
  headers: Record<string, string> = {},
): TenantAnswer {
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    status,
    headers,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}
