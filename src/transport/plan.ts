import { Config } from '../core/errors.ts';
import type { Ask } from './admission.ts';
import type { Call, LimitTable, MethodRow } from './types.ts';

/** A call with its row and what it asks of each bucket. */
export interface Plan {
  call: Call;
  row: MethodRow;
  asks: readonly Ask[];
  rank: number;
}

/** The rows of a limit table, checked and indexed. */
export interface LimitIndex {
  /** Throws `Config` for a method without a row, and for a call that lacks the key of a bucket. */
  plan(call: Call): Plan;
  row(method: string): MethodRow;
  /** Highest cost of one request, by bucket. */
  dearest: ReadonlyMap<string, number>;
  /** Requests at once, by bucket; buckets without a ceiling are absent. */
  ceilings: ReadonlyMap<string, number>;
}

const RANK = { interactive: 0, check: 0, bulk: 1 } as const;

/** Throws `Config` where a method names a bucket that has no row, or costs more than a whole window holds. */
export function indexLimits(limits: LimitTable): LimitIndex {
  const rows = new Map(limits.methods.map((row) => [row.method, row]));
  const row = (method: string): MethodRow => {
    const found = rows.get(method);
    if (!found) throw new Config(`the limit table has no row for the method ${method}`);
    return found;
  };
  return {
    row,
    dearest: dearestByBucket(limits),
    ceilings: ceilingsByBucket(limits),
    plan: (call) => {
      const found = row(call.method);
      return { call, row: found, asks: asksOf(found, call), rank: RANK[call.priority ?? 'bulk'] };
    },
  };
}

function asksOf(row: MethodRow, call: Call): Ask[] {
  return row.costs.map(({ bucket, units }) => {
    const key = call.keys[bucket];
    if (key === undefined) throw new Config(`a call of ${row.method} names no key for the bucket ${bucket}`);
    return { bucket, id: `${bucket}\n${key}`, units };
  });
}

function dearestByBucket(limits: LimitTable): Map<string, number> {
  const buckets = new Map(limits.buckets.map((bucket) => [bucket.bucket, bucket]));
  const dearest = new Map<string, number>();
  for (const { method, costs } of limits.methods) {
    for (const { bucket, units } of costs) {
      const limit = buckets.get(bucket);
      if (!limit) throw new Config(`the method ${method} draws on the bucket ${bucket}, which has no row`);
      if (limit.rate && units > limit.rate.units) {
        throw new Config(`the method ${method} costs more than a whole window of ${bucket} holds`);
      }
      dearest.set(bucket, Math.max(units, dearest.get(bucket) ?? 0));
    }
  }
  return dearest;
}

function ceilingsByBucket(limits: LimitTable): Map<string, number> {
  const ceilings = new Map<string, number>();
  for (const { bucket, concurrency } of limits.buckets) {
    if (concurrency !== null) ceilings.set(bucket, concurrency);
  }
  return ceilings;
}
