import { Config, MigrationError } from '../core/errors.ts';

/** Primary result codes of SQLite. Source: https://www.sqlite.org/rescode.html, read 2026-11. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

const SENTENCES: Readonly<Record<number, string>> = {
  [BUSY]: 'is in use by another ferry process: let it finish or stop it first',
  [READONLY]: 'cannot be written: check its permissions and those of the files in it',
  [IOERR]: 'failed while it was read or written: check the disk and its free space',
  [CORRUPT]: 'holds a damaged ledger: restore ledger.db from a copy',
  [FULL]: 'is on a disk that is full: free some space and run the same command again',
  [CANTOPEN]: 'cannot be opened: check that it exists and may be written',
  [NOTADB]: 'holds a ledger.db that is no ledger',
};

/** The failure of the database as an error that names the folder; anything else is returned as it is. */
export function ledgerFailure(error: unknown, folder: string): unknown {
  if (error instanceof MigrationError) return error;
  const sentence = SENTENCES[primaryCode(error)] ?? SENTENCES[systemCode(error)];
  if (sentence === undefined) return error;
  const fault = { file: folder, line: 0, found: detailOf(error), allowed: 'a local folder of its own' };
  const wrapped = new Config(`The ledger's folder ${folder} ${sentence}.`, [fault]);
  wrapped.cause = error;
  return wrapped;
}

function primaryCode(error: unknown): number {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : 0;
}

function systemCode(error: unknown): number {
  switch ((error as NodeJS.ErrnoException | null)?.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return READONLY;
    case 'ENOSPC':
    case 'EDQUOT':
      return FULL;
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
      return CANTOPEN;
    case 'EIO':
      return IOERR;
    default:
      return 0;
  }
}

function detailOf(error: unknown): string {
  const { errstr, code } = error as { errstr?: string; code?: string };
  return errstr ?? code ?? 'unknown';
}
