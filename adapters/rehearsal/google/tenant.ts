import { createRandom } from '../service/random.ts';
import { createRouter } from '../service/router.ts';
import type { TenantAnswer, TenantRequest, TenantService } from '../service/types.ts';
import { type ApiRoute, type Call, readJson } from './api.ts';
import { ACL_ROUTES } from './calendar/access.ts';
import { CALENDAR_ROUTES } from './calendar/calendars.ts';
import { EVENT_CHANGE_ROUTES } from './calendar/events-change.ts';
import { EVENT_CREATE_ROUTES } from './calendar/events-create.ts';
import { EVENT_READ_ROUTES } from './calendar/events-read.ts';
import { addPrimaryCalendar, createCalendarState } from './calendar/state.ts';
import { control } from './control.ts';
import { ALIAS_ROUTES, PHOTO_ROUTES } from './directory/aliases.ts';
import { CUSTOMER_ROUTES } from './directory/customers.ts';
import { createDirectory, type DirectoryUser, isSuspended } from './directory/directory.ts';
import { GROUP_SETTINGS_ROUTES } from './directory/group-settings.ts';
import { GROUP_ROUTES } from './directory/groups.ts';
import { MEMBER_ROUTES } from './directory/members.ts';
import { ORG_UNIT_ROUTES } from './directory/org-units.ts';
import { RESOURCE_ROUTES } from './directory/resources.ts';
import { USER_ROUTES } from './directory/users.ts';
import { failureAnswer, insufficientScope, unauthenticated } from './failures.ts';
import { DRAFT_ROUTES } from './gmail/drafts.ts';
import { INTAKE_ROUTES } from './gmail/intake.ts';
import { LABEL_ROUTES } from './gmail/labels.ts';
import { LISTING_ROUTES } from './gmail/listing.ts';
import { createMailState } from './gmail/mailbox.ts';
import { openMessageFile } from './gmail/message-file.ts';
import { MESSAGE_ROUTES } from './gmail/messages.ts';
import { THREAD_ROUTES } from './gmail/threads.ts';
import { isJson } from './json.ts';
import { type GoogleTenantOptions, settle } from './options.ts';
import { project } from './projection.ts';
import { chargesOf } from './quotas.ts';
import { badRequest, Refusal } from './refusal.ts';
import { checkQuery, checkShape } from './shapes.ts';
import type { Grant, Tenant } from './state.ts';
import { issueToken, TOKEN_PATH } from './token.ts';

export type { GoogleTenantOptions } from './options.ts';
export { googleQuotaRows } from './quotas.ts';
export type { Notice } from './state.ts';

/** A rehearsal Google Workspace tenant: the service, and the end of it. */
export interface GoogleTenant extends TenantService {
  control(name: string, request: TenantRequest): TenantAnswer | null;
  notifications(): number;
  /** Closes the file of message bytes. */
  close(): void;
}

/** Every route of the vendor's APIs that the tenant answers; their names are those of the discovery documents. */
export const GOOGLE_ROUTES: readonly ApiRoute[] = [
  ...CUSTOMER_ROUTES,
  ...USER_ROUTES,
  ...ALIAS_ROUTES,
  ...PHOTO_ROUTES,
  ...ORG_UNIT_ROUTES,
  ...GROUP_ROUTES,
  ...MEMBER_ROUTES,
  ...RESOURCE_ROUTES,
  ...GROUP_SETTINGS_ROUTES,
  ...LABEL_ROUTES,
  ...INTAKE_ROUTES,
  ...LISTING_ROUTES,
  ...MESSAGE_ROUTES,
  ...DRAFT_ROUTES,
  ...THREAD_ROUTES,
  ...CALENDAR_ROUTES,
  ...ACL_ROUTES,
  ...EVENT_READ_ROUTES,
  ...EVENT_CREATE_ROUTES,
  ...EVENT_CHANGE_ROUTES,
];

const TOKEN_ROUTE = { name: 'oauth2.token', method: 'POST', path: TOKEN_PATH, writes: false };

/**
 * Creates a simulated Google Workspace tenant that holds its administrator and nothing else. It behaves as Google's
 * documentation and discovery documents say: what they do not know is refused, effects spread with delay.
 */
export function createGoogleTenant(options: GoogleTenantOptions): GoogleTenant {
  const tenant = createState(options);
  const find = createRouter<ApiRoute | typeof TOKEN_ROUTE>([...GOOGLE_ROUTES, TOKEN_ROUTE]);
  const routing = (request: TenantRequest) => find(request.method, joinOrgUnitPath(request.path));
  return {
    name: 'google',
    match(request) {
      const found = routing(request);
      return found.kind === 'found' ? found.match : null;
    },
    async handle(request) {
      const found = routing(request);
      if (found.kind !== 'found') return unknownUrl(request);
      if (!('scopes' in found.route)) return issueToken(tenant, request);
      return answerCall(tenant, found.route, found.match.params, request);
    },
    failure: failureAnswer,
    quotas(request) {
      const found = routing(request);
      if (found.kind !== 'found' || !('scopes' in found.route)) return [];
      const grant = grantOf(tenant, request);
      return chargesOf(found.route, request, grant, tenant.settings.serviceAccount.clientEmail);
    },
    control: (name, request) => control(tenant, name, request),
    notifications: () => tenant.notices.length,
    close: () => tenant.mail.file.close(),
  };
}

function createState(options: GoogleTenantOptions): Tenant {
  const settings = settle(options);
  const random = createRandom(settings.seed);
  const tenant: Tenant = {
    settings,
    clock: settings.clock,
    random,
    directory: createDirectory(settings, settings.clock, random),
    mail: createMailState(openMessageFile(settings.stateDir), random),
    calendars: createCalendarState(),
    grants: new Map(),
    notices: [],
  };
  for (const id of tenant.directory.users.keys()) addPrimaryCalendar(tenant.calendars, id, settings.timeZone);
  return tenant;
}

/** The path of a unit has segments of its own (`{+orgUnitPath}` in the discovery document): the router sees one. */
function joinOrgUnitPath(path: string): string {
  return path.replace(
    /^(\/admin\/directory\/v1\/customer\/[^/]+\/orgunits\/)(.+)$/,
    (_all, base: string, unit: string) => base + unit.replaceAll('/', '%2F'),
  );
}

async function answerCall(
  tenant: Tenant,
  route: ApiRoute,
  params: Readonly<Record<string, string>>,
  request: TenantRequest,
): Promise<TenantAnswer> {
  try {
    const call = admit(tenant, route, params, request);
    return projected(await route.handle(call), request.query);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** Sign-in, scope, query and body, in the order in which Google looks at them. */
function admit(
  tenant: Tenant,
  route: ApiRoute,
  params: Readonly<Record<string, string>>,
  request: TenantRequest,
): Call {
  const { grant, subject } =
    route.upload === 'session' ? sessionGrant(tenant, request) : signIn(tenant, request);
  const isOpen = route.upload === 'session' || route.scopes.some((scope) => grant.scopes.has(scope));
  if (!isOpen) throw insufficientScope(route.name, route.scopes);
  checkQuery(request.query, route.query ?? '');
  const alt = request.query.get('alt') ?? 'json';
  if (!['json', 'media', 'atom'].includes(alt)) throw badRequest(`Invalid value at 'alt', "${alt}"`);
  const body = route.body === undefined ? {} : readJson(request.body);
  if (route.body !== undefined) checkShape(body, route.body);
  return { tenant, route, request, params, query: request.query, body, grant, subject };
}

function grantOf(tenant: Tenant, request: TenantRequest): Grant | null {
  const token = /^Bearer (.+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const grant = token === undefined ? undefined : tenant.grants.get(token);
  return grant && grant.expiresAt > tenant.clock.now() ? grant : null;
}

function signIn(tenant: Tenant, request: TenantRequest): { grant: Grant; subject: DirectoryUser | null } {
  const grant = grantOf(tenant, request);
  if (!grant) throw unauthenticated();
  if (grant.userId === null) return { grant, subject: null };
  const subject = tenant.directory.users.get(grant.userId);
  if (!subject || subject.deleted || isSuspended(subject)) throw unauthenticated();
  return { grant, subject };
}

/** A session URI is a secret of its own and carries no token. */
function sessionGrant(
  tenant: Tenant,
  request: TenantRequest,
): { grant: Grant; subject: DirectoryUser | null } {
  const session = tenant.mail.uploads.get(request.query.get('upload_id') ?? '');
  if (session) return { grant: session.call.grant, subject: session.call.subject };
  return { grant: { userId: null, scopes: new Set(), expiresAt: 0 }, subject: null };
}

function projected(answer: TenantAnswer, query: URLSearchParams): TenantAnswer {
  const fields = query.get('fields');
  if (answer.status !== 200 || !fields || !isJson(answer.body)) return answer;
  return { ...answer, body: project(answer.body, fields) };
}

/** Google's front end answers an unknown URL with a page. */
function unknownUrl(request: TenantRequest): TenantAnswer {
  return {
    status: 404,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body:
      '<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n' +
      `<p>The requested URL <code>${encodeURI(request.path)}</code> was not found on this server.\n`,
  };
}
