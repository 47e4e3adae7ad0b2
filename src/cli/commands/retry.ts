import { loadEstateFiles } from '../../config/workspace.ts';
import type { Ledger } from '../../core/ports.ts';
import { createWorkloads } from '../../workloads.ts';
import { checkSignIns, openEnds, withEnds } from '../connections.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type ScopeOptions, select } from '../scope.ts';
import { counted } from '../words.ts';
import { movePass } from './migrate.ts';

/** Lists the failed items in scope again and runs a pass over the jobs that have some. */
export async function retry(context: Context, options: ScopeOptions): Promise<ExitCode> {
  const { workspace, clock } = openWorkspace(context);
  const files = loadEstateFiles(workspace);
  const { jobs } = select(workspace, files, options);
  const ends = openEnds(workspace, clock, context.log);
  await checkSignIns(ends, context.signal);
  const again = async (ledger: Ledger): Promise<ExitCode> => {
    const counts = await Promise.all(
      jobs.map(async (job) => {
        await ledger.openJob(job);
        return { job, failed: await ledger.retry(job) };
      }),
    );
    const failing = counts.filter(({ failed }) => failed > 0);
    if (failing.length === 0) {
      context.output.verdict('Nothing to retry: no item in scope has failed.', 0);
      return 0;
    }
    context.output.note(
      `${counted(
        failing.reduce((sum, { failed }) => sum + failed, 0),
        'item',
      )} in ${counted(failing.length, 'job')} go again`,
    );
    const workload = createWorkloads(ends, files, clock);
    return movePass(
      context,
      ledger,
      clock,
      failing.map(({ job }) => job),
      workload,
    );
  };
  return withEnds(ends, () => withLedger(context, { workspace, clock }, again));
}
