/**
 * The ledger's tables. The statements that make them are one list per schema version; a version whose rows have to be
 * rewritten names the step that does it.
 */

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

export interface TallyTable {
  job: number;
  status: string;
  reason: string;
  losses: string;
  count: number;
  bytes: number;
}

export interface EstateTable {
  organisation: string;
  generation: number;
  kind: string;
  id: string;
  value: string;
}

/** The tables that are queried through Kysely; the others belong to the hot paths. */
export interface Tables {
  job: JobTable;
  stream: StreamTable;
  tally: TallyTable;
  estate: EstateTable;
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

/**
 * Items in few bytes: what a folder's messages share stands in `place` and `word`, what only open items need in
 * `work` (clustered in the order in which they are worked, and emptied again), counts in `tally`. Keys and identities
 * are found by hash; a row's own texts are packed.
 */
const VERSION_2 = `
DROP INDEX item_key;
DROP INDEX item_open;
DROP INDEX item_identity;
DROP INDEX item_rank;
DROP INDEX item_stream;
ALTER TABLE item RENAME TO item_1;
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  status INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  key BLOB NOT NULL,
  facts BLOB NOT NULL,
  outcome BLOB NOT NULL
) STRICT;
CREATE INDEX item_place ON item (place);
CREATE INDEX item_failed ON item (place) WHERE status = 8;
CREATE TABLE key_hash (hash INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (hash, item)) STRICT, WITHOUT ROWID;
CREATE TABLE identity_hash (hash INTEGER NOT NULL, item INTEGER NOT NULL, PRIMARY KEY (hash, item))
  STRICT, WITHOUT ROWID;
CREATE TABLE work (
  job INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  ord REAL NOT NULL,
  key TEXT NOT NULL,
  item INTEGER NOT NULL,
  status TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  begun_at REAL,
  begun_version TEXT,
  inline TEXT,
  PRIMARY KEY (job, rank, ord, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE place (
  id INTEGER PRIMARY KEY,
  hash INTEGER NOT NULL,
  job INTEGER NOT NULL REFERENCES job (id),
  stream TEXT NOT NULL,
  container TEXT NOT NULL,
  after_key TEXT,
  rank INTEGER NOT NULL,
  lead TEXT NOT NULL
) STRICT;
CREATE INDEX place_hash ON place (hash);
CREATE INDEX place_job ON place (job, rank);
CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tally (
  job INTEGER NOT NULL REFERENCES job (id),
  status TEXT NOT NULL,
  reason TEXT NOT NULL,
  losses TEXT NOT NULL,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (job, status, reason, losses)
) STRICT, WITHOUT ROWID;
`;

export interface Migration {
  statements: string;
  /** Rewrites the rows of the version before, after the statements and in the same transaction. */
  rows?: 'pack-items';
}

/** What leads from schema version n to n + 1, at position n. Only ever appended to. */
export const MIGRATIONS: readonly Migration[] = [
  { statements: VERSION_1 },
  { statements: VERSION_2, rows: 'pack-items' },
];
