import type { Database } from './database.ts';
import { hashOf } from './hashes.ts';

/** Where rows stand: what all messages of one folder have in common. */
export interface Place {
  id: number;
  job: number;
  stream: string;
  container: string;
  after: string | null;
  rank: number;
  /** The first key that stood here; the others say in what they differ from it. */
  lead: string;
}

const COLUMNS = 'id, job, stream, container, after_key AS after, rank, lead';
const READ = `SELECT ${COLUMNS} FROM place WHERE id = ?`;
const FIND = `SELECT ${COLUMNS} FROM place WHERE hash = ?`;
const ADD = `INSERT INTO place (hash, job, stream, container, after_key, rank, lead) VALUES (?, ?, ?, ?, ?, ?, ?)
  RETURNING ${COLUMNS}`;
const OF_JOB = `SELECT ${COLUMNS} FROM place WHERE job = ? ORDER BY id`;
const BELOW = `SELECT ${COLUMNS} FROM place WHERE job = ? AND rank < ?`;
const OF_STREAM = `SELECT ${COLUMNS} FROM place WHERE job = ? AND stream = ?`;
const MOST_KEPT = 10_000;

/** The places of the ledger, those met last at hand. */
export class Places {
  readonly #database: Database;
  readonly #byId = new Map<number, Place>();
  readonly #byName = new Map<string, Place>();

  constructor(database: Database) {
    this.#database = database;
  }

  read(id: number): Place {
    const known = this.#byId.get(id);
    if (known) return known;
    const place = this.#database.prepare(READ).get(id) as unknown as Place | undefined;
    if (place === undefined) throw new RangeError(`the ledger has no place ${id}`);
    return this.#keep(place, nameOf(place));
  }

  /** The place of these facts, made when it is new; `key` is its first then. Inside a transaction only. */
  settle(facts: Omit<Place, 'id' | 'lead'>, key: string): Place {
    const name = nameOf(facts);
    const known = this.#byName.get(name);
    if (known) return known;
    const hash = hashOf(facts.job, name);
    const found = this.#database.prepare(FIND).all(hash) as unknown as Place[];
    const same = found.find((each) => nameOf(each) === name);
    if (same) return this.#keep(same, name);
    const { job, stream, container, after, rank } = facts;
    const made = this.#database.prepare(ADD).get(hash, job, stream, container, after, rank, key);
    return this.#keep(made as unknown as Place, name);
  }

  ofJob(job: number): readonly Place[] {
    return this.#database.prepare(OF_JOB).all(job) as unknown as Place[];
  }

  ofStream(job: number, stream: string): readonly Place[] {
    return this.#database.prepare(OF_STREAM).all(job, stream) as unknown as Place[];
  }

  belowRank(job: number, rank: number): readonly Place[] {
    return this.#database.prepare(BELOW).all(job, rank) as unknown as Place[];
  }

  /** Forgets what a failed transaction may have added. */
  forget(): void {
    this.#byId.clear();
    this.#byName.clear();
  }

  #keep(place: Place, name: string): Place {
    if (this.#byId.size >= MOST_KEPT) this.forget();
    this.#byId.set(place.id, place);
    this.#byName.set(name, place);
    return place;
  }
}

function nameOf({ job, stream, container, after, rank }: Omit<Place, 'id' | 'lead'>): string {
  return JSON.stringify([job, stream, container, after, rank]);
}
