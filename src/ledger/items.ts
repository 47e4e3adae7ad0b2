import type { Position } from '../core/ports.ts';
import type { ItemStatus, Json } from '../core/types.ts';
import type { Database } from './database.ts';
import { hashOf } from './hashes.ts';
import { type Place, Places } from './places.ts';
import { type PackedItem, RowPacking, type WorkFacts } from './row-packing.ts';
import { codeOf, GONE_CODE, OPEN_CODE, type Row } from './rows.ts';
import { isOpen } from './rules.ts';
import { Tally } from './tally.ts';
import { Words } from './words.ts';

const COLUMNS = 'item.id, item.place, item.status, item.epoch, item.key, item.facts, item.outcome';
const BY_KEY = `SELECT ${COLUMNS} FROM key_hash JOIN item ON item.id = key_hash.item WHERE key_hash.hash = ?`;
const BY_IDENTITY = `SELECT ${COLUMNS} FROM identity_hash JOIN item ON item.id = identity_hash.item
  WHERE identity_hash.hash = ?`;
const IN_PLACE = `SELECT ${COLUMNS} FROM item WHERE place = ? AND id > ? ORDER BY id LIMIT ?`;
const UNSEEN = `SELECT ${COLUMNS} FROM item
  WHERE place = ? AND epoch <> ? AND status <> ${GONE_CODE} AND id > ? ORDER BY id LIMIT ?`;
const AFTER_ID = `SELECT ${COLUMNS} FROM item WHERE id > ? ORDER BY id LIMIT ?`;
const BY_ID = `SELECT ${COLUMNS} FROM item WHERE id = ?`;

const OPEN = `SELECT ${COLUMNS}, work.key AS work_key, work.status AS work_status, work.attempts, work.begun_at,
  work.begun_version, work.inline FROM work JOIN item ON item.id = work.item WHERE work.job = ? AND work.rank = ?`;
const OPEN_ASCENDING = `${OPEN} AND (work.ord, work.key) > (?, ?) ORDER BY work.ord, work.key LIMIT ?`;
const OPEN_DESCENDING = `${OPEN} AND (work.ord, work.key) < (?, ?) ORDER BY work.ord DESC, work.key DESC LIMIT ?`;

const ADD = 'INSERT INTO item (place, status, epoch, key, facts, outcome) VALUES (?, ?, ?, ?, ?, ?)';
const CHANGE = `UPDATE item SET place = ?, status = ?, epoch = ?, key = ?, facts = ?, outcome = ? WHERE id = ?`;
const CONCLUDE = 'UPDATE item SET status = ?, outcome = ? WHERE id = ?';
const SEE = 'UPDATE item SET epoch = ? WHERE id = ?';
const REMOVE = 'DELETE FROM item WHERE id = ?';
const ADD_KEY = 'INSERT INTO key_hash (hash, item) VALUES (?, ?)';
const MOVE_KEY = 'UPDATE key_hash SET item = ? WHERE hash = ? AND item = ?';
const ADD_IDENTITY = 'INSERT INTO identity_hash (hash, item) VALUES (?, ?)';
const REMOVE_IDENTITY = 'DELETE FROM identity_hash WHERE hash = ? AND item = ?';

const WORK = `SELECT status, attempts, begun_at, begun_version, inline FROM work
  WHERE job = ? AND rank = ? AND ord = ? AND key = ?`;
const ADD_WORK = `INSERT INTO work (job, rank, ord, key, item, status, attempts, begun_at, begun_version, inline)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const CHANGE_WORK = `UPDATE work SET item = ?, status = ?, attempts = ?, begun_at = ?, begun_version = ?, inline = ?
  WHERE job = ? AND rank = ? AND ord = ? AND key = ?`;
const MARK_WORK = `UPDATE work SET status = ?, attempts = ?, begun_at = ?, begun_version = ?
  WHERE job = ? AND rank = ? AND ord = ? AND key = ?`;
const END_WORK = 'DELETE FROM work WHERE job = ? AND rank = ? AND ord = ? AND key = ?';

/** An item as its table holds it. */
export interface ItemColumns extends PackedItem {
  id: number;
}

interface WorkColumns {
  status: string;
  attempts: number;
  begun_at: number | null;
  begun_version: string | null;
  inline: string | null;
}

type OpenColumns = Omit<WorkColumns, 'status'> & { work_key: string; work_status: string };

/** A row and where it stands. */
export interface StoredRow {
  id: number;
  job: number;
  row: Row;
  /** Bytes that its outcome takes, free room included. */
  outcomeBytes: number;
  /** Bytes of key and facts. */
  factsBytes: number;
}

/** The items of a ledger: rows are read whole, changed by plain code and written back, here alone. */
export class Items {
  readonly places: Places;
  readonly packing: RowPacking;
  readonly #database: Database;
  readonly #words: Words;
  readonly #tally: Tally;

  constructor(database: Database) {
    this.#database = database;
    this.#words = new Words(database);
    this.places = new Places(database);
    this.packing = new RowPacking(this.#words);
    this.#tally = new Tally(database);
    database.watch({
      beforeCommit: () => this.#tally.write(),
      afterRollback: () => {
        this.#words.forget();
        this.places.forget();
        this.#tally.forget();
      },
    });
  }

  find(job: number, key: string): StoredRow | null {
    for (const columns of this.#all(BY_KEY, hashOf(job, key))) {
      const place = this.places.read(columns.place);
      if (place.job === job && this.packing.unpackKey(columns.key, place) === key)
        return this.#stored(columns, key, place);
    }
    return null;
  }

  withIdentity(job: number, identity: string): StoredRow[] {
    const found = this.#all(BY_IDENTITY, hashOf(job, identity));
    return found
      .map((columns) => this.read(columns))
      .filter((stored) => stored.job === job && stored.row.identity === identity);
  }

  /** Items of one place after an id, in the order of ids. */
  inPlace(place: number, afterId: number, limit: number): StoredRow[] {
    return this.#all(IN_PLACE, place, afterId, limit).map((columns) => this.read(columns));
  }

  /** Items of one place that the reading of this epoch did not show and that are not gone already. */
  unseen(place: number, epoch: number, afterId: number, limit: number): StoredRow[] {
    return this.#all(UNSEEN, place, epoch, afterId, limit).map((columns) => this.read(columns));
  }

  /** Items of all jobs after an id, in the order of ids. */
  columnsAfter(afterId: number, limit: number): ItemColumns[] {
    return this.#all(AFTER_ID, afterId, limit);
  }

  byId(id: number): StoredRow | null {
    const [columns] = this.#all(BY_ID, id);
    return columns ? this.read(columns) : null;
  }

  read(columns: ItemColumns): StoredRow {
    const place = this.places.read(columns.place);
    return this.#stored(columns, this.packing.unpackKey(columns.key, place), place);
  }

  /** Open items of a rank after a position, in order. */
  open(job: number, rank: number, { order, key }: Position, limit: number, descending: boolean): Row[] {
    const statement = this.#database.prepare(descending ? OPEN_DESCENDING : OPEN_ASCENDING);
    const found = statement.all(job, rank, order, key, limit) as unknown as (ItemColumns & OpenColumns)[];
    return found.map((columns) => {
      const row = this.packing.unpack(columns, columns.work_key, this.places.read(columns.place));
      return { ...row, ...toWorkFacts({ ...columns, status: columns.work_status }) };
    });
  }

  add(job: number, row: Row): void {
    const place = this.places.settle({ job, ...row }, row.key);
    const id = this.#insert(this.packing.pack(row, place));
    this.#database.prepare(ADD_KEY).run(hashOf(job, row.key), id);
    if (row.identity !== null) this.#database.prepare(ADD_IDENTITY).run(hashOf(job, row.identity), id);
    if (isOpen(row.status)) this.#addWork(job, row, id);
    this.#tally.shift(job, null, row);
  }

  /** Any change. A row that outgrows its room goes to the end of the table, so that pages stay full. */
  change(stored: StoredRow, row: Row): void {
    const { job, row: before } = stored;
    const place = this.places.settle({ job, ...row }, row.key);
    const packed = this.packing.pack(row, place, stored.outcomeBytes);
    const bytes = packed.key.length + packed.facts.length;
    const fits = packed.outcome.length <= stored.outcomeBytes && bytes <= stored.factsBytes;
    const id = fits ? stored.id : this.#move(stored, packed);
    if (fits) this.#database.prepare(CHANGE).run(...valuesOf(packed), id);
    this.#changeIdentity(stored, row.identity, id);
    this.#changeWork(stored, row, id);
    this.#tally.shift(job, before, row);
  }

  /** A change of what became of it alone: outcome, receipt, mark; its key and facts are as they were. */
  conclude(stored: StoredRow, row: Row): void {
    const outcome = this.packing.packOutcome(row, stored.outcomeBytes);
    if (outcome.length > stored.outcomeBytes) this.change(stored, row);
    else {
      this.#database.prepare(CONCLUDE).run(codeOf(row.status), outcome, stored.id);
      this.#changeWork(stored, row, stored.id);
      this.#tally.shift(stored.job, stored.row, row);
    }
  }

  /** A change of an open item that concerns its mark and attempts alone. */
  mark(stored: StoredRow, row: Row): void {
    const { status, attempts, begunAt, begunVersion } = row;
    this.#database
      .prepare(MARK_WORK)
      .run(status, attempts, begunAt, begunVersion, ...workPlace(stored.job, row));
    this.#tally.shift(stored.job, stored.row, row);
  }

  /** Shown as it is by a reading. */
  see(id: number, epoch: number): void {
    this.#database.prepare(SEE).run(epoch, id);
  }

  #all(sql: string, ...values: number[]): ItemColumns[] {
    return this.#database.prepare(sql).all(...values) as unknown as ItemColumns[];
  }

  #stored(columns: ItemColumns, key: string, place: Place): StoredRow {
    const settled = this.packing.unpack(columns, key, place);
    const work = columns.status === OPEN_CODE ? this.#work(place.job, settled) : null;
    return storedRow(columns, place.job, work === null ? settled : { ...settled, ...work });
  }

  #work(job: number, row: Row): WorkFacts | null {
    const found = this.#database.prepare(WORK).get(...workPlace(job, row));
    return found === undefined ? null : toWorkFacts(found as unknown as WorkColumns);
  }

  #insert(packed: PackedItem): number {
    return Number(this.#database.prepare(ADD).run(...valuesOf(packed)).lastInsertRowid);
  }

  #move({ id, job, row }: StoredRow, packed: PackedItem): number {
    this.#database.prepare(REMOVE).run(id);
    const moved = this.#insert(packed);
    this.#database.prepare(MOVE_KEY).run(moved, hashOf(job, row.key), id);
    return moved;
  }

  #changeIdentity({ id: before, job, row }: StoredRow, identity: string | null, id: number): void {
    if (id === before && identity === row.identity) return;
    if (row.identity !== null) this.#database.prepare(REMOVE_IDENTITY).run(hashOf(job, row.identity), before);
    if (identity !== null) this.#database.prepare(ADD_IDENTITY).run(hashOf(job, identity), id);
  }

  #changeWork({ job, row: before }: StoredRow, row: Row, id: number): void {
    const wasOpen = isOpen(before.status);
    const stays = before.rank === row.rank && before.order === row.order;
    if (wasOpen && isOpen(row.status) && stays) {
      const { status, attempts, begunAt, begunVersion, inline } = row;
      const facts = [id, status, attempts, begunAt, begunVersion, textOf(inline)] as const;
      this.#database.prepare(CHANGE_WORK).run(...facts, ...workPlace(job, row));
      return;
    }
    if (wasOpen) this.#database.prepare(END_WORK).run(...workPlace(job, before));
    if (isOpen(row.status)) this.#addWork(job, row, id);
  }

  #addWork(job: number, row: Row, id: number): void {
    const { status, attempts, begunAt, begunVersion, inline } = row;
    const facts = [id, status, attempts, begunAt, begunVersion, textOf(inline)] as const;
    this.#database.prepare(ADD_WORK).run(...workPlace(job, row), ...facts);
  }
}

function storedRow({ id, key, facts, outcome }: ItemColumns, job: number, row: Row): StoredRow {
  return { id, job, row, outcomeBytes: outcome.length, factsBytes: key.length + facts.length };
}

function workPlace(job: number, { rank, order, key }: Row) {
  return [job, rank, order, key] as const;
}

function valuesOf({ place, status, epoch, key, facts, outcome }: PackedItem) {
  return [place, status, epoch, key, facts, outcome] as const;
}

function textOf(inline: Json): string | null {
  return inline === null ? null : JSON.stringify(inline);
}

function toWorkFacts({ status, attempts, begun_at, begun_version, inline }: WorkColumns): WorkFacts {
  return {
    status: status as ItemStatus,
    attempts,
    begunAt: begun_at,
    begunVersion: begun_version,
    inline: inline === null ? null : (JSON.parse(inline) as Json),
  };
}
