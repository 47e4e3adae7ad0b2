import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Config, type ConfigFault } from '../core/errors.ts';

/** A line of `acceptances.jsonl`: who accepted which findings, why and when. */
export interface Acceptance {
  findings: readonly string[];
}

/**
 * Ids of all findings that a named person has accepted. A file that is not there means none. Each line is a JSON
 * object with `by`, `reason`, `at` and either `finding` (one id) or `findings` (a list). Throws `Config` with every
 * line that is none of these.
 */
export async function readAcceptances(path: string): Promise<Set<string>> {
  const accepted = new Set<string>();
  const faults: ConfigFault[] = [];
  let line = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(path, 'utf8') })) {
      line += 1;
      if (text.trim() === '') continue;
      const acceptance = parseLine(text);
      if (acceptance === null) faults.push(faultOf(path, line, text));
      else for (const finding of acceptance.findings) accepted.add(finding);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (faults.length > 0) throw new Config(`${faults.length} fault(s) in ${path}`, faults);
  return accepted;
}

function parseLine(text: string): Acceptance | null {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { finding, findings, by } = value as Record<string, unknown>;
  if (typeof by !== 'string' || by.trim() === '') return null;
  if (typeof finding === 'string') return { findings: [finding] };
  if (!Array.isArray(findings) || !findings.every((id) => typeof id === 'string')) return null;
  return { findings };
}

function faultOf(file: string, line: number, text: string): ConfigFault {
  return {
    file,
    line,
    found: text.length > 60 ? `${text.slice(0, 60)}…` : text,
    allowed: '{"by":"…","reason":"…","at":"…","findings":["…"]}',
  };
}
