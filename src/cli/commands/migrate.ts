import { jobsOf, loadEstateFiles } from '../../config/workspace.ts';
import type { Clock } from '../../core/clock.ts';
import type { AnyWorkload, Ledger } from '../../core/ports.ts';
import type { Job } from '../../core/types.ts';
import { runPass } from '../../engine/pass.ts';
import { createWorkloads } from '../../workloads.ts';
import { checkSignIns, openEnds, withEnds } from '../connections.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { passProgress } from '../pass-progress.ts';
import { type ScopeOptions, select } from '../scope.ts';
import { planJobs } from './plan.ts';
import { progressRows, reasonRows, total } from './status.ts';

export interface MigrateOptions extends ScopeOptions {
  dryRun?: boolean;
  /** Suspends, last of all, the accounts that are disabled at the source. */
  suspendLeavers?: boolean;
}

/** Runs or resumes a pass over the jobs in scope. */
export async function migrate(context: Context, options: MigrateOptions): Promise<ExitCode> {
  const { workspace, clock } = openWorkspace(context);
  const files = loadEstateFiles(workspace);
  const { jobs, scope } = select(workspace, files, options);
  const ends = openEnds(workspace, clock, context.log);
  const workload = createWorkloads(ends, files, clock);
  const move = async (ledger: Ledger): Promise<ExitCode> => {
    if (options.dryRun) return planJobs(context, ledger, jobs, workload);
    const exit = await movePass(context, ledger, clock, jobs, workload);
    if (!options.suspendLeavers || exit !== 0) return exit;
    context.output.note('Everything has moved; accounts that are disabled at the source are suspended last.');
    const directories = jobsOf(workspace, [], ['directory'], scope);
    const closing = createWorkloads(ends, files, clock, { suspendLeavers: true });
    return movePass(context, ledger, clock, directories, closing);
  };
  return withEnds(ends, async () => {
    await checkSignIns(ends, context.signal);
    return withLedger(context, clock, move);
  });
}

/** One pass over the jobs with its closing table and verdict. */
export async function movePass(
  context: Context,
  ledger: Ledger,
  clock: Clock,
  jobs: readonly Job[],
  workload: (job: Job) => AnyWorkload,
): Promise<ExitCode> {
  const { observe } = passProgress(context.output, () => performance.now());
  const { signal, log } = context;
  const result = await runPass({ jobs, workload, ledger, clock, signal, observe, log });
  const ids = new Set(jobs.map((job) => job.id));
  const progress = (await ledger.progress()).filter((job) => ids.has(job.job));
  const columns = [
    'organisation',
    'wave',
    'workload',
    'jobs',
    'written',
    'merged',
    'excluded',
    'unsupported',
  ];
  context.output.table(
    'progress',
    [...columns, 'too-large', 'failed', 'begun', 'listed'],
    progressRows(progress),
  );
  const reasons = reasonRows(progress);
  if (reasons.length > 0)
    context.output.table('reasons', ['workload', 'outcome', 'reason', 'items'], reasons);
  const open = total(progress, 'listed') + total(progress, 'begun');
  const failed = total(progress, 'failed');
  const parked = result.stopped.filter(({ error }) => error.retryable).length;
  const exit: ExitCode = parked > 0 ? 5 : open > 0 || failed > 0 || result.stopped.length > 0 ? 4 : 0;
  const wrote =
    result.changed === 0
      ? 'Nothing was left to write: no request changed the target.'
      : `${result.changed} writes.`;
  const later = parked > 0 ? ` ${parked} jobs are parked, for the reasons and until the times above.` : '';
  const rest = open > 0 ? ` ${open} items are still open: run it again.` : '';
  const reason = failed > 0 ? ` ${failed} items failed, with their reasons above.` : '';
  context.output.verdict(`${wrote}${later}${rest}${reason}`, exit, {
    changed: result.changed,
    open,
    failed,
    parked,
  });
  return exit;
}
