import { jobsOf, loadEstateFiles } from '../../config/workspace.ts';
import type { Clock } from '../../core/clock.ts';
import type { AnyWorkload, Ledger } from '../../core/ports.ts';
import type { Job } from '../../core/types.ts';
import { type PassResult, runPass } from '../../engine/pass.ts';
import { createWorkloads } from '../../workloads.ts';
import { checkSignIns, openEnds, withEnds } from '../connections.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { stepOutput } from '../output.ts';
import { passProgress } from '../pass-progress.ts';
import { type ScopeOptions, select } from '../scope.ts';
import { counted } from '../words.ts';
import { planJobs } from './plan.ts';
import { printProgress, total } from './status.ts';

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
    if (!options.suspendLeavers) return movePass(context, ledger, clock, jobs, workload);
    const step = { ...context, output: stepOutput(context.output) };
    const exit = await movePass(step, ledger, clock, jobs, workload);
    if (exit !== 0) {
      context.output.verdict('Nobody was suspended: not everything has moved.', exit);
      return exit;
    }
    context.output.note('Everything has moved; accounts that are disabled at the source are suspended last.');
    const directories = jobsOf(workspace, [], ['directory'], scope);
    const closing = createWorkloads(ends, files, clock, { suspendLeavers: true });
    return movePass(context, ledger, clock, directories, closing);
  };
  return withEnds(ends, async () => {
    await checkSignIns(ends, context.signal);
    return withLedger(context, { workspace, clock }, move);
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
  context.pass.begun = true;
  const result = await runPass({ jobs, workload, ledger, clock, signal, observe, log });
  const ids = new Set(jobs.map((job) => job.id));
  const progress = (await ledger.progress()).filter((job) => ids.has(job.job));
  printProgress(context.output, progress);
  adviseDirectory(context, jobs, result.stopped);
  const { changed } = result;
  const open = total(progress, 'listed') + total(progress, 'begun');
  const failed = total(progress, 'failed');
  const stopped = result.stopped.length;
  const parked = result.stopped.filter(({ error }) => error.retryable).length;
  const exit: ExitCode = parked > 0 ? 5 : open > 0 || failed > 0 || stopped > 0 ? 4 : 0;
  const words = passWords({ changed, open, failed, stopped: stopped - parked, parked });
  context.output.verdict(words, exit, { changed, open, failed, stopped, parked });
  return exit;
}

/** How a pass ended, in one line. */
export function passWords(ended: {
  changed: number;
  open: number;
  failed: number;
  stopped: number;
  /** Jobs that a throttle of hours has parked. */
  parked?: number;
}): string {
  const { changed, open, failed, stopped, parked = 0 } = ended;
  const nothing =
    open > 0 || stopped > 0 || parked > 0
      ? 'Nothing was written.'
      : 'Nothing was left to write: no request changed the target.';
  return [
    changed === 0 ? nothing : `${counted(changed, 'write')}.`,
    parked > 0 ? `${counted(parked, 'job')} parked, for the reasons and until the times above.` : '',
    stopped > 0 ? `${counted(stopped, 'job')} stopped, for the reasons above.` : '',
    open > 0 ? `Still open: ${counted(open, 'item')}; run it again.` : '',
    failed > 0 ? `Failed: ${counted(failed, 'item')}, for the reasons above.` : '',
  ]
    .filter((words) => words !== '')
    .join(' ');
}

/** `--only` and `--workload` can leave the directory out; without it there is nobody at Google to write to. */
function adviseDirectory({ output }: Context, jobs: readonly Job[], stopped: PassResult['stopped']): void {
  const unknown = stopped.some(({ error }) => error.code === 'subject-unknown');
  if (!unknown || jobs.some(({ workload }) => workload === 'directory')) return;
  output.note('The directory was not in scope: `ferry migrate --workload directory` creates the accounts.');
}
