import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './harness.ts';

type Row = Record<string, string>;

describe('what is done to the target behind ferry’s back', { timeout: 240_000 }, () => {
  let rehearsal: Rehearsal;
  let person = '';
  let group = '';
  let known = new Set<string>();

  beforeAll(async () => {
    rehearsal = await startRehearsal({ estate: { seed: 3, people: 4, messages: 60, events: 40, groups: 4 } });
    for (const step of ['discover', 'map', 'migrate']) await rehearsal.ferry([step]);
    const clean = await rehearsal.ferry(['reconcile', '--depth', 'content']);
    expect(clean.exit, clean.stdout + clean.stderr).toBe(0);
    known = new Set(rehearsal.findings().map(({ finding_id: id }) => id ?? ''));
    const { principals } = rehearsal.summary();
    const busiest = principals
      .filter(({ workloads }) => workloads.calendar !== undefined)
      .sort((one, other) => (other.workloads.calendar?.source ?? 0) - (one.workloads.calendar?.source ?? 0));
    const target = (busiest[0] as unknown as { target: string }).target;
    person = target;
    group = `all-staff@${rehearsal.access.organisations[1]?.targetDomain}`;
  }, 120_000);
  afterAll(() => rehearsal.stop());

  /** Runs the operation, checks again, and gives the findings that were not there before. */
  const tampered = async (operation: object): Promise<{ exit: number | null; fresh: Row[] }> => {
    const { changed } = (await rehearsal.control('google', 'tamper', operation)) as { changed: Row[] };
    expect(changed[0]).not.toHaveProperty('error');
    const { exit } = await rehearsal.ferry(['reconcile', '--depth', 'content']);
    const fresh = rehearsal.findings().filter(({ finding_id: id }) => !known.has(id ?? ''));
    known = new Set(rehearsal.findings().map(({ finding_id: id }) => id ?? ''));
    return { exit, fresh };
  };
  const kinds = (rows: Row[]) => [...new Set(rows.map(({ workload, kind }) => `${workload} ${kind}`))].sort();

  it.each([
    ['a deleted message', { op: 'delete-message', pick: 12 }, ['mail missing']],
    ['a doubled message', { op: 'double-message', pick: 14 }, ['mail duplicate']],
    ['a message with other labels', { op: 'relabel-message', pick: 16 }, ['mail differ']],
    ['a lost read state', { op: 'mark-read', pick: 18 }, ['mail differ']],
    ['an altered body', { op: 'alter-body', pick: 20 }, ['mail differ']],
    ['an event an hour later', { op: 'shift-event', pick: 0, minutes: 60 }, ['calendar differ']],
    ['a deleted event', { op: 'delete-event', pick: 3 }, ['calendar missing']],
    ['a doubled event', { op: 'double-event', pick: 4 }, ['calendar duplicate']],
    ['a lost alias', { op: 'remove-alias' }, ['directory missing']],
  ])('%s is found and named with exit 6', async (_, operation, expected) => {
    const { exit, fresh } = await tampered({ ...operation, user: person });

    expect(exit).toBe(6);
    expect(kinds(fresh)).toEqual(expected);
    for (const row of fresh) expect([row.source, row.target]).not.toContain('');
  });

  it('an exception that was dropped is found and named with exit 6', async () => {
    const owners = rehearsal.access.organisations.length;
    expect(owners).toBe(2);
    const { exit, fresh } = await tampered({ op: 'drop-exception', user: person });

    expect(exit).toBe(6);
    expect(fresh.every(({ workload }) => workload === 'calendar')).toBe(true);
    expect(fresh.length).toBeGreaterThan(0);
  });

  it.each([
    ['a removed member', { op: 'remove-member', pick: 0 }, 'missing'],
    ['an added member', { op: 'add-member' }, 'extra'],
  ])('%s is found and named with exit 6', async (_, operation, kind) => {
    const { exit, fresh } = await tampered({
      ...operation,
      group,
      ...(kind === 'extra' ? { user: person } : {}),
    });

    expect(exit).toBe(6);
    expect(fresh.map(({ workload }) => workload)).toEqual(fresh.map(() => 'directory'));
    expect(fresh.map((row) => row.kind)).toContain(kind);
  });

  it('a deleted person is found and named', async () => {
    const { exit, fresh } = await tampered({ op: 'delete-user', user: person });

    expect([6, 7]).toContain(exit);
    expect(fresh.some(({ workload, kind }) => workload === 'directory' && kind === 'missing')).toBe(true);
    expect(fresh.some(({ kind }) => kind === 'unreadable')).toBe(true);
  });
});
