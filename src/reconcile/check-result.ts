import type { Depth } from '../core/facts.ts';
import type { Policy, Principal, WorkloadName } from '../core/types.ts';
import type { CheckStore } from './check-store.ts';
import { addNumbers, assertCloses, type Numbers, noNumbers } from './equation.ts';
import { type Verdict, worst } from './verdict.ts';

/** Version of the rules of comparison; it changes when the same two ends could give other findings. */
export const RULE_VERSION = '1';

export type WorkloadNumbers = Partial<Record<WorkloadName, Numbers>>;

/** What the check says about one principal. */
export interface PrincipalResult {
  principal: Principal;
  verdict: Verdict;
  workloads: WorkloadNumbers;
  /** Units that differ and that nobody accepted: missing, extra, duplicate, differ. */
  openDifferences: number;
  acceptedDifferences: number;
  /** Workloads of which an end could not be read. */
  unreadable: number;
}

export interface OrganisationResult {
  id: string;
  verdict: Verdict;
  totals: WorkloadNumbers;
}

/** The outcome of one check. Its findings and items lie in `store`, which the owner of the result closes. */
export interface CheckResult {
  run: string;
  ruleVersion: string;
  depth: Depth;
  /** UTC milliseconds. */
  asOf: number;
  startedAt: number;
  finishedAt: number;
  verdict: Verdict;
  totals: WorkloadNumbers;
  organisations: OrganisationResult[];
  principals: PrincipalResult[];
  notifications: { count: number; how: string };
  privacy: Policy['privacy'];
  /** Units that differ, are not accepted and that no claim explains; above 0 the exit code is 6. */
  unexplainedDifferences: number;
  /** Workloads of principals that could not be read; above 0 the exit code is 7. */
  unreadable: number;
  /** True once the mover's claims have been laid beside the findings. */
  claimsApplied: boolean;
  store: CheckStore;
}

interface Asked {
  run: string;
  depth: Depth;
  asOf: number;
  organisations: readonly { organisation: { id: string; policy: Policy } }[];
  notifications: { count: number; how: string };
}

/** Adds up principals to organisations and the whole. */
export function summarise(
  store: CheckStore,
  asked: Asked,
  principals: PrincipalResult[],
  times: { startedAt: number; finishedAt: number },
): CheckResult {
  const organisations = asked.organisations.map(({ organisation: { id } }): OrganisationResult => {
    const own = principals.filter(({ principal }) => principal.organisation === id);
    return { id, verdict: worst(own.map(({ verdict }) => verdict)), totals: totalsOf(own) };
  });
  const sum = (field: 'openDifferences' | 'unreadable') =>
    principals.reduce((total, principal) => total + principal[field], 0);
  return {
    run: asked.run,
    ruleVersion: RULE_VERSION,
    depth: asked.depth,
    asOf: asked.asOf,
    ...times,
    verdict: worst(principals.map(({ verdict }) => verdict)),
    totals: totalsOf(principals),
    organisations,
    principals,
    notifications: asked.notifications,
    privacy: strictest(asked.organisations.map(({ organisation: { policy } }) => policy.privacy)),
    unexplainedDifferences: sum('openDifferences'),
    unreadable: sum('unreadable'),
    claimsApplied: false,
    store,
  };
}

/** The numbers of several principals, workload by workload. */
export function totalsOf(principals: readonly Pick<PrincipalResult, 'workloads'>[]): WorkloadNumbers {
  const totals: WorkloadNumbers = {};
  for (const { workloads } of principals) {
    for (const [name, numbers] of Object.entries(workloads) as [WorkloadName, Numbers][])
      totals[name] = addNumbers(totals[name] ?? noNumbers(), numbers);
  }
  for (const [name, numbers] of Object.entries(totals)) assertCloses(numbers, `all ${name}`);
  return totals;
}

/** The level that shows least of those that the organisations ask for. */
function strictest(levels: readonly Policy['privacy'][]): Policy['privacy'] {
  for (const level of ['counts', 'hashed', 'full'] as const) if (levels.includes(level)) return level;
  return 'hashed';
}
