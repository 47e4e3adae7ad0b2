import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaySpending } from '../transport/budget.ts';

/**
 * Daily spending in `.ferry/spent/<day>.jsonl` of the working folder: one line per claim, appended, so that commands
 * which run at the same time share one budget. Lines: `{"project":"…","bucket":"gmail:project","units":80000}`.
 */
export function createDaySpending(dir: string, project: string): DaySpending {
  const folder = join(dir, '.ferry', 'spent');
  const fileOf = (day: string) => join(folder, `${day}.jsonl`);
  return {
    claimed(day, bucket) {
      return linesOf(fileOf(day))
        .filter((line) => line.project === project && line.bucket === bucket)
        .reduce((sum, { units }) => sum + units, 0);
    },
    claim(day, bucket, units) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Begins with the line end: what a crash cut short spoils no line but its own.
      appendFileSync(fileOf(day), `\n${JSON.stringify({ project, bucket, units })}`, { mode: 0o600 });
    },
  };
}

interface Claim {
  project: string;
  bucket: string;
  units: number;
}

function linesOf(path: string): Claim[] {
  return textOf(path)
    .split('\n')
    .flatMap((line) => {
      const claim = parsed(line);
      return claim === null ? [] : [claim];
    });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function parsed(line: string): Claim | null {
  try {
    const { project, bucket, units }: Record<string, unknown> = JSON.parse(line);
    if (typeof project !== 'string' || typeof bucket !== 'string' || typeof units !== 'number') return null;
    return { project, bucket, units };
  } catch {
    // An empty line, or one that a crash cut short.
    return null;
  }
}
