import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import { Config } from '../core/errors.ts';
import { ledgerFailure } from './failures.ts';
import { MIGRATIONS, type Tables } from './schema.ts';
import { packItems } from './upgrade.ts';

export const IN_MEMORY = ':memory:';

/** Pages kept in memory: enough for the upper levels of every index of some millions of items. */
const CACHE_KIB = 32_768;
/** Free pages up to this part of the file stay in it for what is written next. */
const MOST_FREE = 0.02;

/** An open ledger database: statements for the hot paths, Kysely for everything else, one connection for both. */
export interface Database {
  /** Kysely over the same connection; its queries run between transactions, never inside one. */
  query: Kysely<Tables>;
  /** Prepared once per text and kept. */
  prepare(sql: string): StatementSync;
  /** Runs `work` in one transaction that is on disk when this returns; nothing of it stands when it throws. */
  transact<T>(work: () => T): T;
  /** Runs `work` over the database as it is at one moment, whatever others write meanwhile. */
  look<T>(work: () => T): T;
  /** Calls these around every transaction from now on. */
  watch(watcher: TransactionWatcher): void;
  close(): void;
  folder: string;
}

/** What has to happen with each transaction of a database. */
export interface TransactionWatcher {
  /** Writes that belong to the transaction, last of all. */
  beforeCommit(): void;
  /** Nothing of the transaction stands. */
  afterRollback(): void;
}

/**
 * Opens or creates the database at `path` (`:memory:` for dry runs), takes the folder's lock and brings the schema
 * up to date. Files are readable by their owner alone. `readOnly` takes no lock, so that it can look on while another
 * process works. Throws `Config` naming the folder when it is in use, cannot be written, or holds a newer schema.
 */
export function openDatabase(path: string, readOnly: boolean): Database {
  const folder = path === IN_MEMORY ? path : dirname(path);
  const release: (() => void)[] = [];
  try {
    if (path !== IN_MEMORY && !readOnly) {
      createPrivately(path, folder);
      release.push(lock(`${path}.lock`));
    }
    const connection = new DatabaseSync(path, { readOnly, timeout: readOnly ? 2_000 : 0 });
    release.push(() => connection.close());
    const database = over(connection, { folder, readOnly }, release);
    if (!readOnly) prepareSchema(connection, database);
    requireCurrentSchema(connection, folder);
    return database;
  } catch (error) {
    for (const step of release.reverse()) step();
    throw ledgerFailure(error, folder);
  }
}

function over(
  connection: DatabaseSync,
  { folder, readOnly }: { folder: string; readOnly: boolean },
  release: (() => void)[],
): Database {
  const statements = new Map<string, StatementSync>();
  const watchers: TransactionWatcher[] = [];
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known) return known;
    const made = connection.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  return {
    query: new Kysely<Tables>({ dialect: new SqliteDialect({ database: kyselyShape(connection) }) }),
    prepare,
    transact: (work) => transact(connection, folder, watchers, work),
    look: (work) => look(connection, folder, work),
    watch: (watcher) => {
      watchers.push(watcher);
    },
    close: () => {
      if (!readOnly) giveBack(connection);
      for (const step of release.reverse()) step();
      release.length = 0;
    },
    folder,
  };
}

/** The part of better-sqlite3's shape that Kysely's dialect asks for. */
function kyselyShape(connection: DatabaseSync): SqliteDatabase {
  return {
    close: () => {},
    prepare: (sql) => {
      const statement = connection.prepare(sql);
      const bound = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bound(parameters)),
        run: (parameters) => statement.run(...bound(parameters)),
        iterate: (parameters) => statement.iterate(...bound(parameters)),
      } satisfies SqliteStatement;
    },
  };
}

function transact<T>(
  connection: DatabaseSync,
  folder: string,
  watchers: readonly TransactionWatcher[],
  work: () => T,
): T {
  try {
    connection.exec('BEGIN IMMEDIATE');
    const result = work();
    for (const watcher of watchers) watcher.beforeCommit();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    for (const watcher of watchers) watcher.afterRollback();
    throw ledgerFailure(error, folder);
  }
}

function look<T>(connection: DatabaseSync, folder: string, work: () => T): T {
  try {
    connection.exec('BEGIN');
    return work();
  } catch (error) {
    throw ledgerFailure(error, folder);
  } finally {
    if (connection.isTransaction) connection.exec('ROLLBACK');
  }
}

function prepareSchema(connection: DatabaseSync, database: Database): void {
  const known = schemaVersion(connection);
  connection.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -${CACHE_KIB};`);
  for (const [version, { statements, rows }] of MIGRATIONS.entries()) {
    if (version < known) continue;
    database.transact(() => {
      connection.exec(statements);
      if (rows === 'pack-items') packItems(connection, database);
      connection.exec(`PRAGMA user_version = ${version + 1}`);
    });
  }
  // A file that was made without room for giving pages back has to be written anew for it.
  if (known > 0 && known < MIGRATIONS.length) connection.exec('VACUUM');
}

/** Gives the room of what is settled back to the disk. A disk without room for that keeps the file as it is. */
function giveBack(connection: DatabaseSync): void {
  const pages = (name: string) => Number(connection.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  if (!connection.isOpen || pages('freelist_count') <= MOST_FREE * pages('page_count')) return;
  try {
    connection.exec('PRAGMA incremental_vacuum');
  } catch {
    // Nothing is lost: the free pages are used by what is written next.
  }
}

function requireCurrentSchema(connection: DatabaseSync, folder: string): void {
  const version = schemaVersion(connection);
  if (version === MIGRATIONS.length) return;
  const found = `schema version ${version}`;
  const allowed = `schema version ${MIGRATIONS.length}`;
  const remedy = version < MIGRATIONS.length ? ': run `ferry migrate` or `ferry plan` once' : '';
  throw new Config(`The ledger in ${folder} has ${found}; this ferry works with ${allowed}${remedy}.`, [
    { file: folder, line: 0, found, allowed },
  ]);
}

function schemaVersion(connection: DatabaseSync): number {
  return Number(connection.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** SQLite gives its journal files the mode of the database file, so this one decides for all of them. */
function createPrivately(path: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const file of [path, `${path}.lock`]) {
    closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR, 0o600));
  }
}

/**
 * Holds an exclusive lock for the life of the process. It is an advisory lock of the operating system on a database
 * that stays empty, so a killed process leaves nothing behind, and readers of the ledger itself are not shut out.
 */
function lock(path: string): () => void {
  const connection = new DatabaseSync(path, { timeout: 0 });
  try {
    connection.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;');
  } catch (error) {
    connection.close();
    throw error;
  }
  return () => connection.close();
}
