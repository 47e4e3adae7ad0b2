import type { Estate } from '../estate/types.ts';
import type { QuotaCharge, QuotaRow, TenantRequest } from '../service/types.ts';
import type { GraphRoute } from './context.ts';
import type { TenantState } from './state.ts';

/** Graph, throttling-limits page (2025-01-14): Outlook per app and mailbox. */
export const MAILBOX_BUCKET = 'graph:mailbox';
/** The same page: resource units of the identity service per app and tenant. */
export const TENANT_BUCKET = 'graph:tenant';
/** The same page: all requests of an app over all tenants. */
export const APP_BUCKET = 'graph:app';

/** The quota rows of a tenant of this size: the identity service gives larger tenants more units. */
export function microsoftQuotas(estate: Estate): QuotaRow[] {
  const { length } = estate.users;
  const tenantUnits = length > 500 ? 8_000 : length >= 50 ? 5_000 : 3_500;
  return [
    { bucket: MAILBOX_BUCKET, units: 10_000, windowMs: 600_000, concurrency: 4 },
    { bucket: TENANT_BUCKET, units: tenantUnits, windowMs: 10_000, concurrency: null },
    { bucket: APP_BUCKET, units: 130_000, windowMs: 10_000, concurrency: null },
  ];
}

/** What one request costs, narrowest bucket first. */
export function chargesOf(
  state: TenantState,
  route: GraphRoute,
  params: Readonly<Record<string, string>>,
  request: TenantRequest,
): QuotaCharge[] {
  const app = { bucket: APP_BUCKET, key: state.options.credentials.clientId, units: 1 };
  if (route.service === 'places') return [app];
  if (route.service === 'outlook') {
    const given = params['user'] ?? '';
    const key = state.findUser(given)?.id ?? given.toLowerCase();
    return [{ bucket: MAILBOX_BUCKET, key, units: 1 }, app];
  }
  return [
    { bucket: TENANT_BUCKET, key: state.estate.tenantId, units: resourceUnits(route, request.query) },
    app,
  ];
}

/** Base cost, -1 with `$select`, +1 with `$expand`, -1 with `$top` below 20, at least 1. */
export function resourceUnits(route: GraphRoute, query: URLSearchParams): number {
  const option = (name: string) => query.get(`$${name}`) ?? query.get(name);
  const top = Number(option('top') ?? '100');
  const units =
    (route.units ?? 1) - (option('select') ? 1 : 0) + (option('expand') ? 1 : 0) - (top < 20 ? 1 : 0);
  return Math.max(1, units);
}
