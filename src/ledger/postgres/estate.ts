import { type Kysely, sql } from 'kysely';
import type { EstateEntry } from '../../core/ports.ts';
import { ENTRIES_A_PAGE, inBatches } from '../estate.ts';
import type { CommitLanes } from './commits.ts';
import type { PostgresTables } from './schema.ts';

type Query = Kysely<PostgresTables>;

/**
 * Replaces an organisation's estate: entries are written beside the standing ones and take their place in one
 * transaction at the end, so a discovery that breaks off leaves the earlier estate whole.
 */
export async function replaceEstate(
  lanes: CommitLanes,
  organisation: string,
  entries: AsyncIterable<EstateEntry> | Iterable<EstateEntry>,
): Promise<void> {
  const generation = await lanes.add(organisation, (within) => nextGeneration(within, organisation));
  for await (const batch of inBatches(entries))
    await lanes.add(organisation, (within) => insertEntries(within, organisation, generation, batch));
  await lanes.add(organisation, async (within) => {
    await within
      .insertInto('estate_generation')
      .values({ organisation, generation })
      .onConflict((same) => same.column('organisation').doUpdateSet({ generation }))
      .execute();
    await within
      .deleteFrom('estate')
      .where('organisation', '=', organisation)
      .where('generation', '<>', generation)
      .execute();
  });
}

/** A page of the standing estate by kind and id, after `last`. */
export async function selectEntriesAfter(
  query: Query,
  organisation: string,
  kind: string | undefined,
  last: EstateEntry | null,
): Promise<readonly EstateEntry[]> {
  const ofKind = kind === undefined ? sql`` : sql` AND kind = ${kind}`;
  const beyond = last === null ? sql`` : sql` AND (kind, id) > (${last.kind}, ${last.id})`;
  const { rows } = await sql<{ kind: string; id: string; value: string }>`
    SELECT kind, id, value FROM estate NATURAL JOIN estate_generation
    WHERE organisation = ${organisation}${ofKind}${beyond}
    ORDER BY kind, id LIMIT ${ENTRIES_A_PAGE}`.execute(query);
  return rows.map((row) => ({ ...row, value: JSON.parse(row.value) as EstateEntry['value'] }));
}

async function nextGeneration(query: Query, organisation: string): Promise<number> {
  const { rows } = await sql<{ generation: number }>`
    SELECT greatest((SELECT max(generation) FROM estate WHERE organisation = ${organisation}),
      (SELECT generation FROM estate_generation WHERE organisation = ${organisation}), 0) + 1 AS generation`.execute(
    query,
  );
  return rows[0]?.generation ?? 1;
}

async function insertEntries(
  query: Query,
  organisation: string,
  generation: number,
  entries: readonly EstateEntry[],
): Promise<void> {
  // The last entry of a kind and id counts, as it does in a file.
  const last = [...new Map(entries.map((entry) => [JSON.stringify([entry.kind, entry.id]), entry])).values()];
  const kinds = last.map(({ kind }) => kind);
  const ids = last.map(({ id }) => id);
  const values = last.map(({ value }) => JSON.stringify(value));
  await sql`INSERT INTO estate (organisation, generation, kind, id, value)
    SELECT ${organisation}::text, ${generation}::bigint, entry.*
    FROM unnest(${kinds}::text[], ${ids}::text[], ${values}::text[]) AS entry
    ON CONFLICT (organisation, generation, kind, id) DO UPDATE SET value = excluded.value`.execute(query);
}
