import { Auth, Config, Interrupted, MigrationError } from '../core/errors.ts';

/** The one table of exit codes; `--help` prints it. */
export const EXIT_CODES = [
  [0, 'done'],
  [1, 'unexpected failure'],
  [2, 'bad command, configuration or file'],
  [3, 'sign-in or permission'],
  [4, 'finished, some items failed or are in doubt'],
  [5, 'stopped early, resume later'],
  [6, 'checked and found unexplained differences'],
  [7, 'part of the scope could not be checked'],
  [130, 'interrupted, resumable'],
] as const;

export type ExitCode = (typeof EXIT_CODES)[number][0];

export function exitCodeHelp(): string {
  const rows = EXIT_CODES.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`);
  return ['', 'Exit codes:', ...rows, ''].join('\n');
}

/** The exit code that an error ends a command with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Config) return 2;
  if (error instanceof Auth) return 3;
  if (error instanceof Interrupted) return 130;
  if (error instanceof MigrationError && error.retryable) return 5;
  return 1;
}
