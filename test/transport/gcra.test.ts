import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Admission } from '../../src/transport/admission.ts';
import { Fences } from '../../src/transport/fence.ts';
import { conformsAt, drainedAfter, gcraRule, RateBuckets } from '../../src/transport/gcra.ts';
import { Slots } from '../../src/transport/slots.ts';
import { virtualClock } from '../support/virtual-clock.ts';

interface Charge {
  at: number;
  units: number;
}

/** The most that any span of one window holds; a span that holds the most can be moved to start at a charge. */
function fullestWindow(charges: readonly Charge[], windowMs: number): number {
  return Math.max(
    0,
    ...charges.map(({ at: start }) =>
      charges
        .filter(({ at }) => at >= start && at <= start + windowMs)
        .reduce((sum, { units }) => sum + units, 0),
    ),
  );
}

const limits = fc.record({
  units: fc.integer({ min: 2, max: 20_000 }),
  windowMs: fc.integer({ min: 100, max: 3_600_000 }),
});

const arrivals = fc.array(
  fc.record({
    gap: fc.double({ min: 0, max: 1, noNaN: true }),
    cost: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('gcra', () => {
  it('never holds more than the limit in any span of one window, whatever arrives when', () => {
    fc.assert(
      fc.property(limits, arrivals, fc.constantFrom(0.001, 0.05, 0.4, 1), (rate, requests, share) => {
        const costs = requests.map(({ cost }) => Math.max(1, Math.floor(cost * rate.units * share)));
        const rule = gcraRule(rate, 1);
        const charges: Charge[] = [];
        let drainedAt = 0;
        let now = 0;

        requests.forEach(({ gap }, index) => {
          const units = costs[index]!;
          now = Math.max(now + gap * gap * rate.windowMs, conformsAt(rule, drainedAt, units));
          drainedAt = drainedAfter(rule, drainedAt, units, now);
          charges.push({ at: now, units });
        });

        expect(fullestWindow(charges, rate.windowMs * (1 - 1e-9))).toBeLessThanOrEqual(rate.units);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the limit across a restart that spends right after its predecessor did', () => {
    const rate = { units: 600, windowMs: 60_000 };
    const rules = new Map([['b', gcraRule(rate, 1)]]);
    const charges: Charge[] = [];
    let now = 1e6;

    for (let process = 0; process < 20; process += 1) {
      const buckets = new RateBuckets(rules, now);
      for (let index = 0; index < 50; index += 1) {
        now = Math.max(now, buckets.conformsAt('b', 'b\nann', 1));
        buckets.charge('b', 'b\nann', 1, now);
        charges.push({ at: now, units: 1 });
      }
    }

    expect(fullestWindow(charges, 59_999)).toBeLessThanOrEqual(600);
  });

  it.each([
    { units: 10_000, windowMs: 600_000, cost: 1 },
    { units: 6_000, windowMs: 60_000, cost: 25 },
    { units: 2_400, windowMs: 60_000, cost: 1 },
  ])(
    'spends 97.5 to 98.5 % of $units units per $windowMs ms at a cost of $cost',
    ({ units, windowMs, cost }) => {
      const rule = gcraRule({ units, windowMs }, cost);
      let drainedAt = 0;
      let now = 0;
      let spent = 0;

      while (now < 20 * windowMs) {
        now = Math.max(now, conformsAt(rule, drainedAt, cost));
        drainedAt = drainedAfter(rule, drainedAt, cost, now);
        spent += cost;
      }

      expect(spent / 20).toBeGreaterThan(units * 0.975);
      expect(spent / 20).toBeLessThan(units * 0.985);
      expect(rule.depth).toBeLessThanOrEqual(units * 0.05);
    },
  );

  it('stays within the limit at a vendor that sees requests up to 0.9 % of a window late', () => {
    const delays = fc.array(fc.double({ min: 0, max: 0.009, noNaN: true }), {
      minLength: 300,
      maxLength: 300,
    });
    const rates = fc.constantFrom(
      { units: 600, windowMs: 60_000, cost: 1 },
      { units: 6_000, windowMs: 60_000, cost: 25 },
      { units: 10_000, windowMs: 600_000, cost: 50 },
    );

    fc.assert(
      fc.property(rates, delays, ({ units, windowMs, cost }, late) => {
        const rule = gcraRule({ units, windowMs }, cost);
        let drainedAt = 0;
        let now = 0;
        const seen = late.map((delay) => {
          now = Math.max(now, conformsAt(rule, drainedAt, cost));
          drainedAt = drainedAfter(rule, drainedAt, cost, now);
          return { at: now + delay * windowMs, units: cost };
        });

        expect(fullestWindow(seen, windowMs * (1 - 1e-9))).toBeLessThanOrEqual(units);
      }),
      { numRuns: 60 },
    );
  });

  it('lets a request pass that costs more than the burst', () => {
    const rule = gcraRule({ units: 100, windowMs: 1000 }, 1);

    expect(conformsAt(rule, 0, 90)).toBeGreaterThan(0);
    expect(conformsAt(rule, 0, 90)).toBeLessThan(1000);
  });

  it('forgets idle buckets without changing when they conform', () => {
    const buckets = new RateBuckets(new Map([['b', gcraRule({ units: 100, windowMs: 1000 }, 1)]]), 0);
    buckets.charge('b', 'id', 50, 5000);

    buckets.sweep(5500);
    const kept = buckets.conformsAt('b', 'id', 1);
    buckets.sweep(9000);

    expect(kept).toBeGreaterThan(5000);
    expect(buckets.conformsAt('b', 'id', 100)).toBeLessThan(9000);
  });
});

describe('admission', () => {
  it('keeps the invariant of every bucket at once for random arrivals, costs, priorities and clocks', async () => {
    const project = { units: 500, windowMs: 10_000 };
    const user = { units: 120, windowMs: 10_000 };
    const request = fc.record({
      user: fc.constantFrom('ann', 'bob', 'cy'),
      units: fc.integer({ min: 1, max: 60 }),
      afterMs: fc.integer({ min: 0, max: 3000 }),
      rank: fc.integer({ min: 0, max: 1 }),
      takesMs: fc.integer({ min: 1, max: 4000 }),
    });
    const lateness = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 8 });

    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 25 }),
        lateness,
        async (requests, late) => {
          const clock = virtualClock();
          let waits = 0;
          // Alarms of a busy process ring late, each by another amount.
          const wait = (ms: number, signal?: AbortSignal) => {
            waits += 1;
            return clock.wait(ms + late[waits % late.length]!, signal);
          };
          const rules = new Map([
            ['project', gcraRule(project, 60)],
            ['user', gcraRule(user, 60)],
          ]);
          const admission = new Admission({
            clock: { ...clock, wait },
            fences: new Fences(),
            rates: new RateBuckets(rules, 0),
            slots: new Slots(new Map([['user', 3]])),
          });
          const charges: (Charge & { user: string })[] = [];
          const signal = new AbortController().signal;

          await clock.drive(
            Promise.all(
              requests.map(async (one) => {
                await clock.wait(one.afterMs);
                const asks = [
                  { bucket: 'user', id: `user\n${one.user}`, units: one.units },
                  { bucket: 'project', id: 'project\np', units: one.units },
                ];
                await admission.enter({ asks, rank: one.rank, signal }, async (ticket) => {
                  charges.push({ at: clock.ticks(), units: one.units, user: one.user });
                  await clock.wait(one.takesMs);
                  ticket.release('good');
                });
              }),
            ),
          );

          expect(charges).toHaveLength(requests.length);
          expect(fullestWindow(charges, 9999)).toBeLessThanOrEqual(project.units);
          for (const name of ['ann', 'bob', 'cy']) {
            const own = charges.filter((charge) => charge.user === name);
            expect(fullestWindow(own, 9999)).toBeLessThanOrEqual(user.units);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
