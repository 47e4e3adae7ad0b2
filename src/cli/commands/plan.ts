import { loadEstateFiles } from '../../config/workspace.ts';
import type { AnyWorkload, Ledger } from '../../core/ports.ts';
import type { Job } from '../../core/types.ts';
import { planPass } from '../../engine/plan.ts';
import { createWorkloads } from '../../workloads.ts';
import { openEnds } from '../connections.ts';
import { type Context, openWorkspace, withLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { passProgress } from '../pass-progress.ts';
import { type ScopeOptions, select } from '../scope.ts';
import { counted } from '../words.ts';

/** Lists what is in scope and says what would happen to it; writes nothing to any tenant. */
export async function plan(context: Context, options: ScopeOptions): Promise<ExitCode> {
  const { workspace, clock } = openWorkspace(context);
  const files = loadEstateFiles(workspace);
  const { jobs } = select(workspace, files, options);
  const ends = openEnds(workspace, clock, context.log);
  for (const source of new Set(ends.map((end) => end.source))) await source.checkSignIn(context.signal);
  const workload = createWorkloads(ends, files, clock);
  return withLedger(context, { workspace, clock }, (ledger) => planJobs(context, ledger, jobs, workload));
}

/** List and plan without apply; the dry run of `migrate`. */
export async function planJobs(
  context: Context,
  ledger: Ledger,
  jobs: readonly Job[],
  workload: (job: Job) => AnyWorkload,
): Promise<ExitCode> {
  const { observe } = passProgress(context.output, () => performance.now());
  const { signal, log } = context;
  const planned = await planPass({ jobs, workload, ledger, signal, observe, log });
  context.output.table(
    'plan',
    ['workload', 'outcome', 'reason', 'items'],
    planned.outcomes.map(({ workload: name, outcome, reason, items }) => [
      name,
      outcome,
      reason ?? '',
      items,
    ]),
  );
  if (planned.losses.length > 0) {
    context.output.table(
      'losses',
      ['workload', 'field', 'kind', 'reason', 'items'],
      planned.losses.map(({ workload: name, loss, items }) => [
        name,
        loss.field,
        loss.kind,
        loss.reason,
        items,
      ]),
    );
  }
  const open = planned.outcomes.reduce(
    (sum, { outcome, items }) => sum + (outcome === 'write' ? items : 0),
    0,
  );
  const words =
    open === 0
      ? 'Nothing is left to write.'
      : `${counted(open, 'item')} would be written. Nothing was written.`;
  const unread = planned.stopped.length;
  const rest =
    unread > 0
      ? ` ${unread} of ${counted(jobs.length, 'job')} could not be read, for the reasons above.`
      : '';
  const exit: ExitCode = unread > 0 ? 4 : 0;
  context.output.verdict(`${words}${rest}`, exit, { open, unread });
  return exit;
}
