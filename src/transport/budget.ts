import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Ask } from './admission.ts';
import { Parked } from './park.ts';

/** What one bucket may spend in a day of the vendor's; `name` is for people: `Gmail quota units`. */
export interface DayLimit {
  bucket: string;
  name: string;
  units: number;
}

/** Where spending is kept between runs, and shared by processes that run at once. */
export interface DaySpending {
  /** Everything that was claimed of this bucket on this day (`2026-11-22`), by whomever. */
  claimed(day: string, bucket: string): number | Promise<number>;
  /** Adds to it durably; negative where a claim is given back. */
  claim(day: string, bucket: string, units: number): void | Promise<void>;
}

/** Asked before each request. Throws a `Parked` of the run's scope when the day's budget is spent. */
export interface Budget {
  spend(asks: readonly Ask[]): void | Promise<void>;
  /** Gives back what was claimed and not spent. */
  close(): Promise<void>;
}

export interface DayBudgetOptions {
  limits: readonly DayLimit[];
  spending: DaySpending;
  clock: Clock;
  log: Log;
  /** IANA zone whose midnight starts a new day. */
  zone: string;
  atLimit: 'stop' | 'continue';
}

/** Claims are this share of the limit: what a crash loses of the day at most, and how often the file is written. */
const CLAIM_SHARE = 1 / 1000;

interface Purse {
  limit: DayLimit;
  day: string;
  left: number;
  isExceeded: boolean;
}

/**
 * A budget per day of the vendor. Units are claimed in blocks before they are spent, so that neither a crash nor a
 * second process can spend more than the limit; days follow the wall clock and are never scaled.
 */
export function createDayBudget(options: DayBudgetOptions): Budget {
  return new DayBudget(options);
}

class DayBudget implements Budget {
  readonly #options: DayBudgetOptions;
  readonly #purses: ReadonlyMap<string, Purse>;
  readonly #calendar: Intl.DateTimeFormat;
  #today = { day: '', fromMs: 0, untilMs: 0 };
  #queue: Promise<void> = Promise.resolve();

  constructor(options: DayBudgetOptions) {
    this.#options = options;
    this.#calendar = new Intl.DateTimeFormat('en-CA', { timeZone: options.zone });
    this.#purses = new Map(
      options.limits.map((limit) => [limit.bucket, { limit, day: '', left: 0, isExceeded: false }]),
    );
  }

  spend(asks: readonly Ask[]): void | Promise<void> {
    const due = asks.flatMap(({ bucket, units }) => {
      const purse = units > 0 ? this.#purses.get(bucket) : undefined;
      return purse ? [{ purse, units }] : [];
    });
    if (due.length === 0) return;
    const day = this.#day();
    if (due.some(({ purse, units }) => purse.day !== day || purse.left < units)) return this.#refill(due);
    for (const { purse, units } of due) purse.left -= units;
  }

  async close(): Promise<void> {
    await this.#queue;
    for (const purse of this.#purses.values()) await this.#giveBack(purse);
  }

  /** One at a time, since claims are compared with what others have claimed meanwhile. */
  async #refill(due: readonly { purse: Purse; units: number }[]): Promise<void> {
    const turn = this.#queue.then(async () => {
      for (const { purse, units } of due) await this.#take(purse, units);
    });
    this.#queue = turn.catch(() => undefined);
    await turn;
  }

  async #take(purse: Purse, units: number): Promise<void> {
    const day = this.#day();
    if (purse.day !== day) {
      await this.#giveBack(purse);
      Object.assign(purse, { day, left: 0, isExceeded: false });
    }
    if (purse.left < units) await this.#claim(purse, units);
    purse.left -= units;
  }

  async #claim(purse: Purse, units: number): Promise<void> {
    const { spending, atLimit, log } = this.#options;
    const { limit, day } = purse;
    const before = await spending.claimed(day, limit.bucket);
    const block = Math.max(units - purse.left, Math.min(limit.units * CLAIM_SHARE, limit.units - before));
    await spending.claim(day, limit.bucket, block);
    purse.left += block;
    // Looked at again, because another process may have claimed at the same time.
    if ((await spending.claimed(day, limit.bucket)) <= limit.units) return;
    if (atLimit === 'stop') {
      await spending.claim(day, limit.bucket, -block);
      purse.left -= block;
      throw this.#spent(limit);
    }
    if (!purse.isExceeded) log('warn', 'daily-budget-exceeded', { bucket: limit.bucket, units: limit.units });
    purse.isExceeded = true;
  }

  async #giveBack(purse: Purse): Promise<void> {
    const { day, left, limit } = purse;
    if (left > 0) await this.#options.spending.claim(day, limit.bucket, -left);
    purse.left = 0;
  }

  #spent({ name, units }: DayLimit): Parked {
    const { clock, zone } = this.#options;
    const now = clock.now();
    const resetsAt = nextDay(now, this.#calendar);
    return new Parked({
      code: 'daily-budget',
      message:
        `the daily budget of ${units.toLocaleString('en')} ${name} for this Google project is spent; ` +
        `it starts again at ${new Date(resetsAt).toISOString()} (midnight in ${zone})`,
      scope: 'run',
      retryAfterMs: (resetsAt - now) * clock.scale,
    });
  }

  /** The zone's date; looked up anew once a minute, since formatting dates is dear. */
  #day(): string {
    const now = this.#options.clock.now();
    if (now < this.#today.fromMs || now >= this.#today.untilMs) {
      const fromMs = now - (now % 60_000);
      this.#today = { day: this.#calendar.format(now), fromMs, untilMs: fromMs + 60_000 };
    }
    return this.#today.day;
  }
}

/** The first whole minute (epoch ms) that the zone dates differently; days have 23 to 25 hours. */
export function nextDay(now: number, calendar: Intl.DateTimeFormat): number {
  const today = calendar.format(now);
  let [low, high] = [Math.floor(now / 60_000), Math.floor(now / 60_000) + 27 * 60];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (calendar.format(middle * 60_000) === today) low = middle;
    else high = middle;
  }
  return high * 60_000;
}
