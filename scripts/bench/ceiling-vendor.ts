/**
 * The vendor of the ceiling benchmark, in a process of its own: counts every request against its quotas in fixed or
 * sliding windows, and refuses with `Retry-After` what exceeds them. Told by its parent what to be.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFences } from '../../adapters/rehearsal/service/fence.ts';
import { createQuotas, type QuotaRefusal, type WindowMode } from '../../adapters/rehearsal/service/quota.ts';
import type { QuotaCharge, QuotaRow } from '../../adapters/rehearsal/service/types.ts';
import { systemClock } from '../../src/core/clock.ts';

export interface VendorOptions {
  rows: QuotaRow[];
  /** Bucket and units of every request, the mailbox's bucket first. */
  costs: { bucket: string; units: number }[];
  mode: WindowMode;
  scale: number;
  /** Real milliseconds that a request is under way before and after it is counted, at least and at most. */
  latencyMs: { least: number; most: number };
}

export interface VendorCounts {
  accepted: number;
  throttled: number;
  retryAfterViolations: number;
  /** Most requests of one mailbox in flight at once. */
  mostInFlight: number;
}

process.once('message', (options: VendorOptions) => serveVendor(options));
process.once('disconnect', () => process.exit(0));

function serveVendor({ rows, costs, mode, scale, latencyMs }: VendorOptions): void {
  const clock = systemClock(scale);
  const quotas = createQuotas(rows, clock, mode);
  const fences = createFences(clock);
  const counts: VendorCounts = { accepted: 0, throttled: 0, retryAfterViolations: 0, mostInFlight: 0 };
  const [own] = costs;
  const refuse = (outgoing: ServerResponse, { bucket, key, retryAfterSeconds }: QuotaRefusal) => {
    counts.throttled += 1;
    fences.close(bucket, key, retryAfterSeconds);
    outgoing.writeHead(429, { 'retry-after': String(retryAfterSeconds), 'content-type': 'application/json' });
    const scope = bucket === own?.bucket ? ' per user' : '';
    const message = `Quota exceeded for quota metric 'Queries' and limit 'Queries per minute${scope}'`;
    outgoing.end(JSON.stringify({ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED' } }));
  };
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === '/counts') {
      counts.mostInFlight = Math.max(0, ...Object.values(quotas.maxInFlight()));
      return void outgoing.end(JSON.stringify(counts));
    }
    const key = incoming.url ?? '';
    const charges: QuotaCharge[] = costs.map(({ bucket, units }) => ({
      ...{ bucket, units },
      key: bucket === own?.bucket ? key : 'all',
    }));
    const wait = (then: () => void) =>
      setTimeout(then, latencyMs.least + Math.random() * (latencyMs.most - latencyMs.least));
    const slot = quotas.enter(charges, false);
    const leave = () => ('leave' in slot ? slot.leave() : undefined);
    wait(() => {
      if (fences.isViolatedBy(charges, clock.ticks())) counts.retryAfterViolations += 1;
      const refusal = quotas.charge(charges);
      if (refusal === null) counts.accepted += 1;
      wait(() => {
        leave();
        if (refusal === null) outgoing.end('{}');
        else refuse(outgoing, refusal);
      });
    });
  });
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
