import { createGraphConnection, type GraphConnection } from '../../../adapters/graph/client.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { SourceConnection } from '../../../src/core/connections.ts';
import { type Log, silent } from '../../../src/core/log.ts';
import type { Page } from '../../../src/core/types.ts';
import { IdleClock } from '../../support/idle-clock.ts';

export const ENDPOINT = 'https://graph.test';
export const AUTHORITY = 'https://login.test';

export const connection: SourceConnection = {
  tenant: '11111111-2222-3333-4444-555555555555',
  client: '66666666-7777-8888-9999-000000000000',
  credential: { kind: 'secret', secret: 'not-a-real-secret' },
  authority: AUTHORITY,
  endpoint: ENDPOINT,
};

/** One request that the double saw. */
export interface Seen {
  /** Path and query below the version, decoded. */
  path: string;
  url: URL;
  headers: Headers;
}

export type Answer = (request: Seen) => Response | Promise<Response> | null;

/** JSON as Graph answers it. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function list(value: unknown[], links: { next?: string; delta?: string } = {}): Response {
  return json({
    value,
    ...(links.next ? { '@odata.nextLink': ENDPOINT + links.next } : {}),
    ...(links.delta ? { '@odata.deltaLink': ENDPOINT + links.delta } : {}),
  });
}

export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json({ error: { code, message: `refused with ${code}` } }, status, headers);
}

/** An unsigned token with these application permissions. */
export function tokenWith(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

export interface TenantDouble extends GraphConnection {
  /** Requests to Graph, oldest first. */
  seen: Seen[];
  paths(): string[];
  tokens: number;
}

/** A connection to a tenant that answers from memory: the first answer that is not null counts, else 404. */
export function tenantDouble(
  answers: readonly Answer[],
  options: { token?: string; clock?: Clock; log?: Log } = {},
): TenantDouble {
  const seen: Seen[] = [];
  let tokens = 0;
  const fetch = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const url = new URL(String(input));
    if (url.origin === AUTHORITY) {
      tokens += 1;
      const token = options.token ?? tokenWith({ roles: ['User.Read.All'] });
      return json({ access_token: token, expires_in: 3600, token_type: 'Bearer' });
    }
    const path = decodeURIComponent(url.pathname.replace(/^\/v1\.0/, '') + url.search);
    const request = { path, url, headers: new Headers(init?.headers) };
    seen.push(request);
    for (const answer of answers) {
      const response = await answer(request);
      if (response !== null) return response;
    }
    return refusal(404, 'ErrorItemNotFound');
  };
  const tenant = createGraphConnection(connection, {
    clock: options.clock ?? new IdleClock(),
    log: options.log ?? silent,
    fetch: fetch as typeof globalThis.fetch,
  });
  return {
    ...tenant,
    seen,
    paths: () => seen.map((each) => each.path),
    get tokens() {
      return tokens;
    },
  };
}

/** Answers requests whose decoded path begins so. */
export function at(prefix: string, answer: (request: Seen) => Response | Promise<Response>): Answer {
  return (request) => (request.path.startsWith(prefix) ? answer(request) : null);
}

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of iterable) all.push(each);
  return all;
}

/** The items of all pages of a stream, later rows of a key in place of earlier ones. */
export function itemsOf(pages: readonly Page[], stream: string) {
  const items = pages.filter((page) => page.stream === stream).flatMap((page) => page.items);
  return new Map(items.map((item) => [item.key, item]));
}

export const never = new AbortController().signal;
