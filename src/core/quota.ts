/** Which Gmail quota the Cloud project has; see `adapters/google/limits-gmail.ts`. */
export const GMAIL_PROFILES = ['2026', 'legacy'] as const;
export type GmailProfile = (typeof GMAIL_PROFILES)[number];

/**
 * The names of every quota that a vendor publishes and ferry knows, one row each in `adapters/graph/limits.ts` and
 * `adapters/google/limits.ts`. `ferry.yaml` may override each.
 */
export const QUOTA_BUCKETS = [
  'graph:app',
  'graph:mailbox',
  'graph:mailbox-upload',
  'graph:identity',
  'graph:identity-app',
  'graph:identity-writes',
  'graph:identity-app-writes',
  'graph:tenant-writes',
  'graph:reports',
  'graph:reports-tenant',
  'graph:places',
  'entra:token',
  'gmail:user',
  'gmail:project',
  'calendar:user',
  'calendar:project',
  'calendar:creation',
  'directory:admin',
  'directory:account',
  'directory:creation',
  'directory:members',
  'groupssettings:admin',
  'licensing:project',
  'people:user-reads',
  'people:user-writes',
  'oauth:token',
  'iam:project',
] as const;
export type QuotaBucket = (typeof QUOTA_BUCKETS)[number];

/** What replaces a part of a bucket's row; what is absent stays as published. */
export interface QuotaOverride {
  /** Units per window. */
  units?: number | undefined;
  /** Scaled milliseconds. */
  windowMs?: number | undefined;
  /** Requests in flight at once; null for no limit. */
  concurrency?: number | null | undefined;
}

/** What one Google project may spend in a day of its own. */
export interface DailyBudget {
  /** Null for no budget. */
  gmailUnits: number | null;
  calendarRequests: number | null;
  atLimit: 'stop' | 'continue';
  /** IANA zone whose midnight starts the next day. */
  zone: string;
}

/** The operator's word on quotas: `quota:` in `ferry.yaml`. */
export interface Quota {
  gmail: GmailProfile;
  overrides: Readonly<Partial<Record<QuotaBucket, QuotaOverride>>>;
  dailyBudget: DailyBudget;
}
