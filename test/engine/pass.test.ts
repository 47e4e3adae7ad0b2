import { describe, expect, it } from 'vitest';
import { MigrationError, NotFound, Rejected, Transient } from '../../src/core/errors.ts';
import type { Job } from '../../src/core/types.ts';
import { job, organisation, POLICY, sourceItem } from '../support/jobs.ts';
import { MailEstate } from '../support/mail-estate.ts';
import { MailTenant } from '../support/mail-tenant.ts';
import { mailWorkload } from '../support/mail-workload.ts';
import { Rig } from '../support/pass.ts';
import { ScriptedWorkload } from '../support/scripted-workload.ts';

const RECEIPT = { targetId: 'there', wrote: null };

/** One scripted workload per job, each with one item. */
function workloads(jobs: readonly Job[]): Map<string, ScriptedWorkload> {
  return new Map(
    jobs.map((each) => {
      const workload = new ScriptedWorkload(each.workload);
      workload.items = [sourceItem('one')];
      return [each.id, workload];
    }),
  );
}

describe('a pass', () => {
  it("applies an organisation's directory before its principals, and waits for no other organisation", async () => {
    const other = organisation('council');
    const jobs = [
      job('mail', 'ann'),
      job('directory'),
      job('calendar', 'bob'),
      job('directory', '', other),
      job('mail', 'cat', other),
    ];
    const rig = new Rig(jobs);
    const built = workloads(jobs);
    const puts: string[] = [];
    for (const [id, workload] of built)
      workload.onPut = async () => {
        await rig.clock.wait(id === 'directory:regulator:regulator' ? 1_000 : 10);
        puts.push(id);
        return RECEIPT;
      };

    const result = await rig.run((each) => built.get(each.id)!);

    expect(puts.slice(0, 3)).toEqual([
      'directory:council:council',
      'mail:council:cat@old.example',
      'directory:regulator:regulator',
    ]);
    expect(result).toMatchObject({ written: 5, changed: 5 });
  });

  it('works on so many principals at once, and on one job of each', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `p${n}`);
    const jobs = names.flatMap((name) => [job('mail', name), job('calendar', name)]);
    const rig = new Rig(jobs);
    const built = workloads(jobs);
    const running = new Set<string>();
    let most = 0;
    for (const each of jobs)
      built.get(each.id)!.onPut = async () => {
        expect(running.has(each.principal.source)).toBe(false);
        running.add(each.principal.source);
        most = Math.max(most, running.size);
        await rig.clock.wait(100);
        running.delete(each.principal.source);
        return RECEIPT;
      };

    await rig.run((each) => built.get(each.id)!, { concurrency: { principals: 3 } });

    expect(most).toBe(3);
  });

  it('has so many items of a job in flight, and never two under one identity', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.items = Array.from({ length: 40 }, (_, n) =>
      sourceItem(`e${n}`, { order: n, identity: n % 2 === 0 ? 'same' : null }),
    );
    const running = new Set<string>();
    let most = 0;
    workload.onPut = async (key) => {
      const isSame = Number(key.slice(1)) % 2 === 0;
      const name = isSame ? 'same' : key;
      expect(running.has(name)).toBe(false);
      running.add(name);
      most = Math.max(most, running.size);
      await rig.clock.wait(10);
      running.delete(name);
      return RECEIPT;
    };

    const result = await rig.run(workload, { concurrency: { items: 4 } });

    expect(most).toBe(4);
    expect(result).toMatchObject({ written: 40 });
  });

  it('settles lower ranks before any of a higher one begins, and hands over the receipt of the parent', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    const masters = [0, 1, 2].map((n) => sourceItem(`master${n}`, { rank: 1 }));
    const children = [0, 1, 2].map((n) => sourceItem(`child${n}`, { rank: 2, after: `master${n}` }));
    workload.items = [...children, ...masters];
    const parents = new Map<string, unknown>();
    workload.onMap = ({ item, parent }) => {
      parents.set(item.key, parent?.targetId ?? null);
      return { kind: 'value', value: '', losses: [] };
    };

    await rig.run(workload);

    expect(workload.calls.slice(0, 3).toSorted()).toEqual(['put master0', 'put master1', 'put master2']);
    expect(parents.get('child1')).toBe('at-master1');
  });

  it('leaves the mapping to decide what becomes of an item whose parent failed', async () => {
    const rig = new Rig([job('calendar')]);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('master', { rank: 1 }), sourceItem('child', { rank: 2, after: 'master' })];
    workload.onPut = async () => {
      throw new Rejected({ code: 'invalid', message: 'no' });
    };
    workload.onMap = ({ item, parent }) =>
      item.key === 'child' && parent === null
        ? { kind: 'skip', reason: { outcome: 'unsupported', rule: 'no-master' } }
        : { kind: 'value', value: '', losses: [] };

    const result = await rig.run(workload);

    expect(result).toMatchObject({ failed: 1, unsupported: 1, open: 0 });
  });

  it('leaves an item open whose parent is in doubt', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('master', { rank: 1 }), sourceItem('child', { rank: 2, after: 'master' })];
    workload.onPut = async () => {
      throw new Transient({ code: 'serverError', message: 'later' });
    };

    const result = await rig.run(workload);

    expect(workload.calls).not.toContain('put child');
    expect(await rig.status(ann, 'master', 'child')).toEqual(['begun', 'listed']);
    expect(result.open).toBe(2);
  });

  it.each([
    ['oldest', ['m1', 'm2', 'm3']],
    ['newest', ['m3', 'm2', 'm1']],
  ] as const)('applies mail %s first, as the policy says', async (order, expected) => {
    const body = organisation('regulator', { ...POLICY, mail: { ...POLICY.mail, order } });
    const ann = job('mail', 'ann', body);
    const rig = new Rig([ann]);
    const estate = new MailEstate(['inbox']);
    const tenant = new MailTenant(rig.clock);
    for (const n of [2, 3, 1]) estate.add({ key: `m${n}`, order: n });

    await rig.run(mailWorkload(estate, tenant), { concurrency: { items: 1 } });

    expect(tenant.puts.map(({ key }) => key)).toEqual(expected);
  });

  it('tells what it does', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('e0', { bytes: 3 }), sourceItem('e1')];
    workload.onMap = ({ item }) =>
      item.key === 'e1'
        ? { kind: 'skip', reason: { outcome: 'excluded', rule: 'r' } }
        : { kind: 'value', value: '', losses: [] };

    await rig.run(workload, { concurrency: { items: 1 } });

    expect(rig.events).toEqual([
      { type: 'job-started', job: ann, phase: 'list' },
      { type: 'listed', job: ann, items: 2 },
      { type: 'job-finished', job: ann, phase: 'list', open: 2 },
      { type: 'job-started', job: ann, phase: 'apply' },
      { type: 'settled', job: ann, outcome: 'written', items: 1, bytes: 3, wrote: true },
      { type: 'settled', job: ann, outcome: 'excluded', items: 1, bytes: 0, wrote: false },
      { type: 'job-finished', job: ann, phase: 'apply', open: 0 },
    ]);
  });
});

describe('listing', () => {
  it('goes on from the last page that was written after a passing failure', async () => {
    const ann = job();
    const rig = new Rig([ann]);
    const estate = new MailEstate(['inbox']);
    estate.itemsAPage = 2;
    for (let n = 0; n < 7; n += 1) estate.add({ key: `m${n}`, order: n });
    let pages = 0;
    estate.beforePage = async () => {
      pages += 1;
      if (pages === 4) throw new Transient({ code: 'serverError', message: 'later' });
    };

    const result = await rig.run(mailWorkload(estate, new MailTenant(rig.clock)));

    expect(result).toMatchObject({ written: 8, open: 0, stopped: [] });
    expect(pages).toBe(7);
  });

  it('that fails for good stops its job alone, and nothing of it is applied', async () => {
    const jobs = [job('mail', 'ann'), job('mail', 'bob')];
    const rig = new Rig(jobs);
    const built = workloads(jobs);
    const error = new NotFound({ code: 'MailboxNotEnabledForRESTAPI', message: 'none', scope: 'job' });
    built.get(jobs[0]!.id)!.onPages = async () => {
      throw error;
    };

    const result = await rig.run((each) => built.get(each.id)!);

    expect(result).toMatchObject({ written: 1, stopped: [{ job: jobs[0], error }] });
    expect(rig.events.filter(({ type }) => type === 'job-stopped')).toHaveLength(1);
  });

  it('that breaks stops its job with a word of ours', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.onPages = async () => {
      throw new TypeError('cannot read subject "secret"');
    };

    const { stopped } = await rig.run(workload);

    expect(stopped[0]!.error).toBeInstanceOf(MigrationError);
    expect(stopped[0]!.error).toMatchObject({ code: 'unexpected', message: 'unexpected TypeError' });
  });

  it('derives rows from the whole listing, every pass', async () => {
    const directory = job('directory');
    const rig = new Rig([directory]);
    const workload = new ScriptedWorkload('directory');
    workload.items = [sourceItem('user:1'), sourceItem('user:2')];
    workload.derive = (_job, items) =>
      items.map(({ key }) => sourceItem(`action:${key}`, { inline: { for: key }, rank: 0 }));
    await rig.run(workload);

    workload.items = [sourceItem('user:2')];
    await rig.run(workload);

    expect(await rig.status(directory, 'user:1', 'action:user:1', 'action:user:2')).toEqual([
      undefined,
      'gone',
      'written',
    ]);
    expect(workload.calls).toEqual(['put action:user:1', 'put action:user:2']);
  });

  it('settles what has gone at the source without touching the target', async () => {
    const ann = job('calendar');
    const rig = new Rig([ann]);
    const workload = new ScriptedWorkload();
    workload.items = [sourceItem('e0'), sourceItem('e1')];
    await rig.run(workload);
    workload.items = [sourceItem('e0')];
    workload.calls.length = 0;

    const result = await rig.run(workload);

    expect(workload.calls).toEqual([]);
    expect(result).toMatchObject({ written: 1, gone: 1, open: 0, changed: 0 });
  });
});
