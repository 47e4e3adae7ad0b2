/** The ledger's tables as Kysely types, and the statements that make them, one list per schema version. */

export interface JobTable {
  id: number;
  job: string;
  workload: string;
  organisation: string;
  wave: string;
  source: string;
  target: string;
}

export interface StreamTable {
  job: number;
  stream: string;
  cursor: string | null;
  epoch: number;
}

export interface ItemTable {
  id: number;
  job: number;
  key: string;
  version: string;
  container: string;
  identity: string | null;
  rank: number;
  after_key: string | null;
  ord: number;
  state: string;
  inline: string | null;
  bytes: number | null;
  stream: string;
  epoch: number;
  status: string;
  settled_version: string | null;
  settled_status: string | null;
  receipt: string | null;
  losses: string | null;
  reason: string | null;
  begun_at: number | null;
  begun_version: string | null;
  attempts: number;
  fingerprint: string | null;
}

export interface NoteTable {
  name: string;
  value: string;
}

export interface EstateTable {
  organisation: string;
  generation: number;
  kind: string;
  id: string;
  value: string;
}

export interface EstateGenerationTable {
  organisation: string;
  generation: number;
}

export interface Tables {
  job: JobTable;
  stream: StreamTable;
  item: ItemTable;
  note: NoteTable;
  estate: EstateTable;
  estate_generation: EstateGenerationTable;
}

const VERSION_1 = `
CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  job TEXT NOT NULL UNIQUE,
  workload TEXT NOT NULL,
  organisation TEXT NOT NULL,
  wave TEXT NOT NULL,
  source TEXT NOT NULL,
  target TEXT NOT NULL
) STRICT;
CREATE TABLE stream (
  job INTEGER NOT NULL REFERENCES job (id),
  stream TEXT NOT NULL,
  cursor TEXT,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (job, stream)
) STRICT, WITHOUT ROWID;
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES job (id),
  key TEXT NOT NULL,
  version TEXT NOT NULL,
  container TEXT NOT NULL,
  identity TEXT,
  rank INTEGER NOT NULL,
  after_key TEXT,
  ord REAL NOT NULL,
  state TEXT NOT NULL,
  inline TEXT,
  bytes INTEGER,
  stream TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  status TEXT NOT NULL,
  settled_version TEXT,
  settled_status TEXT,
  receipt TEXT,
  losses TEXT,
  reason TEXT,
  begun_at REAL,
  begun_version TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  fingerprint TEXT
) STRICT;
CREATE UNIQUE INDEX item_key ON item (job, key);
CREATE INDEX item_open ON item (job, rank, ord, key) WHERE status IN ('listed', 'begun');
CREATE INDEX item_identity ON item (job, identity) WHERE identity IS NOT NULL;
CREATE INDEX item_rank ON item (job, rank);
CREATE INDEX item_stream ON item (job, stream);
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE estate_generation (organisation TEXT PRIMARY KEY, generation INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE estate (
  organisation TEXT NOT NULL,
  generation INTEGER NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (organisation, generation, kind, id)
) STRICT, WITHOUT ROWID;
`;

/** The statements that lead from schema version n to n + 1, at position n. Only ever appended to. */
export const MIGRATIONS: readonly string[] = [VERSION_1];
