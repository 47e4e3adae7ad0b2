import type { WorkloadName } from '../core/types.ts';
import { type CheckResult, type PrincipalResult, totalsOf } from './check-result.ts';
import type { CheckStore } from './check-store.ts';
import { type Numbers, noNumbers } from './equation.ts';
import type { OrganisationEnds } from './reconcile.ts';

/** What the mover's books say about one item. */
export interface Claim {
  organisation: string;
  /** Source address of the principal. */
  source: string;
  workload: WorkloadName;
  /** Id of the container at the source. */
  container: string;
  /** Id of the item at the source, or of what was written at the target. */
  itemKey: string;
  /** Message-ID, iCalendar UID or address; null where there is none. */
  identity: string | null;
  status: string;
  reason: string;
}

/** What an organisation agreed to beforehand about changes that users make at the target. */
export interface ClaimOptions {
  /** Ids of organisations whose policy `reconcile.userChanges` is `agree`. */
  agreedUserChanges?: ReadonlySet<string>;
}

/** Statuses that explain why an item is not at the target, given a reason. */
const EXPLAINING = new Set(['failed', 'unsupported', 'too-large', 'excluded']);
const CHANGED_AT_TARGET = 'changed-at-target';

/**
 * Lays the mover's claims beside the findings: `missing = failed (with a claimed reason) + unexplained`. Findings and
 * verdicts stay as they are. A claim belongs to the findings of its item, or of its identity in its container; claims
 * about items without a finding are let go. May be called once for each result.
 */
export async function applyClaims(
  result: CheckResult,
  claims: AsyncIterable<Claim> | Iterable<Claim>,
  options: ClaimOptions = {},
): Promise<CheckResult> {
  const { store } = result;
  for await (const claim of claims) recordClaim(store, claim, options);
  const principals = result.principals.map((principal) => withClaims(store, principal));
  const claimed: CheckResult = {
    ...result,
    principals,
    totals: totalsOf(principals),
    organisations: result.organisations.map((organisation) => ({
      ...organisation,
      totals: totalsOf(principals.filter(({ principal }) => principal.organisation === organisation.id)),
    })),
    unexplainedDifferences: unexplained(store),
    claimsApplied: true,
  };
  store.setMeta('result', { ...claimed, store: null });
  return claimed;
}

/** Organisations that agreed to what users change at the target. */
export function agreedUserChanges(
  organisations: readonly Pick<OrganisationEnds, 'organisation'>[],
): Set<string> {
  const agreed = organisations.filter(
    ({ organisation }) => organisation.policy.reconcile.userChanges === 'agree',
  );
  return new Set(agreed.map(({ organisation }) => organisation.id));
}

function recordClaim(store: CheckStore, claim: Claim, { agreedUserChanges: agreed }: ClaimOptions): void {
  for (const { findingId, kind } of findingsOf(store, claim)) {
    const isReason = claim.reason !== '' && EXPLAINING.has(claim.status) && kind === 'missing';
    const isAgreed = claim.reason === CHANGED_AT_TARGET && (agreed?.has(claim.organisation) ?? false);
    store.run(
      'INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)',
      findingId,
      claim.status,
      claim.reason,
      isReason || isAgreed ? 1 : 0,
    );
  }
}

function findingsOf(store: CheckStore, claim: Claim): { findingId: string; kind: string }[] {
  const job = store
    .statement('SELECT job FROM jobs WHERE organisation = ? AND workload = ? AND source = ?')
    .get(claim.organisation, claim.workload, claim.source)?.['job'];
  if (job === undefined) return [];
  // The mover prefixes its keys with what they are (`event:<id>`); the checker's facts carry bare ids.
  const bare = claim.itemKey.replace(/^(?:event|exception|message):/, '');
  const byId = store
    .statement('SELECT finding_id AS findingId, kind FROM findings WHERE job = ? AND item IN (?, ?)')
    .all(Number(job), claim.itemKey, bare);
  if (byId.length > 0 || claim.identity === null || claim.identity === '')
    return byId as unknown as { findingId: string; kind: string }[];
  return store
    .statement(`SELECT finding_id AS findingId, kind FROM findings
      WHERE job = ? AND container_key = ? AND identity = ?`)
    .all(Number(job), claim.container, claim.identity) as unknown as { findingId: string; kind: string }[];
}

function withClaims(store: CheckStore, result: PrincipalResult): PrincipalResult {
  const { organisation, source } = result.principal;
  const workloads = { ...result.workloads };
  for (const [name, numbers] of Object.entries(workloads) as [WorkloadName, Numbers][]) {
    const failed = explainedMissing(store, organisation, source, name);
    workloads[name] = { ...(numbers ?? noNumbers()), failed, unexplained: numbers.missing - failed };
  }
  return { ...result, workloads };
}

function explainedMissing(store: CheckStore, organisation: string, source: string, workload: string): number {
  const row = store
    .statement(`SELECT coalesce(sum(f.units), 0) AS units FROM jobs j JOIN findings f ON f.job = j.job
      WHERE j.organisation = ? AND j.workload = ? AND j.source = ? AND f.kind = 'missing'
        AND EXISTS (SELECT 1 FROM claims c WHERE c.finding_id = f.finding_id AND c.explains = 1)`)
    .get(organisation, workload, source);
  return Number(row?.['units'] ?? 0);
}

function unexplained(store: CheckStore): number {
  const row = store
    .statement(`SELECT coalesce(sum(f.units), 0) AS units FROM findings f
      WHERE f.kind IN ('missing', 'extra', 'duplicate', 'differ') AND f.accepted = 0
        AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.finding_id = f.finding_id AND c.explains = 1)`)
    .get();
  return Number(row?.['units'] ?? 0);
}
