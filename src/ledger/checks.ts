import { Config } from '../core/errors.ts';
import { type Database, openDatabase } from './database.ts';
import { hashOf } from './hashes.ts';
import { type ItemColumns, Items, type StoredRow } from './items.ts';
import { isOpen } from './rules.ts';
import { groupOf } from './tally.ts';

const MOST_FAULTS = 20;
const ITEMS_A_PAGE = 1_000;
const HAS_KEY = 'SELECT 1 FROM key_hash WHERE hash = ? AND item = ?';
const HAS_IDENTITY = 'SELECT 1 FROM identity_hash WHERE hash = ? AND item = ?';
const HAS_WORK = 'SELECT 1 FROM work WHERE job = ? AND rank = ? AND ord = ? AND key = ? AND item = ?';
const COUNTS = `SELECT (SELECT count(*) FROM item) AS items, (SELECT count(*) FROM key_hash) AS keys,
  (SELECT count(*) FROM identity_hash) AS identities, (SELECT count(*) FROM work) AS open`;
const TALLY = 'SELECT job, status, reason, losses, count, bytes FROM tally';
const STANDING =
  'SELECT (SELECT count(*) FROM item) AS items, (SELECT coalesce(sum(count), 0) FROM tally) AS counted';

/** What a check of a ledger found. Faults name items by number, never by what they hold. */
export interface LedgerCheck {
  items: number;
  open: number;
  /** Empty for a sound ledger; of many faults the first ones. */
  faults: readonly string[];
}

/**
 * Reads a ledger from end to end: the database's own check, then that every item can be read, is found by its key and
 * identity, stands among the open ones exactly if it is open, and is counted. May run beside a process that works: it
 * looks at one moment. Throws `Config` naming the folder when the file cannot be read at all.
 */
export function checkLedger(path: string): LedgerCheck {
  const database = openDatabase(path, true);
  try {
    return database.look(() => new Check(database).run());
  } finally {
    database.close();
  }
}

/**
 * For every start: that there are as many items as are counted, at the cost of reading one small index. Throws `Config`
 * naming the folder when there are not.
 */
export function requireAgreement(database: Database): void {
  const { items, counted } = database.prepare(STANDING).get() as unknown as Record<string, number>;
  if (items === counted) return;
  const { folder } = database;
  throw new Config(
    `The ledger in ${folder} does not agree with its own counts: run \`ferry ledger check\`.`,
    [
      {
        file: folder,
        line: 0,
        found: `${items} items, ${counted} counted`,
        allowed: 'as many as are counted',
      },
    ],
  );
}

class Check {
  readonly #database: Database;
  readonly #items: Items;
  readonly #faults: string[] = [];
  readonly #counted = new Map<string, { count: number; bytes: number }>();
  #found = { items: 0, identities: 0, open: 0 };

  constructor(database: Database) {
    this.#database = database;
    this.#items = new Items(database);
  }

  run(): LedgerCheck {
    const pages = this.#database.prepare(`PRAGMA integrity_check(${MOST_FAULTS})`).all();
    for (const { integrity_check: said } of pages)
      if (said !== 'ok') this.#fault(`database: ${String(said)}`);
    let afterId = 0;
    for (;;) {
      const columns = this.#items.columnsAfter(afterId, ITEMS_A_PAGE);
      for (const each of columns) this.#checkColumns(each);
      if (columns.length < ITEMS_A_PAGE) break;
      afterId = columns.at(-1)?.id ?? 0;
    }
    this.#checkCounts();
    this.#checkTally();
    return { items: this.#found.items, open: this.#found.open, faults: this.#faults };
  }

  #checkColumns(columns: ItemColumns): void {
    this.#found.items += 1;
    try {
      this.#checkItem(this.#items.read(columns));
    } catch (error) {
      if (error instanceof Config) throw error;
      this.#fault(`item ${columns.id} cannot be read`);
    }
  }

  #checkItem({ id, job, row }: StoredRow): void {
    if (!this.#has(HAS_KEY, hashOf(job, row.key), id)) this.#fault(`item ${id} is not found by its key`);
    if (row.identity !== null) {
      this.#found.identities += 1;
      const isFound = this.#has(HAS_IDENTITY, hashOf(job, row.identity), id);
      if (!isFound) this.#fault(`item ${id} is not found by its identity`);
    }
    if (isOpen(row.status)) {
      this.#found.open += 1;
      const stands = this.#has(HAS_WORK, job, row.rank, row.order, row.key, id);
      if (!stands) this.#fault(`item ${id} is open and not among the open ones`);
    }
    const { status, reason, losses } = groupOf(job, row);
    const name = JSON.stringify([job, status, reason, losses]);
    const group = this.#counted.get(name) ?? { count: 0, bytes: 0 };
    group.count += 1;
    group.bytes += Math.trunc(row.bytes ?? 0);
    this.#counted.set(name, group);
  }

  #checkCounts(): void {
    const { items, identities, open } = this.#found;
    const held = this.#database.prepare(COUNTS).get() as unknown as Record<string, number>;
    const expected = { keys: items, identities, open };
    for (const [name, count] of Object.entries(expected))
      if (held[name] !== count) this.#fault(`${name}: ${held[name]} stand where ${count} belong`);
  }

  #checkTally(): void {
    for (const { job, status, reason, losses, count, bytes } of this.#database.prepare(TALLY).all()) {
      const name = JSON.stringify([job, status, reason, losses]);
      const found = this.#counted.get(name) ?? { count: 0, bytes: 0 };
      this.#counted.delete(name);
      if (found.count !== count || found.bytes !== bytes)
        this.#fault(`job ${job} counts ${count} ${status}, there are ${found.count}`);
    }
    for (const [name, { count }] of this.#counted) this.#fault(`${count} items of ${name} are not counted`);
  }

  #has(sql: string, ...values: (number | string)[]): boolean {
    return this.#database.prepare(sql).get(...values) !== undefined;
  }

  #fault(text: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(text);
  }
}
