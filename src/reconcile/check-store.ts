import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Finding } from '../core/facts.ts';
import type { WorkloadName } from '../core/types.ts';
import { CHECK_SCHEMA } from './check-schema.ts';
import { digest } from './names.ts';

/** A finding as it is stored: with what claims are laid beside it by, and how many units it stands for. */
export interface StoredFinding extends Finding {
  /** Id of the container at its own end; part of the finding's id, since names change. */
  containerKey: string;
  /** Message-ID, iCalendar UID or address; empty where there is none. */
  identity: string;
  units: number;
  accepted: boolean;
}

/** A row of `items.csv`: one item and what became of it. */
export interface ItemRow {
  organisation: string;
  source: string;
  target: string;
  workload: WorkloadName;
  container: string;
  item: string;
  identity: string;
  kind: string;
  rule: string;
  alterations: string;
}

/** What the mover says about a finding. `explains` is true where it counts as `failed` with a reason. */
export interface ClaimRow {
  findingId: string;
  status: string;
  reason: string;
  explains: boolean;
}

/** What was left out of one job, by fate and rule. */
export interface ExclusionRow {
  organisation: string;
  source: string;
  workload: WorkloadName;
  fate: string;
  rule: string;
  units: number;
}

/** A finding before its id is known. */
export type FindingDraft = Omit<StoredFinding, 'findingId' | 'accepted'>;

const FINDING_COLUMNS = `f.finding_id AS findingId, f.organisation, f.wave, f.source, f.target, f.workload,
  f.container, f.container_key AS containerKey, f.item, f.identity, f.kind, f.code, f.field,
  f.source_value AS sourceValue, f.target_value AS targetValue, f.units, f.accepted`;

/**
 * The SQLite file of one check. Rows are written as they are found, so memory does not grow with a mailbox; reading
 * streams in a stable order. Not shared between processes.
 */
export class CheckStore {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.path = path;
    this.#db = new DatabaseSync(path);
  }

  /** A new, empty store; a file of an earlier attempt at the same run is replaced. */
  static create(path: string): CheckStore {
    mkdirSync(dirname(path), { recursive: true });
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(path + suffix, { force: true });
    const store = new CheckStore(path);
    // The file can be made again from the two tenants: durability is given up for speed.
    store.#db.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;');
    store.#db.exec(CHECK_SCHEMA);
    return store;
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  setMeta(name: string, value: unknown): void {
    this.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', name, JSON.stringify(value));
  }

  /** Null where nothing stands under the name. */
  meta(name: string): unknown {
    const row = this.statement('SELECT value FROM meta WHERE name = ?').get(name);
    return row === undefined ? null : JSON.parse(String(row['value']));
  }

  addJob(key: { organisation: string; source: string; target: string; workload: string }): number {
    const { lastInsertRowid } = this.statement(
      'INSERT INTO jobs (organisation, source, target, workload) VALUES (?, ?, ?, ?)',
    ).run(key.organisation, key.source, key.target, key.workload);
    return Number(lastInsertRowid);
  }

  /** Stores a finding under an id that is the same in every run for the same difference of the same item. */
  addFinding(job: number, draft: FindingDraft, accepted: ReadonlySet<string>): string {
    for (let ordinal = 0; ; ordinal += 1) {
      const id = findingId(draft, ordinal);
      const { changes } = this.statement(
        'INSERT OR IGNORE INTO findings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(
        id,
        job,
        draft.organisation,
        draft.wave,
        draft.source,
        draft.target,
        draft.workload,
        draft.container,
        draft.containerKey,
        draft.item,
        draft.identity,
        draft.kind,
        draft.code,
        draft.field,
        draft.sourceValue,
        draft.targetValue,
        draft.units,
        accepted.has(id) ? 1 : 0,
      );
      if (changes === 1) return id;
    }
  }

  addItem(job: number, row: Omit<ItemRow, 'organisation' | 'source' | 'target' | 'workload'>): void {
    this.run(
      'INSERT INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)',
      job,
      row.container,
      row.item,
      row.identity,
      row.kind,
      row.rule,
      row.alterations,
    );
  }

  addExclusion(job: number, fate: string, rule: string, units: number): void {
    this.run(
      'INSERT INTO exclusions VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET units = units + excluded.units',
      job,
      fate,
      rule,
      units,
    );
  }

  /** All findings, ordered by organisation, person, workload and container, then as they were found. */
  *findings(): Generator<StoredFinding> {
    const sql = `SELECT ${FINDING_COLUMNS} FROM findings f
      ORDER BY f.organisation, f.source, f.workload, f.container, f.item, f.code, f.field, f.finding_id`;
    for (const row of this.#db.prepare(sql).iterate()) yield toFinding(row);
  }

  *items(): Generator<ItemRow> {
    const sql = `SELECT j.organisation, j.source, j.target, j.workload, i.container, i.item, i.identity, i.kind,
      i.rule, i.alterations FROM jobs j JOIN items i ON i.job = j.job
      ORDER BY j.organisation, j.source, j.workload, j.job, i.container, i.item, i.seq`;
    for (const row of this.#db.prepare(sql).iterate()) yield row as unknown as ItemRow;
  }

  *exclusions(): Generator<ExclusionRow> {
    const sql = `SELECT j.organisation, j.source, j.workload, e.fate, e.rule, e.units
      FROM jobs j JOIN exclusions e ON e.job = j.job
      ORDER BY j.organisation, j.source, j.workload, e.fate, e.rule`;
    for (const row of this.#db.prepare(sql).iterate()) yield row as unknown as ExclusionRow;
  }

  /** Findings with what the mover claims about them; only those about which it claims anything. */
  *claims(): Generator<StoredFinding & ClaimRow> {
    const sql = `SELECT ${FINDING_COLUMNS}, c.status, c.reason, c.explains
      FROM claims c JOIN findings f ON f.finding_id = c.finding_id
      ORDER BY f.organisation, f.source, f.workload, f.container, f.item, f.finding_id, c.status, c.reason`;
    for (const row of this.#db.prepare(sql).iterate()) {
      const { status, reason, explains } = row as unknown as ClaimRow;
      yield { ...toFinding(row), status, reason, explains: Number(explains) === 1 };
    }
  }

  /** The reason claimed for a finding; empty where there is none. */
  claimedReason(id: string): string {
    const row = this.statement(
      "SELECT group_concat(status || ': ' || reason, '; ') AS claimed FROM claims WHERE finding_id = ?",
    ).get(id);
    return row?.['claimed'] === null ? '' : String(row?.['claimed'] ?? '');
  }

  /** A prepared statement, kept for the life of the store. */
  statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#db.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }

  /** A statement of its own, for iterations that may run beside each other. */
  freshStatement(sql: string): StatementSync {
    return this.#db.prepare(sql);
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.statement(sql).run(...values);
  }

  /** Runs synchronous work in one transaction; what throws leaves nothing behind. */
  transaction<T>(work: () => T): T {
    this.#db.exec('BEGIN');
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }
}

function toFinding(row: unknown): StoredFinding {
  const found = row as StoredFinding & { accepted: number | boolean };
  return { ...found, accepted: Number(found.accepted) === 1 };
}

/** Stable over runs: it depends on who, what, where and how, never on values, time or run. */
function findingId(draft: FindingDraft, ordinal: number): string {
  const { organisation, source, workload, containerKey, item, kind, code, field } = draft;
  const words = [organisation, source, workload, containerKey, item, kind, code, field];
  return digest(...words, ...(ordinal === 0 ? [] : [String(ordinal)])).slice(0, 24);
}
