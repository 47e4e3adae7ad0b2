import { beforeEach, describe, expect, it } from 'vitest';
import { AmbiguousWrite, Rejected, Transient } from '../../src/core/errors.ts';
import { job } from '../support/jobs.ts';
import { MailEstate } from '../support/mail-estate.ts';
import { MailTenant } from '../support/mail-tenant.ts';
import { mailWorkload } from '../support/mail-workload.ts';
import { Rig } from '../support/pass.ts';

const ANN = job();
const LOST = new AmbiguousWrite({ code: 'lost', message: 'no answer' });

let rig: Rig;
let estate: MailEstate;
let tenant: MailTenant;

beforeEach(() => {
  rig = new Rig([ANN]);
  estate = new MailEstate(['archive', 'inbox', 'junk', 'projects']);
  tenant = new MailTenant(rig.clock);
});

const pass = () => rig.run(mailWorkload(estate, tenant));
const there = () => tenant.messages.map(({ body, labels }) => `${body} in ${labels.join(' ')}`);
const row = (key: string) => rig.ledger.item(ANN, key);

describe('copies of one message', () => {
  beforeEach(() => {
    estate.add({ key: 'a', folder: 'inbox', identity: 'id', body: 'B', order: 5, read: true });
    estate.add({ key: 'b', folder: 'projects', identity: 'id', body: 'B', order: 5, read: true });
    estate.add({ key: 'c', folder: 'archive', identity: 'id', body: 'B', order: 5, read: true });
  });

  it('become one delivery: the first is written, the others merged with the same receipt', async () => {
    const result = await pass();

    expect(there()).toEqual(['B in archive inbox projects']);
    expect(await rig.status(ANN, 'a', 'b', 'c')).toEqual(['written', 'merged', 'merged']);
    expect(await row('c')).toMatchObject({ receipt: { targetId: 't1' }, settledVersion: '1/archive' });
    expect(result).toMatchObject({ written: 5, merged: 2, changed: 5 });
  });

  it('are neither read nor written again while nothing changes', async () => {
    await pass();
    estate.gets = 0;

    const second = await pass();

    expect(estate.gets).toBe(0);
    expect(second).toMatchObject({ changed: 0, open: 0 });
  });

  it.each([
    ['one copy is moved', () => estate.change('b', { folder: 'archive' }), 'B in archive inbox'],
    ['one copy changes', () => estate.change('c', { read: false }), 'B in archive inbox projects'],
    [
      'two copies change',
      () => {
        estate.change('a', { folder: 'projects' });
        estate.change('b', { folder: 'archive' });
      },
      'B in archive projects',
    ],
    [
      'a copy is added',
      () => {
        estate.add({ key: 'd', folder: 'archive', identity: 'id', body: 'B', order: 5, read: true });
      },
      'B in archive inbox projects',
    ],
  ])('need one modify with the union when %s', async (_name, change, expected) => {
    await pass();
    tenant.puts.length = 0;

    change();
    const second = await pass();

    expect(there()).toEqual([expected]);
    expect(tenant.puts).toEqual([{ key: 'a', created: false }]);
    expect(second).toMatchObject({ changed: 1, open: 0 });
    const statuses = await rig.status(ANN, 'a', 'b', 'c');
    expect(statuses.toSorted()).toEqual(['merged', 'merged', 'written']);
  });

  it('lose the place of a copy that a rule leaves out from now on', async () => {
    await pass();

    estate.change('b', { folder: 'junk' });
    await pass();

    expect(there()).toEqual(['B in archive inbox']);
    expect(await row('b')).toMatchObject({ status: 'excluded', reason: 'junk' });
  });

  it('keep their message when one of them is removed, and find it again with the rest', async () => {
    await pass();

    estate.remove('a');
    await pass();
    const afterRemoval = await rig.status(ANN, 'a', 'b', 'c');
    estate.change('b', { folder: 'inbox' });
    await pass();

    expect(afterRemoval).toEqual(['gone', 'merged', 'merged']);
    expect(there()).toEqual(['B in archive inbox']);
    expect(await rig.status(ANN, 'b', 'c')).toEqual(['written', 'merged']);
  });

  it('are all looked for when the put of their delivery was not answered', async () => {
    const { send } = tenant;
    tenant.send = async (key, value, land) => {
      const receipt = await send(key, value, land);
      if (value.kind === 'message') throw LOST;
      return receipt;
    };

    const result = await pass();

    expect(there()).toEqual(['B in archive inbox projects']);
    expect(await rig.status(ANN, 'a', 'b', 'c')).toEqual(['written', 'merged', 'merged']);
    expect(result.changed).toBe(4);
  });
});

describe('one copy left out by a rule', () => {
  it('adds nothing to the delivery and is not read', async () => {
    estate.add({ key: 'a', folder: 'junk', identity: 'id', body: 'B' });
    estate.add({ key: 'b', folder: 'inbox', identity: 'id', body: 'B', read: true });

    await pass();

    expect(there()).toEqual(['B in inbox']);
    expect(await rig.status(ANN, 'a', 'b')).toEqual(['excluded', 'written']);
    expect(estate.gets).toBe(1);
  });
});

describe('a message that was written alone', () => {
  beforeEach(async () => {
    estate.add({ key: 'a', folder: 'inbox', identity: 'id', body: 'B', order: 5, read: true });
    await pass();
    tenant.puts.length = 0;
  });

  it('has no fingerprint computed', async () => {
    expect(await row('a')).toMatchObject({ fingerprint: null });
    expect(estate.gets).toBe(1);
  });

  it('takes in a copy that comes later', async () => {
    estate.add({ key: 'b', folder: 'projects', identity: 'id', body: 'B', order: 5, read: true });

    await pass();

    expect(there()).toEqual(['B in inbox projects']);
    expect(await rig.status(ANN, 'a', 'b')).toEqual(['written', 'merged']);
  });

  it('stays what it is when another body comes under its identity', async () => {
    estate.add({ key: '0', folder: 'projects', identity: 'id', body: 'C', order: 1, read: true });

    await pass();

    expect(there()).toEqual(['B in inbox', 'C in projects']);
    expect(tenant.puts).toEqual([{ key: '0', created: true }]);
    expect(await row('0')).toMatchObject({ fingerprint: '1:C' });
  });

  it('is taken for the earlier place of a copy received at the same instant, once it has gone', async () => {
    estate.remove('a');
    estate.add({ key: 'b', folder: 'projects', identity: 'id', body: 'B', order: 5, read: true });

    await pass();

    expect(there()).toEqual(['B in projects']);
    expect(await rig.status(ANN, 'a', 'b')).toEqual(['gone', 'written']);
  });

  it('is not taken for another message under its identity, once it has gone', async () => {
    estate.remove('a');
    estate.add({ key: 'b', folder: 'projects', identity: 'id', body: 'C', order: 6, read: true });

    await pass();

    expect(there()).toEqual(['B in inbox', 'C in projects']);
  });
});

describe('bodies that share an identity', () => {
  beforeEach(() => {
    estate.add({ key: 'a', folder: 'inbox', identity: 'id', body: 'B', order: 1, read: true });
    estate.add({ key: 'b', folder: 'inbox', identity: 'id', body: 'C', order: 2, read: true });
    estate.add({ key: 'c', folder: 'archive', identity: 'id', body: 'C', order: 3, read: true });
  });

  it('become a delivery each, numbered for the mapping', async () => {
    const variants: number[] = [];
    const { send } = tenant;
    tenant.send = (key, value, land) => {
      if (value.kind === 'message') variants.push(value.variant);
      return send(key, value, land);
    };

    await pass();

    expect(variants).toEqual([0, 1]);
    expect(there()).toEqual(['B in inbox', 'C in archive inbox']);
    expect(await rig.status(ANN, 'a', 'b', 'c')).toEqual(['written', 'written', 'merged']);
  });

  it('keep their numbers when the first has gone', async () => {
    await pass();

    estate.remove('a');
    estate.change('b', { folder: 'projects' });
    await pass();

    expect(there()).toEqual(['B in inbox', 'C in archive projects']);
    expect(await row('b')).toMatchObject({ fingerprint: '1:C' });
  });

  it('wait for each other while one is in doubt, and are never taken for one another', async () => {
    let lost = 0;
    const { send } = tenant;
    tenant.send = async (key, value, land) => {
      if (value.kind === 'message' && value.body === 'B' && lost < 2) {
        lost += 1;
        throw LOST;
      }
      return send(key, value, land);
    };

    await pass();

    expect(there()).toEqual(['B in inbox', 'C in archive inbox']);
    expect(tenant.finds.every((key) => key === 'a')).toBe(true);
  });

  it('are not taken for one that is in doubt and is delivered no longer', async () => {
    rig = new Rig([ANN]);
    estate = new MailEstate(['inbox', 'junk']);
    tenant = new MailTenant(rig.clock);
    estate.add({ key: 'a', folder: 'inbox', identity: 'id', body: 'B', order: 1, read: true });
    const { send } = tenant;
    tenant.send = async (key, value, land) => {
      const receipt = await send(key, value, land);
      if (value.kind === 'message') throw new AmbiguousWrite({ code: 'x', message: 'x', scope: 'job' });
      return receipt;
    };
    await pass();

    estate.change('a', { folder: 'junk' });
    tenant.send = send;
    await pass();
    estate.add({ key: 'b', folder: 'inbox', identity: 'id', body: 'C', order: 2, read: true });
    let attempts = 0;
    tenant.send = async (key, value, land) => {
      attempts += 1;
      if (attempts === 1) throw LOST;
      return send(key, value, land);
    };
    await pass();

    expect(there()).toEqual(['B in inbox', 'C in inbox']);
    expect(await row('b')).toMatchObject({ status: 'written', receipt: { targetId: 't2' } });
  });
});

describe('resources that cannot be read', () => {
  beforeEach(() => {
    estate.add({ key: 'a', folder: 'inbox', identity: 'id', body: 'B', order: 1, read: true });
    estate.add({ key: 'b', folder: 'archive', identity: 'id', body: 'B', order: 2, read: true });
  });

  it('leave the other copies alone when they have gone', async () => {
    estate.beforeGet = async (key) => {
      if (key === 'a') estate.mails.delete('a');
    };

    await pass();

    expect(await rig.status(ANN, 'a', 'b')).toEqual(['gone', 'written']);
    expect(there()).toEqual(['B in archive']);
  });

  it('fail alone when they are refused for good', async () => {
    estate.beforeGet = async (key) => {
      if (key === 'a') throw new Rejected({ code: 'ErrorItemCorrupt', message: 'corrupt' });
    };

    await pass();

    expect(await rig.status(ANN, 'a', 'b')).toEqual(['failed', 'written']);
    expect(await row('a')).toMatchObject({ reason: 'ErrorItemCorrupt' });
  });

  it('are read again after a passing failure', async () => {
    let gets = 0;
    estate.beforeGet = async () => {
      gets += 1;
      if (gets === 2) throw new Transient({ code: 'serverError', message: 'later' });
    };

    await pass();

    expect(await rig.status(ANN, 'a', 'b')).toEqual(['written', 'merged']);
    expect(there()).toEqual(['B in archive inbox']);
  });
});
