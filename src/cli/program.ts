import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { Config, MigrationError } from '../core/errors.ts';
import { WORKLOADS, type WorkloadName } from '../core/types.ts';
import { discover } from './commands/discover.ts';
import { init } from './commands/init.ts';
import { ledgerBackup, ledgerCheck } from './commands/ledger.ts';
import { map } from './commands/map.ts';
import { migrate } from './commands/migrate.ts';
import { plan } from './commands/plan.ts';
import { reconcile } from './commands/reconcile.ts';
import { type RehearseOptions, rehearse } from './commands/rehearse.ts';
import { retry } from './commands/retry.ts';
import { status } from './commands/status.ts';
import { type Context, callOf, createLog, type GlobalOptions, newRunId, workingFolder } from './context.ts';
import { type ExitCode, exitCodeHelp, exitCodeOf } from './exit-codes.ts';
import { fileFault } from './file-faults.ts';
import { createOutput, type OutputStreams } from './output.ts';
import { ferryVersion } from './version.ts';

export interface CliInput {
  argv: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  streams: OutputStreams;
  signal: AbortSignal;
}

type Work<O> = (context: Context, options: O) => Promise<ExitCode>;

/** Runs one command line and resolves to its exit code; the caller alone ends the process. */
export async function runCli(input: CliInput): Promise<ExitCode> {
  let exit: ExitCode = 0;
  let complaint = '';
  const program = new Command('ferry')
    .description('Moves an organisation from Microsoft 365 to Google Workspace and proves what arrived.')
    .option('-C, --directory <dir>', 'working folder (default: the one ferry is called from)')
    .option('--json', 'JSON lines instead of text')
    .option('--debug', 'log every request (ids only)')
    .version(ferryVersion(), '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => input.streams.stdout.write(text),
      writeErr: (text) => {
        complaint += text;
      },
    })
    .addHelpText('after', exitCodeHelp());
  const action =
    <O>(work: Work<O>) =>
    async (options: O, command: Command) => {
      exit = await guarded(input, command, options, work);
    };
  addCommands(program, action);
  try {
    await program.parseAsync([...input.argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : refuse(input, complaint);
  }
}

/** Says what is wrong with a command line that no command could be read from. */
function refuse({ argv, streams }: CliInput, complaint: string): ExitCode {
  const output = createOutput(argv.includes('--json'), streams, () => performance.now());
  const text = complaint.startsWith('error: ')
    ? `${complaint}\`ferry --help\` and \`ferry <command> --help\` list what is allowed.`
    : complaint.trimEnd();
  output.note(text, { type: 'error', exit: 2 });
  return 2;
}

async function guarded<O>(input: CliInput, command: Command, options: O, work: Work<O>): Promise<ExitCode> {
  const globals = command.optsWithGlobals<GlobalOptions>();
  const output = createOutput(globals.json === true, input.streams, () => performance.now());
  const context: Context = {
    dir: workingFolder(globals, input.env, input.cwd),
    run: newRunId(Date.now()),
    env: input.env,
    output,
    log: createLog(globals.debug === true, output),
    signal: input.signal,
    call: callOf(input.env),
    pass: { begun: false },
  };
  output.run(nameOf(command), context.run);
  try {
    return await work(context, options);
  } catch (error) {
    return explain(context, command.name(), fileFault(error), globals.debug === true);
  }
}

/** `ledger check`: a command of a command is told with it. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}

function explain(context: Context, command: string, error: unknown, debug: boolean): ExitCode {
  const exit = exitCodeOf(error);
  if (error instanceof Config) context.output.faults(error.faults);
  if (exit === 1 || debug)
    context.output.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const code = error instanceof MigrationError ? error.code : null;
  const words = error instanceof MigrationError ? error.message : 'an unexpected failure, see above';
  const shown = code === null || exit === 2 || exit === 130 ? '' : ` (${code})`;
  const text = `${sentence(`${words.replace(/\.$/, '')}${shown}`)}${whatNext(context, command, exit)}`;
  context.output.verdict(text, exit, code === null ? {} : { code });
  return exit;
}

function whatNext({ pass }: Context, command: string, exit: ExitCode): string {
  if (exit === 130 && command === 'rehearse') return ' A rehearsal starts afresh each time.';
  if (exit === 130 || exit === 5) return ' Run the same command again to go on.';
  if (exit !== 2 && exit !== 3) return '';
  return pass.begun
    ? ' What was written stays; the same command goes on from there.'
    : ' Nothing was written.';
}

function sentence(text: string): string {
  const first = /^[/.\\]/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

type Act = <O>(work: Work<O>) => (options: O, command: Command) => Promise<void>;

function addCommands(program: Command, action: Act): void {
  const add = (name: string, text: string) =>
    program.command(name).description(text).addHelpText('after', exitCodeHelp());
  const scoped = (name: string, text: string) =>
    add(name, text)
      .option('--organisation <id...>', 'only these organisations')
      .option('--wave <name...>', 'only these waves')
      .option(
        '--only <address...>',
        'only these people (source or target address); leaves the directory out',
        lowerCase,
      )
      .option('--workload <name...>', `only these workloads: ${WORKLOADS.join(', ')}`, workload);
  add('init', 'writes a commented ferry.yaml').action(action(init));
  add('discover', 'reads the source estate into the ledger').action(action(discover));
  add('map', 'writes or completes people.csv, groups.csv, rooms.csv and addresses.csv').action(action(map));
  scoped('plan', 'what would happen: counts and losses to expect; writes nothing').action(action(plan));
  scoped('migrate', 'runs or resumes a pass')
    .option('--dry-run', 'list and plan only')
    .option('--suspend-leavers', 'afterwards suspend the accounts that are disabled at the source')
    .action(action(migrate));
  scoped('status', 'progress by organisation, wave and workload, with every reason').action(action(status));
  scoped('retry', 'drives failed items again').action(action(retry));
  scoped('reconcile', 'reads both ends, compares, writes reports')
    .option('--depth <depth>', 'counts, items or content', depth, 'items')
    .option('--as-of <time>', 'source items changed later count as changed since (default: now)', instant)
    .action(action(reconcile));
  addLedger(add('ledger', 'the ledger of this folder: check it, copy it'), action);
  addRehearse(add('rehearse', 'all of it on simulated tenants'), action);
}

function addLedger(ledger: Command, action: Act): void {
  const add = (name: string, text: string) =>
    ledger.command(name).description(text).addHelpText('after', exitCodeHelp());
  add('check', 'reads it from end to end; may run beside a pass').action(action(ledgerCheck));
  const backup = action(ledgerBackup);
  add('backup', 'copies it as it is at this moment; may run beside a pass')
    .argument('<file>', 'a new file')
    .action((file: string, _options: object, command: Command) => backup({ file }, command));
}

function addRehearse(command: Command, action: Act): void {
  command
    .option('--people <n>', 'people in the estate', upTo(10_000), 12)
    .option('--messages <n>', 'messages in the estate', upTo(1_000_000), 600)
    .option('--events <n>', 'events in the estate', upTo(1_000_000), 150)
    .option('--seed <n>', 'seed of estate and faults', upTo(999_999_999), 1)
    .option('--faults <profile>', 'none, light or heavy', faults, 'light')
    .option('--corpus <dir>', 'folder of real .eml files to add')
    .option('--serve', 'keep the tenants up and write a ferry.yaml, to run each command by hand')
    .action(action<RehearseOptions>(rehearse));
}

function lowerCase(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value.toLowerCase()];
}

function workload(value: string, before: readonly WorkloadName[] | undefined): WorkloadName[] {
  const name = WORKLOADS.find((known) => known === value);
  if (name === undefined) throw new InvalidArgumentError(`Allowed: ${WORKLOADS.join(', ')}.`);
  return [...(before ?? []), name];
}

function oneOf<const T extends string>(...allowed: readonly T[]): (value: string) => T {
  return (value) => {
    const found = allowed.find((word) => word === value);
    if (found === undefined) throw new InvalidArgumentError(`Allowed: ${allowed.join(', ')}.`);
    return found;
  };
}

const depth = oneOf('counts', 'items', 'content');
const faults = oneOf('none', 'light', 'heavy');

function upTo(most: number): (value: string) => number {
  return (value) => {
    if (!/^\d{1,9}$/.test(value) || Number(value) > most)
      throw new InvalidArgumentError(`Allowed: a whole number from 0 to ${most}.`);
    return Number(value);
  };
}

function instant(value: string): number {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new InvalidArgumentError('Allowed: a time such as 2026-11-22T08:00:00Z.');
  return at;
}
