import { MigrationError } from '../core/errors.ts';

/** What can become of one unit of the source, as the check sees it. */
export const FATES = [
  'arrived',
  'merged',
  'excluded',
  'unsupported',
  'tooLarge',
  'changedSince',
  'missing',
] as const;
export type Fate = (typeof FATES)[number];

/**
 * The balance of one workload, counted in units (mail: copies in folders; calendar: single events, masters and
 * exceptions; directory: actions). `source` is the sum of the seven fates; `missing = failed + unexplained`;
 * `extra`, `duplicate` and `differ` stand on the target's side and outside the sum.
 */
export interface Numbers extends Record<Fate, number> {
  source: number;
  failed: number;
  unexplained: number;
  extra: number;
  duplicate: number;
  differ: number;
}

export function noNumbers(): Numbers {
  return {
    source: 0,
    arrived: 0,
    merged: 0,
    excluded: 0,
    unsupported: 0,
    tooLarge: 0,
    changedSince: 0,
    missing: 0,
    failed: 0,
    unexplained: 0,
    extra: 0,
    duplicate: 0,
    differ: 0,
  };
}

/** The sum of two balances, field by field. */
export function addNumbers(a: Numbers, b: Numbers): Numbers {
  const sum = noNumbers();
  for (const field of NUMBER_FIELDS) sum[field] = a[field] + b[field];
  return sum;
}

/** The fields of `Numbers` in the order of every table. */
export const NUMBER_FIELDS = Object.keys(noNumbers()) as (keyof Numbers)[];

/** Whether both sums of the balance hold. */
export function closes(numbers: Numbers): boolean {
  const fates = FATES.reduce((sum, fate) => sum + numbers[fate], 0);
  return numbers.source === fates && numbers.missing === numbers.failed + numbers.unexplained;
}

/** Throws when a balance does not close: a report must never show a sum that is wrong. */
export function assertCloses(numbers: Numbers, where: string): void {
  if (closes(numbers)) return;
  throw new MigrationError({
    code: 'equation-open',
    message: `the equation of ${where} does not close: ${JSON.stringify(numbers)}`,
    scope: 'run',
  });
}
