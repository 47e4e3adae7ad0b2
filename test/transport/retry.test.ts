import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Auth, type MigrationError, NotFound, Rejected, Throttled } from '../../src/core/errors.ts';
import type { FailedAnswer, MethodRow, Wire } from '../../src/transport/types.ts';
import { answer, broken, cut, origin, read, ScriptedVendor, type Step } from './scripted-vendor.ts';

let vendor: ScriptedVendor;

beforeEach(() => {
  vendor = new ScriptedVendor();
});

describe('retry rules', () => {
  const throttle = answer(429);
  const quota403 = answer(403, { 'x-verdict': 'throttled' });

  it.each<[string, MethodRow['write'], Step, string, number]>([
    ['429', 'no', throttle, 'succeeds', 2],
    ['429', 'idempotent', throttle, 'succeeds', 2],
    ['429', 'once', throttle, 'succeeds', 2],
    ['403 for quota', 'once', quota403, 'succeeds', 2],
    ['503', 'no', answer(503), 'succeeds', 2],
    ['503', 'idempotent', answer(503), 'succeeds', 2],
    ['503', 'once', answer(503), 'AmbiguousWrite', 1],
    ['503 called a throttle', 'once', answer(503, { 'x-verdict': 'throttled' }), 'AmbiguousWrite', 1],
    ['408', 'once', answer(408), 'AmbiguousWrite', 1],
    ['500 that is permanent', 'no', answer(500, { 'x-verdict': 'permanent' }), 'Rejected', 1],
    ['500 that is permanent', 'once', answer(500, { 'x-verdict': 'permanent' }), 'Rejected', 1],
    ['404', 'no', answer(404), 'NotFound', 1],
    ['400', 'once', answer(400), 'Rejected', 1],
    ['302', 'no', answer(302, { location: 'https://elsewhere.example/' }), 'Rejected', 1],
    ['a reset', 'no', broken('ECONNRESET'), 'succeeds', 2],
    ['a reset', 'idempotent', broken('ECONNRESET'), 'succeeds', 2],
    ['a reset', 'once', broken('ECONNRESET'), 'AmbiguousWrite', 1],
    ['a socket closed by the other side', 'once', broken('UND_ERR_SOCKET'), 'AmbiguousWrite', 1],
    ['a refused connection', 'once', broken('ECONNREFUSED', 'connect'), 'succeeds', 2],
    ['an unreachable host', 'once', broken('EHOSTUNREACH', 'connect'), 'succeeds', 2],
    ['a host lost after sending', 'once', broken('EHOSTUNREACH', 'read'), 'AmbiguousWrite', 1],
    ['a name not found', 'no', broken('ENOTFOUND', 'getaddrinfo'), 'succeeds', 2],
    ['an untrusted certificate', 'no', broken('SELF_SIGNED_CERT_IN_CHAIN'), 'Config', 1],
    ['a cut body', 'no', cut(), 'succeeds', 2],
    ['a cut body', 'idempotent', cut(), 'succeeds', 2],
    ['a cut body', 'once', cut(), 'AmbiguousWrite', 1],
    ['JSON that ends early', 'no', answer(200, {}, '{"a":'), 'succeeds', 2],
    ['JSON that ends early', 'once', answer(200, {}, '{"a":'), 'AmbiguousWrite', 1],
  ])('%s on a call of write "%s"', async (_title, write, first, outcome, requests) => {
    vendor.script = [first, answer(200)];
    const method = { no: 'get', idempotent: 'put', once: 'post' }[write];

    const result = await vendor.run(vendor.transport(), method).then(
      () => 'succeeds',
      (error: MigrationError) => error.name,
    );

    expect([result, vendor.sent.length]).toEqual([outcome, requests]);
  });

  it.each([200, 201, 204, 304, 308])(
    'takes %i as success and passes it through untouched',
    async (status) => {
      vendor.script = [answer(status, { range: 'bytes=0-9', 'x-guploader': 'a' })];

      const response = (await vendor.run(vendor.transport(), 'post', (wire) =>
        wire.fetch(`${origin}/x`),
      )) as Response;

      expect([response.status, response.headers.get('range')]).toEqual([status, 'bytes=0-9']);
      expect(vendor.sent[0]?.init?.redirect).toBe('manual');
    },
  );

  it('gives up after the attempts that are allowed, with the last error', async () => {
    vendor.script = [answer(503, {}, 'down')];
    const tested = vendor.transport({ maxAttempts: 3 });

    await expect(vendor.run(tested, 'get')).rejects.toMatchObject({ name: 'Transient', status: 503 });

    expect(vendor.sent).toHaveLength(3);
    expect(tested.meter).toMatchObject({
      retries: 2,
      requests: { get: 3 },
      units: { user: 15, project: 15 },
    });
  });

  it('gives up at once when the vendor asks for more waiting than is allowed', async () => {
    vendor.script = [answer(429, { 'retry-after': '3600' })];

    await expect(vendor.run(vendor.transport({ maxWaitMs: 60_000 }), 'get')).rejects.toBeInstanceOf(
      Throttled,
    );

    expect(vendor.sent).toHaveLength(1);
  });

  it('backs off with growing waits and stays within the cap', async () => {
    vendor.script = [answer(503)];

    await vendor.run(vendor.transport(), 'get').catch(() => undefined);

    const gaps = vendor.sent.slice(1).map(({ at }, index) => at - vendor.sent[index]!.at);
    expect(gaps).toHaveLength(7);
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeLessThanOrEqual(Math.min(60_000, 1000 * 2 ** index) + 100);
    }
  });

  it('throws the classified error whatever an SDK wraps around it', async () => {
    vendor.script = [answer(404, {}, 'no such message')];
    const sdk = (wire: Wire) =>
      wire.fetch(`${origin}/x`).catch((cause) => Promise.reject(new Error('GaxiosError', { cause })));

    await expect(vendor.run(vendor.transport(), 'get', sdk)).rejects.toMatchObject({
      name: 'NotFound',
      code: 'http-404',
    });
  });

  it('hands an error of the adapter itself through, and does not retry a defect before the first request', async () => {
    const own = vendor.run(vendor.transport(), 'get', async () => {
      throw new Rejected({ code: 'too-short', message: 'x' });
    });
    await expect(own).rejects.toMatchObject({ code: 'too-short' });

    const defect = vendor.run(vendor.transport(), 'get', async () => {
      throw new TypeError('undefined is not a function');
    });
    await expect(defect).rejects.toMatchObject({ code: 'attempt-failed', retryable: false });
    expect(vendor.sent).toHaveLength(0);
  });

  it('closes the bucket and repeats when the adapter finds a throttle inside an answer that succeeded', async () => {
    const found: number[] = [];
    const batch = async (wire: Wire) => {
      await read(wire);
      found.push(vendor.clock.ticks());
      if (found.length === 1) throw new Throttled({ code: 'part', message: 'x', retryAfterMs: 20_000 });
    };

    await vendor.run(vendor.transport(), 'get', batch);

    expect(found[1]! - found[0]!).toBeGreaterThanOrEqual(20_000);
  });

  it('asks for a new token once after a 401 and repeats once', async () => {
    const onUnauthorized = vi.fn();
    vendor.script = [answer(401), answer(200)];

    await vendor.run(vendor.transport({ onUnauthorized }), 'post');

    expect(onUnauthorized).toHaveBeenCalledTimes(1);
    expect(vendor.sent).toHaveLength(2);
  });

  it('throws a 401 that three new tokens did not mend', async () => {
    const onUnauthorized = vi.fn();
    vendor.script = [answer(401)];

    await expect(vendor.run(vendor.transport({ onUnauthorized }), 'get')).rejects.toBeInstanceOf(Auth);

    expect(onUnauthorized).toHaveBeenCalledTimes(3);
    expect(vendor.sent).toHaveLength(4);
  });

  it('calls the attempt again for each try, so that it can rebuild a streamed body', async () => {
    vendor.script = [answer(429), answer(200)];
    const bodies: string[] = [];
    const tested = vendor.transport({
      fetch: async (_input, init) => {
        bodies.push(await new Response(init?.body).text());
        return vendor.script.shift()!();
      },
    });

    await vendor.run(tested, 'post', (wire) =>
      wire.fetch(`${origin}/x`, { method: 'POST', body: Readable.from(['ab', Buffer.from('c')]) as never }),
    );

    expect(bodies).toEqual(['abc', 'abc']);
  });

  it('passes on the error of a source that breaks while it is uploaded, since half a request does nothing', async () => {
    async function* broke() {
      yield Buffer.from('half');
      throw new NotFound({ code: 'gone', message: 'x' });
    }
    const tested = vendor.transport({
      fetch: (_input, init) => new Response(init?.body).text().then(() => answer(200)()),
    });

    const upload = vendor.run(tested, 'post', (wire) =>
      wire.fetch(`${origin}/x`, { body: broke() as never }),
    );

    await expect(upload).rejects.toMatchObject({ name: 'NotFound', code: 'gone' });
  });

  it('reads a failed answer no further than 64 kB', async () => {
    const lengths: number[] = [];
    const classifyLength = (failed: FailedAnswer) => {
      lengths.push(failed.body.length);
      return { error: new Rejected({ code: 'x', message: 'x' }) };
    };
    vendor.script = [answer(400, {}, 'x'.repeat(1_000_000))];

    await vendor.run(vendor.transport({ classify: classifyLength }), 'get').catch(() => undefined);

    expect(lengths).toEqual([65_536]);
  });
});
