import { afterEach, describe, expect, it } from 'vitest';
import { createFaults, type ScriptedFault } from '../../../../adapters/rehearsal/service/faults.ts';
import { createQuotas } from '../../../../adapters/rehearsal/service/quota.ts';
import { type ServedTenant, type ServeOptions, serve } from '../../../../adapters/rehearsal/service/serve.ts';
import type { ExchangeRecord, TenantService } from '../../../../adapters/rehearsal/service/types.ts';
import { systemClock } from '../../../../src/core/clock.ts';

let tenant: ServedTenant | null = null;
let effects = 0;

afterEach(async () => {
  await tenant?.close();
  tenant = null;
  effects = 0;
});

const service: TenantService = {
  name: 'microsoft',
  match: ({ path }) => (path === '/box' ? { route: 'box', params: {}, writes: true } : null),
  quotas: () => [{ bucket: 'box', key: 'ann', units: 1 }],
  failure: (kind, _match, seconds) => ({
    status: kind === 'unavailable' ? 503 : 429,
    ...(seconds === null ? {} : { headers: { 'Retry-After': String(seconds) } }),
    body: { kind },
  }),
  handle: ({ body }, match) => {
    if (!match) return { status: 404, body: {} };
    effects++;
    return { status: 200, body: { bytes: body.length, padding: 'x'.repeat(100) } };
  },
  control: (name) => (name === 'extra' ? { status: 200, body: { extra: true } } : null),
};

async function start(
  options: { scale?: number; units?: number; concurrency?: number } & Partial<ServeOptions> = {},
  served = service,
) {
  const { scale = 1, units = 1000, concurrency = 4, ...rest } = options;
  const clock = systemClock(scale);
  const quotas = createQuotas([{ bucket: 'box', units, windowMs: 60_000, concurrency }], clock, 'fixed');
  tenant = await serve(served, {
    clock,
    quotas,
    faults: createFaults({ profile: 'none', seed: 1 }),
    ...rest,
  });
  return tenant;
}

async function startWith(script: ScriptedFault[], scale = 1) {
  const faults = createFaults({ profile: 'none', seed: 1 });
  faults.script(script);
  return await start({ faults, scale });
}

const post = (origin: string, body = 'hello') => fetch(`${origin}/box`, { method: 'POST', body });

describe('a served tenant', () => {
  it('answers, counts and records what went over the wire', async () => {
    const exchanges: ExchangeRecord[] = [];
    const { origin, stats } = await start({ record: (exchange) => exchanges.push(exchange) });

    const answer = await fetch(`${origin}/box?a=1&a=2`, { method: 'POST', body: '{"b":2}' });
    await fetch(`${origin}/elsewhere`);

    expect(await answer.json()).toMatchObject({ bytes: 7 });
    expect(stats()).toMatchObject({ requests: { box: 1, unknown: 1 }, unknownRoutes: ['GET /elsewhere'] });
    expect(exchanges[0]).toMatchObject({
      route: 'box',
      query: { a: ['1', '2'] },
      requestBody: { b: 2 },
      status: 200,
    });
  });

  it('reads large bodies whole', async () => {
    const { origin } = await start();

    expect(await (await post(origin, 'x'.repeat(3_000_000))).json()).toMatchObject({ bytes: 3_000_000 });
  });

  it.each([
    [{ kind: 'reset-before' }, 0],
    [{ kind: 'reset-after' }, 1],
    [{ kind: 'cut-body' }, 1],
  ] as const)('lets the client without an answer on %o, after %d effects', async (fault, expected) => {
    const { origin } = await startWith([{ route: 'box', fault, times: 1 }]);

    await expect(post(origin).then((answer) => answer.text())).rejects.toThrow();
    expect(effects).toBe(expected);
    expect((await post(origin)).status).toBe(200);
  });

  it('answers a scripted failure without an effect', async () => {
    const { origin, stats } = await startWith([{ route: 'box', fault: { kind: 'unavailable' }, times: 1 }]);

    expect((await post(origin)).status).toBe(503);
    expect(effects).toBe(0);
    expect(stats().faults).toEqual({ unavailable: 1 });
  });

  it('refuses beyond the quota with seconds of scaled time, and admits after them', async () => {
    const { origin, stats } = await start({ scale: 200, units: 1 });
    await post(origin);

    const refused = await post(origin);
    const seconds = Number(refused.headers.get('retry-after'));
    await systemClock(200).wait(seconds * 1000 + 20);

    expect(refused.status).toBe(429);
    expect(seconds).toBeGreaterThan(1);
    expect((await post(origin)).status).toBe(200);
    expect(stats()).toMatchObject({ throttled: 1, retryAfterViolations: 0 });
  });

  it('counts a request that comes before its time although the client knows better', async () => {
    const { origin, stats } = await startWith([{ route: 'box', fault: { kind: 'throttle' }, times: 1 }]);
    await post(origin);
    await post(origin);
    expect(stats().retryAfterViolations).toBe(0);

    await systemClock().wait(200);
    await post(origin);

    expect(stats().retryAfterViolations).toBe(1);
  });

  it('refuses more requests at once than the vendor takes', async () => {
    const gate = Promise.withResolvers<void>();
    const held = { ...service, handle: () => gate.promise.then(() => ({ status: 200, body: {} })) };
    const { origin, stats } = await start({ concurrency: 2 }, held);

    const answers = [1, 2, 3].map(async () => (await post(origin)).status);
    const first = await Promise.race(answers);
    gate.resolve();

    expect(first).toBe(429);
    expect((await Promise.all(answers)).toSorted()).toEqual([200, 200, 429]);
    expect(stats().maxInFlight).toEqual({ 'box:ann': 3 });
  });

  it('lets tests change the weather and ask the service for more', async () => {
    const { origin } = await start();
    const body = JSON.stringify({ script: [{ route: '*', fault: { kind: 'unavailable' }, times: 1 }] });

    await fetch(`${origin}/_rehearsal/faults`, { method: 'POST', body });

    expect((await post(origin)).status).toBe(503);
    expect(await (await fetch(`${origin}/_rehearsal/extra`)).json()).toEqual({ extra: true });
    expect((await fetch(`${origin}/_rehearsal/nothing`)).status).toBe(404);
  });
});
