import { PassThrough } from 'node:stream';
import type { OutputStreams } from '../../src/cli/output.ts';

export interface FakeStreams extends OutputStreams {
  /** What was written so far. */
  stdoutText(): string;
  stderrText(): string;
}

/** Streams that keep what is written to them; on a terminal with a width where one is given. */
export function fakeStreams(columns?: number): FakeStreams {
  const stdout = columns === undefined ? new PassThrough() : terminal(columns);
  const stderr = columns === undefined ? new PassThrough() : terminal(columns);
  let out = '';
  let err = '';
  return {
    stdout,
    stderr,
    stdoutText: () => {
      out += stdout.read()?.toString() ?? '';
      return out;
    },
    stderrText: () => {
      err += stderr.read()?.toString() ?? '';
      return err;
    },
  };
}

function terminal(columns: number): PassThrough & { isTTY: boolean; columns: number } {
  return Object.assign(new PassThrough(), { isTTY: true, columns });
}
