import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Config, Interrupted, NotFound } from '../../src/core/errors.ts';
import type { MethodRow, Wire } from '../../src/transport/types.ts';
import { answer, keys, limits, never, origin, read, ScriptedVendor } from './scripted-vendor.ts';

let vendor: ScriptedVendor;

beforeEach(() => {
  vendor = new ScriptedVendor();
});

describe('limits', () => {
  it('refuses a method without a row, and a call without a key', async () => {
    const tested = vendor.transport();

    await expect(tested.run({ method: 'delete', keys }, read, never)).rejects.toBeInstanceOf(Config);
    await expect(tested.run({ method: 'get', keys: { user: 'a' } }, read, never)).rejects.toBeInstanceOf(
      Config,
    );
    expect(() => tested.visibleAfterMs('delete')).toThrow(Config);
    expect(vendor.sent).toHaveLength(0);
  });

  it('tells when a write is sure to be seen', () => {
    expect([vendor.transport().visibleAfterMs('post'), vendor.transport().visibleAfterMs('get')]).toEqual([
      120_000, 0,
    ]);
  });

  it.each([
    ['a bucket without a row', { bucket: 'nowhere', units: 1 }],
    ['more than a window holds', { bucket: 'user', units: 6001 }],
  ])('refuses a table in which a method draws on %s', (_title, cost) => {
    const methods: MethodRow[] = [{ method: 'x', costs: [cost], write: 'no' }];

    expect(() => vendor.transport({ limits: { buckets: limits.buckets, methods } })).toThrow(Config);
  });
});

describe('origins', () => {
  it('refuses a foreign origin before anything is sent', async () => {
    const attempt = (wire: Wire) => wire.fetch('https://evil.example/steal');

    await expect(vendor.run(vendor.transport(), 'get', attempt)).rejects.toMatchObject({
      code: 'foreign-origin',
    });

    expect(vendor.sent).toHaveLength(0);
  });

  it('sends to the real origin behind a twin, and takes a Request as well as a URL', async () => {
    const tested = vendor.transport({ twins: { 'https://127.0.0.1:4010': 'http://127.0.0.1:4010' } });

    await vendor.run(tested, 'get', (wire) =>
      wire.fetch(
        new Request('https://127.0.0.1:4010/a?b=%20', { method: 'POST', headers: { 'x-a': '1' }, body: 'c' }),
      ),
    );

    expect(vendor.sent[0]?.url).toBe('http://127.0.0.1:4010/a?b=%20');
    expect(vendor.sent[0]?.init).toMatchObject({ method: 'POST', duplex: 'half' });
    expect(new Headers(vendor.sent[0]?.init?.headers).get('x-a')).toBe('1');
    expect(tested.meter.origins).toEqual({ 'http://127.0.0.1:4010': 1 });
  });
});

describe('signals', () => {
  it.each(['get', 'post'])('ends a %s in flight with Interrupted', async (method) => {
    const stop = new AbortController();
    vendor.script = [() => new Promise<Response>(() => {})];
    const running = vendor.transport().run({ method, keys }, read, stop.signal);
    await vendor.clock.advance(1000);

    stop.abort();

    await expect(running).rejects.toBeInstanceOf(Interrupted);
    expect(vendor.sent).toHaveLength(1);
  });

  it('ends a wait between attempts with Interrupted', async () => {
    const stop = new AbortController();
    vendor.script = [answer(429, { 'retry-after': '60' })];
    const running = vendor.transport().run({ method: 'get', keys }, read, stop.signal);
    await vendor.clock.advance(5000);

    stop.abort();

    await expect(running).rejects.toBeInstanceOf(Interrupted);
    expect(vendor.clock.pending).toBe(0);
  });

  it('sends nothing when it has aborted before', async () => {
    await expect(vendor.run(vendor.transport(), 'get', read, AbortSignal.abort())).rejects.toBeInstanceOf(
      Interrupted,
    );

    expect(vendor.sent).toHaveLength(0);
  });

  it('keeps no listener on a signal that outlives its runs', async () => {
    const stop = new AbortController();
    const balance = { add: 0, remove: 0 };
    const add = stop.signal.addEventListener.bind(stop.signal);
    const remove = stop.signal.removeEventListener.bind(stop.signal);
    vi.spyOn(stop.signal, 'addEventListener').mockImplementation((...given: Parameters<typeof add>) => {
      balance.add += 1;
      add(...given);
    });
    vi.spyOn(stop.signal, 'removeEventListener').mockImplementation((...given: Parameters<typeof remove>) => {
      balance.remove += 1;
      remove(...given);
    });
    const tested = vendor.transport();

    for (let index = 0; index < 5; index += 1) await vendor.run(tested, 'get', read, stop.signal);

    expect(balance.add).toBeGreaterThan(0);
    expect(balance.remove).toBe(balance.add);
  });

  it('takes the requests of a failed attempt out of the queue', async () => {
    const tested = vendor.transport();
    vendor.script = [answer(404)];
    const both = (wire: Wire) => Promise.all([1, 2, 3, 4, 5].map(() => wire.fetch(`${origin}/x`)));

    await expect(vendor.run(tested, 'get', both)).rejects.toBeInstanceOf(NotFound);
    await vendor.clock.advance(60_000);

    expect(vendor.sent).toHaveLength(1);
  });
});
