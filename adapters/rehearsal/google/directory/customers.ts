import { type ApiRoute, type Call, demandAdmin, ok, scopes } from '../api.ts';
import { compact, type Json } from '../json.ts';
import { refuse, resourceNotFound } from '../refusal.ts';
import { type Directory, etagOf, isOwnCustomer } from './directory.ts';

const CREATED = '1767225600000';

/** Directory v1 `customers.get`, `domains.list`, `domains.get`. */
export const CUSTOMER_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.customers.get',
    method: 'GET',
    path: '/admin/directory/v1/customers/{customerKey}',
    scopes: scopes('admin.directory.customer admin.directory.customer.readonly'),
    handle: getCustomer,
  },
  {
    name: 'directory.domains.list',
    method: 'GET',
    path: '/admin/directory/v1/customer/{customer}/domains',
    scopes: scopes('admin.directory.domain admin.directory.domain.readonly'),
    handle: (call) => {
      demandCustomer(call);
      const { directory } = call.tenant;
      const domains = domainsOf(directory).map((domain) => describeDomain(directory, domain));
      return ok({ kind: 'admin#directory#domains', etag: etagOf(directory), domains });
    },
  },
  {
    name: 'directory.domains.get',
    method: 'GET',
    path: '/admin/directory/v1/customer/{customer}/domains/{domainName}',
    scopes: scopes('admin.directory.domain admin.directory.domain.readonly'),
    handle: (call) => {
      demandCustomer(call);
      const name = (call.params['domainName'] ?? '').toLowerCase();
      if (!domainsOf(call.tenant.directory).includes(name))
        throw refuse(404, 'notFound', 'Domain not found.');
      return ok(describeDomain(call.tenant.directory, name));
    },
  },
];

function demandCustomer(call: Call): void {
  demandAdmin(call);
  if (!isOwnCustomer(call.tenant.directory, call.params['customer'] ?? '')) {
    throw refuse(400, 'badRequest', 'Bad Request');
  }
}

function getCustomer(call: Call) {
  demandAdmin(call);
  const { directory } = call.tenant;
  if (!isOwnCustomer(directory, call.params['customerKey'] ?? '')) throw resourceNotFound('customerKey');
  return ok({
    kind: 'admin#directory#customer',
    id: directory.settings.customer,
    etag: etagOf(directory),
    customerDomain: directory.settings.adminDomain,
    alternateEmail: 'contact@provider.invalid',
    language: 'en',
    customerCreationTime: new Date(Number(CREATED)).toISOString(),
    postalAddress: { countryCode: 'GB', organizationName: 'Rehearsal' },
  });
}

function domainsOf(directory: Directory): string[] {
  return [...new Set([directory.settings.adminDomain, ...directory.settings.verifiedDomains])];
}

function describeDomain(directory: Directory, domainName: string): Json {
  const aliases = Object.entries(directory.settings.domainAliases)
    .filter(([, parent]) => parent === domainName)
    .map(([alias]) => ({
      kind: 'admin#directory#domainAlias',
      domainAliasName: alias,
      parentDomainName: domainName,
      verified: true,
      creationTime: CREATED,
    }));
  return compact({
    kind: 'admin#directory#domain',
    etag: etagOf(directory),
    domainName,
    isPrimary: domainName === directory.settings.adminDomain,
    verified: true,
    creationTime: CREATED,
    domainAliases: aliases.length > 0 ? aliases : undefined,
  });
}
