import type { Database } from './database.ts';
import type { Vocabulary } from './texts.ts';

const FIND = 'SELECT id FROM word WHERE text = ?';
const READ = 'SELECT text FROM word WHERE id = ?';
const ADD = 'INSERT INTO word (text) VALUES (?)';
const MOST_KEPT = 20_000;
/** Whatever is longer has its own place in a row. */
const LONGEST = 4_096;

/**
 * The ledger's vocabulary: a text gets a number when it is met for the second time, so that what occurs once stays with
 * its row. Numbers are given inside the transaction of the row that needs them.
 */
export class Words implements Vocabulary {
  readonly #database: Database;
  readonly #numbers = new Map<string, number>();
  readonly #texts = new Map<number, string>();
  readonly #met = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  numberOf(text: string): number | null {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (text.length > LONGEST) return null;
    const found = this.#database.prepare(FIND).get(text)?.id;
    if (typeof found === 'number') return this.#keep(text, found);
    if (!this.#met.has(text)) {
      if (this.#met.size >= MOST_KEPT) this.#met.clear();
      this.#met.add(text);
      return null;
    }
    return this.#keep(text, Number(this.#database.prepare(ADD).run(text).lastInsertRowid));
  }

  textOf(number: number): string {
    const known = this.#texts.get(number);
    if (known !== undefined) return known;
    const text = this.#database.prepare(READ).get(number)?.text;
    if (typeof text !== 'string') throw new RangeError(`the ledger has no word ${number}`);
    this.#keep(text, number);
    return text;
  }

  /** Forgets what a failed transaction may have added. */
  forget(): void {
    this.#numbers.clear();
    this.#texts.clear();
    this.#met.clear();
  }

  #keep(text: string, number: number): number {
    if (this.#numbers.size >= MOST_KEPT) this.#numbers.clear();
    if (this.#texts.size >= MOST_KEPT) this.#texts.clear();
    this.#numbers.set(text, number);
    this.#texts.set(number, text);
    return number;
  }
}
