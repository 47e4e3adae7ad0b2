import { createRouter, type Route } from '../service/router.ts';
import type {
  QuotaCharge,
  RouteMatch,
  TenantAnswer,
  TenantRequest,
  TenantService,
} from '../service/types.ts';
import { parseJson } from '../service/wire.ts';
import { answerBatch, batchCharges } from './batch.ts';
import { CALENDAR_ROUTES } from './calendars.ts';
import type { GraphRoute } from './context.ts';
import { DELTA_ROUTES } from './delta.ts';
import { DIRECTORY_ROUTES } from './directory.ts';
import { EVENT_ROUTES } from './events.ts';
import { failureAnswer, unauthorized } from './failures.ts';
import { GROUP_ROUTES } from './groups.ts';
import { answerInstanceDiscovery, answerOpenIdConfiguration, answerToken } from './identity.ts';
import { MAIL_FOLDER_ROUTES } from './mail-folders.ts';
import { MESSAGE_ROUTES } from './messages.ts';
import { PLACE_ROUTES } from './places.ts';
import { readPreferences } from './preferences.ts';
import { readQuery } from './query.ts';
import { chargesOf, resourceUnits } from './quotas.ts';
import { badRequest, Refusal, refusalAnswer } from './refusal.ts';
import { changeSource, type SourceChange } from './source-changes.ts';
import { createState, type MicrosoftTenantOptions, type TenantState } from './state.ts';

const GRAPH_ROUTES: readonly GraphRoute[] = [
  ...DIRECTORY_ROUTES,
  ...GROUP_ROUTES,
  ...PLACE_ROUTES,
  ...MAIL_FOLDER_ROUTES,
  ...MESSAGE_ROUTES,
  ...DELTA_ROUTES,
  ...CALENDAR_ROUTES,
  ...EVENT_ROUTES,
];

const IDENTITY_ROUTES: readonly Route[] = [
  { name: 'identity.discovery', method: 'GET', path: '/common/discovery/instance' },
  { name: 'identity.configuration', method: 'GET', path: '/{tenant}/v2.0/.well-known/openid-configuration' },
  { name: 'identity.token', method: 'POST', path: '/{tenant}/oauth2/v2.0/token' },
];

const BATCH_ROUTE: Route = { name: 'graph.batch', method: 'POST', path: '/v1.0/$batch' };

/** The rehearsal's Microsoft tenant, with the names of all its routes for checks against the service metadata. */
export interface MicrosoftTenant extends TenantService {
  readonly routes: readonly Route[];
}

/**
 * Creates the Microsoft tenant: Entra's token endpoint and Graph v1.0 over an estate. Reads only, as ferry does; the
 * source is changed by `POST /_rehearsal/source` alone (`SourceChange`).
 */
export function createMicrosoftTenant(options: MicrosoftTenantOptions): MicrosoftTenant {
  const state = createState(options);
  const routes: readonly Route[] = [...GRAPH_ROUTES, ...IDENTITY_ROUTES, BATCH_ROUTE];
  const route = createRouter(routes);
  const find = (request: TenantRequest) => {
    const found = route(request.method, request.path);
    return found.kind === 'found' ? found : null;
  };
  const charges = (request: TenantRequest): readonly QuotaCharge[] => {
    const found = find(request);
    if (found?.route === BATCH_ROUTE) return batchCharges(request, charges);
    const graph = found ? graphRoute(found.route) : null;
    return found && graph ? chargesOf(state, graph, found.match.params, request) : [];
  };
  const handle = async (request: TenantRequest): Promise<TenantAnswer> => {
    const found = route(request.method, request.path);
    try {
      if (found.kind !== 'found') throw unknownRoute(request, found.kind === 'wrong-method');
      return await answerFound(state, request, found.route, found.match, (part) => runPart(part));
    } catch (cause) {
      if (cause instanceof Refusal) return refusalAnswer(cause);
      throw cause;
    }
  };
  const runPart = (part: TenantRequest) => weathered(state, find(part), part, charges, handle);
  return {
    name: 'microsoft',
    routes,
    match: (request) => find(request)?.match ?? null,
    quotas: charges,
    handle,
    failure: (kind, match, seconds) => failureAnswer(kind, match, routeNamed(match), seconds),
    control: (name, request) =>
      name === 'source' && request.method === 'POST'
        ? changeSource(state, parseJson(request.body) as SourceChange)
        : null,
    notifications: () => 0,
  };
}

async function answerFound(
  state: TenantState,
  request: TenantRequest,
  route: Route,
  match: RouteMatch,
  runPart: (request: TenantRequest) => Promise<TenantAnswer>,
): Promise<TenantAnswer> {
  const tenant = match.params['tenant'] ?? '';
  if (route.name === 'identity.discovery') return answerInstanceDiscovery(request);
  if (route.name === 'identity.configuration') return answerOpenIdConfiguration(state, request, tenant);
  if (route.name === 'identity.token') return answerToken(state, request, tenant);
  const roles = rolesOf(state, request);
  if (route === BATCH_ROUTE) return answerBatch(request, runPart);
  const graph = graphRoute(route);
  if (!graph) throw unknownRoute(request, false);
  authorise(graph, roles);
  const query = readQuery(request.query, graph.rules);
  const preferences = readPreferences(request.headers);
  const answer = await graph.handle({ state, request, params: match.params, query, preferences, roles });
  if (graph.service !== 'directory') return answer;
  const units = String(resourceUnits(graph, request.query));
  return { ...answer, headers: { ...answer.headers, 'x-ms-resource-unit': units } };
}

/** The roles of the bearer token, as far as they still stand. */
function rolesOf(state: TenantState, request: TenantRequest): ReadonlySet<string> {
  const token = /^Bearer\s+(.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (!token) throw unauthorized('Access token is empty.');
  const claims = state.seals.readAccess(token);
  if (!claims) throw unauthorized('IDX14100: JWT is not well formed, or its signature is not valid.');
  if (claims.exp * 1000 <= state.clock.now() || claims.epoch !== state.tokenEpoch) {
    throw unauthorized('Lifetime validation failed, the token is expired.');
  }
  return new Set((claims.roles ?? []).filter((role) => state.roles.has(role)));
}

function authorise(route: GraphRoute, roles: ReadonlySet<string>): void {
  if (route.roles.length === 0 || route.roles.some((role) => roles.has(role))) return;
  if (route.service === 'directory') {
    throw new Refusal(
      403,
      'Authorization_RequestDenied',
      'Insufficient privileges to complete the operation.',
    );
  }
  throw new Refusal(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
}

/** One part of a batch with the quotas and faults that it would meet by itself. */
async function weathered(
  state: TenantState,
  found: { route: Route; match: RouteMatch } | null,
  part: TenantRequest,
  charges: (request: TenantRequest) => readonly QuotaCharge[],
  handle: (request: TenantRequest) => Promise<TenantAnswer>,
): Promise<TenantAnswer> {
  const { weather } = state.options;
  if (!found || !weather) return handle(part);
  const graph = graphRoute(found.route);
  const fault = weather.faults.next(found.match);
  if (fault?.kind === 'throttle') {
    return failureAnswer('throttle', found.match, graph, weather.faults.retryAfterSeconds());
  }
  if (fault?.kind === 'unavailable' || fault?.kind === 'throttle-silent') {
    return failureAnswer(fault.kind, found.match, graph, null);
  }
  const refusal = weather.limitsOff ? null : weather.quotas.charge(charges(part));
  if (refusal) return failureAnswer('throttle', found.match, graph, refusal.retryAfterSeconds);
  return handle(part);
}

function graphRoute(route: Route): GraphRoute | null {
  return GRAPH_ROUTES.find((one) => one === route) ?? null;
}

function routeNamed(match: RouteMatch | null): GraphRoute | null {
  return GRAPH_ROUTES.find((one) => one.name === match?.route) ?? null;
}

function unknownRoute(request: TenantRequest, isWrongMethod: boolean): Refusal {
  if (isWrongMethod) {
    return new Refusal(
      405,
      'Request_BadRequest',
      'Specified HTTP method is not allowed for the request target.',
    );
  }
  const [version = '', ...segments] = request.path.split('/').filter((segment) => segment !== '');
  if (version !== 'v1.0') return badRequest(`Invalid version: ${version}`);
  return badRequest(`Resource not found for the segment '${segments.at(-1) ?? ''}'.`);
}
