import { Config } from '../core/errors.ts';

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'a read-only file system',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a file where a folder is needed',
  EEXIST: 'a file where a folder is needed',
  EISDIR: 'a folder where a file is needed',
  ENAMETOOLONG: 'a path that is too long',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
};

/** A refusal of the file system about a path, in the operator's words; any other error is returned as it is. */
export function fileFault(error: unknown): unknown {
  const { code = '', syscall, path = 'a file' } = (error ?? {}) as NodeJS.ErrnoException;
  const found = MEANINGS[code];
  if (!(error instanceof Error) || found === undefined || syscall === undefined) return error;
  const allowed = 'a path that ferry may read and write';
  const wrapped = new Config(`${path} cannot be used`, [{ file: path, line: 0, found, allowed }]);
  wrapped.cause = error;
  return wrapped;
}
