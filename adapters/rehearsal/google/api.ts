import type { Route } from '../service/router.ts';
import type { TenantAnswer, TenantRequest } from '../service/types.ts';
import type { DirectoryUser } from './directory/directory.ts';
import { isJson, type Json } from './json.ts';
import { badRequest, refuse } from './refusal.ts';
import type { Shape } from './shapes.ts';
import type { Grant, Tenant } from './state.ts';

/** One method of a Google API as the discovery documents describe it, and what the rehearsal does for it. */
export interface ApiRoute extends Route {
  /** Any one of these full scope names opens the route. */
  scopes: readonly string[];
  /** Query names with their types (see `checkQuery`); default none. */
  query?: string;
  /** Shape of the JSON body; absent where the method takes none. */
  body?: Shape;
  /** `media`: the handler reads the body itself; `session`: a resumable session, which carries no token. */
  upload?: 'media' | 'session';
  handle(call: Call): TenantAnswer | Promise<TenantAnswer>;
}

/** A request after sign-in, scope, query and body were found acceptable. */
export interface Call {
  tenant: Tenant;
  route: ApiRoute;
  request: TenantRequest;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  body: Json;
  grant: Grant;
  /** The impersonated user; null for the service account itself. */
  subject: DirectoryUser | null;
}

/** 200 with a JSON body. */
export function ok(body: Json): TenantAnswer {
  return { status: 200, body };
}

/** 204, the answer of deletes. */
export function noContent(): TenantAnswer {
  return { status: 204 };
}

/** Full names of scopes: words behind the common prefix; `mail` is `https://mail.google.com/`. */
export function scopes(words: string): string[] {
  return words
    .split(' ')
    .map((word) =>
      word === 'mail' ? 'https://mail.google.com/' : `https://www.googleapis.com/auth/${word}`,
    );
}

/** Reads a JSON body; an empty one is an empty object. */
export function readJson(bytes: Uint8Array): Json {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw badRequest('Invalid JSON payload received. Unexpected token.');
  }
  if (!isJson(value)) throw badRequest('Invalid JSON payload received. Expected an object.');
  return value;
}

/** The impersonated user, or 403 for the service account itself. */
export function userOf(call: Call): DirectoryUser {
  if (!call.subject) throw refuse(403, 'forbidden', 'Not Authorized to access this resource/api');
  return call.subject;
}

/** Throws 403 unless an administrator is impersonated. */
export function demandAdmin(call: Call): void {
  if (userOf(call).resource['isAdmin'] !== true) {
    throw refuse(403, 'forbidden', 'Not Authorized to access this resource/api');
  }
}

/** An opaque page token for a position, and back; a token that is not one is refused. */
export function pageTokenOf(position: string): string {
  return Buffer.from(`p:${position}`).toString('base64url');
}

/** The position in the query's `pageToken`, null for the first page. */
export function readPageToken(query: URLSearchParams): string | null {
  const token = query.get('pageToken');
  if (token === null || token === '') return null;
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('p:'))
    throw refuse(400, 'invalid', 'Invalid Value', { location: 'pageToken', locationType: 'parameter' });
  return text.slice(2);
}

/** One page of a list by numeric offset, with the token of the next. */
export function pageOf<T>(
  items: readonly T[],
  query: URLSearchParams,
  size: number,
): { items: T[]; next?: string } {
  const from = Number(readPageToken(query) ?? 0);
  const page = items.slice(from, from + size);
  return from + size < items.length
    ? { items: page, next: pageTokenOf(String(from + size)) }
    : { items: page };
}
