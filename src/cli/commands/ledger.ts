import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { backupLedger } from '../../ledger/backups.ts';
import { checkLedger } from '../../ledger/checks.ts';
import { type Context, ledgerPath } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Reads the folder's ledger from end to end, also while a pass runs, and says whether it is sound. */
export async function ledgerCheck(context: Context): Promise<ExitCode> {
  if (!existsSync(ledgerPath(context))) return withoutLedger(context);
  const { items, open, faults } = checkLedger(ledgerPath(context));
  for (const fault of faults) context.output.result(fault, { type: 'fault', fault });
  const isSound = faults.length === 0;
  const words = isSound
    ? `The ledger is sound: ${items} items, ${open} of them open.`
    : 'The ledger is damaged: keep a copy of .ferry and restore ledger.db from a backup.';
  context.output.verdict(words, isSound ? 0 : 2, { items, open, faults: faults.length });
  return isSound ? 0 : 2;
}

/** Copies the folder's ledger to a new file, as it is at this moment, also while a pass runs. */
export async function ledgerBackup(context: Context, options: { file: string }): Promise<ExitCode> {
  if (!existsSync(ledgerPath(context))) return withoutLedger(context);
  const to = resolve(context.dir, options.file);
  const bytes = backupLedger(ledgerPath(context), to);
  context.output.verdict(`The ledger is copied to ${to} (${bytes} bytes).`, 0, { file: to, bytes });
  return 0;
}

function withoutLedger(context: Context): ExitCode {
  context.output.verdict('There is no ledger in this folder yet.', 2);
  return 2;
}
