import { z } from 'zod';
import { GMAIL_PROFILES, QUOTA_BUCKETS, type Quota } from '../core/quota.ts';

const override = z.strictObject({
  /** Units per window; for `graph:mailbox-upload` bytes. */
  units: z.int().positive().optional(),
  /** Milliseconds. */
  windowMs: z.int().positive().optional(),
  /** Requests in flight at once; null for no limit. */
  concurrency: z.int().positive().nullable().optional(),
});

const zone = z.string().refine(isZone, 'an IANA time zone such as America/Los_Angeles');

/** What may be spent in a day per Google project; the defaults are the vendor's billing thresholds. */
const dailyBudget = z.strictObject({
  /** Gmail quota units a day; null for no budget. Source: the Gmail quota page, read 2026-11. */
  gmailUnits: z.int().positive().nullable().default(80_000_000),
  /** Calendar requests a day; null for no budget. Source: the Calendar quota page, read 2026-11. */
  calendarRequests: z.int().positive().nullable().default(1_000_000),
  /** `stop` ends the pass with exit code 5; `continue` goes on and warns, which may be charged for. */
  atLimit: z.enum(['stop', 'continue']).default('stop'),
  /** Zone whose midnight starts the next day; that Google counts in Pacific time is not confirmed. */
  zone: zone.default('America/Los_Angeles'),
});

/** The vendors' quotas as the operator has them; a closed set of keys. */
export const quotaSchema = z.strictObject({
  /** `2026`: projects created since 2026-05-01 or unused before; `legacy`: projects that keep the older, wider quota. */
  gmail: z.preprocess((value) => (value === 2026 ? '2026' : value), z.enum(GMAIL_PROFILES)).default('2026'),
  /** Rows of the limit tables by bucket, replaced in part. */
  overrides: z.partialRecord(z.enum(QUOTA_BUCKETS), override).default({}),
  dailyBudget: dailyBudget.prefault({}),
});

/** Published limits, nothing overridden. */
export const DEFAULT_QUOTA: Quota = quotaSchema.parse({});

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    // The one way to ask whether a zone is known.
    return false;
  }
}
