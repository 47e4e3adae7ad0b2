import { createServer, connect as dial, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { Interrupted, Transient } from '../../../src/core/errors.ts';
import type { Claim, Ledger } from '../../../src/core/ports.ts';
import { job, page, sourceItem } from '../../support/jobs.ts';
import { postgresLedgers } from '../../support/postgres-ledgers.ts';
import { freePort } from '../../support/postgres-server.ts';

const ANN = job();
const clock = systemClock();
const { server, open } = postgresLedgers();

const KEYS = Array.from({ length: 120 }, (_, n) => `m${n}`);

const written = (key: string) => ({
  key,
  version: `${key}@1`,
  outcome: 'written' as const,
  reason: null,
  receipt: { targetId: `t-${key}`, wrote: {} },
  losses: [],
});

describe('a connection that is lost', () => {
  async function work(ledger: Ledger): Promise<Claim[]> {
    await ledger.commitPage(ANN, page(KEYS.map((key) => sourceItem(key))));
    for (let at = 0; at < KEYS.length; at += 8) {
      const some = KEYS.slice(at, at + 8).map(async (key) => {
        await ledger.begin(ANN, [key], 1);
        await ledger.settle(ANN, [written(key)]);
      });
      await Promise.all(some);
    }
    const claims: Claim[] = [];
    for await (const claim of ledger.claims(ANN)) claims.push(claim);
    return claims;
  }

  it('pauses the work and loses nothing, however often it is cut', async () => {
    const ledger = await open();
    let isDone = false;
    const cutting = (async () => {
      for (let cuts = 0; !isDone; cuts += 1) {
        await server().query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ferry'",
        );
        await clock.wait(cuts < 10 ? 30 : 300);
      }
    })();

    const claims = await work(ledger).finally(() => {
      isDone = true;
    });
    await cutting;

    expect(claims).toHaveLength(120);
    expect(
      claims.filter(({ status, targetId, key }) => status === 'written' && targetId === `t-${key}`),
    ).toHaveLength(120);
    const { attempts } = (await ledger.item(ANN, 'm7'))!;
    expect(attempts).toBe(1);
    await ledger.close();
  });

  it('commits once when the answer to a commit is lost', async () => {
    const proxy = await startCuttingProxy(server().port);
    const ledger = await open({ url: server().url.replace(`:${server().port}/`, `:${proxy.port}/`) });
    await ledger.commitPage(ANN, page([sourceItem('m1')]));

    proxy.cutAfterNextCommit();
    await ledger.begin(ANN, ['m1'], 1);

    expect(proxy.cuts).toBe(1);
    expect(await ledger.item(ANN, 'm1')).toMatchObject({ status: 'begun', attempts: 1 });
    await ledger.close();
    await proxy.close();
  });

  it('pauses while the server restarts', async () => {
    const ledger = await open();
    await ledger.commitPage(ANN, page([sourceItem('m1')]));

    await server().stop();
    const beginning = ledger.begin(ANN, ['m1'], 7);
    const reading = ledger.cursors(ANN);
    await server().start();

    await beginning;
    expect(await reading).toEqual(new Map([['folder:inbox', 'c1']]));
    expect(await ledger.item(ANN, 'm1')).toMatchObject({ status: 'begun', begunAt: 7, attempts: 1 });
    await ledger.close();
  });

  it('ends as an error that can be resumed when the server stays away, or at once when asked to stop', async () => {
    const stop = new AbortController();
    const impatient = await open({ patienceMs: 0 });
    const patient = await open({ signal: stop.signal });
    await impatient.commitPage(ANN, page([sourceItem('m1')]));
    await server().stop();

    const failing = impatient.begin(ANN, ['m1'], 7).catch((error: unknown) => error);
    const waiting = patient.readNote('any').catch((error: unknown) => error);
    const failure = await failing;
    await clock.wait(50);
    stop.abort();
    const interrupted = await waiting;
    await server().start();

    expect(failure).toBeInstanceOf(Transient);
    expect(failure).toMatchObject({ scope: 'run', code: 'ledger-away' });
    expect(exitCodeOf(failure)).toBe(5);
    expect(interrupted).toBeInstanceOf(Interrupted);
    expect(await impatient.item(ANN, 'm1')).toMatchObject({ status: 'listed', attempts: 0 });
    await Promise.all([impatient.close(), patient.close()]);
  });
});

/** A proxy before the server that can let a commit through and cut the connection before its answer comes back. */
async function startCuttingProxy(port: number) {
  let isArmed = false;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((inner) => {
    const outer = dial(port, '127.0.0.1');
    sockets.add(inner).add(outer);
    let isCut = false;
    inner.on('data', (chunk) => {
      isCut ||= isArmed && chunk.includes('commit');
      outer.write(chunk);
    });
    outer.on('data', (chunk) => {
      if (!isCut) return inner.write(chunk);
      isArmed = false;
      cuts += 1;
      inner.destroy();
      return outer.destroy();
    });
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  const own = await freePort();
  await new Promise<void>((resolve) => proxy.listen(own, '127.0.0.1', resolve));
  return {
    port: own,
    get cuts() {
      return cuts;
    },
    cutAfterNextCommit: () => {
      isArmed = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
