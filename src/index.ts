/**
 * The public API: what scripts compose. A script loads a working folder, selects jobs, runs passes and checks; the
 * command line does nothing else. Everything throws the classes of `core/errors.ts`.
 */
export { checkSignIns, type Ends, openCheckEnds, openEnds } from './cli/connections.ts';
export { EXIT_CODES, type ExitCode, exitCodeOf } from './cli/exit-codes.ts';
export { type CliInput, runCli } from './cli/program.ts';
export {
  type Body,
  type EstateFiles,
  jobsOf,
  loadEstateFiles,
  loadWorkspace,
  principalsOf,
  type Scope,
  type Workspace,
} from './config/workspace.ts';
export { type Clock, systemClock } from './core/clock.ts';
export {
  AmbiguousWrite,
  Auth,
  Config,
  CursorExpired,
  Interrupted,
  MigrationError,
  NotFound,
  Rejected,
  Throttled,
  Transient,
} from './core/errors.ts';
export type { EngineEvent, Ledger, Observer, Workload } from './core/ports.ts';
export type { Job, Loss, Organisation, Outcome, Policy, Principal } from './core/types.ts';
export { type PassOptions, type PassResult, runPass } from './engine/pass.ts';
export { type PassPlan, planPass } from './engine/plan.ts';
export { openLedger } from './ledger/ledger.ts';
export { openPostgresLedger } from './ledger/postgres/ledger.ts';
export type { CheckResult } from './reconcile/check-result.ts';
export { type ReconcileOptions, reconcile } from './reconcile/reconcile.ts';
export { writeReports } from './report/report.ts';
export { createWorkloads } from './workloads.ts';
