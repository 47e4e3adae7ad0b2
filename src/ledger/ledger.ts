import type { Clock } from '../core/clock.ts';
import type {
  Claim,
  Cursors,
  EstateEntry,
  JobProgress,
  Ledger,
  ListedItem,
  Position,
  ProgressFilter,
  Settlement,
} from '../core/ports.ts';
import type { Job, Json, Loss, Page, SourceItem, WorkloadName } from '../core/types.ts';
import { requireAgreement } from './checks.ts';
import { GroupedCommits, type Grouping } from './commits.ts';
import { type Database, IN_MEMORY, openDatabase } from './database.ts';
import { replaceEstate, selectEstate } from './estate.ts';
import { ledgerFailure } from './failures.ts';
import { Items } from './items.ts';
import { writeDerived, writePage } from './listing.ts';
import {
  selectByIdentity,
  selectClaims,
  selectContainers,
  selectCursors,
  selectItem,
  selectLosses,
  selectOpen,
  selectOpenRanks,
  selectProgress,
} from './queries.ts';
import { writeBegin, writeFingerprint, writeRetry, writeSettlements } from './settling.ts';

/** Long enough for the answers of some thirty requests in flight to meet, short beside any of them. */
const FILE_GROUPING: Grouping = { gatherMs: 4, most: 64 };
const MEMORY_GROUPING: Grouping = { gatherMs: 0, most: 64 };

export interface LedgerOptions {
  /** The database file, or `:memory:` for a dry run. Its folder is made when it is missing. */
  path: string;
  clock: Clock;
  /** Look on without the folder's lock, while another process works; every write throws. */
  readOnly?: boolean;
  /** How writes gather into one commit. */
  grouping?: Grouping;
}

/**
 * Opens the ledger of a working folder. Throws `Config` naming the folder when another process holds it, when it
 * cannot be written, when its schema is newer or its counts disagree; a process that was killed leaves nothing that would block the next.
 */
export function openLedger({ path, clock, readOnly = false, grouping }: LedgerOptions): SqliteLedger {
  const database = openDatabase(path, readOnly);
  if (!readOnly) closeUnless(database, () => requireAgreement(database));
  const gathered = grouping ?? (path === IN_MEMORY ? MEMORY_GROUPING : FILE_GROUPING);
  return new SqliteLedger(database, new GroupedCommits(database, clock, gathered));
}

function closeUnless(database: Database, check: () => void): void {
  try {
    check();
  } catch (error) {
    database.close();
    throw ledgerFailure(error, database.folder);
  }
}

const FIND_JOB = 'SELECT id FROM job WHERE job = ?';
const SAVE_JOB = `INSERT INTO job (job, workload, organisation, wave, source, target) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (job) DO UPDATE SET wave = excluded.wave, target = excluded.target RETURNING id`;
const SAVE_NOTE = `INSERT INTO note (name, value) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
const READ_NOTE = 'SELECT value FROM note WHERE name = ?';
const UNKNOWN_JOB = -1;

/** The ledger over SQLite: writes share synced commits, reads see every write whose promise has resolved. */
export class SqliteLedger implements Ledger {
  readonly #database: Database;
  readonly #commits: GroupedCommits;
  readonly #items: Items;
  readonly #jobs = new Map<string, number>();

  constructor(database: Database, commits: GroupedCommits) {
    this.#database = database;
    this.#commits = commits;
    this.#items = new Items(database);
  }

  /** Transactions committed since it was opened. */
  get commits(): number {
    return this.#commits.commits;
  }

  async openJob(job: Job): Promise<void> {
    await this.#commits.add(() => this.#saveJob(job));
  }

  async cursors(job: Job): Promise<Cursors> {
    return this.#read(() => selectCursors(this.#database, this.#jobNumber(job)));
  }

  async commitPage(job: Job, page: Page): Promise<void> {
    await this.#commits.add(() => writePage(this.#database, this.#items, this.#knownJob(job), page));
  }

  async commitDerived(job: Job, items: readonly SourceItem[]): Promise<void> {
    await this.#commits.add(() => writeDerived(this.#database, this.#items, this.#knownJob(job), items));
  }

  async containers(job: Job, containerRank: number): Promise<readonly ListedItem[]> {
    return this.#read(() => selectContainers(this.#items, this.#jobNumber(job), containerRank));
  }

  async item(job: Job, key: string): Promise<ListedItem | null> {
    return this.#read(() => selectItem(this.#items, this.#jobNumber(job), key));
  }

  async byIdentity(job: Job, identity: string, withGone = false): Promise<readonly ListedItem[]> {
    return this.#read(() => selectByIdentity(this.#items, this.#jobNumber(job), identity, withGone));
  }

  async openRanks(job: Job): Promise<readonly number[]> {
    return this.#read(() => selectOpenRanks(this.#database, this.#jobNumber(job)));
  }

  async open(
    job: Job,
    rank: number,
    after: Position | null,
    limit: number,
    descending: boolean,
  ): Promise<readonly ListedItem[]> {
    return this.#read(() => selectOpen(this.#items, this.#jobNumber(job), rank, after, limit, descending));
  }

  async begin(job: Job, keys: readonly string[], at: number): Promise<void> {
    await this.#commits.add(() => writeBegin(this.#items, this.#knownJob(job), keys, at));
  }

  async fingerprint(job: Job, key: string, fingerprint: string): Promise<void> {
    await this.#commits.add(() => writeFingerprint(this.#items, this.#knownJob(job), key, fingerprint));
  }

  async settle(job: Job, settlements: readonly Settlement[]): Promise<void> {
    await this.#commits.add(() => writeSettlements(this.#items, this.#knownJob(job), settlements));
  }

  async retry(job: Job): Promise<number> {
    return this.#commits.add(() => writeRetry(this.#database, this.#items, this.#knownJob(job)));
  }

  async progress(filter: ProgressFilter = {}): Promise<readonly JobProgress[]> {
    return this.#read(() => selectProgress(this.#database, filter));
  }

  async losses(): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]> {
    return this.#read(() => selectLosses(this.#database));
  }

  claims(job: Job): AsyncIterable<Claim> {
    return selectClaims(this.#items, this.#jobNumber(job));
  }

  async note(name: string, value: Json): Promise<void> {
    await this.#commits.add(() => this.#database.prepare(SAVE_NOTE).run(name, JSON.stringify(value)));
  }

  async readNote(name: string): Promise<Json> {
    const value = this.#database.prepare(READ_NOTE).get(name)?.value;
    return typeof value === 'string' ? (JSON.parse(value) as Json) : null;
  }

  async saveEstate(
    organisation: string,
    items: AsyncIterable<EstateEntry> | Iterable<EstateEntry>,
  ): Promise<void> {
    await replaceEstate(this.#database, this.#commits, organisation, items);
  }

  estate(organisation: string, kind?: string): AsyncIterable<EstateEntry> {
    return selectEstate(this.#database, organisation, kind);
  }

  async close(): Promise<void> {
    this.#commits.flush();
    await this.#database.query.destroy();
    this.#database.close();
  }

  async #read<T>(query: () => T | Promise<T>): Promise<T> {
    try {
      return await query();
    } catch (error) {
      throw ledgerFailure(error, this.#database.folder);
    }
  }

  #jobNumber({ id }: Job): number {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const found = this.#database.prepare(FIND_JOB).get(id)?.id;
    if (typeof found !== 'number') return UNKNOWN_JOB;
    this.#jobs.set(id, found);
    return found;
  }

  /** For writes, inside their transaction: a job that nobody opened is registered by its first write. */
  #knownJob(job: Job): number {
    const known = this.#jobNumber(job);
    return known === UNKNOWN_JOB ? this.#saveJob(job) : known;
  }

  #saveJob({ id, workload, principal }: Job): number {
    const { organisation, wave, source, target } = principal;
    const row = this.#database.prepare(SAVE_JOB).get(id, workload, organisation, wave, source, target);
    return Number(row?.id);
  }
}
