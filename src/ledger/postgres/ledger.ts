import type { Kysely } from 'kysely';
import type { Clock } from '../../core/clock.ts';
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
} from '../../core/ports.ts';
import type { Job, Json, Loss, Page, SourceItem, WorkloadName } from '../../core/types.ts';
import { ENTRIES_A_PAGE } from '../estate.ts';
import { CommitLanes, type Within } from './commits.ts';
import { connect, type PostgresAddress, placeOf } from './connection.ts';
import { replaceEstate, selectEntriesAfter } from './estate.ts';
import type { JointWrite } from './joint-writes.ts';
import { leaseName, PrincipalLeases } from './leases.ts';
import { writeDerived, writePage } from './listing.ts';
import { Patience } from './patience.ts';
import {
  CLAIMS_A_PAGE,
  selectByIdentity,
  selectClaimsAfter,
  selectContainers,
  selectCursors,
  selectItem,
  selectLosses,
  selectOpen,
  selectOpenRanks,
  selectProgress,
} from './queries.ts';
import { holdsLedger, type PostgresTables, prepareSchema } from './schema.ts';
import { type Beginning, beginMarks, SETTLEMENTS, writeFingerprint, writeRetry } from './settling.ts';

/** Longer than a server takes to restart or to fail over. */
const PATIENCE_MS = 120_000;
const UNKNOWN_JOB = -1;

export interface PostgresLedgerOptions extends PostgresAddress {
  /** Real time: a server's restart does not shrink with the waits of a rehearsal. */
  clock: Clock;
  /** How long a server that goes away is waited for, in milliseconds. Default: two minutes. */
  patienceMs?: number;
  /** Ends such waiting. */
  signal?: AbortSignal;
}

/**
 * Opens a programme's ledger in PostgreSQL and makes its schema where it is missing. Any number of processes may have
 * it open. Throws `Config` when the address, the sign-in, a right or the schema's version is wrong, `Transient` (scope
 * run) when the server is away.
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedger> {
  return opened(options, false, async (query, place) => {
    await prepareSchema(query, options.schema, place);
    return true;
  }) as Promise<PostgresLedger>;
}

/** Opens the ledger for looking on, every write throwing `Config`; null when the schema holds none yet. */
export function findPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedger | null> {
  return opened(options, true, (query, place) => holdsLedger(query, options.schema, place));
}

async function opened(
  options: PostgresLedgerOptions,
  readOnly: boolean,
  isThere: (query: Kysely<PostgresTables>, place: string) => Promise<boolean>,
): Promise<PostgresLedger | null> {
  const query = connect(options, { readOnly });
  try {
    if (await isThere(query, placeOf(options.url)))
      return new PostgresLedger(
        query,
        new Patience({ ...options, patienceMs: options.patienceMs ?? PATIENCE_MS }),
      );
  } catch (error) {
    await query.destroy();
    throw error;
  }
  await query.destroy();
  return null;
}

/**
 * The ledger over PostgreSQL: writes share synced commits, reads see every write whose promise has resolved. While the
 * server is away everything waits; what was committed once stands once.
 */
export class PostgresLedger implements Ledger {
  /** Who may write for which principal; `begin` is refused without. */
  readonly leases: PrincipalLeases;
  readonly #query: Kysely<PostgresTables>;
  readonly #patience: Patience;
  readonly #lanes: CommitLanes;
  readonly #jobs = new Map<string, number>();
  readonly #beginMarks: JointWrite<Beginning>;

  constructor(query: Kysely<PostgresTables>, patience: Patience) {
    this.#query = query;
    this.#patience = patience;
    this.#lanes = new CommitLanes(query, patience);
    this.leases = new PrincipalLeases(query, patience, this.#lanes);
    this.#beginMarks = beginMarks(this.leases);
  }

  /** Transactions committed since it was opened. */
  get commits(): number {
    return this.#lanes.commits;
  }

  async openJob(job: Job): Promise<void> {
    this.#jobs.set(job.id, await this.#lanes.add(job.id, (within) => saveJob(within, job)));
  }

  cursors(job: Job): Promise<Cursors> {
    return this.#readOf(job, (query, number) => selectCursors(query, number));
  }

  commitPage(job: Job, page: Page): Promise<void> {
    return this.#write(job, (within, number) => writePage(within, number, page));
  }

  commitDerived(job: Job, items: readonly SourceItem[]): Promise<void> {
    return this.#write(job, (within, number) => writeDerived(within, number, items));
  }

  containers(job: Job, containerRank: number): Promise<readonly ListedItem[]> {
    return this.#readOf(job, (query, number) => selectContainers(query, number, containerRank));
  }

  item(job: Job, key: string): Promise<ListedItem | null> {
    return this.#readOf(job, (query, number) => selectItem(query, number, key));
  }

  byIdentity(job: Job, identity: string, withGone = false): Promise<readonly ListedItem[]> {
    return this.#readOf(job, (query, number) => selectByIdentity(query, number, identity, withGone));
  }

  openRanks(job: Job): Promise<readonly number[]> {
    return this.#readOf(job, (query, number) => selectOpenRanks(query, number));
  }

  open(
    job: Job,
    rank: number,
    after: Position | null,
    limit: number,
    descending: boolean,
  ): Promise<readonly ListedItem[]> {
    return this.#readOf(job, (query, number) => selectOpen(query, number, rank, after, limit, descending));
  }

  begin(job: Job, keys: readonly string[], at: number): Promise<void> {
    const principal = leaseName(job.principal);
    return this.#writePart(job, this.#beginMarks, (number) => ({ job: number, principal, keys, at }));
  }

  fingerprint(job: Job, key: string, fingerprint: string): Promise<void> {
    return this.#write(job, (within, number) => writeFingerprint(within, number, key, fingerprint));
  }

  settle(job: Job, settlements: readonly Settlement[]): Promise<void> {
    return this.#writePart(job, SETTLEMENTS, (number) => ({ job: number, settlements }));
  }

  retry(job: Job): Promise<number> {
    return this.#write(job, (within, number) => writeRetry(within, number));
  }

  progress(filter: ProgressFilter = {}): Promise<readonly JobProgress[]> {
    return this.#read((query) => selectProgress(query, filter));
  }

  losses(): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]> {
    return this.#read((query) => selectLosses(query));
  }

  claims(job: Job): AsyncIterable<Claim> {
    return inPages(CLAIMS_A_PAGE, (last: Claim | null) =>
      this.#readOf(job, (query, number) => selectClaimsAfter(query, number, last?.key ?? '')),
    );
  }

  async note(name: string, value: Json): Promise<void> {
    const text = JSON.stringify(value);
    await this.#lanes.add(name, (within) =>
      within
        .insertInto('note')
        .values({ name, value: text })
        .onConflict((same) => same.column('name').doUpdateSet({ value: text }))
        .execute(),
    );
  }

  async readNote(name: string): Promise<Json> {
    const row = await this.#read((query) =>
      query.selectFrom('note').select('value').where('name', '=', name).executeTakeFirst(),
    );
    return row === undefined ? null : (JSON.parse(row.value) as Json);
  }

  saveEstate(organisation: string, items: AsyncIterable<EstateEntry> | Iterable<EstateEntry>): Promise<void> {
    return replaceEstate(this.#lanes, organisation, items);
  }

  estate(organisation: string, kind?: string): AsyncIterable<EstateEntry> {
    return inPages(ENTRIES_A_PAGE, (last: EstateEntry | null) =>
      this.#read((query) => selectEntriesAfter(query, organisation, kind, last)),
    );
  }

  async close(): Promise<void> {
    await this.#lanes.drained();
    await this.#query.destroy();
  }

  #read<T>(select: (query: Kysely<PostgresTables>) => Promise<T>): Promise<T> {
    return this.#patience.through(() => select(this.#query));
  }

  #readOf<T>(job: Job, select: (query: Kysely<PostgresTables>, number: number) => Promise<T>): Promise<T> {
    return this.#read(async (query) => select(query, await this.#jobNumber(job)));
  }

  async #write<T>(job: Job, write: (within: Within, number: number) => Promise<T>): Promise<T> {
    const number = await this.#registered(job);
    return this.#lanes.add(job.id, (within) => write(within, number));
  }

  async #writePart<I>(job: Job, joint: JointWrite<I>, inputOf: (number: number) => I): Promise<void> {
    await this.#lanes.addPart(job.id, joint, inputOf(await this.#registered(job)));
  }

  /** A job that nobody opened is registered by its first write. */
  async #registered(job: Job): Promise<number> {
    if (!this.#jobs.has(job.id)) await this.openJob(job);
    return this.#jobs.get(job.id) ?? UNKNOWN_JOB;
  }

  async #jobNumber({ id }: Job): Promise<number> {
    const known = this.#jobs.get(id);
    if (known !== undefined) return known;
    const row = await this.#query.selectFrom('job').select('id').where('job', '=', id).executeTakeFirst();
    if (row === undefined) return UNKNOWN_JOB;
    this.#jobs.set(id, row.id);
    return row.id;
  }
}

async function saveJob(within: Within, { id, workload, principal }: Job): Promise<number> {
  const { organisation, wave, source, target } = principal;
  const { id: number } = await within
    .insertInto('job')
    .values({ job: id, workload, organisation, wave, source, target })
    .onConflict((same) => same.column('job').doUpdateSet({ wave, target }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return number;
}

/** Rows a page at a time, each page after the last row of the one before, until one is short. */
async function* inPages<T>(
  size: number,
  readAfter: (last: T | null) => Promise<readonly T[]>,
): AsyncIterable<T> {
  let last: T | null = null;
  for (;;) {
    const rows: readonly T[] = await readAfter(last);
    yield* rows;
    if (rows.length < size) return;
    last = rows.at(-1) ?? null;
  }
}
