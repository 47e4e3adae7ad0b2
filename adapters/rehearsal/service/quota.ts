import type { Clock } from '../../../src/core/clock.ts';
import type { QuotaCharge, QuotaRow } from './types.ts';

/** The bucket that refused, and the whole seconds (of the clock's scaled time) until it admits the charge again. */
export interface QuotaRefusal {
  bucket: string;
  key: string;
  retryAfterSeconds: number;
}

/** What a vendor counts per bucket and key: units in a window, and requests in flight. */
export interface Quotas {
  /** Charges all or nothing; null when every bucket admits it. Charges to buckets without a row are free. */
  charge(charges: readonly QuotaCharge[]): QuotaRefusal | null;
  /** Notes a request in flight; a refusal where one more would exceed the row's concurrency. */
  enter(charges: readonly QuotaCharge[], enforce: boolean): { leave(): void } | QuotaRefusal;
  /** Highest number in flight so far, by `<bucket>:<key>`. */
  maxInFlight(): Record<string, number>;
}

/** `fixed`: windows follow each other, the first starts with the first charge; `sliding`: any span of one window. */
export type WindowMode = 'fixed' | 'sliding';

interface Meter {
  used(now: number): number;
  add(now: number, units: number): void;
  /** Ticks at which `units` fit again. */
  opensAt(now: number, units: number): number;
}

/** Creates the quotas of one service. Windows are milliseconds of the clock's scaled time (`ticks`). */
export function createQuotas(rows: readonly QuotaRow[], clock: Clock, mode: WindowMode): Quotas {
  const byBucket = new Map(rows.map((row) => [row.bucket, row]));
  const meters = new Map<string, Meter>();
  const meterOf = (row: QuotaRow, limit: number, key: string) => {
    const name = `${row.bucket}:${key}`;
    const known = meters.get(name);
    if (known) return known;
    const meter = mode === 'fixed' ? fixedMeter(row.windowMs) : slidingMeter(row.windowMs, limit);
    meters.set(name, meter);
    return meter;
  };
  return {
    charge(charges) {
      const now = clock.ticks();
      const due: { meter: Meter; units: number }[] = [];
      for (const { bucket, key, units } of charges) {
        const row = byBucket.get(bucket);
        if (!row || row.units === null) continue;
        const meter = meterOf(row, row.units, key);
        if (meter.used(now) + units > row.units) {
          const waitMs = meter.opensAt(now, units) - now;
          return { bucket, key, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
        }
        due.push({ meter, units });
      }
      for (const { meter, units } of due) meter.add(now, units);
      return null;
    },
    ...inFlight(byBucket),
  };
}

function inFlight(byBucket: ReadonlyMap<string, QuotaRow>): Pick<Quotas, 'enter' | 'maxInFlight'> {
  const current = new Map<string, number>();
  const highest = new Map<string, number>();
  return {
    enter(charges, enforce) {
      const taken = new Map<string, number>();
      for (const { bucket, key, slots = 1 } of charges) {
        const limit = byBucket.get(bucket)?.concurrency ?? null;
        if (limit === null) continue;
        const name = `${bucket}:${key}`;
        const more = (taken.get(name) ?? 0) + slots;
        const count = (current.get(name) ?? 0) + more;
        highest.set(name, Math.max(highest.get(name) ?? 0, count));
        if (enforce && count > limit) return { bucket, key, retryAfterSeconds: 1 };
        taken.set(name, more);
      }
      for (const [name, slots] of taken) current.set(name, (current.get(name) ?? 0) + slots);
      let left = false;
      return {
        leave() {
          if (left) return;
          left = true;
          for (const [name, slots] of taken) release(current, name, slots);
        },
      };
    },
    maxInFlight: () => Object.fromEntries(highest),
  };
}

function release(current: Map<string, number>, name: string, slots: number): void {
  const count = (current.get(name) ?? slots) - slots;
  if (count > 0) current.set(name, count);
  else current.delete(name);
}

function fixedMeter(windowMs: number): Meter {
  let start = Number.NEGATIVE_INFINITY;
  let units = 0;
  const roll = (now: number) => {
    if (now < start + windowMs) return;
    start = now;
    units = 0;
  };
  return {
    used(now) {
      roll(now);
      return units;
    },
    add(now, more) {
      roll(now);
      units += more;
    },
    opensAt: () => start + windowMs,
  };
}

/**
 * Charges of the last window, gathered in slots of a 500th of it. A slot carries the time of its first charge, so a
 * client that keeps the limit exactly is never refused.
 */
function slidingMeter(windowMs: number, limit: number): Meter {
  let slots: { at: number; units: number }[] = [];
  let units = 0;
  const expire = (now: number) => {
    let passed = 0;
    for (const slot of slots) {
      if (slot.at + windowMs > now) break;
      units -= slot.units;
      passed++;
    }
    if (passed > 0) slots = slots.slice(passed);
  };
  return {
    used(now) {
      expire(now);
      return units;
    },
    add(now, more) {
      const last = slots.at(-1);
      if (last && now - last.at < windowMs / 500) last.units += more;
      else slots.push({ at: now, units: more });
      units += more;
    },
    opensAt(now, more) {
      let left = units;
      for (const slot of slots) {
        left -= slot.units;
        if (left + more <= limit) return slot.at + windowMs;
      }
      return now + windowMs;
    },
  };
}
