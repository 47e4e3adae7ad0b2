import pc from 'picocolors';
import type { ConfigFault } from '../core/errors.ts';

export interface OutputStreams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/**
 * What a command says. Results go to stdout, everything else to stderr; on a terminal with colour and a live line,
 * piped as plain text, with `--json` as one JSON object per line.
 */
export interface Output {
  json: boolean;
  /** The run id, first of all. */
  run(command: string, run: string): void;
  table(name: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
  /** A result in one line; `fields` are what `--json` shows. */
  result(text: string, fields?: object): void;
  /** What happens meanwhile. */
  note(text: string, fields?: object): void;
  /** A line of the log, which is JSON already. */
  log(line: string): void;
  /** Replaces the live line on a terminal; elsewhere prints now and then. */
  progress(text: () => string, fields: () => object): void;
  faults(faults: readonly ConfigFault[]): void;
  /** The last line: one sentence that says how it ended. */
  verdict(text: string, exit: number, fields?: object): void;
}

/** The output of a command that is a step of another: its verdict is a result like any other. */
export function stepOutput(output: Output): Output {
  return { ...output, verdict: (text, _exit, fields) => output.result(text, fields) };
}

const PROGRESS_EVERY_MS = { terminal: 120, piped: 5_000 };

export function createOutput(json: boolean, streams: OutputStreams, now: () => number): Output {
  const terminal = !json && streams.stderr.isTTY === true;
  const paint = pc.createColors(!json && streams.stdout.isTTY === true && !process.env.NO_COLOR);
  let live = false;
  let lastProgress = now();
  const clearLive = () => {
    if (live) streams.stderr.write('\r\x1b[2K');
    live = false;
  };
  const write = (stream: NodeJS.WritableStream, text: string, fields: object) => {
    clearLive();
    stream.write(`${json ? JSON.stringify(fields) : text}\n`);
  };
  const out = (text: string, fields: object) => write(streams.stdout, text, fields);
  const err = (text: string, fields: object) => write(streams.stderr, visibleLines(text), fields);
  return {
    json,
    run: (command, run) => out(paint.dim(`run ${run}  ferry ${command}`), { type: 'run', run, command }),
    table: (name, columns, rows) => {
      if (json) {
        for (const row of rows)
          out('', { type: name, ...Object.fromEntries(columns.map((key, at) => [key, row[at]])) });
      } else {
        out(tableText(columns, rows, paint), {});
      }
    },
    result: (text, fields = {}) => out(visible(text), { type: 'result', text, ...fields }),
    note: (text, fields = {}) => err(text, { type: 'note', text, ...fields }),
    log: (line) => {
      clearLive();
      streams.stderr.write(line);
    },
    progress: (text, fields) => {
      const at = now();
      if (at - lastProgress < (terminal ? PROGRESS_EVERY_MS.terminal : PROGRESS_EVERY_MS.piped)) return;
      lastProgress = at;
      if (!terminal) return err(text(), { type: 'progress', ...fields() });
      clearLive();
      streams.stderr.write(visible(text()).slice(0, (streams.stderr.columns || 80) - 1));
      live = true;
    },
    faults: (faults) => {
      for (const { file, line, found, allowed } of faults) {
        err(`${file}${line > 0 ? `:${line}` : ''}: ${found} (allowed: ${allowed})`, {
          type: 'fault',
          file,
          line,
          found,
          allowed,
        });
      }
    },
    verdict: (text, exit, fields = {}) => {
      const colour =
        exit === 0 ? paint.green : exit === 4 || exit === 5 || exit === 130 ? paint.yellow : paint.red;
      out(colour(visible(text)), { type: 'verdict', text, exit, ...fields });
    },
  };
}

function tableText(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  paint: ReturnType<typeof pc.createColors>,
): string {
  const cells = rows.map((row) => row.map((cell) => visible(String(cell))));
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const numeric = columns.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [paint.bold(line(columns)), ...cells.map(line)].join('\n');
}

/** Text from a tenant may hold control or bidi characters; a terminal must not act on them. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
