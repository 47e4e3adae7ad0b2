import { describe, expect, it } from 'vitest';
import {
  AmbiguousWrite,
  Auth,
  Interrupted,
  MigrationError,
  NotFound,
  Rejected,
  Throttled,
  Transient,
} from '../../src/core/errors.ts';
import { job, sourceItem } from '../support/jobs.ts';
import { Rig } from '../support/pass.ts';
import { ScriptedWorkload } from '../support/scripted-workload.ts';

const ANN = job('calendar');
const RECEIPT = { targetId: 'there', wrote: null };
const LOST = new AmbiguousWrite({ code: 'lost', message: 'no answer' });

function setUp(count = 1, scale = 1) {
  const rig = new Rig([ANN], scale);
  const workload = new ScriptedWorkload();
  workload.items = Array.from({ length: count }, (_, n) => sourceItem(`e${n}`, { order: n, bytes: 5 }));
  return { rig, workload };
}

describe('errors', () => {
  it.each([
    ['a throttle', new Throttled({ code: 'throttled', message: 'later' })],
    ['a passing failure', new Transient({ code: 'serverError', message: 'later' })],
  ])('let an item go again after %s when it is read', async (_name, error) => {
    const { rig, workload } = setUp();
    workload.needs = () => true;
    let gets = 0;
    workload.onGet = async () => {
      gets += 1;
      if (gets < 3) throw error;
      return {};
    };

    const result = await rig.run(workload);

    expect(gets).toBe(3);
    expect(result).toMatchObject({ written: 1 });
  });

  it('honour the pause that the vendor asked for', async () => {
    const { rig, workload } = setUp();
    const at: number[] = [];
    workload.onPut = async () => {
      at.push(rig.clock.ticks());
      if (at.length === 1) throw new Throttled({ code: 't', message: 'later', retryAfterMs: 90_000 });
      return RECEIPT;
    };

    await rig.run(workload);

    expect(at[1]! - at[0]!).toBe(90_000);
  });

  it('that concern the job stop it and leave its rows open', async () => {
    const { rig, workload } = setUp(50);
    const missing = new NotFound({ code: 'mailboxNotFound', message: 'no mailbox', scope: 'job' });
    workload.onPut = async () => {
      throw missing;
    };

    const result = await rig.run(workload);

    expect(result.stopped).toEqual([{ job: ANN, error: missing }]);
    expect(result).toMatchObject({ open: 50, failed: 0 });
    expect(workload.calls.length).toBeLessThanOrEqual(4);
    expect(rig.events.at(-1)).toEqual({ type: 'job-stopped', job: ANN, error: missing });
  });

  it('that concern the run end the pass after what was in flight has settled', async () => {
    const { rig, workload } = setUp(10);
    const revoked = new Auth({ code: 'unauthorized', message: 'consent revoked' });
    workload.onPut = async (key) => {
      if (key === 'e1') throw revoked;
      await rig.clock.wait(1_000);
      return RECEIPT;
    };

    await expect(rig.run(workload)).rejects.toBe(revoked);

    expect(await rig.status(ANN, 'e0', 'e1', 'e2', 'e3')).toEqual(['written', 'begun', 'written', 'written']);
    expect(await rig.status(ANN, 'e4')).toEqual(['listed']);
  });

  it('in 25 items one after the other stop the job', async () => {
    const { rig, workload } = setUp(100);
    workload.onPut = async () => {
      throw new Rejected({ code: 'notAllowed', message: 'no' });
    };

    const result = await rig.run(workload, { concurrency: { items: 1 } });

    expect(result).toMatchObject({ failed: 25, open: 75 });
    expect(result.stopped[0]!.error).toMatchObject({ code: 'too-many-failures', scope: 'job' });
    expect(result.stopped[0]!.error.message).toContain('notAllowed');
  });

  it('that are throttles, 25 one after the other, stop the job to be resumed later', async () => {
    const { rig, workload } = setUp(100);
    workload.onPut = async () => {
      throw new Throttled({ code: 'rateLimitExceeded', message: 'later' });
    };

    const result = await rig.run(workload, { concurrency: { items: 1 } });

    expect(result.stopped[0]!.error).toMatchObject({ name: 'Throttled', code: 'too-many-failures' });
    expect(result).toMatchObject({ failed: 0, open: 100 });
  });

  it('that park one mailbox let the others go on', async () => {
    const bob = job('calendar', 'bob');
    const rig = new Rig([ANN, bob]);
    const workload = new ScriptedWorkload();
    workload.items = Array.from({ length: 10 }, (_, n) => sourceItem(`e${n}`, { order: n }));
    const parked = new Throttled({
      code: 'quotaExceeded',
      message: 'hours',
      scope: 'job',
      retryAfterMs: 14_400_000,
    });
    let puts = 0;
    workload.onPut = async () => {
      puts += 1;
      if (puts === 1) throw parked;
      return RECEIPT;
    };

    const result = await rig.run(workload);

    expect(result.stopped.map(({ error }) => error)).toEqual([parked]);
    expect(result.written).toBeGreaterThanOrEqual(10);
    expect(rig.clock.ticks()).toBeLessThan(60_000);
  });

  it('in many items with successes between them do not stop the job', async () => {
    const { rig, workload } = setUp(100);
    workload.onPut = async (key) => {
      if (Number(key.slice(1)) % 20 !== 0) throw new Rejected({ code: 'notAllowed', message: 'no' });
      return RECEIPT;
    };

    const result = await rig.run(workload, { concurrency: { items: 1 } });

    expect(result).toMatchObject({ written: 5, failed: 95, stopped: [] });
  });
});

describe('stopping', () => {
  it('begins nothing new, ends what is in flight and throws', async () => {
    const { rig, workload } = setUp(20);
    const controller = new AbortController();
    workload.onPut = async (key, _prior, signal) => {
      if (key === 'e2') controller.abort();
      await rig.clock.wait(1_000, signal);
      return RECEIPT;
    };

    const run = rig.run(workload, { signal: controller.signal, concurrency: { items: 4 } });

    await expect(run).rejects.toBeInstanceOf(Interrupted);
    expect(workload.calls.length).toBeLessThanOrEqual(4);
    expect(await rig.status(ANN, 'e0', 'e19')).toEqual(['begun', 'listed']);
  });

  it('can be resumed to the end', async () => {
    const { rig, workload } = setUp(20);
    const controller = new AbortController();
    workload.onPut = async (key) => {
      if (key === 'e7') controller.abort();
      return RECEIPT;
    };
    await expect(rig.run(workload, { signal: controller.signal })).rejects.toBeInstanceOf(Interrupted);

    const result = await rig.run(workload);

    expect(result).toMatchObject({ written: 20, open: 0 });
  });

  it('ends waits at once', async () => {
    const { rig, workload } = setUp();
    const controller = new AbortController();
    workload.visibleMs = 600_000;
    workload.onPut = async () => {
      throw LOST;
    };
    workload.onFind = async () => {
      setImmediate(() => controller.abort());
      return null;
    };

    await expect(rig.run(workload, { signal: controller.signal })).rejects.toBeInstanceOf(Interrupted);

    expect(rig.clock.ticks()).toBeLessThan(600_000);
  });
});

it('a ledger that fails ends the pass', async () => {
  const { rig, workload } = setUp(3);
  const full = new MigrationError({ code: 'config', message: 'disk full', scope: 'run' });
  rig.ledger.settle = async () => {
    throw full;
  };

  await expect(rig.run(workload)).rejects.toBe(full);
});
