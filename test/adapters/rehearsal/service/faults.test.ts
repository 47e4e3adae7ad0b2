import { describe, expect, it } from 'vitest';
import { createFaults } from '../../../../adapters/rehearsal/service/faults.ts';
import type { FaultProfile } from '../../../../adapters/rehearsal/service/types.ts';

const match = (id: number, route = 'graph.messages.value') => ({
  route,
  params: { id: String(id) },
  writes: false,
});

function kindsOf(profile: FaultProfile, service: 'microsoft' | 'google', count = 20_000) {
  const faults = createFaults({ profile, seed: 7, service });
  const kinds: string[] = [];
  for (let id = 0; id < count; id++) {
    const fault = faults.next(match(id));
    if (fault) kinds.push(fault.kind);
  }
  return kinds;
}

describe('faults', () => {
  it.each([
    ['none', 0, 0],
    ['light', 0.015, 0.025],
    ['heavy', 0.11, 0.13],
  ] as const)('of the profile %s meet between %d and %d of the requests', (profile, low, high) => {
    const share = kindsOf(profile, 'google').length / 20_000;

    expect(share).toBeGreaterThanOrEqual(low);
    expect(share).toBeLessThanOrEqual(high);
  });

  it('are the same for the same seed', () => {
    expect(kindsOf('heavy', 'google', 500)).toEqual(kindsOf('heavy', 'google', 500));
  });

  it('show the 403 form of a throttle at Google alone', () => {
    expect(kindsOf('heavy', 'google')).toContain('throttle-403');
    expect(kindsOf('heavy', 'microsoft')).not.toContain('throttle-403');
  });

  it('hit one route and key at most three times in a row, and with one 401 at most', () => {
    const faults = createFaults({ profile: 'heavy', seed: 3 });
    let row = 0;
    let refusals = 0;
    for (let at = 0; at < 50_000; at++) {
      const fault = faults.next(match(1));
      row = fault ? row + 1 : 0;
      refusals = fault ? refusals + Number(fault.kind === 'unauthorized') : 0;
      expect(row).toBeLessThanOrEqual(3);
      expect(refusals).toBeLessThanOrEqual(1);
    }
  });

  it('meet token requests less often', () => {
    const faults = createFaults({ profile: 'heavy', seed: 5 });
    let met = 0;
    for (let id = 0; id < 10_000; id++) if (faults.next(match(id, 'identity.token'))) met++;

    expect(met).toBeLessThan(500);
    expect(met).toBeGreaterThan(100);
  });

  it('follow a script before the profile', () => {
    const faults = createFaults({ profile: 'none', seed: 1 });
    faults.script([{ route: 'graph.messages.value', fault: { kind: 'cut-body' }, times: 2, skip: 1 }]);

    expect([1, 2, 3, 4].map((id) => faults.next(match(id))?.kind ?? null)).toEqual([
      null,
      'cut-body',
      'cut-body',
      null,
    ]);
  });
});
