import { beforeEach, describe, expect, it } from 'vitest';
import { Rejected, Throttled } from '../../src/core/errors.ts';
import type { Verdict, Wire } from '../../src/transport/types.ts';
import { answer, keys, never, origin, read, ScriptedVendor } from './scripted-vendor.ts';

let vendor: ScriptedVendor;

beforeEach(() => {
  vendor = new ScriptedVendor();
});

describe('throttles', () => {
  it('closes the bucket for everyone for Retry-After, and never sends before its time', async () => {
    const tested = vendor.transport();
    vendor.script = [answer(429, { 'retry-after': '30' }), answer(200)];
    const others = Array.from({ length: 6 }, () => tested.run({ method: 'get', keys }, read, never));

    await vendor.clock.drive(Promise.all([...others]));

    const late = vendor.sent.slice(2).map(({ at }) => at);
    expect(late).toHaveLength(5);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30_000);
    expect(tested.meter).toMatchObject({ throttled: 1, retryAfterViolations: 0 });
  });

  it('closes the bucket that the verdict names, and leaves the narrower one open to others', async () => {
    const tested = vendor.transport();
    const ann = { method: 'get', keys };
    const bob = { method: 'get', keys: { user: 'bob', project: 'p' } };
    vendor.script = [answer(429, { 'retry-after': '30', 'x-fence': 'project' }), answer(200)];

    await vendor.clock.drive(tested.run(ann, read, never));
    const annDone = vendor.sent[1]!.at;
    vendor.script = [answer(429, { 'retry-after': '30' }), answer(200)];
    const first = tested.run(ann, read, never);
    await vendor.clock.advance(100);
    await vendor.clock.drive(Promise.all([first, tested.run(bob, read, never)]));

    expect(annDone).toBeGreaterThanOrEqual(30_000);
    const [throttledAt, bobAt] = [vendor.sent[2]!.at, vendor.sent[3]!.at];
    expect(bobAt - throttledAt).toBeLessThan(1000);
    expect(vendor.sent[4]!.at - throttledAt).toBeGreaterThanOrEqual(30_000);
  });

  it('honours Retry-After on a 503 as well', async () => {
    vendor.script = [answer(503, { 'retry-after': '45' }), answer(200)];

    await vendor.run(vendor.transport(), 'get');

    expect(vendor.sent[1]!.at - vendor.sent[0]!.at).toBeGreaterThanOrEqual(45_000);
  });

  it('takes a wait that only the body names from the verdict', async () => {
    const fromBody = (): Verdict => ({
      error: new Throttled({ code: 'x', message: 'x', retryAfterMs: 70_000 }),
    });
    vendor.script = [answer(429), answer(200)];

    await vendor.run(vendor.transport({ classify: fromBody }), 'get');

    expect(vendor.sent[1]!.at - vendor.sent[0]!.at).toBeGreaterThanOrEqual(70_000);
  });

  it('closes the bucket as soon as the headers are here, however long the body takes', async () => {
    const tested = vendor.transport();
    const { promise: rest, resolve } = Promise.withResolvers<void>();
    const slow = new ReadableStream({ pull: (controller) => rest.then(() => controller.close()) });
    vendor.script = [answer(429, { 'retry-after': '30' }, slow), answer(200)];
    const throttled = tested.run({ method: 'get', keys }, read, never);
    await vendor.clock.advance(1000);

    const other = tested.run({ method: 'get', keys }, read, never);
    await vendor.clock.advance(1000);
    const early = vendor.sent.length;
    resolve();
    await vendor.clock.drive(Promise.all([throttled, other]));

    expect(early).toBe(1);
    expect(vendor.sent[1]!.at).toBeGreaterThanOrEqual(30_000);
  });

  it.each([
    ['a header', answer(429, { 'retry-after': '14400' }), 'get', 'http-429'],
    ['a 503 of a write', answer(503, { 'retry-after': '14400' }), 'post', 'http-503'],
  ])(
    'parks the job where %s asks for hours, and sends nothing more for that mailbox',
    async (_t, step, method, code) => {
      const tested = vendor.transport();
      vendor.script = [step, answer(200)];
      const others = [1, 2, 3].map(() => tested.run({ method, keys }, read, never));
      const bob = tested.run({ method, keys: { user: 'bob', project: 'p' } }, read, never);

      const ends = await vendor.clock.drive(Promise.allSettled([...others, bob]));
      const later = await vendor.run(tested, method).catch((cause) => cause);

      const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      expect(errors.length).toBeGreaterThanOrEqual(2);
      for (const error of [...errors, later])
        expect(error).toMatchObject({ name: 'Throttled', scope: 'job', code, retryable: true });
      expect(ends.at(-1)?.status).toBe('fulfilled');
      expect(vendor.clock.ticks()).toBeLessThan(60_000);
      expect(tested.meter.retryAfterViolations).toBe(0);
    },
  );

  it('parks where the verdict names hours that no header told, and keeps the scope of the run', async () => {
    const daily = (): Verdict => ({
      error: new Throttled({
        code: 'dailyLimitExceeded',
        message: 'x',
        scope: 'run',
        retryAfterMs: 7_200_000,
      }),
      fence: 'project',
    });
    vendor.script = [answer(403)];
    const tested = vendor.transport({ classify: daily });

    const first = await vendor.run(tested, 'get').catch((cause) => cause);
    const second = await vendor.run(tested, 'get').catch((cause) => cause);

    expect(first).toMatchObject({ code: 'dailyLimitExceeded', scope: 'run' });
    expect(second).toMatchObject({ code: 'dailyLimitExceeded', scope: 'run' });
    expect(vendor.sent).toHaveLength(1);
  });

  it('drops to one request at a time after a throttle', async () => {
    const tested = vendor.transport();
    vendor.script = [answer(429, { 'retry-after': '1' }), answer(200)];
    await vendor.clock.drive(tested.run({ method: 'get', keys }, read, never));
    const open: Response[] = [];
    vendor.script = [answer(200, {}, 'x'.repeat(200_000))];

    const calls = Array.from({ length: 3 }, () =>
      tested.run({ method: 'get', keys }, async (wire) => open.push(await wire.fetch(`${origin}/x`)), never),
    );
    await vendor.clock.advance(60_000);
    const atOnce = open.length;
    await Promise.all(open.map((response) => response.body?.cancel()));
    await vendor.clock.advance(60_000);

    // One success has come since the throttle, which allows two.
    expect(atOnce).toBe(2);
    await Promise.all(open.slice(2).map((response) => response.body?.cancel()));
    await vendor.clock.drive(Promise.all(calls));
  });
});

describe('slots', () => {
  const large = 'x'.repeat(300_000);

  async function third(finish: (open: Response[]) => Promise<unknown>): Promise<[number, number]> {
    const tested = vendor.transport();
    const open: Response[] = [];
    vendor.script = [answer(200, {}, large)];
    for (let index = 0; index < 3; index += 1) {
      void tested.run(
        { method: 'get', keys },
        async (wire) => open.push(await wire.fetch(`${origin}/x`)),
        never,
      );
    }
    await vendor.clock.advance(10_000);
    const before = open.length;
    await finish(open);
    await vendor.clock.advance(10_000);
    return [before, open.length];
  }

  it('are held while a body is unread and freed when it is read to its end', async () => {
    expect(await third(([first]) => first!.text())).toEqual([2, 3]);
  });

  it('are freed when a body is cancelled', async () => {
    expect(await third(([first]) => first!.body!.cancel())).toEqual([2, 3]);
  });

  it('are freed by a small answer that nobody reads', async () => {
    const tested = vendor.transport();
    vendor.script = [answer(200, {}, 'x'.repeat(1000))];

    const calls = Array.from({ length: 12 }, () =>
      tested.run({ method: 'get', keys }, (wire) => wire.fetch(`${origin}/x`), never),
    );

    await expect(vendor.clock.drive(Promise.all(calls))).resolves.toHaveLength(12);
  });

  it('are freed when an attempt fails over an answer that it left unread', async () => {
    vendor.script = [answer(200, {}, large)];
    const leave = async (wire: Wire) => {
      await wire.fetch(`${origin}/x`);
      throw new Rejected({ code: 'x', message: 'x' });
    };
    const tested = vendor.transport();

    for (let index = 0; index < 6; index += 1) await vendor.run(tested, 'get', leave).catch(() => undefined);

    expect(vendor.sent).toHaveLength(6);
  });

  it('bound no call whose method has no costs', async () => {
    const tested = vendor.transport();

    await vendor.clock.drive(
      Promise.all([1, 2, 3].map(() => tested.run({ method: 'token', keys: {} }, read, never))),
    );

    expect(tested.meter.requests).toEqual({ token: 3 });
  });
});
