/**
 * What both rehearsal services share: a request in, an answer out, and the weather in between (quotas, faults,
 * recording, counting). The services themselves are plain functions of a request and their state.
 */
export interface TenantRequest {
  method: string;
  /** Path without query as it was sent, e.g. `/v1.0/users`; the router percent-decodes its parameters. */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  /** Whole body; empty for none. */
  body: Uint8Array;
  /** Origin under which the client reached the service, for links in answers (`https://localhost:1234`). */
  origin: string;
}

export interface TenantAnswer {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON; bytes and text as they are. */
  body?: object | Uint8Array | string;
}

/** A service: routes a request to its handler. `route` names the matched route for quotas, faults and records. */
export interface TenantService {
  name: 'microsoft' | 'google';
  /** Resolves the route without running it; null for unknown routes (the handler then answers as the vendor does). */
  match(request: TenantRequest): RouteMatch | null;
  handle(request: TenantRequest, match: RouteMatch | null): Promise<TenantAnswer> | TenantAnswer;
  /** The vendor's error body for a fault or throttle of the given kind. */
  failure(kind: FailureKind, match: RouteMatch | null, retryAfterSeconds: number | null): TenantAnswer;
  /**
   * Quotas that the request counts against, narrowest first (mailbox before project); asked before `handle`. An
   * injected throttle closes the first.
   */
  quotas(request: TenantRequest, match: RouteMatch): readonly QuotaCharge[];
  /** Answers `/_rehearsal/<name>` for tests (GET and POST); null where the service knows no such name. */
  control?(name: string, request: TenantRequest): Promise<TenantAnswer | null> | TenantAnswer | null;
  /** Mails that the vendor would have sent so far. */
  notifications?(): number;
}

export interface RouteMatch {
  /** Stable name, e.g. `gmail.users.messages.import`, `graph.messages.value`. */
  route: string;
  params: Readonly<Record<string, string>>;
  /** True where a repeat after a lost answer would matter. */
  writes: boolean;
}

export interface QuotaCharge {
  /** E.g. `graph:mailbox`. */
  bucket: string;
  key: string;
  units: number;
  /** Slots of the bucket's concurrency that the request takes; default 1 (a parallel batch takes more). */
  slots?: number;
}

/** `throttle-silent` is a throttle without `Retry-After`; `throttle-403` Google's 403 form of it. */
export type FailureKind =
  | 'throttle'
  | 'throttle-silent'
  | 'throttle-403'
  | 'server-error'
  | 'unavailable'
  | 'gateway-timeout'
  | 'unauthorized'
  | 'concurrency';

/**
 * What can happen to a request: an answer of the vendor's instead of the effect; the connection reset before or after
 * the effect; the answer's body cut short; nothing at all for a while.
 */
export type Fault =
  | { kind: FailureKind }
  | { kind: 'reset-before' }
  | { kind: 'reset-after' }
  | { kind: 'cut-body' }
  | { kind: 'stall'; ms: number };

/** One exchange as it went over the wire, for checks against the vendors' descriptions. */
export interface ExchangeRecord {
  service: TenantService['name'];
  /** `unknown` where no route matched. */
  route: string;
  method: string;
  path: string;
  query: Record<string, string[]>;
  /** Null where the body is not JSON. */
  requestBody: unknown;
  status: number;
  responseBody: unknown;
}

export type FaultProfile = 'none' | 'light' | 'heavy';

export interface QuotaRow {
  bucket: string;
  units: number | null;
  windowMs: number;
  concurrency: number | null;
}

/** Served at `GET /_rehearsal/stats` of each service (never a vendor's path). */
export interface ServiceStats {
  requests: Record<string, number>;
  throttled: number;
  faults: Record<string, number>;
  /** Requests that began after a `Retry-After` answer had been sent to that bucket and before its time. */
  retryAfterViolations: number;
  /** Highest number of requests in flight per bucket key. */
  maxInFlight: Record<string, number>;
  /** Mails that Google would have sent (invitations, share notices, welcome mails). */
  notifications: number;
  /** Requests to routes that the vendor's description does not know. */
  unknownRoutes: string[];
}
