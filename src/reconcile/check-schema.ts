/**
 * Tables of `check.db`. `facts` holds one mailbox at a time and is emptied after its comparison; all others stay:
 * every page and table of the report is rendered from them.
 */
export const CHECK_SCHEMA = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE findings (
    seq INTEGER PRIMARY KEY,
    finding_id TEXT NOT NULL UNIQUE,
    job INTEGER NOT NULL,
    organisation TEXT NOT NULL, wave TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
    workload TEXT NOT NULL, container TEXT NOT NULL, container_key TEXT NOT NULL,
    item TEXT NOT NULL, identity TEXT NOT NULL,
    kind TEXT NOT NULL, code TEXT NOT NULL, field TEXT NOT NULL,
    source_value TEXT NOT NULL, target_value TEXT NOT NULL,
    units INTEGER NOT NULL, accepted INTEGER NOT NULL
  );
  CREATE INDEX findings_job ON findings (job, item);
  CREATE TABLE items (
    seq INTEGER PRIMARY KEY,
    job INTEGER NOT NULL,
    container TEXT NOT NULL, item TEXT NOT NULL, identity TEXT NOT NULL,
    kind TEXT NOT NULL, rule TEXT NOT NULL, alterations TEXT NOT NULL
  );
  CREATE INDEX items_job ON items (job);
  CREATE TABLE jobs (
    job INTEGER PRIMARY KEY,
    organisation TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, workload TEXT NOT NULL
  );
  CREATE INDEX jobs_key ON jobs (organisation, workload, source);
  CREATE TABLE exclusions (
    job INTEGER NOT NULL, fate TEXT NOT NULL, rule TEXT NOT NULL, units INTEGER NOT NULL,
    PRIMARY KEY (job, fate, rule)
  ) WITHOUT ROWID;
  CREATE TABLE claims (
    finding_id TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, explains INTEGER NOT NULL,
    PRIMARY KEY (finding_id, status, reason)
  ) WITHOUT ROWID;
  CREATE TABLE facts (
    job INTEGER NOT NULL, side INTEGER NOT NULL, identity TEXT NOT NULL, id TEXT NOT NULL,
    message_id TEXT, fate TEXT NOT NULL, rule TEXT NOT NULL, container TEXT NOT NULL, fact TEXT NOT NULL,
    PRIMARY KEY (job, identity, side, id)
  ) WITHOUT ROWID;
  CREATE INDEX facts_ids ON facts (job, side, message_id);
  CREATE INDEX facts_containers ON facts (job, side, container);
`;
