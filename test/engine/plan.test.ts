import { describe, expect, it } from 'vitest';
import { NotFound } from '../../src/core/errors.ts';
import { planPass } from '../../src/engine/plan.ts';
import { job, sourceItem } from '../support/jobs.ts';
import { MailEstate } from '../support/mail-estate.ts';
import { MailTenant } from '../support/mail-tenant.ts';
import { mailWorkload } from '../support/mail-workload.ts';
import { Rig } from '../support/pass.ts';
import { ScriptedWorkload } from '../support/scripted-workload.ts';

const ANN = job();
const signal = new AbortController().signal;

describe('a plan', () => {
  it('counts writes, merges and rules without reading a body or touching the target', async () => {
    const rig = new Rig([ANN]);
    const estate = new MailEstate(['inbox', 'junk', 'archive']);
    const tenant = new MailTenant(rig.clock);
    estate.add({ key: 'a', identity: 'id', order: 1 });
    estate.add({ key: 'b', identity: 'id', order: 2, folder: 'archive' });
    estate.add({ key: 'c', identity: 'id', order: 0, folder: 'junk' });
    estate.add({ key: 'd' });

    const plan = await planPass({
      jobs: [ANN],
      workload: () => mailWorkload(estate, tenant),
      ledger: rig.ledger,
      signal,
    });

    expect(plan.outcomes).toEqual([
      { workload: 'mail', outcome: 'excluded', reason: 'junk', items: 1 },
      { workload: 'mail', outcome: 'merge', reason: null, items: 1 },
      { workload: 'mail', outcome: 'write', reason: null, items: 5 },
    ]);
    expect([estate.gets, tenant.puts, tenant.finds]).toEqual([0, [], []]);
    expect(await rig.status(ANN, 'a', 'c')).toEqual(['listed', 'listed']);
  });

  it('is empty when everything is settled', async () => {
    const rig = new Rig([ANN]);
    const estate = new MailEstate(['inbox']);
    estate.add({ key: 'a' });
    const workload = mailWorkload(estate, new MailTenant(rig.clock));
    await rig.run(workload);

    const plan = await planPass({ jobs: [ANN], workload: () => workload, ledger: rig.ledger, signal });

    expect(plan).toEqual({ outcomes: [], losses: [], stopped: [] });
  });

  it('sums up the losses to expect, with a stand-in for the receipt of a parent', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.items = [
      sourceItem('master', { rank: 1 }),
      sourceItem('child1', { rank: 2, after: 'master' }),
      sourceItem('child2', { rank: 2, after: 'master' }),
    ];
    const loss = { field: 'colour', kind: 'dropped', reason: 'no-equivalent' } as const;
    workload.onMap = ({ item, parent }) => {
      if (item.key !== 'master') expect(parent).toEqual({ targetId: 'planned/master', wrote: 'master' });
      return { kind: 'value', value: item.key, losses: item.key === 'master' ? [] : [loss] };
    };

    const plan = await planPass({ jobs: [ann], workload: () => workload, ledger: rig.ledger, signal });

    expect(plan.losses).toEqual([{ workload: 'calendar', loss, items: 2 }]);
    expect(plan.outcomes).toEqual([{ workload: 'calendar', outcome: 'write', reason: null, items: 3 }]);
    expect(workload.calls).toEqual([]);
  });

  it('counts an item as a write when only its body could tell', async () => {
    const rig = new Rig([job('calendar')]);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('e0')];
    workload.onMap = () => {
      throw new TypeError('no body');
    };

    const plan = await planPass({ jobs: rig.jobs, workload: () => workload, ledger: rig.ledger, signal });

    expect(plan.outcomes).toEqual([{ workload: 'calendar', outcome: 'write', reason: null, items: 1 }]);
  });

  it('goes on without a job that cannot be listed, and says so', async () => {
    const jobs = [job('calendar', 'ann'), job('calendar', 'bob')];
    const rig = new Rig(jobs);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('e0')];
    const error = new NotFound({ code: 'none', message: 'no mailbox', scope: 'job' });
    workload.onPages = async ({ principal }) => {
      if (principal.source === 'ann@old.example') throw error;
    };

    const plan = await planPass({ jobs, workload: () => workload, ledger: rig.ledger, signal });

    expect(plan.stopped).toEqual([{ job: jobs[0], error }]);
    expect(plan.outcomes).toMatchObject([{ outcome: 'write', items: 1 }]);
  });
});
