import type { EstateUser, Resource } from '../estate/types.ts';
import type { Route } from '../service/router.ts';
import type { TenantAnswer, TenantRequest } from '../service/types.ts';
import { appliedPreferences, type Preferences } from './preferences.ts';
import type { Query, QueryRules } from './query.ts';
import { badRequest, directoryNotFound, Refusal } from './refusal.ts';
import type { LiveMailbox, TenantState } from './state.ts';

/** A route of Graph: who may call it, what its query may say, what it costs and who answers. */
export interface GraphRoute extends Route {
  /** Which service answers: decides error codes and quotas. */
  service: 'directory' | 'outlook' | 'places';
  /** Application permissions, any of which is enough. */
  roles: readonly string[];
  rules: QueryRules;
  /** Resource units of the identity service before `$select`, `$expand` and `$top`. */
  units?: number;
  handle(context: Context): TenantAnswer | Promise<TenantAnswer>;
}

/** One authorised request to Graph. */
export interface Context {
  state: TenantState;
  request: TenantRequest;
  params: Readonly<Record<string, string>>;
  query: Query;
  preferences: Preferences;
  roles: ReadonlySet<string>;
}

const JSON_TYPE =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** A 200 with one resource of the collection `path` (the part of `@odata.context` behind `#`). */
export function answerResource(context: Context, path: string, resource: Resource): TenantAnswer {
  return answerJson(context, `${path}${selected(context)}/$entity`, resource);
}

/** A 200 with a value that belongs to no collection. */
export function answerJson(context: Context, path: string, resource: Resource): TenantAnswer {
  return {
    status: 200,
    headers: {
      'Content-Type': JSON_TYPE,
      'OData-Version': '4.0',
      ...appliedPreferences(context.preferences),
    },
    body: { '@odata.context': `${context.request.origin}/v1.0/$metadata#${path}`, ...resource },
  };
}

function selected(context: Context): string {
  return context.query.select ? `(${context.query.select.join(',')})` : '';
}

/** A page of a collection. */
export interface CollectionPage {
  value: readonly Resource[];
  nextLink?: string | null;
  deltaLink?: string | null;
  count?: number | null;
}

/** A 200 with one page; links come only where they are not null. */
export function answerCollection(context: Context, path: string, page: CollectionPage): TenantAnswer {
  const { value, nextLink, deltaLink, count } = page;
  return answerJson(context, `${path}${selected(context)}`, {
    ...(typeof count === 'number' ? { '@odata.count': count } : {}),
    ...(nextLink ? { '@odata.nextLink': nextLink } : {}),
    ...(deltaLink ? { '@odata.deltaLink': deltaLink } : {}),
    value,
  });
}

/** The request's own address with one opaque token in place of `$skip` and older tokens. */
export function linkWith(context: Context, name: '$skiptoken' | '$deltatoken', token: string): string {
  const { request } = context;
  const kept = [...request.query].filter(([key]) => !/^\$?(skip|skiptoken|deltatoken)$/i.test(key));
  const query = name === '$deltatoken' || context.query.deltaToken !== null ? [] : kept;
  const parts = [...query, [name, token] as const].map(
    ([key, value]) =>
      `${key.startsWith('$') ? `$${encodeURIComponent(key.slice(1))}` : encodeURIComponent(key)}=${encodeURIComponent(value)}`,
  );
  return `${request.origin}${request.path}?${parts.join('&')}`;
}

/** One page of a list in memory, by `$top`, `$skip` and sealed `$skiptoken`. */
export function pageOf<T>(
  context: Context,
  list: readonly T[],
  size: number,
): { items: readonly T[]; nextLink: string | null } {
  const { query, state } = context;
  const token = query.skipToken === null ? null : state.seals.open(query.skipToken);
  if (query.skipToken !== null && typeof token?.['at'] !== 'number') throw badRequest('Invalid skip token.');
  const at = token ? Number(token['at']) : query.skip;
  const end = at + size;
  const nextLink = end < list.length ? linkWith(context, '$skiptoken', state.seals.seal({ at: end })) : null;
  return { items: list.slice(at, end), nextLink };
}

/** `$filter` and `$orderby` over a list in memory. */
export function queried(list: readonly Resource[], query: Query): readonly Resource[] {
  const kept = query.filter ? list.filter((one) => query.filter?.accepts(one)) : list;
  if (query.orderBy.length === 0) return kept;
  return kept.toSorted((one, other) => {
    for (const { property, isDescending } of query.orderBy) {
      const order = compareText(valueAt(one, property), valueAt(other, property));
      if (order !== 0) return isDescending ? -order : order;
    }
    return 0;
  });
}

/** The user of `{user}` (id or UPN); the directory's 404 for none. */
export function userOf(context: Context): EstateUser {
  const given = context.params['user'] ?? '';
  const user = context.state.findUser(given);
  if (!user) throw directoryNotFound(given);
  return user;
}

/** The mailbox of `{user}`; Exchange's errors where there is no user or no mailbox. */
export function mailboxOf(context: Context): LiveMailbox {
  const given = context.params['user'] ?? '';
  const user = context.state.findUser(given);
  if (!user) throw new Refusal(404, 'ErrorInvalidUser', `The requested user '${given}' is invalid.`);
  const mailbox = context.state.mailbox(user.id);
  if (mailbox) return mailbox;
  throw new Refusal(
    404,
    'MailboxNotEnabledForRESTAPI',
    'The mailbox is either inactive, soft-deleted, or is hosted on-premise.',
  );
}

/** `users('<id>')`, as contexts of Outlook resources begin. */
export function userPath(context: Context): string {
  return `users('${encodeURIComponent(context.params['user'] ?? '')}')`;
}

function valueAt(resource: unknown, path: string): string {
  let value = resource;
  for (const step of path.split('/')) value = (value as Resource | null | undefined)?.[step];
  return String(value ?? '').toLowerCase();
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
