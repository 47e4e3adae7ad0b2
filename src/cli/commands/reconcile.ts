import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createGoogleInventory } from '../../../adapters/google/inventory/inventory.ts';
import { createGraphInventory } from '../../../adapters/graph/inventory/inventory.ts';
import { type EstateFiles, loadEstateFiles, type Workspace } from '../../config/workspace.ts';
import type { Clock } from '../../core/clock.ts';
import type { Depth } from '../../core/facts.ts';
import type { Ledger } from '../../core/ports.ts';
import type { Job } from '../../core/types.ts';
import { readAcceptances } from '../../reconcile/acceptances.ts';
import type { CheckResult } from '../../reconcile/check-result.ts';
import { agreedUserChanges, applyClaims, type Claim } from '../../reconcile/claims.ts';
import { NUMBER_FIELDS } from '../../reconcile/equation.ts';
import { reconcile as check } from '../../reconcile/reconcile.ts';
import { exitCodeOf } from '../../reconcile/verdict.ts';
import { writeReports } from '../../report/report.ts';
import { verdictSentence } from '../../report/words.ts';
import { checkSignIns, type Ends, openCheckEnds, withEnds } from '../connections.ts';
import { type Context, type OpenWorkspace, openWorkspace, readLedger } from '../context.ts';
import { directoryPlaces } from '../directory-claims.ts';
import type { ExitCode } from '../exit-codes.ts';
import { withRoomAddresses } from '../room-addresses.ts';
import { type ScopeOptions, type Selection, select } from '../scope.ts';

export interface ReconcileOptions extends ScopeOptions {
  depth: Depth;
  /** Epoch ms; default: the start of this check. */
  asOf?: number;
}

export interface Reconciled {
  code: ExitCode;
  /** The verdict in one sentence. */
  words: string;
  /** The page, relative to the working folder. */
  report: string;
}

/** Reads both ends afresh, compares them and writes the reports. */
export async function reconcile(context: Context, options: ReconcileOptions): Promise<ExitCode> {
  const how = 'every call that could notify carries the parameter that prevents it';
  const { code, words, report } = await reconcileWith(context, options, { count: 0, how });
  context.output.result(`Report: ${report}`, { report });
  context.output.verdict(words, code, { report });
  return code;
}

/** The same with the caller's knowledge of notifications, and without a closing sentence. */
export async function reconcileWith(
  context: Context,
  options: ReconcileOptions,
  notifications: { count: number; how: string },
): Promise<Reconciled> {
  const opened = openWorkspace(context);
  const { workspace, clock } = opened;
  const files = loadEstateFiles(workspace);
  const selection = select(workspace, files, options);
  const ends = endsInScope(openCheckEnds(workspace, clock, context.log), selection);
  const parts = { files, selection, ends, clock, options, notifications };
  return withEnds(ends, () => checkEnds(context, opened, parts));
}

async function checkEnds(
  context: Context,
  opened: OpenWorkspace,
  parts: Omit<Parts, 'outDir'>,
): Promise<Reconciled> {
  const { selection, ends } = parts;
  await checkSignIns(ends, context.signal);
  const outDir = join(context.dir, 'reports', context.run);
  mkdirSync(outDir, { recursive: true });
  const result = await compare(context, opened.workspace, { ...parts, outDir }).catch((error: unknown) => {
    rmSync(outDir, { recursive: true, force: true });
    throw error;
  });
  try {
    const claimed = await layClaims(context, opened, result, selection.jobs, ends);
    writeReports(claimed, { outDir, quota: quotaOf(ends) });
    printTotals(context, claimed);
    const report = join('reports', context.run, 'index.html');
    return { code: exitCodeOf(claimed), words: verdictSentence(claimed), report };
  } finally {
    result.store.close();
  }
}

interface Parts {
  files: EstateFiles;
  selection: Selection;
  ends: readonly Ends[];
  clock: Clock;
  options: ReconcileOptions;
  outDir: string;
  notifications: { count: number; how: string };
}

function endsInScope(ends: readonly Ends[], { jobs }: Selection): Ends[] {
  const ids = new Set(jobs.map((job) => job.organisation.id));
  return ends.filter(({ body }) => ids.has(body.organisation.id));
}

async function compare(context: Context, workspace: Workspace, parts: Parts): Promise<CheckResult> {
  const { files, selection, ends, clock, options, outDir, notifications } = parts;
  const { run, signal, log, output } = context;
  const targets = ends.map(({ target }) => target);
  return check({
    run,
    organisations: ends.map(({ body, source, target }) => ({
      organisation: body.organisation,
      unfinished: body.unfinished,
      source: createGraphInventory(source.client),
      target: createGoogleInventory(target),
    })),
    principals: selection.principals,
    groups: files.groups,
    rooms: files.rooms,
    addresses: await withRoomAddresses(files.addresses, files.rooms, targets, context),
    depth: options.depth,
    asOf: options.asOf ?? clock.now(),
    outDir,
    clock,
    signal,
    log,
    notifications,
    acceptances: await readAcceptances(join(workspace.dir, 'acceptances.jsonl')),
    workloads: new Set(selection.jobs.map((job) => job.workload)),
    observe: ({ done, total, principal, verdict }) =>
      output.progress(
        () => `checked ${done} of ${total}: ${principal.source} ${verdict}`,
        () => ({ done, total, principal: principal.source, verdict }),
      ),
  });
}

/** The mover's books are opened only now, after the verdicts; without them nothing but the claims is missing. */
async function layClaims(
  context: Context,
  opened: OpenWorkspace,
  result: CheckResult,
  jobs: readonly Job[],
  ends: readonly Ends[],
): Promise<CheckResult> {
  const organisations = ends.map(({ body }) => ({ organisation: body.organisation }));
  const claimed = await readLedger(context, opened, (ledger) =>
    applyClaims(result, claimsOf(ledger, jobs), { agreedUserChanges: agreedUserChanges(organisations) }),
  );
  return claimed ?? result;
}

async function* claimsOf(ledger: Ledger, jobs: readonly Job[]): AsyncIterable<Claim> {
  for (const job of jobs) {
    const isDirectory = job.workload === 'directory';
    const placeOf = isDirectory ? await directoryPlaces(ledger, job.organisation.id) : () => null;
    for await (const { key, container, identity, status, reason } of ledger.claims(job)) {
      yield {
        organisation: job.organisation.id,
        source: job.principal.source,
        workload: job.workload,
        container,
        itemKey: key,
        identity,
        status,
        reason: reason ?? '',
        ...placeOf(key),
      };
    }
  }
}

function quotaOf(ends: readonly Ends[]): { gmailUnits: number } {
  const meters = [...new Set(ends.map(({ target }) => target.meter))];
  return { gmailUnits: meters.reduce((sum, meter) => sum + (meter.units['gmail:project'] ?? 0), 0) };
}

function printTotals(context: Context, { totals }: CheckResult): void {
  const rows = Object.entries(totals).map(([workload, numbers]) => [
    workload,
    ...NUMBER_FIELDS.map((field) => numbers[field]),
  ]);
  context.output.table('totals', ['workload', ...NUMBER_FIELDS], rows);
}
