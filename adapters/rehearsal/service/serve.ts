import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../src/core/clock.ts';
import { answerControl } from './control.ts';
import type { Faults } from './faults.ts';
import { createFences, type Fences } from './fence.ts';
import type { QuotaRefusal, Quotas } from './quota.ts';
import { createTally, type Tally } from './tally.ts';
import type {
  ExchangeRecord,
  FailureKind,
  Fault,
  QuotaCharge,
  RouteMatch,
  ServiceStats,
  TenantAnswer,
  TenantRequest,
  TenantService,
} from './types.ts';
import { BrokenRequest, cutAnswer, parseJson, readRequest, resetConnection, sendAnswer } from './wire.ts';

export interface ServeOptions {
  /** Default: a free one. */
  port?: number;
  /** PEM key and certificate; with them the service speaks https. */
  tls?: { key: string; cert: string };
  clock: Clock;
  faults: Faults;
  quotas: Quotas;
  /** Counts everything, refuses nothing for a quota. */
  limitsOff?: boolean;
  record?: (exchange: ExchangeRecord) => void;
  /** Real milliseconds that every request takes at least; never scaled. */
  latencyMs?: number;
}

export interface ServedTenant {
  /** `http://localhost:<port>` or https with `tls`. */
  origin: string;
  stats(): ServiceStats;
  close(): Promise<void>;
}

/** Failures that a fault may ask for, as opposed to what happens to the connection. */
const FAILURES: ReadonlySet<Fault['kind']> = new Set<FailureKind>([
  'throttle',
  'throttle-silent',
  'throttle-403',
  'server-error',
  'unavailable',
  'gateway-timeout',
  'unauthorized',
  'concurrency',
]);

interface Desk {
  service: TenantService;
  options: ServeOptions;
  scheme: string;
  fences: Fences;
  tally: Tally;
}

interface Exchange {
  request: TenantRequest;
  match: RouteMatch | null;
  charges: readonly QuotaCharge[];
  outgoing: ServerResponse;
}

/**
 * Serves a tenant on loopback. Each request meets, in order: its route, a fault before the effect, concurrency and
 * quotas, the service's handler, a fault after the effect. `Retry-After` counts seconds of the clock's scaled time.
 */
export async function serve(service: TenantService, options: ServeOptions): Promise<ServedTenant> {
  const scheme = options.tls ? 'https' : 'http';
  const fences = createFences(options.clock);
  const desk = { service, options, scheme, fences, tally: createTally(service, options.quotas) };
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answerOne(desk, incoming, outgoing).catch((cause: unknown) => breakOff(outgoing, cause));
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  // A client may keep a connection as long as it likes; only faults close one.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  const { port } = await listen(server, options.port ?? 0);
  return { origin: `${scheme}://localhost:${port}`, stats: desk.tally.stats, close: () => close(server) };
}

async function answerOne(desk: Desk, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  outgoing.on('error', () => outgoing.destroy());
  const arrivedAtTicks = desk.options.clock.ticks();
  const request = await readRequest(incoming, desk.scheme);
  if (request.path.startsWith('/_rehearsal/')) {
    return sendAnswer(outgoing, await answerControl(desk, request), () => {});
  }
  const match = desk.service.match(request);
  const charges = match ? desk.service.quotas(request, match) : [];
  const exchange = { request, match, charges, outgoing };
  desk.tally.noteRequest(request, match);
  if (desk.fences.isViolatedBy(charges, arrivedAtTicks)) desk.tally.noteViolation();
  const fault = match ? desk.options.faults.next(match) : null;
  if (fault) desk.tally.noteFault(fault.kind);
  if (desk.options.latencyMs) await sleep(desk.options.latencyMs);
  if (await meetFaultBefore(desk, exchange, fault)) return;
  await admit(desk, exchange, fault);
}

/** True where the fault was all that the request gets. */
async function meetFaultBefore(desk: Desk, exchange: Exchange, fault: Fault | null): Promise<boolean> {
  if (!fault) return false;
  if (fault.kind === 'stall') {
    await sleep(fault.ms);
    return false;
  }
  if (fault.kind === 'reset-before') {
    resetConnection(exchange.outgoing);
    return true;
  }
  if (!isFailure(fault)) return false;
  const [narrowest] = exchange.charges;
  const seconds = fault.kind === 'throttle' ? desk.options.faults.retryAfterSeconds() : null;
  if (narrowest && seconds !== null) desk.fences.close(narrowest.bucket, narrowest.key, seconds);
  answer(desk, exchange, desk.service.failure(fault.kind, exchange.match, seconds), () => {});
  return true;
}

async function admit(desk: Desk, exchange: Exchange, fault: Fault | null): Promise<void> {
  const { quotas, limitsOff } = desk.options;
  const slot = quotas.enter(exchange.charges, !limitsOff);
  if (!('leave' in slot)) return refuse(desk, exchange, 'concurrency', slot);
  const leave = () => slot.leave();
  try {
    const refusal = limitsOff ? null : quotas.charge(exchange.charges);
    if (refusal) return refuse(desk, exchange, 'throttle', refusal);
    const outcome = await desk.service.handle(exchange.request, exchange.match);
    finish(desk, exchange, outcome, fault, leave);
  } catch (cause) {
    leave();
    throw cause;
  }
}

function finish(
  desk: Desk,
  exchange: Exchange,
  outcome: TenantAnswer,
  fault: Fault | null,
  leave: () => void,
): void {
  if (fault?.kind === 'reset-after') {
    leave();
    resetConnection(exchange.outgoing);
    return;
  }
  if (fault?.kind === 'cut-body') {
    cutAnswer(exchange.outgoing, outcome, leave);
    return;
  }
  answer(desk, exchange, outcome, leave);
}

function refuse(desk: Desk, exchange: Exchange, kind: FailureKind, refusal: QuotaRefusal): void {
  const { bucket, key, retryAfterSeconds } = refusal;
  desk.tally.noteThrottle();
  desk.fences.close(bucket, key, retryAfterSeconds);
  answer(desk, exchange, desk.service.failure(kind, exchange.match, retryAfterSeconds), () => {});
}

function answer(desk: Desk, exchange: Exchange, outcome: TenantAnswer, onSent: () => void): void {
  const { request, match, outgoing } = exchange;
  desk.options.record?.({
    service: desk.service.name,
    route: match?.route ?? 'unknown',
    method: request.method,
    path: request.path,
    query: queryOf(request.query),
    requestBody: parseJson(request.body),
    status: outcome.status,
    responseBody: recordableBody(outcome),
  });
  sendAnswer(outgoing, outcome, onSent);
}

function recordableBody(outcome: TenantAnswer): unknown {
  const { body } = outcome;
  if (body instanceof Uint8Array || body === undefined) return null;
  return typeof body === 'string' ? parseJson(body) : structuredClone(body);
}

function queryOf(query: URLSearchParams): Record<string, string[]> {
  return Object.fromEntries([...new Set(query.keys())].map((name) => [name, query.getAll(name)]));
}

function isFailure(fault: Fault): fault is { kind: FailureKind } {
  return FAILURES.has(fault.kind);
}

/** A request that broke off has nobody to answer; anything else is a defect of the rehearsal and shows as a 500. */
function breakOff(outgoing: ServerResponse, cause: unknown): void {
  if (cause instanceof BrokenRequest || outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  sendAnswer(outgoing, { status: 500, body: { rehearsalDefect: message } }, () => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, 'localhost', () => resolve(server.address() as AddressInfo));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
