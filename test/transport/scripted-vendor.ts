import { Auth, NotFound, Rejected, Throttled, Transient } from '../../src/core/errors.ts';
import { silent } from '../../src/core/log.ts';
import { createTransport } from '../../src/transport/transport.ts';
import type {
  FailedAnswer,
  LimitTable,
  Transport,
  TransportOptions,
  Verdict,
  Wire,
} from '../../src/transport/types.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';

export const origin = 'https://vendor.example';
export const never = new AbortController().signal;
export const keys = { user: 'ann', project: 'p' };

const costs = [
  { bucket: 'user', units: 5 },
  { bucket: 'project', units: 5 },
];
/** Two buckets, and one method of each kind of write. */
export const limits: LimitTable = {
  buckets: [
    { bucket: 'user', rate: { units: 6000, windowMs: 60_000 }, concurrency: 4, source: 'test' },
    { bucket: 'project', rate: { units: 60_000, windowMs: 60_000 }, concurrency: null, source: 'test' },
  ],
  methods: [
    { method: 'get', costs, write: 'no' },
    { method: 'put', costs, write: 'idempotent' },
    { method: 'post', costs, write: 'once', visibleAfterMs: 120_000 },
    { method: 'token', costs: [], write: 'no' },
  ],
};

/** Reads `x-verdict` as an adapter reads the vendor's error code. */
export function classify({ status, headers, body }: FailedAnswer): Verdict {
  const detail = { code: `http-${status}`, message: body || 'refused', status };
  if (status === 429 || headers.get('x-verdict') === 'throttled') {
    const fence = headers.get('x-fence');
    return { error: new Throttled(detail), ...(fence ? { fence } : {}) };
  }
  if (headers.get('x-verdict') === 'permanent') return { error: new Rejected(detail) };
  if (status === 401) return { error: new Auth(detail) };
  if (status === 404) return { error: new NotFound(detail) };
  if (status >= 500 || status === 408) return { error: new Transient(detail) };
  return { error: new Rejected(detail) };
}

/** What the vendor does with one request. */
export type Step = () => Response | Promise<Response>;

export function answer(
  status: number,
  headers: Record<string, string> = {},
  body: string | ReadableStream | null = '{}',
): Step {
  return () => new Response([204, 304].includes(status) ? null : body, { status, headers });
}

export function broken(code: string, syscall?: string): Step {
  return () =>
    Promise.reject(
      new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code, syscall }) }),
    );
}

/** A body that breaks off in the middle. */
export function cut(): Step {
  let isFirst = true;
  return () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (isFirst) controller.enqueue(new TextEncoder().encode('{"a":'));
          else controller.error(new TypeError('terminated'));
          isFirst = false;
        },
      }),
    );
}

/** A vendor that answers from a script (its last step for ever) under a virtual clock. */
export class ScriptedVendor {
  readonly clock: VirtualClock = virtualClock();
  script: Step[] = [answer(200)];
  readonly sent: { url: string; at: number; init: RequestInit | undefined }[] = [];

  transport(options: Partial<TransportOptions> = {}): Transport {
    return createTransport({
      limits,
      classify,
      origins: [origin],
      clock: this.clock,
      log: silent,
      fetch: async (input, init) => {
        this.sent.push({ url: String(input), at: this.clock.ticks(), init });
        const step = this.script.length > 1 ? this.script.shift() : this.script[0];
        return step!();
      },
      ...options,
    });
  }

  /** Runs one call to its end, moving time on as it waits. */
  run(tested: Transport, method: string, attempt = read, signal = never): Promise<unknown> {
    return this.clock.drive(tested.run({ method, keys }, attempt, signal));
  }
}

/** One request whose answer is read as JSON. */
export function read(wire: Wire): Promise<unknown> {
  return wire.fetch(`${origin}/x`).then((response) => response.json());
}
