import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { writeCsvFile } from './csv-file.ts';

/** A source item that the caller knows by a name of its own (a file of a rehearsal's corpus). */
export interface NamedItem {
  name: string;
  /** Id of the item at the source. */
  itemId: string;
}

export interface NamedOutcome {
  name: string;
  /** What the check says of it: `match`, `missing` …, `not-checked` where it never came up. */
  kind: string;
  /** What was added to it, dropped from it or changed; empty where its bytes are equal. */
  alterations: string;
}

/** Reads from a check's store what became of the items that the caller has names for, and writes them to `corpus.csv`. */
export function writeNamedItems(outDir: string, named: readonly NamedItem[]): NamedOutcome[] {
  const store = new DatabaseSync(join(outDir, 'check.db'), { readOnly: true });
  try {
    const query = store.prepare('SELECT kind, alterations FROM items WHERE item = ?');
    const outcomes = named.map(({ name, itemId }): NamedOutcome => {
      const row = query.get(itemId);
      return {
        name,
        kind: String(row?.['kind'] ?? 'not-checked'),
        alterations: String(row?.['alterations'] ?? ''),
      };
    });
    const cells = ({ name, kind, alterations }: NamedOutcome) => [name, kind, alterations];
    writeCsvFile(join(outDir, 'corpus.csv'), ['file', 'outcome', 'alterations'], outcomes, cells);
    return outcomes;
  } finally {
    store.close();
  }
}
