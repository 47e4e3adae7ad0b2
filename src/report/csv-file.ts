import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { stringify } from 'csv-stringify/sync';
import { safeCell } from './text.ts';

/** Rows that are put into words at a time. */
const BATCH_ROWS = 500;

export type CsvCell = string | number;

/**
 * Writes a CSV file row by row: RFC 4180, UTF-8 without BOM, header first, columns in the order given, every cell
 * safe against formulas. The file appears under its name only when it is whole.
 */
export function writeCsvFile<T>(
  path: string,
  columns: readonly string[],
  rows: Iterable<T>,
  toCells: (row: T) => readonly CsvCell[],
): void {
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w');
  try {
    let batch: string[][] = [[...columns]];
    const flush = () => {
      writeSync(file, stringify(batch, { record_delimiter: '\r\n' }));
      batch = [];
    };
    for (const row of rows) {
      batch.push(toCells(row).map(safeCell));
      if (batch.length >= BATCH_ROWS) flush();
    }
    if (batch.length > 0) flush();
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
}
