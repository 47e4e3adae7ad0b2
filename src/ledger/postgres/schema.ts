import { type Generated, type Kysely, sql } from 'kysely';
import { Config } from '../../core/errors.ts';
import type { JobTable } from '../schema.ts';

export interface LeaseTable {
  principal: string;
  worker: string;
  epoch: number;
  expires_at: Date;
}

/**
 * The tables that queries are built for; items and estates are read and written by
 * statements of their own.
 */
export interface PostgresTables {
  job: Omit<JobTable, 'id'> & { id: Generated<number> };
  stream: { job: number; stream: string; cursor: string | null; epoch: number };
  note: { name: string; value: string };
  estate: { organisation: string; generation: number };
  estate_generation: { organisation: string; generation: number };
  principal_lease: LeaseTable;
}

/** Keys are compared byte by byte (collation C), so that every server and SQLite give the same order. */
const VERSION_1 = `
CREATE TABLE job (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text COLLATE "C" NOT NULL UNIQUE,
  workload text NOT NULL,
  organisation text NOT NULL,
  wave text NOT NULL,
  source text NOT NULL,
  target text NOT NULL
);
CREATE TABLE stream (
  job bigint NOT NULL REFERENCES job (id),
  stream text COLLATE "C" NOT NULL,
  cursor text,
  epoch bigint NOT NULL,
  PRIMARY KEY (job, stream)
);
CREATE TABLE item (
  job bigint NOT NULL REFERENCES job (id),
  key text COLLATE "C" NOT NULL,
  version text NOT NULL,
  container text COLLATE "C" NOT NULL,
  identity text COLLATE "C",
  rank integer NOT NULL,
  after_key text,
  ord double precision NOT NULL,
  state text NOT NULL,
  inline text,
  bytes bigint,
  stream text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  settled_version text,
  settled_status text COLLATE "C",
  receipt text,
  losses text,
  reason text,
  begun_at double precision,
  begun_version text,
  attempts integer NOT NULL DEFAULT 0,
  fingerprint text,
  PRIMARY KEY (job, key)
);
CREATE INDEX item_open ON item (job, rank, ord, key) WHERE status IN ('listed', 'begun');
CREATE INDEX item_identity ON item (job, identity) WHERE identity IS NOT NULL;
CREATE INDEX item_rank ON item (job, rank);
CREATE INDEX item_stream ON item (job, stream);
CREATE TABLE note (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);
CREATE TABLE estate_generation (organisation text COLLATE "C" PRIMARY KEY, generation bigint NOT NULL);
CREATE TABLE estate (
  organisation text COLLATE "C" NOT NULL,
  generation bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (organisation, generation, kind, id)
);
CREATE TABLE principal_lease (
  principal text COLLATE "C" PRIMARY KEY,
  worker text NOT NULL,
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL
);
`;

/** The statements that lead from schema version n to n + 1, at position n. Only ever appended to. */
const MIGRATIONS: readonly string[] = [VERSION_1];

/**
 * Makes the schema and brings it up to date, in one transaction under an advisory lock, so that of any number of
 * processes that start together one does it and the others find it done. Throws `Config` when it is newer than this
 * ferry knows.
 */
export async function prepareSchema(
  query: Kysely<PostgresTables>,
  schema: string,
  place: string,
): Promise<void> {
  await query.transaction().execute(async (within) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`ferry ledger ${schema}`}, 0))`.execute(within);
    const known = await schemaVersion(within, schema);
    if (known === null) await createSchema(within, schema);
    requireKnown(known ?? 0, schema, place);
    for (const [version, statements] of MIGRATIONS.entries()) {
      if (version < (known ?? 0)) continue;
      await sql.raw(statements).execute(within);
      await sql`UPDATE schema_version SET version = ${version + 1}`.execute(within);
    }
  });
}

/** True when the schema holds a ledger of this version; throws `Config` when it holds one of another version. */
export async function holdsLedger(
  query: Kysely<PostgresTables>,
  schema: string,
  place: string,
): Promise<boolean> {
  const known = await schemaVersion(query, schema);
  if (known === null) return false;
  requireKnown(known, schema, place);
  if (known < MIGRATIONS.length) throw versionRefusal(known, schema, place);
  return true;
}

async function createSchema(query: Kysely<PostgresTables>, schema: string): Promise<void> {
  // CREATE SCHEMA IF NOT EXISTS asks for the right to create even where the schema is there.
  const { rows } = await sql`SELECT 1 FROM pg_namespace WHERE nspname = ${schema}`.execute(query);
  if (rows.length === 0) await sql`CREATE SCHEMA ${sql.id(schema)}`.execute(query);
  await sql`CREATE TABLE schema_version AS SELECT 0 AS version`.execute(query);
}

async function schemaVersion(query: Kysely<PostgresTables>, schema: string): Promise<number | null> {
  const found = await sql<{ there: boolean }>`
    SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = ${schema} AND tablename = 'schema_version') AS there`.execute(
    query,
  );
  if (found.rows[0]?.there !== true) return null;
  const { rows } = await sql<{ version: number }>`SELECT version FROM schema_version`.execute(query);
  return rows[0]?.version ?? 0;
}

function requireKnown(version: number, schema: string, place: string): void {
  if (version > MIGRATIONS.length) throw versionRefusal(version, schema, place);
}

function versionRefusal(version: number, schema: string, place: string): Config {
  const found = `schema version ${version}`;
  const allowed = `schema version ${MIGRATIONS.length}`;
  return new Config(
    `The ledger in ${place}, schema ${schema}, has ${found}; this ferry works with ${allowed}.`,
    [{ file: 'ledger', line: 0, found, allowed }],
  );
}
