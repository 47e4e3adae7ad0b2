import { join } from 'node:path';
import pLimit from 'p-limit';
import { type Clock, throwIfAborted } from '../core/clock.ts';
import type { Depth, Inventory } from '../core/facts.ts';
import type { Log } from '../core/log.ts';
import type { Organisation, Principal, PrincipalKind, WorkloadName } from '../core/types.ts';
import { compareCalendars } from './calendar.ts';
import { type CheckResult, type PrincipalResult, RULE_VERSION, summarise } from './check-result.ts';
import { CheckStore } from './check-store.ts';
import { compareDirectory, type DirectoryFiles } from './directory.ts';
import { assertCloses } from './equation.ts';
import { JobCheck } from './job-check.ts';
import { compareMail, type EndsOf } from './mail.ts';
import { compareMailCounts } from './mail-counts.ts';
import { UnreadableEnd } from './reading.ts';
import { judge } from './verdict.ts';

/** Principals that are compared at the same time. */
const PARALLEL_PRINCIPALS = 4;

const WORKLOADS_OF: Readonly<Record<PrincipalKind, readonly WorkloadName[]>> = {
  person: ['mail', 'calendar'],
  shared: ['mail', 'calendar'],
  account: [],
  room: ['calendar'],
  group: [],
  organisation: ['directory'],
};

/** One organisation with the readers of its two ends. */
export interface OrganisationEnds {
  organisation: Organisation;
  source: Inventory;
  target: Inventory;
  /** True where `ferry.yaml` declares its pass unfinished. */
  unfinished: boolean;
}

/** What a check tells while it runs. */
export interface CheckProgress {
  event: 'principal-checked';
  principal: Principal;
  verdict: PrincipalResult['verdict'];
  done: number;
  total: number;
}

export interface ReconcileOptions extends DirectoryFiles {
  run: string;
  organisations: readonly OrganisationEnds[];
  depth: Depth;
  /** UTC milliseconds: what changed at the source later than this is counted as changed, not as missing. */
  asOf: number;
  /** Folder of this run (`reports/<run>`); `check.db` is made in it. */
  outDir: string;
  clock: Clock;
  signal: AbortSignal;
  log: Log;
  observe?: (progress: CheckProgress) => void;
  /** How many notifications left either tenant because of the migration, and how that was counted. */
  notifications: { count: number; how: string };
  /** Ids of findings that a named person has accepted. */
  acceptances: ReadonlySet<string>;
  /** Workloads to look at; all of them unless named. */
  workloads?: ReadonlySet<WorkloadName>;
}

/**
 * Reads both ends of every principal afresh, compares them and writes findings and items to `check.db` in `outDir`.
 * An end that cannot be read makes that principal `could-not-check` and the run goes on; `Interrupted` ends it. The
 * result's store stays open until `close` is called.
 */
export async function reconcile(options: ReconcileOptions): Promise<CheckResult> {
  const startedAt = options.clock.now();
  const store = CheckStore.create(join(options.outDir, 'check.db'));
  try {
    const scope = principalsInScope(options);
    const limit = pLimit(PARALLEL_PRINCIPALS);
    let done = 0;
    const settled = await Promise.allSettled(
      scope.map((one) =>
        limit(async () => {
          const result = await checkPrincipal(options, store, one);
          done += 1;
          const { principal } = one;
          const { verdict } = result;
          options.observe?.({ event: 'principal-checked', principal, verdict, done, total: scope.length });
          return result;
        }),
      ),
    );
    throwIfAborted(options.signal);
    const principals = settled.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
    const result = summarise(store, options, principals, { startedAt, finishedAt: options.clock.now() });
    store.setMeta('result', { ...result, store: null });
    return result;
  } catch (error) {
    store.close();
    throw error;
  }
}

interface PrincipalEnds {
  principal: Principal;
  ends: OrganisationEnds;
  workloads: readonly WorkloadName[];
}

/** Every organisation as a whole first, then its people, shared mailboxes and rooms. */
function principalsInScope(options: ReconcileOptions): PrincipalEnds[] {
  return options.organisations.flatMap((ends) => {
    const { id } = ends.organisation;
    const own = options.principals.filter((principal) => principal.organisation === id);
    const whole = own.find(({ kind }) => kind === 'organisation') ?? organisationAsPrincipal(id);
    const others = own.filter(({ kind }) => kind !== 'organisation');
    return [whole, ...others].flatMap((principal) => {
      const workloads = WORKLOADS_OF[principal.kind].filter((name) => options.workloads?.has(name) ?? true);
      return workloads.length === 0 ? [] : [{ principal, ends, workloads }];
    });
  });
}

function organisationAsPrincipal(id: string): Principal {
  return { kind: 'organisation', id, source: id, target: id, organisation: id, wave: '' };
}

async function checkPrincipal(
  options: ReconcileOptions,
  store: CheckStore,
  { principal, ends, workloads }: PrincipalEnds,
): Promise<PrincipalResult> {
  const checks = new Map<WorkloadName, JobCheck>();
  for (const workload of workloads) {
    throwIfAborted(options.signal);
    const showsContent = ends.organisation.policy.privacy === 'full';
    const check = new JobCheck(store, { principal, workload, accepted: options.acceptances, showsContent });
    checks.set(workload, check);
    try {
      await compare(workload, check, options, ends);
    } catch (error) {
      throwIfAborted(options.signal);
      if (!(error instanceof UnreadableEnd)) throw error;
      check.failToRead(error.side, error.code);
      options.log('warn', 'check.unreadable', {
        job: check.job,
        workload,
        side: error.side,
        code: error.code,
      });
    }
    assertCloses(check.numbers, `job ${check.job} (${workload})`);
  }
  return toResult(principal, ends, checks);
}

async function compare(
  workload: WorkloadName,
  check: JobCheck,
  options: ReconcileOptions,
  { organisation, source, target }: OrganisationEnds,
): Promise<void> {
  const { depth, asOf: asOfMs, signal } = options;
  const ends: EndsOf = { organisation, source, target, depth, asOfMs, signal };
  if (workload === 'directory') return compareDirectory(check, ends, options);
  if (workload === 'calendar') return compareCalendars(check, ends, options.addresses);
  return depth === 'counts' ? compareMailCounts(check, ends) : compareMail(check, ends);
}

function toResult(
  principal: Principal,
  { unfinished }: OrganisationEnds,
  checks: ReadonlyMap<WorkloadName, JobCheck>,
): PrincipalResult {
  const all = [...checks.values()];
  const open = all.reduce((sum, check) => sum + check.open, 0);
  const accepted = all.reduce((sum, check) => sum + check.accepted, 0);
  const unreadable = all.filter((check) => check.unreadable).length;
  return {
    principal,
    verdict: judge({ unreadable: unreadable > 0, unfinished, open, accepted }),
    workloads: Object.fromEntries([...checks].map(([name, { numbers }]) => [name, numbers])),
    openDifferences: open,
    acceptedDifferences: accepted,
    unreadable,
  };
}

export { RULE_VERSION };
