import { describe, expect, it } from 'vitest';
import { AmbiguousWrite, Auth, NotFound, Rejected } from '../../src/core/errors.ts';
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

describe('an item', () => {
  it('is begun before it is put and settled with the receipt', async () => {
    const { rig, workload } = setUp();
    const atPut: unknown[] = [];
    workload.onPut = async (key) => {
      atPut.push(await rig.ledger.item(ANN, key));
      return RECEIPT;
    };

    const result = await rig.run(workload);

    expect(atPut).toMatchObject([{ status: 'begun', begunVersion: 'e0@1', begunAt: rig.clock.now() }]);
    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'written', receipt: RECEIPT });
    expect(result).toMatchObject({ written: 1, open: 0, changed: 1, stopped: [] });
    expect(rig.events).toContainEqual({
      type: 'settled',
      job: ANN,
      outcome: 'written',
      items: 1,
      bytes: 5,
      wrote: true,
    });
  });

  it('is neither read nor written again while it does not change', async () => {
    const { rig, workload } = setUp(30);
    workload.needs = () => true;
    await rig.run(workload);
    workload.calls.length = 0;

    const second = await rig.run(workload);

    expect(workload.calls).toEqual([]);
    expect(second).toMatchObject({ written: 30, open: 0, changed: 0 });
  });

  it('is put with its receipt when it has changed', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => RECEIPT;
    await rig.run(workload);
    workload.items = [sourceItem('e0', { version: 'e0@2' })];
    const priors: unknown[] = [];
    workload.onPut = async (_key, prior) => {
      priors.push(prior);
      return RECEIPT;
    };

    const second = await rig.run(workload);

    expect(priors).toEqual([RECEIPT]);
    expect(second.changed).toBe(1);
  });

  it.each(['excluded', 'unsupported', 'too-large'] as const)(
    'that a rule leaves out is settled as %s without being read',
    async (outcome) => {
      const { rig, workload } = setUp();
      workload.needs = () => true;
      workload.onMap = () => ({ kind: 'skip', reason: { outcome, rule: 'a-rule' } });

      const result = await rig.run(workload);

      expect(workload.calls).toEqual([]);
      expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: outcome, reason: 'a-rule' });
      expect(result.changed).toBe(0);
    },
  );

  it('is read only where the workload needs its resource', async () => {
    const { rig, workload } = setUp(2);
    workload.needs = ({ key }) => key === 'e1';

    await rig.run(workload, { concurrency: { items: 1 } });

    expect(workload.calls).toEqual(['put e0', 'get e1', 'put e1']);
  });

  it('hands its inline resource to the mapping', async () => {
    const { rig, workload } = setUp();
    workload.items = [sourceItem('e0', { inline: { subject: 's' } })];
    const seen: unknown[] = [];
    workload.onMap = ({ resource }) => {
      seen.push(resource);
      return { kind: 'value', value: '', losses: [] };
    };

    await rig.run(workload);

    expect(seen).toEqual([{ subject: 's' }]);
  });

  it('that has gone when it is read is settled as gone', async () => {
    const { rig, workload } = setUp();
    workload.needs = () => true;
    workload.onGet = async () => {
      throw new NotFound({ code: 'itemNotFound', message: 'gone' });
    };

    const result = await rig.run(workload);

    expect(result).toMatchObject({ gone: 1, open: 0, changed: 0 });
  });

  it.each([
    ['a refusal', new Rejected({ code: 'invalid', message: 'no' }), 'invalid'],
    ['something missing', new NotFound({ code: 'notFound', message: 'no' }), 'notFound'],
  ])('fails for good on %s, with its code as the reason', async (_name, error, reason) => {
    const { rig, workload } = setUp();
    workload.onPut = async () => {
      throw error;
    };

    const result = await rig.run(workload);
    await rig.run(workload);

    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'failed', reason, begunAt: null });
    expect(workload.calls).toEqual(['put e0']);
    expect(result).toMatchObject({ failed: 1, open: 0 });
  });

  it.each([
    ['somebody deleted at the target', 'deleted-at-target', 'excluded'],
    ['is too large for the target', 'too-large', 'too-large'],
  ])('that %s is settled as decided, not as failed', async (_, code, status) => {
    const { rig, workload } = setUp();
    workload.onPut = async () => {
      throw new Rejected({ code, message: 'no' });
    };

    await rig.run(workload);

    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status, reason: code });
  });

  it('that the target held already is written without counting as a write', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => ({ ...RECEIPT, untouched: true });

    const result = await rig.run(workload);

    expect(result).toMatchObject({ written: 1, changed: 0 });
  });

  it('goes again after it failed only when it is retried', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => {
      throw new Rejected({ code: 'invalid', message: 'no' });
    };
    await rig.run(workload);
    workload.onPut = async () => RECEIPT;

    const retried = await rig.ledger.retry(ANN);
    const result = await rig.run(workload);

    expect(retried).toBe(1);
    expect(result).toMatchObject({ written: 1, failed: 0 });
  });

  it('fails with a word of ours when its mapping breaks, and the others go on', async () => {
    const { rig, workload } = setUp(3);
    workload.onMap = ({ item }) => {
      if (item.key === 'e1') throw new TypeError('x is undefined: secret subject');
      return { kind: 'value', value: '', losses: [] };
    };

    const result = await rig.run(workload);

    expect(result).toMatchObject({ written: 2, failed: 1 });
    expect(await rig.ledger.item(ANN, 'e1')).toMatchObject({ reason: 'unexpected' });
    expect(JSON.stringify(rig.events)).not.toContain('secret');
  });

  it('keeps the losses of the mapping and those that the answer showed', async () => {
    const { rig, workload } = setUp();
    const dropped = { field: 'a', kind: 'dropped', reason: 'r' } as const;
    const changed = { field: 'b', kind: 'changed', reason: 'r' } as const;
    workload.onMap = () => ({ kind: 'value', value: '', losses: [dropped] });
    workload.onPut = async () => ({ ...RECEIPT, losses: [changed] });

    await rig.run(workload);

    expect((await rig.ledger.losses()).map(({ loss }) => loss)).toEqual([dropped, changed]);
  });
});

describe('an unanswered put', () => {
  it('settles nothing and is looked for before it is repeated', async () => {
    const { rig, workload } = setUp();
    let answers = 0;
    workload.onPut = async () => {
      answers += 1;
      if (answers === 1) throw LOST;
      return RECEIPT;
    };

    const result = await rig.run(workload);

    expect(workload.calls).toEqual(['put e0', 'find e0', 'put e0']);
    expect(result).toMatchObject({ written: 1, changed: 1 });
  });

  it('is settled with what was found, without a second put', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => {
      throw LOST;
    };
    workload.onFind = async () => RECEIPT;

    const result = await rig.run(workload);

    expect(workload.calls).toEqual(['put e0', 'find e0']);
    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'written', receipt: RECEIPT });
    expect(result).toMatchObject({ written: 1, changed: 0 });
  });

  it('is not believed to be missing before a search would see it, while others go on', async () => {
    const { rig, workload } = setUp(3);
    workload.visibleMs = 120_000;
    const lostAt: number[] = [];
    const repeatedAt: number[] = [];
    workload.onPut = async (key) => {
      if (key !== 'e0') return RECEIPT;
      (lostAt.length === 0 ? lostAt : repeatedAt).push(rig.clock.ticks());
      if (repeatedAt.length === 0) throw LOST;
      return RECEIPT;
    };

    await rig.run(workload, { concurrency: { items: 1 } });

    expect(workload.calls.slice(0, 3)).toEqual(['put e0', 'put e1', 'put e2']);
    expect(repeatedAt[0]! - lostAt[0]!).toBe(120_000);
  });

  it('of an update is repeated with the receipt when only what was there before is found', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => RECEIPT;
    await rig.run(workload);
    workload.items = [sourceItem('e0', { version: 'e0@2' })];
    workload.calls.length = 0;
    const priors: unknown[] = [];
    workload.onPut = async (_key, prior) => {
      priors.push(prior);
      if (priors.length === 1) throw LOST;
      return RECEIPT;
    };
    workload.onFind = async () => RECEIPT;

    await rig.run(workload);

    expect(priors).toEqual([RECEIPT, RECEIPT]);
    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'written', settledVersion: 'e0@2' });
  });

  it('that is found after its item has changed is updated', async () => {
    const { rig, workload } = setUp();
    await rig.ledger.openJob(ANN);
    workload.onPut = async () => {
      throw new AmbiguousWrite({ code: 'lost', message: 'no answer', scope: 'job' });
    };
    await rig.run(workload);
    workload.items = [sourceItem('e0', { version: 'e0@2' })];
    workload.onFind = async () => RECEIPT;
    const priors: unknown[] = [];
    workload.onPut = async (_key, prior) => {
      priors.push(prior);
      return RECEIPT;
    };

    await rig.run(workload);

    expect(priors).toEqual([RECEIPT]);
    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'written', settledVersion: 'e0@2' });
  });

  it('stays in doubt for the next pass after five attempts', async () => {
    const { rig, workload } = setUp();
    workload.onPut = async () => {
      throw LOST;
    };

    const result = await rig.run(workload);

    expect(workload.calls.filter((call) => call === 'put e0')).toHaveLength(5);
    expect(result).toMatchObject({ open: 1, failed: 0, stopped: [] });
    expect(await rig.ledger.item(ANN, 'e0')).toMatchObject({ status: 'begun' });
  });

  it.each([
    ['a moment ago', 0, 120_000],
    ['an hour ago', 3_600_000, 120_000],
    ['so long ago that nothing can be under way', 3_720_000, 0],
  ])('of a process that died %s is waited for as long as needed', async (_name, agoMs, waitMs) => {
    const { rig, workload } = setUp();
    workload.visibleMs = 120_000;
    await dieInPut(rig, workload);
    rig.clock.skip(agoMs);
    const startedTicks = rig.clock.ticks();
    let putTicks = 0;
    workload.onPut = async () => {
      putTicks = rig.clock.ticks();
      return RECEIPT;
    };

    await rig.run(workload);

    expect(putTicks - startedTicks).toBe(waitMs);
  });

  it('is waited for in scaled time', async () => {
    const { rig, workload } = setUp(1, 100);
    workload.visibleMs = 120_000;
    await dieInPut(rig, workload);
    rig.clock.skip(3_720_000);
    const startedTicks = rig.clock.ticks();
    workload.onPut = async () => RECEIPT;

    await rig.run(workload);

    expect(rig.clock.ticks()).toBe(startedTicks);
  });
});

/** Leaves a begin mark behind as a killed process would. */
async function dieInPut(rig: Rig, workload: ScriptedWorkload): Promise<void> {
  workload.onPut = async () => {
    throw new Auth({ code: 'unauthorized', message: 'no' });
  };
  await expect(rig.run(workload)).rejects.toBeInstanceOf(Auth);
}
