import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQuotas } from '../../../../adapters/rehearsal/service/quota.ts';
import { virtualClock } from './virtual-clock.ts';

const row = { bucket: 'box', units: 10, windowMs: 10_000, concurrency: 2 };
const charge = (units: number, key = 'ann') => [{ bucket: 'box', key, units }];

describe.each(['fixed', 'sliding'] as const)('quotas with %s windows', (mode) => {
  it('admit up to the limit and refuse the charge beyond it with the time until it fits', () => {
    const clock = virtualClock();
    const quotas = createQuotas([row], clock, mode);

    expect(quotas.charge(charge(10))).toBeNull();
    clock.advance(2_500);

    expect(quotas.charge(charge(1))).toEqual({ bucket: 'box', key: 'ann', retryAfterSeconds: 8 });
  });

  it('admit again once the announced seconds have passed', () => {
    const clock = virtualClock();
    const quotas = createQuotas([row], clock, mode);
    quotas.charge(charge(10));
    const refusal = quotas.charge(charge(3));
    clock.advance((refusal?.retryAfterSeconds ?? 0) * 1000);

    expect(quotas.charge(charge(3))).toBeNull();
  });

  it('count each key by itself and leave buckets without a row free', () => {
    const quotas = createQuotas([row], virtualClock(), mode);
    quotas.charge(charge(10));

    expect(quotas.charge(charge(10, 'bob'))).toBeNull();
    expect(quotas.charge([{ bucket: 'other', key: 'ann', units: 99 }])).toBeNull();
  });

  it('charge nothing when one of several buckets refuses', () => {
    const quotas = createQuotas([row, { ...row, bucket: 'small', units: 1 }], virtualClock(), mode);
    quotas.charge([...charge(5), { bucket: 'small', key: 'x', units: 2 }]);

    expect(quotas.charge(charge(10))).toBeNull();
  });
});

describe('sliding windows', () => {
  it('never hold more than the limit in any span of one window, up to one slot of leniency', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 1, max: 4 }))),
        (steps) => {
          const clock = virtualClock();
          const quotas = createQuotas([row], clock, 'sliding');
          const admitted: { at: number; units: number }[] = [];
          for (const [advanceMs, units] of steps) {
            clock.advance(advanceMs);
            if (quotas.charge(charge(units)) === null) admitted.push({ at: clock.ticks(), units });
          }
          for (const { at } of admitted) {
            const span = admitted.filter((one) => one.at >= at && one.at < at + row.windowMs * (1 - 1 / 500));
            expect(span.reduce((sum, one) => sum + one.units, 0)).toBeLessThanOrEqual(10);
          }
        },
      ),
    );
  });
});

describe('requests in flight', () => {
  it('are refused beyond the limit and admitted again when one has left', () => {
    const quotas = createQuotas([row], virtualClock(), 'fixed');
    const first = quotas.enter(charge(1), true);
    quotas.enter(charge(1), true);

    expect(quotas.enter(charge(1), true)).toEqual({ bucket: 'box', key: 'ann', retryAfterSeconds: 1 });

    if ('leave' in first) first.leave();
    expect(quotas.enter(charge(1), true)).toHaveProperty('leave');
    expect(quotas.maxInFlight()).toEqual({ 'box:ann': 3 });
  });

  it('take as many slots as a batch says', () => {
    const quotas = createQuotas([{ ...row, concurrency: 4 }], virtualClock(), 'fixed');
    quotas.enter([{ bucket: 'box', key: 'ann', units: 20, slots: 4 }], true);

    expect(quotas.enter(charge(1), true)).toHaveProperty('retryAfterSeconds');
  });

  it('are only counted where limits are off', () => {
    const quotas = createQuotas([row], virtualClock(), 'fixed');
    for (let at = 0; at < 5; at++) expect(quotas.enter(charge(1), false)).toHaveProperty('leave');

    expect(quotas.maxInFlight()).toEqual({ 'box:ann': 5 });
  });
});
