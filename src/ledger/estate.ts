import type { EstateEntry } from '../core/ports.ts';
import type { JsonObject } from '../core/types.ts';
import type { GroupedCommits } from './commits.ts';
import type { Database } from './database.ts';

export const ENTRIES_A_PAGE = 500;
const GENERATION = 'SELECT generation FROM estate_generation WHERE organisation = ?';
const LATEST = 'SELECT max(generation) AS generation FROM estate WHERE organisation = ?';
const INSERT =
  'INSERT OR REPLACE INTO estate (organisation, generation, kind, id, value) VALUES (?, ?, ?, ?, ?)';
const PUBLISH = `INSERT INTO estate_generation (organisation, generation) VALUES (?, ?)
  ON CONFLICT (organisation) DO UPDATE SET generation = excluded.generation`;
const FORGET = 'DELETE FROM estate WHERE organisation = ? AND generation <> ?';

/**
 * Replaces an organisation's estate: entries are written beside the standing ones and take their place in one
 * transaction at the end, so a discovery that breaks off leaves the earlier estate whole.
 */
export async function replaceEstate(
  database: Database,
  commits: GroupedCommits,
  organisation: string,
  entries: AsyncIterable<EstateEntry> | Iterable<EstateEntry>,
): Promise<void> {
  const latest = Number(database.prepare(LATEST).get(organisation)?.generation ?? 0);
  const generation = Math.max(latest, generationOf(database, organisation)) + 1;
  for await (const batch of inBatches(entries)) {
    await commits.add(() => {
      for (const { kind, id, value } of batch)
        database.prepare(INSERT).run(organisation, generation, kind, id, JSON.stringify(value));
    });
  }
  await commits.add(() => {
    database.prepare(PUBLISH).run(organisation, generation);
    database.prepare(FORGET).run(organisation, generation);
  });
}

/** The entries of the standing estate by kind and id, a page at a time. */
export async function* selectEstate(
  database: Database,
  organisation: string,
  kind: string | undefined,
): AsyncIterable<EstateEntry> {
  const generation = generationOf(database, organisation);
  let last: EstateEntry | null = null;
  for (;;) {
    const entries: EstateEntry[] = await entriesAfter(database, organisation, generation, kind, last);
    yield* entries;
    if (entries.length < ENTRIES_A_PAGE) return;
    last = entries.at(-1) ?? null;
  }
}

async function entriesAfter(
  database: Database,
  organisation: string,
  generation: number,
  kind: string | undefined,
  last: EstateEntry | null,
): Promise<EstateEntry[]> {
  let page = database.query
    .selectFrom('estate')
    .select(['kind', 'id', 'value'])
    .where('organisation', '=', organisation)
    .where('generation', '=', generation)
    .orderBy('kind')
    .orderBy('id')
    .limit(ENTRIES_A_PAGE);
  if (kind !== undefined) page = page.where('kind', '=', kind);
  if (last !== null)
    page = page.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('kind', 'id'), '>', tuple(last.kind, last.id)),
    );
  const rows = await page.execute();
  return rows.map((row) => ({ ...row, value: JSON.parse(row.value) as JsonObject }));
}

function generationOf(database: Database, organisation: string): number {
  return Number(database.prepare(GENERATION).get(organisation)?.generation ?? 0);
}

/** Entries in groups that one transaction writes. */
export async function* inBatches(
  entries: AsyncIterable<EstateEntry> | Iterable<EstateEntry>,
): AsyncIterable<readonly EstateEntry[]> {
  let batch: EstateEntry[] = [];
  for await (const entry of entries) {
    batch.push(entry);
    if (batch.length < ENTRIES_A_PAGE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
