import type { BucketRow } from './types.ts';

/**
 * The generic cell rate algorithm, pure. A bucket is one number: the instant (ms) at which all that was charged has
 * drained. Charges in any span of one window never exceed the limit, wherever the span starts: the depth of the
 * burst is taken off the rate at which the bucket drains, so depth + drained in a window ≤ limit.
 */
export interface GcraRule {
  /** Units that may go at once after an idle time. */
  depth: number;
  /** Milliseconds that one unit takes to drain. */
  intervalMs: number;
  windowMs: number;
}

/** Burst, as a share of the limit. */
const DEPTH = 0.01;
/**
 * What is never spent, as a share of the limit: it absorbs the jitter of the line between us and the vendor's
 * counter, which sees requests closer together than they were sent. 1 % of a minute is 0.6 s.
 */
const SLACK = 0.01;

/**
 * The rule of a limit of `units` per `windowMs`. The depth is 1 % of the units, or the dearest request where that
 * costs more (half the limit at most); depth and slack are taken off the rate, so that 97 to 98 % can be spent.
 */
export function gcraRule(rate: { units: number; windowMs: number }, dearestUnits: number): GcraRule {
  const depth = Math.min(Math.max(rate.units * DEPTH, dearestUnits), rate.units / 2);
  const spent = Math.max(rate.units * (1 - SLACK) - depth, rate.units / 2);
  return { depth, intervalMs: rate.windowMs / spent, windowMs: rate.windowMs };
}

/**
 * The earliest instant at which `units` may be charged to a bucket that has drained at `drainedAt`. Units beyond
 * the depth need a bucket that has been idle for as long as the surplus would take to drain.
 */
export function conformsAt(rule: GcraRule, drainedAt: number, units: number): number {
  return drainedAt + (units - rule.depth) * rule.intervalMs;
}

/** The bucket after `units` were charged at `now`. */
export function drainedAfter(rule: GcraRule, drainedAt: number, units: number, now: number): number {
  return Math.max(drainedAt, now) + units * rule.intervalMs;
}

/**
 * Rate buckets by id. A bucket starts as if its burst had just been spent, so that a process that is restarted
 * cannot add a burst to what its predecessor used.
 */
export class RateBuckets {
  readonly #rules: ReadonlyMap<string, GcraRule>;
  readonly #startedAt: number;
  readonly #drainedAt = new Map<string, { rule: GcraRule; at: number }>();

  /** `rules` by bucket name; `startedAt` in ticks. Buckets without a rule never wait. */
  constructor(rules: ReadonlyMap<string, GcraRule>, startedAt: number) {
    this.#rules = rules;
    this.#startedAt = startedAt;
  }

  /** Ticks at which `units` may be charged; in the past when they may be charged at once. */
  conformsAt(bucket: string, id: string, units: number): number {
    const rule = this.#rules.get(bucket);
    return rule && units > 0 ? conformsAt(rule, this.#state(rule, id), units) : Number.NEGATIVE_INFINITY;
  }

  charge(bucket: string, id: string, units: number, now: number): void {
    const rule = this.#rules.get(bucket);
    if (!rule || units <= 0) return;
    this.#drainedAt.set(id, { rule, at: drainedAfter(rule, this.#state(rule, id), units, now) });
  }

  /** Forgets buckets that have been idle for so long that they equal new ones. */
  sweep(now: number): void {
    for (const [id, { rule, at }] of this.#drainedAt) {
      if (at + 2 * rule.windowMs < now) this.#drainedAt.delete(id);
    }
  }

  #state(rule: GcraRule, id: string): number {
    return this.#drainedAt.get(id)?.at ?? this.#startedAt + rule.depth * rule.intervalMs;
  }
}

/** The rules of all buckets that have a rate; `dearest` tells the highest cost of one request per bucket. */
export function rulesOf(
  buckets: readonly BucketRow[],
  dearest: ReadonlyMap<string, number>,
): Map<string, GcraRule> {
  const rules = new Map<string, GcraRule>();
  for (const { bucket, rate } of buckets) {
    if (rate) rules.set(bucket, gcraRule(rate, dearest.get(bucket) ?? 1));
  }
  return rules;
}
