import { Config, type ConfigFault } from '../core/errors.ts';
import type { QuotaOverride } from '../core/quota.ts';
import type { BucketRow, LimitTable } from './types.ts';

/**
 * The table with rows replaced in part. Buckets that it does not hold are left to other tables. Throws `Config` where
 * a bucket without a published rate is given half of one.
 */
export function overrideLimits(
  limits: LimitTable,
  overrides: Readonly<Record<string, QuotaOverride | undefined>>,
): LimitTable {
  return {
    ...limits,
    buckets: limits.buckets.map((row) => {
      const override = overrides[row.bucket];
      return override === undefined ? row : overrideRow(row, override);
    }),
  };
}

function overrideRow(row: BucketRow, { units, windowMs, concurrency }: QuotaOverride): BucketRow {
  return {
    bucket: row.bucket,
    rate: units === undefined && windowMs === undefined ? row.rate : rateOf(row, { units, windowMs }),
    concurrency: concurrency === undefined ? row.concurrency : concurrency,
    source: 'quota.overrides in ferry.yaml',
  };
}

function rateOf({ bucket, rate }: BucketRow, own: Pick<QuotaOverride, 'units' | 'windowMs'>) {
  const units = own.units ?? rate?.units;
  const windowMs = own.windowMs ?? rate?.windowMs;
  if (units !== undefined && windowMs !== undefined) return { units, windowMs };
  const fault: ConfigFault = {
    file: 'ferry.yaml',
    line: 0,
    found: `quota.overrides.${bucket}: ${units === undefined ? 'windowMs' : 'units'} alone`,
    allowed: 'units and windowMs together, since no rate is published for this bucket',
  };
  throw new Config('a quota override is incomplete', [fault]);
}
