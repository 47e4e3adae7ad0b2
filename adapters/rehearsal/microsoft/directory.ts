import type { EstateUser, Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import {
  answerCollection,
  answerResource,
  type Context,
  type GraphRoute,
  pageOf,
  queried,
  userOf,
} from './context.ts';
import { type ResourceType, TYPES } from './properties.ts';
import { type Expansion, readSelect, shape } from './query.ts';
import { badRequest, directoryNotFound, Refusal } from './refusal.ts';

/** Graph, paging page: default page of directory objects, and the largest `$top` (1000 is refused). */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 999;

const LIST_OPTIONS = ['$top', '$filter', '$orderby', '$count', '$skiptoken'];
const USER_ROLES = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const TENANT_ROLES = ['Organization.Read.All', 'Organization.ReadWrite.All', 'Directory.Read.All'];

/** One page of directory objects; `$top` above 999 and `$skip` are refused, as Entra refuses them. */
export function answerDirectoryList(
  context: Context,
  path: string,
  list: readonly Resource[],
  present: (resource: Resource) => Resource,
): TenantAnswer {
  const { query, request } = context;
  const size = query.top ?? DEFAULT_PAGE;
  if (size < 1 || size > MAX_PAGE) {
    const text = `Invalid page size specified: '${size}'. Must be between 1 and ${MAX_PAGE} inclusive.`;
    throw new Refusal(400, 'Request_UnsupportedQuery', text);
  }
  const isEventual = request.headers.get('consistencylevel')?.toLowerCase() === 'eventual';
  const kept = queried(list, query);
  const { items, nextLink } = pageOf(context, kept, size);
  const count = query.wantsCount && isEventual ? kept.length : null;
  return answerCollection(context, path, { value: items.map(present), nextLink, count });
}

/** `/$count`: plain text; only with `ConsistencyLevel: eventual`. */
export function answerCount(context: Context, list: readonly Resource[]): TenantAnswer {
  if (context.request.headers.get('consistencylevel')?.toLowerCase() !== 'eventual') {
    throw new Refusal(
      400,
      'Request_UnsupportedQuery',
      'The $count segment requires the ConsistencyLevel header.',
    );
  }
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain' },
    body: String(queried(list, context.query).length),
  };
}

function presentUser(context: Context, user: EstateUser): Resource {
  const { query, state } = context;
  const shaped = shape({ ...user.resource, id: user.id }, TYPES.user, query.select);
  const manager = query.expand.find((one) => one.name === 'manager');
  const superior = manager && user.managerId ? state.findUser(user.managerId) : null;
  return manager && superior ? { ...shaped, manager: presentManager(superior, manager) } : shaped;
}

function presentManager(manager: EstateUser, expansion: Expansion | null): Resource {
  const select = readSelect(expansion?.options['$select'], TYPES.user);
  return {
    '@odata.type': '#microsoft.graph.user',
    ...shape({ ...manager.resource, id: manager.id }, TYPES.user, select),
  };
}

function listUsers(context: Context): TenantAnswer {
  const byId = new Map(context.state.estate.users.map((user) => [user.id, user]));
  const list = [...byId.values()].map((user) => ({ ...user.resource, id: user.id }));
  return answerDirectoryList(context, 'users', list, (resource) => {
    const user = byId.get(String(resource['id']));
    return user ? presentUser(context, user) : resource;
  });
}

function getUser(context: Context): TenantAnswer {
  const user = userOf(context);
  const shaped = presentUser(context, user);
  // Kept in Exchange; the get of one user shows it when it is asked for by name.
  if (context.query.select?.includes('mailboxSettings')) {
    shaped['mailboxSettings'] = context.state.mailbox(user.id)?.settings ?? null;
  }
  return answerResource(context, 'users', shaped);
}

function getManager(context: Context): TenantAnswer {
  const user = userOf(context);
  const manager = user.managerId ? context.state.findUser(user.managerId) : null;
  if (!manager) throw directoryNotFound('manager');
  const shaped = shape({ ...manager.resource, id: manager.id }, TYPES.user, context.query.select);
  return answerResource(context, 'directoryObjects', { '@odata.type': '#microsoft.graph.user', ...shaped });
}

function listDomains(context: Context): TenantAnswer {
  const value = domainsOf(context).map((domain) => shape(domain, TYPES.domain, context.query.select));
  return answerCollection(context, 'domains', { value });
}

function getDomain(context: Context): TenantAnswer {
  const name = (context.params['domain'] ?? '').toLowerCase();
  const domain = domainsOf(context).find((one) => one['id'] === name);
  if (!domain) throw directoryNotFound(name);
  return answerResource(context, 'domains', shape(domain, TYPES.domain, context.query.select));
}

function domainsOf(context: Context): Resource[] {
  const { initialDomain, organisations } = context.state.estate;
  const names = [initialDomain, ...organisations.map((one) => one.sourceDomain)];
  return [...new Set(names.map((name) => name.toLowerCase()))].map((id, at) => ({
    id,
    authenticationType: 'Managed',
    availabilityStatus: null,
    isAdminManaged: true,
    isDefault: at === Math.min(1, names.length - 1),
    isInitial: at === 0,
    isRoot: true,
    isVerified: true,
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
    passwordValidityPeriodInDays: 2147483647,
    passwordNotificationWindowInDays: 14,
  }));
}

function organisationOf(context: Context): Resource {
  const { estate } = context.state;
  const verifiedDomains = domainsOf(context).map((domain) => ({
    capabilities: 'Email, OfficeCommunicationsOnline',
    isDefault: domain['isDefault'],
    isInitial: domain['isInitial'],
    name: domain['id'],
    type: 'Managed',
  }));
  return {
    id: estate.tenantId,
    displayName: estate.initialDomain.split('.')[0],
    countryLetterCode: 'GB',
    createdDateTime: '2015-04-01T08:00:00Z',
    tenantType: 'AAD',
    verifiedDomains,
  };
}

function listOrganisation(context: Context): TenantAnswer {
  const value = [shape(organisationOf(context), TYPES.organization, context.query.select)];
  return answerCollection(context, 'organization', { value });
}

function getOrganisation(context: Context): TenantAnswer {
  if (context.params['organization'] !== context.state.estate.tenantId) {
    throw directoryNotFound(context.params['organization'] ?? '');
  }
  return answerResource(
    context,
    'organization',
    shape(organisationOf(context), TYPES.organization, context.query.select),
  );
}

function listSkus(context: Context): TenantAnswer {
  const value = context.state.estate.skus.map((sku) => shape(sku, TYPES.subscribedSku, context.query.select));
  return answerCollection(context, 'subscribedSkus', { value });
}

function listContacts(context: Context): TenantAnswer {
  return answerDirectoryList(context, 'contacts', context.state.estate.contacts, (contact) =>
    shape(contact, TYPES.orgContact, context.query.select),
  );
}

function getContact(context: Context): TenantAnswer {
  const id = context.params['contact'] ?? '';
  const contact = context.state.estate.contacts.find((one) => one['id'] === id);
  if (!contact) throw directoryNotFound(id);
  return answerResource(context, 'contacts', shape(contact, TYPES.orgContact, context.query.select));
}

/** `/me` needs a signed-in user, and an app has none. */
function refuseMe(): TenantAnswer {
  throw badRequest('/me request is only valid with delegated authentication flow.');
}

function directoryRoute(
  name: string,
  path: string,
  type: ResourceType,
  handle: GraphRoute['handle'],
  more: { roles: readonly string[]; options?: readonly string[]; units?: number },
): GraphRoute {
  const { roles, options = [], units = 1 } = more;
  const rules = { type, options };
  return {
    name: `graph.${name}`,
    method: 'GET',
    path: `/v1.0${path}`,
    service: 'directory',
    roles,
    rules,
    units,
    handle,
  };
}

const users = { roles: USER_ROLES, options: LIST_OPTIONS, units: 2 };
const contacts = { roles: ['OrgContact.Read.All', 'Directory.Read.All'], options: LIST_OPTIONS };
const domains = {
  roles: ['Domain.Read.All', 'Domain.ReadWrite.All', 'Directory.Read.All'],
  options: ['$top', '$filter'],
};

/** Users, domains, organisation, licences and contacts of the tenant. */
export const DIRECTORY_ROUTES: readonly GraphRoute[] = [
  directoryRoute('organization.list', '/organization', TYPES.organization, listOrganisation, {
    roles: TENANT_ROLES,
  }),
  directoryRoute('organization.get', '/organization/{organization}', TYPES.organization, getOrganisation, {
    roles: TENANT_ROLES,
  }),
  directoryRoute('domains.list', '/domains', TYPES.domain, listDomains, domains),
  directoryRoute('domains.get', '/domains/{domain}', TYPES.domain, getDomain, domains),
  directoryRoute('users.list', '/users', TYPES.user, listUsers, users),
  directoryRoute(
    'users.count',
    '/users/$count',
    TYPES.user,
    (context) =>
      answerCount(
        context,
        context.state.estate.users.map((user) => user.resource),
      ),
    users,
  ),
  directoryRoute('users.get', '/users/{user}', TYPES.user, getUser, { roles: USER_ROLES }),
  directoryRoute('users.manager', '/users/{user}/manager', TYPES.user, getManager, { roles: USER_ROLES }),
  directoryRoute('me', '/me', TYPES.user, refuseMe, { roles: [] }),
  directoryRoute('subscribedSkus.list', '/subscribedSkus', TYPES.subscribedSku, listSkus, {
    roles: [...TENANT_ROLES, 'LicenseAssignment.Read.All'],
    units: 3,
  }),
  directoryRoute('contacts.list', '/contacts', TYPES.orgContact, listContacts, contacts),
  directoryRoute('contacts.get', '/contacts/{contact}', TYPES.orgContact, getContact, contacts),
];
