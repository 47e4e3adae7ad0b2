import { beforeEach, describe, expect, it, vi } from 'vitest';
import { silent } from '../../src/core/log.ts';
import { type Budget, createDayBudget, type DayBudgetOptions, nextDay } from '../../src/transport/budget.ts';
import { type VirtualClock, virtualClock } from '../support/virtual-clock.ts';
import { answer, ScriptedVendor } from './scripted-vendor.ts';

const ZONE = 'America/Los_Angeles';
const LIMIT = { bucket: 'user', name: 'quota units', units: 1000 };

class Book {
  readonly lines = new Map<string, number>();
  claimed(day: string, bucket: string): number {
    return this.lines.get(`${day} ${bucket}`) ?? 0;
  }
  claim(day: string, bucket: string, units: number): void {
    this.lines.set(`${day} ${bucket}`, this.claimed(day, bucket) + units);
  }
}

let clock: VirtualClock;
let book: Book;

function open(options: Partial<DayBudgetOptions> = {}): Budget {
  return createDayBudget({
    limits: [LIMIT],
    spending: book,
    clock,
    log: silent,
    zone: ZONE,
    atLimit: 'stop',
    ...options,
  });
}

async function spend(budget: Budget, units: number, bucket = 'user'): Promise<void> {
  await budget.spend([{ bucket, id: `${bucket}\nann`, units }]);
}

beforeEach(() => {
  clock = virtualClock(Date.parse('2026-11-22T20:00:00Z'));
  book = new Book();
});

describe('a daily budget', () => {
  it('lets exactly its units pass, and then names the limit and when it starts again', async () => {
    const budget = open();
    for (let index = 0; index < 40; index += 1) await spend(budget, 25);

    const refused = spend(budget, 1);

    await expect(refused).rejects.toMatchObject({ code: 'daily-budget', scope: 'run', retryable: true });
    await expect(refused).rejects.toThrow(
      'the daily budget of 1,000 quota units for this Google project is spent; it starts again at 2026-11-23T08:00:00.000Z (midnight in America/Los_Angeles)',
    );
  });

  it('counts what an earlier run has spent, and gives back what this one claimed in vain', async () => {
    const first = open();
    await spend(first, 600);
    await first.close();
    const second = open();

    await spend(second, 400);

    await expect(spend(second, 1)).rejects.toMatchObject({ code: 'daily-budget' });
    expect(book.lines).toEqual(new Map([['2026-11-22 user', 1000]]));
  });

  it('loses at most one block to a crash', async () => {
    await spend(open({ limits: [{ ...LIMIT, units: 100_000 }] }), 25);

    expect(book.claimed('2026-11-22', 'user')).toBe(100);
  });

  it('is never exceeded by runs that spend at the same time', async () => {
    const runs = [open(), open(), open()];
    let passed = 0;

    await Promise.all(
      runs.flatMap((budget) =>
        Array.from({ length: 30 }, async () => {
          await spend(budget, 25).then(
            () => {
              passed += 25;
            },
            () => undefined,
          );
        }),
      ),
    );

    expect(passed).toBeLessThanOrEqual(1000);
    expect(passed).toBeGreaterThanOrEqual(900);
  });

  it('starts again at midnight of its zone', async () => {
    const budget = open();
    await spend(budget, 1000);
    await clock.advance(12 * 3_600_000);

    await spend(budget, 1000);

    expect([...book.lines.keys()]).toEqual(['2026-11-22 user', '2026-11-23 user']);
  });

  it('carries on over its limit where the policy says so, and warns once', async () => {
    const log = vi.fn();
    const budget = open({ atLimit: 'continue', log });

    for (let index = 0; index < 100; index += 1) await spend(budget, 25);

    expect(log).toHaveBeenCalledTimes(1);
    expect(log).toHaveBeenCalledWith('warn', 'daily-budget-exceeded', { bucket: 'user', units: 1000 });
    expect(book.claimed('2026-11-22', 'user')).toBeGreaterThanOrEqual(2500);
  });

  it('counts no bucket that it has no limit for', async () => {
    const budget = open();

    await spend(budget, 5000, 'project');

    expect(book.lines.size).toBe(0);
  });

  it.each([
    ['a day of 25 hours', '2026-11-01T12:00:00Z', '2026-11-02T08:00:00.000Z'],
    ['a day of 23 hours', '2027-03-14T08:30:00Z', '2027-03-15T07:00:00.000Z'],
    ['the last minute', '2026-11-23T07:59:59.999Z', '2026-11-23T08:00:00.000Z'],
  ])('finds the midnight after %s', (_title, now, midnight) => {
    const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });

    expect(new Date(nextDay(Date.parse(now), calendar)).toISOString()).toBe(midnight);
  });

  it('ends a call at once, without a request, a repeat or a throttle', async () => {
    const vendor = new ScriptedVendor();
    vendor.script = [answer(200)];
    const tested = vendor.transport({
      budget: open({ limits: [{ ...LIMIT, units: 12 }], clock: vendor.clock }),
    });

    const ends = await Promise.all(
      [1, 2, 3].map(() =>
        vendor.run(tested, 'get').then(
          () => 'sent',
          (error) => error.code,
        ),
      ),
    );

    expect(ends.sort()).toEqual(['daily-budget', 'sent', 'sent']);
    expect(vendor.sent).toHaveLength(2);
    expect(tested.meter).toMatchObject({ throttled: 0, retries: 0 });
  });
});
