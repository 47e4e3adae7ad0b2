import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Config } from '../core/errors.ts';
import { openDatabase } from './database.ts';
import { ledgerFailure } from './failures.ts';

/**
 * Copies a ledger as it is at this moment, also while another process works with it. The copy is whole or not there: it
 * is written beside its place and renamed. Readable by its owner alone. Resolves to its bytes. Throws `Config` naming
 * the ledger's folder or that of the copy, also when something stands in its place already.
 */
export function backupLedger(path: string, to: string): number {
  if (existsSync(to))
    throw new Config(`${to} is there already: name a new file for the copy of the ledger.`, [
      { file: to, line: 0, found: 'a file', allowed: 'a new file' },
    ]);
  const part = `${to}.part`;
  const database = openDatabase(path, true);
  try {
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    rmSync(part, { force: true });
    database.prepare('VACUUM INTO ?').run(part);
    chmodSync(part, 0o600);
    renameSync(part, to);
    return statSync(to).size;
  } catch (error) {
    if (existsSync(part)) rmSync(part);
    throw ledgerFailure(error, dirname(to));
  } finally {
    database.close();
  }
}
