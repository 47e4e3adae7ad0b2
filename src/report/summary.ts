import type { Depth } from '../core/facts.ts';
import type { CheckResult, WorkloadNumbers } from '../reconcile/check-result.ts';
import type { Verdict } from '../reconcile/verdict.ts';
import type { Privacy } from './privacy.ts';
import { isoTime } from './tables.ts';

/** Units that the vendors charged, by meter (`gmailUnits` …). */
export type QuotaUse = Readonly<Record<string, number>>;

/** `summary.json`, schema 1. Times are UTC ISO-8601. Fields are added within a schema, never changed or removed. */
export interface Summary {
  schema: 1;
  run: string;
  ruleVersion: string;
  depth: Depth;
  asOf: string;
  startedAt: string;
  finishedAt: string;
  verdict: Verdict;
  notifications: number;
  notificationsHow: string;
  quota: QuotaUse;
  privacy: Privacy;
  unexplainedDifferences: number;
  unreadable: number;
  totals: WorkloadNumbers;
  organisations: { id: string; verdict: Verdict; totals: WorkloadNumbers }[];
  principals: {
    kind: string;
    source: string;
    target: string;
    organisation: string;
    wave: string;
    verdict: Verdict;
    workloads: WorkloadNumbers;
  }[];
}

export function toSummary(result: CheckResult, privacy: Privacy, quota: QuotaUse): Summary {
  return {
    schema: 1,
    run: result.run,
    ruleVersion: result.ruleVersion,
    depth: result.depth,
    asOf: isoTime(result.asOf),
    startedAt: isoTime(result.startedAt),
    finishedAt: isoTime(result.finishedAt),
    verdict: result.verdict,
    notifications: result.notifications.count,
    notificationsHow: result.notifications.how,
    quota,
    privacy,
    unexplainedDifferences: result.unexplainedDifferences,
    unreadable: result.unreadable,
    totals: result.totals,
    organisations: result.organisations,
    principals: result.principals.map(({ principal, verdict, workloads }) => {
      const { kind, source, target, organisation, wave } = principal;
      return { kind, source, target, organisation, wave, verdict, workloads };
    }),
  };
}
