import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Config, type ConfigFault } from '../core/errors.ts';

/** One field of a CSV file: its name in our files, and the names that other tools give it (any case). */
export interface Column {
  name: string;
  synonyms?: readonly string[];
  required?: boolean;
}

export interface CsvRow {
  /** 1-based line in the file. */
  line: number;
  values: Readonly<Record<string, string>>;
}

export interface CsvTable {
  rows: CsvRow[];
  faults: ConfigFault[];
  /** Header as it stands in the file → our column, for those that were recognised under another name. */
  recognised: Readonly<Record<string, string>>;
}

const FORMULA = /^[=+\-@\t\r]/;

/**
 * Reads a CSV file as people bring it: UTF-8 with or without BOM, comma, semicolon or tab, quoted or not, header names
 * in any case and under other tools' names. Cells that were made safe against formula injection are read as meant.
 */
export function readCsv(text: string, file: string, columns: readonly Column[]): CsvTable {
  const delimiter = detectDelimiter(text);
  let lines: { record: string[]; info: { lines: number } }[];
  try {
    lines = parse(text, {
      bom: true,
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      // With `info` the rows carry their line; the package's types do not say so.
    }) as unknown as typeof lines;
  } catch (error) {
    const line = (error as { lines?: number }).lines ?? 0;
    const found = error instanceof Error ? error.message : String(error);
    return { rows: [], faults: [{ file, line, found, allowed: 'RFC 4180 CSV' }], recognised: {} };
  }
  const header = lines[0]?.record ?? [];
  const { names, faults, recognised } = recogniseHeader(header, file, columns);
  const rows: CsvRow[] = [];
  for (const { record, info } of lines.slice(1)) {
    if (record.length > header.length) {
      faults.push({
        file,
        line: info.lines,
        found: `${record.length} cells`,
        allowed: `${header.length} cells, as the header has`,
      });
    }
    const values: Record<string, string> = {};
    names.forEach((name, index) => {
      if (name !== null) values[name] = plain(record[index] ?? '');
    });
    rows.push({ line: info.lines, values });
  }
  return { rows, faults, recognised };
}

/** Writes rows with a header in stable column order, RFC 4180, every cell safe against formula injection. */
export function writeCsv(
  columns: readonly string[],
  rows: readonly Readonly<Record<string, string>>[],
): string {
  const safe = rows.map((row) => columns.map((column) => formulaSafe(row[column] ?? '')));
  return stringify([[...columns], ...safe], { record_delimiter: '\r\n' });
}

/** A cell that no spreadsheet takes for a formula. */
export function formulaSafe(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** Throws all faults of all files at once. */
export function refuseFaults(faults: readonly ConfigFault[]): void {
  if (faults.length > 0)
    throw new Config(`${faults.length} fault${faults.length === 1 ? '' : 's'} in the configuration`, faults);
}

function plain(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}

function detectDelimiter(text: string): string {
  const header = text.split(/\r?\n/, 1)[0] ?? '';
  const counts = [',', ';', '\t'].map((mark) => ({ mark, count: header.split(mark).length - 1 }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).mark;
}

function recogniseHeader(header: readonly string[], file: string, columns: readonly Column[]) {
  const faults: ConfigFault[] = [];
  const recognised: Record<string, string> = {};
  const taken = new Set<string>();
  const names = header.map((cell) => {
    const folded = fold(cell);
    if (/^(password|pw\d?|kennwort)$/.test(folded)) {
      faults.push({ file, line: 1, found: `a column "${cell}"`, allowed: 'no passwords in files' });
      return null;
    }
    const column = columns.find(({ name, synonyms = [] }) =>
      [name, ...synonyms].some((word) => fold(word) === folded),
    );
    if (column === undefined) return null;
    if (taken.has(column.name)) {
      faults.push({
        file,
        line: 1,
        found: `"${cell}" means ${column.name} a second time`,
        allowed: 'each column once',
      });
      return null;
    }
    taken.add(column.name);
    if (fold(column.name) !== folded) recognised[cell] = column.name;
    return column.name;
  });
  for (const column of columns) {
    if (column.required && !taken.has(column.name)) {
      faults.push({
        file,
        line: 1,
        found: `no column "${column.name}"`,
        allowed: columns.map(({ name }) => name).join(','),
      });
    }
  }
  return { names, faults, recognised };
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
