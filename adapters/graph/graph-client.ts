import {
  Client,
  type Context,
  type Middleware,
  ResponseType,
  type GraphRequest as SdkRequest,
} from '@microsoft/microsoft-graph-client';
import type { Clock } from '../../src/core/clock.ts';
import type { SourceConnection } from '../../src/core/connections.ts';
import { MigrationError, Rejected, Transient } from '../../src/core/errors.ts';
import type { Log } from '../../src/core/log.ts';
import type { Call, Transport, Wire } from '../../src/transport/types.ts';
import { fieldOf } from './answers.ts';
import { ownLink } from './links.ts';

/** One read of Graph v1.0. */
export interface GraphRequest {
  /** Row of `limits.ts`. */
  method: string;
  /** Path below the version, segments encoded (`/users/…`), or a next or delta link, which is replayed whole. */
  path: string;
  /** Source address of the mailbox that is charged; only and always for methods that cost `graph:mailbox`. */
  mailbox?: string;
  /** Query options, not encoded. Left out when `path` is a link. */
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  priority?: 'bulk' | 'check' | 'interactive';
  /**
   * Answers 500 or 504 after which the content counts as unrenderable: `Rejected` with that status instead of more of
   * the same. Unset: such answers are retried like any passing failure.
   */
  unrenderableAfter?: number;
}

/** One page of a collection; `value` may be empty although a next link follows. */
export interface GraphPage {
  value: unknown[];
  nextLink: string | null;
  deltaLink: string | null;
}

/** Reads Graph through the transport. All methods throw the classes of `core/errors.ts` and nothing else. */
export interface GraphClient {
  /** The JSON of one answer. */
  get(request: GraphRequest, signal: AbortSignal): Promise<unknown>;
  /** One page, without following its link. */
  page(request: GraphRequest, signal: AbortSignal): Promise<GraphPage>;
  /** All pages from this one on; each link is replayed whole with the same headers. */
  pages(request: GraphRequest, signal: AbortSignal): AsyncIterable<GraphPage>;
  /**
   * A successful answer with its body unread. What `consume` throws as `Transient` is tried again; a body that
   * `consume` hands out holds its slot until it is read or cancelled.
   */
  raw<T>(request: GraphRequest, signal: AbortSignal, consume: (response: Response) => Promise<T>): Promise<T>;
  readonly log: Log;
  readonly clock: Clock;
}

export interface GraphClientOptions {
  transport: Transport;
  /** The bearer token of an attempt. */
  token(signal: AbortSignal): Promise<string>;
  clock: Clock;
  log: Log;
}

/** What one attempt brings to the SDK's middleware chain, and the error that came up in it. */
class Attempt {
  readonly wire: Wire;
  readonly token: string;
  readonly link: string | null;
  failure: unknown = undefined;

  constructor(wire: Wire, token: string, link: string | null) {
    this.wire = wire;
    this.token = token;
    this.link = link;
  }
}

/** Creates a client on the SDK's request builder with a chain of one step: no SDK retry, redirect or telemetry. */
export function createGraphClient(connection: SourceConnection, options: GraphClientOptions): GraphClient {
  const sdk = Client.initWithMiddleware({
    middleware: wireStep,
    baseUrl: connection.endpoint,
    defaultVersion: 'v1.0',
  });
  const raw: GraphClient['raw'] = (request, signal, consume) => {
    const patience = { left: request.unrenderableAfter ?? Number.POSITIVE_INFINITY };
    const attempt = async (wire: Wire) => {
      const token = await options.token(signal);
      const response = await send(sdk, connection, request, wire, token).catch((error: unknown) => {
        throw losingPatience(error, patience);
      });
      if (!response.ok) throw refused(response);
      return consume(response);
    };
    return options.transport.run(callOf(connection, request), attempt, signal);
  };
  const get: GraphClient['get'] = (request, signal) => raw(request, signal, readJson);
  const page: GraphClient['page'] = async (request, signal) => pageOf(await get(request, signal));
  return {
    raw,
    get,
    page,
    pages: (request, signal) => followPages(page, request, signal),
    log: options.log,
    clock: options.clock,
  };
}

async function* followPages(
  page: GraphClient['page'],
  request: GraphRequest,
  signal: AbortSignal,
): AsyncIterable<GraphPage> {
  const replayed = new Set<string>();
  let next: GraphRequest | null = request;
  while (next !== null) {
    const answer: GraphPage = await page(next, signal);
    yield answer;
    if (answer.nextLink !== null && replayed.has(answer.nextLink)) throw loop(request.method);
    if (answer.nextLink !== null) replayed.add(answer.nextLink);
    next = answer.nextLink === null ? null : { ...request, path: answer.nextLink };
  }
}

function loop(method: string): Rejected {
  return new Rejected({
    code: 'page-loop',
    message: `Microsoft Graph answers ${method} with a page link that was followed before`,
    scope: 'job',
  });
}

/** The same error, or its permanent form once it has come up too often. */
function losingPatience(error: unknown, patience: { left: number }): unknown {
  if (!(error instanceof Transient) || (error.status !== 500 && error.status !== 504)) return error;
  patience.left -= 1;
  if (patience.left > 0) return error;
  const { code, message, status, requestId } = error;
  return new Rejected({ code, message, status, ...(requestId ? { requestId } : {}), cause: error });
}

/** Stands in for the classified error, which the transport throws in its place. */
function refused(response: Response): Rejected {
  const message = `Microsoft Graph answers ${response.status}`;
  return new Rejected({ code: `http-${response.status}`, message, status: response.status });
}

async function send(
  sdk: Client,
  connection: SourceConnection,
  request: GraphRequest,
  wire: Wire,
  token: string,
): Promise<Response> {
  const link = isLink(request.path) ? ownLink(request.path, connection.endpoint) : null;
  const attempt = new Attempt(wire, token, link);
  const prepared: SdkRequest = sdk
    .api(link === null ? request.path : '/')
    .query(link === null ? encoded(request.query ?? {}) : {})
    .headers({ Accept: 'application/json', ...request.headers })
    .middlewareOptions([attempt])
    .responseType(ResponseType.RAW);
  try {
    return (await prepared.get()) as Response;
  } catch (error) {
    throw attempt.failure ?? error;
  }
}

/** The only step of the chain. What the wire throws is kept aside, since the SDK wraps it beyond recognition. */
const wireStep: Middleware = {
  async execute(context: Context): Promise<void> {
    const attempt = context.middlewareControl?.getMiddlewareOptions(Attempt) as Attempt;
    const headers = new Headers(context.options?.headers as Record<string, string>);
    headers.set('Authorization', `Bearer ${attempt.token}`);
    try {
      const url = attempt.link ?? String(context.request);
      context.response = await attempt.wire.fetch(url, { headers, signal: attempt.wire.signal });
    } catch (error) {
      attempt.failure = error;
      throw error;
    }
  },
};

function callOf(connection: SourceConnection, request: GraphRequest): Call {
  const keys: Record<string, string> = {
    'graph:app': connection.client,
    'graph:identity': connection.tenant,
    'graph:identity-app': connection.client,
    'graph:places': connection.tenant,
  };
  if (request.mailbox !== undefined) keys['graph:mailbox'] = request.mailbox.toLowerCase();
  const call: Call = { method: request.method, keys };
  if (request.priority !== undefined) call.priority = request.priority;
  return call;
}

/** Query values are encoded here, because the SDK sends them as they are. */
function encoded(query: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, encodeQueryValue(value)]));
}

function encodeQueryValue(value: string): string {
  return encodeURIComponent(value).replace(/%(24|2C|3A|2F|3D|3B|40)/g, (octet) => decodeURIComponent(octet));
}

function isLink(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

async function readJson(response: Response): Promise<unknown> {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Transient({
      code: 'unreadable-answer',
      message: 'Microsoft Graph answered with a body that is no JSON',
      status: response.status,
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
    });
  }
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw brokenBody(cause);
  }
}

/** A body that broke off, as an error to try again; errors of ours pass through. */
export function brokenBody(cause: unknown): MigrationError {
  if (cause instanceof MigrationError) return cause;
  return new Transient({ code: 'broken-body', message: 'the answer of Microsoft Graph broke off', cause });
}

function pageOf(answer: unknown): GraphPage {
  const value = fieldOf(answer, 'value');
  return {
    value: Array.isArray(value) ? value : [],
    nextLink: linkOf(answer, '@odata.nextLink'),
    deltaLink: linkOf(answer, '@odata.deltaLink'),
  };
}

function linkOf(answer: unknown, name: string): string | null {
  const link = fieldOf(answer, name);
  return typeof link === 'string' && link !== '' ? link : null;
}
