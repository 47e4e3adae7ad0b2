import { loadEstateFiles } from '../../config/workspace.ts';
import type { JobProgress } from '../../core/ports.ts';
import { type ItemStatus, WORKLOADS } from '../../core/types.ts';
import { type Context, openWorkspace, readLedger } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { type ScopeOptions, select } from '../scope.ts';
import { counted } from '../words.ts';

const SHOWN: readonly ItemStatus[] = [
  'written',
  'merged',
  'excluded',
  'unsupported',
  'too-large',
  'failed',
  'begun',
  'listed',
];

/** Progress of the jobs in scope by organisation, wave and workload, and every reason for what was not written. */
export async function status(context: Context, options: ScopeOptions): Promise<ExitCode> {
  const opened = openWorkspace(context);
  const { workspace } = opened;
  const { jobs } = select(workspace, loadEstateFiles(workspace), options);
  const ids = new Set(jobs.map((job) => job.id));
  const progress = (await readLedger(context, opened, (ledger) => ledger.progress())) ?? [];
  const shown = progress.filter((job) => ids.has(job.job));
  if (shown.length > 0) printProgress(context.output, shown);
  const open = total(shown, 'listed') + total(shown, 'begun');
  const failed = total(shown, 'failed');
  const exit = open > 0 || failed > 0 ? 4 : 0;
  context.output.verdict(verdictOf(shown.length, open, failed), exit, { open, failed });
  return exit;
}

function verdictOf(jobs: number, open: number, failed: number): string {
  if (jobs === 0) return 'Nothing has been listed yet: run `ferry plan` or `ferry migrate`.';
  if (open > 0) return `Open: ${counted(open, 'item')}; failed: ${failed}. Run \`ferry migrate\` to go on.`;
  if (failed > 0)
    return `Everything is settled; failed: ${counted(failed, 'item')}. See the reasons, then \`ferry retry\`.`;
  return 'Everything that was listed is settled.';
}

/** The tables of progress and of the reasons for what was not written. */
export function printProgress(output: Output, progress: readonly JobProgress[]): void {
  const columns = ['organisation', 'wave', 'workload', 'jobs', ...SHOWN];
  output.table('progress', columns, progressRows(progress));
  const reasons = reasonRows(progress);
  if (reasons.length > 0) output.table('reasons', ['workload', 'outcome', 'reason', 'items'], reasons);
}

/** Rows by organisation, wave and workload. */
export function progressRows(progress: readonly JobProgress[]): (string | number)[][] {
  const groups = new Map<string, JobProgress[]>();
  for (const job of progress) {
    const key = [job.organisation, job.wave, job.workload].join('\t');
    groups.set(key, [...(groups.get(key) ?? []), job]);
  }
  return [...groups.entries()]
    .sort(([one], [other]) => order(one).localeCompare(order(other)))
    .map(([key, jobs]) => [...key.split('\t'), jobs.length, ...SHOWN.map((name) => total(jobs, name))]);
}

/** Rows of outcome and reason for everything that is neither written nor merged, most frequent first. */
export function reasonRows(progress: readonly JobProgress[]): (string | number)[][] {
  const counts = new Map<string, number>();
  for (const { workload, reasons } of progress) {
    for (const { outcome, reason, count } of reasons) {
      const key = [workload, outcome, reason].join('\t');
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  return [...counts.entries()]
    .sort((one, other) => other[1] - one[1])
    .map(([key, count]) => [...key.split('\t'), count]);
}

export function total(progress: readonly JobProgress[], name: ItemStatus): number {
  return progress.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
}

function order(key: string): string {
  const [organisation = '', wave = '', workload = ''] = key.split('\t');
  return [organisation, wave, (WORKLOADS as readonly string[]).indexOf(workload)].join('\t');
}
