import type { MigrationError } from './errors.ts';
import type {
  ItemStatus,
  Job,
  Json,
  JsonObject,
  Loss,
  Mapped,
  Outcome,
  Page,
  Receipt,
  SourceItem,
  WorkloadName,
} from './types.ts';

/** The cursor of each stream of a job, as last committed. */
export type Cursors = ReadonlyMap<string, string>;

/** Reads one workload of one principal. Knows the wire of its vendor and nothing of targets. Never writes. */
export interface Source<S> {
  /**
   * Pages of all streams of the job, from the given cursors on. Pages may be empty and yet not the last. An expired
   * cursor restarts its stream by itself (`mode: 'full'`, `first: true`); it is never an error.
   */
  pages(job: Job, from: Cursors, signal: AbortSignal): AsyncIterable<Page>;
  /** The resource of one listed item. Throws `NotFound` when it has gone since. May be called again at any time. */
  get(job: Job, item: ListedItem, signal: AbortSignal): Promise<S>;
}

/** Finds and writes one workload of one principal at the target. Knows the wire of its vendor and nothing of sources. */
export interface Target<V> {
  /**
   * Creates (`prior` null) or updates what `prior` names, so that the target holds `value`. Resolves only on a
   * positive answer. Throws `Rejected` (or a subclass decision) for a definite refusal, `AmbiguousWrite` when no
   * answer came. Never notifies anybody.
   */
  put(job: Job, key: string, value: V, prior: Receipt | null, signal: AbortSignal): Promise<Receipt>;
  /**
   * Looks for an earlier, unanswered `put` of the same value; null when it is not there. `settled` are the target
   * ids that this job's receipts already hold under the same identity: they are never the answer.
   */
  find(
    job: Job,
    key: string,
    value: V,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Receipt | null>;
  /** How long after the begin mark (scaled ms) a `find` that sees nothing proves that nothing is there. */
  visibleAfterMs(value: V): number;
}

/** An item as the ledger holds it. */
export interface ListedItem extends SourceItem {
  status: ItemStatus;
  /** Version that was last settled, null when none was. */
  settledVersion: string | null;
  receipt: Receipt | null;
  /** Epoch ms of the standing begin mark, null when none stands. */
  begunAt: number | null;
  /** Version of the item when the standing begin mark was made; it may have changed since. */
  begunVersion?: string | null;
  attempts: number;
  reason: string | null;
  /** Content hash, computed only where an identity occurs more than once in the job. */
  fingerprint: string | null;
}

/** One item of a delivery with what the mapping needs to know of it. */
export interface Copy<S> {
  item: ListedItem;
  /** The receipt of the item that `item.after` names; null when it names none or that one has no receipt. */
  parent: Receipt | null;
  /** Read for the first copy of a delivery that is not at the target yet; null where nothing but state is needed. */
  resource: S | null;
}

export interface MapContext<C> {
  job: Job;
  /** What `prepare` made of the job's containers. */
  prepared: C;
  /** 0 for the first body under an identity, 1 … for further bodies that share it. */
  variant: number;
  /** Receipt of the delivery's earlier write, when there is one. */
  prior: Receipt | null;
}

/** What joins a source, a mapping and a target. One constant per workload in `src/workloads.ts`. */
export interface Workload<S, V, C = unknown> {
  name: WorkloadName;
  source: Source<S>;
  target: Target<V>;
  /** Pure. For workloads whose rows depend on the whole listing (directory): turns all listed items into rows. */
  derive?(job: Job, items: readonly SourceItem[]): readonly SourceItem[];
  /** Items with a rank below this are containers; `prepare` sees all of them before the first is applied. */
  containerRank: number;
  prepare(job: Job, containers: readonly ListedItem[]): C;
  /** True when copies under one identity become one delivery (mail). */
  groups: boolean;
  /** Content hash of a resource; asked only where an identity occurs more than once. */
  fingerprint?(resource: S, signal: AbortSignal): Promise<string>;
  /** False when `map` can do without the resource (state-only change, or `inline` holds it all). */
  needsResource(item: ListedItem, prior: Receipt | null): boolean;
  /** Pure: no I/O, clock, randomness or log. `copies` is never empty; the first one leads. */
  map(copies: readonly [Copy<S>, ...Copy<S>[]], context: MapContext<C>): Mapped<V>;
}

/** A workload whose type parameters are nobody's business (registry, engine). */
// biome-ignore lint/suspicious/noExplicitAny: existential type: each workload ties its own S, V and C together
export type AnyWorkload = Workload<any, any, any>;

export interface Settlement {
  key: string;
  version: string;
  outcome: Outcome;
  reason: string | null;
  receipt: Receipt | null;
  losses: readonly Loss[];
}

/** Counts of one job by status; statuses that do not occur are absent. */
export type StatusCounts = Readonly<Partial<Record<ItemStatus, number>>>;

/** Which jobs to count; absent means any. */
export interface ProgressFilter {
  organisation?: string;
  wave?: string;
  /** A job's id. */
  job?: string;
}

export interface JobProgress {
  job: string;
  workload: WorkloadName;
  organisation: string;
  wave: string;
  source: string;
  target: string;
  counts: StatusCounts;
  bytes: number;
  /** Outcome and reason → count, for everything that is not written. */
  reasons: readonly { outcome: ItemStatus; reason: string; count: number }[];
}

/**
 * What was listed, begun and settled, and how far each stream was read. Every method that returns a promise resolves
 * after a synced commit; commits are grouped. Implementations: SQLite, PostgreSQL, and in memory for dry runs.
 */
export interface Ledger {
  /** Registers the job if it is new; idempotent. */
  openJob(job: Job): Promise<void>;
  cursors(job: Job): Promise<Cursors>;
  /** Items, removals and cursor of one page in one transaction. Unchanged versions keep their status. */
  commitPage(job: Job, page: Page): Promise<void>;
  /** Replaces the job's derived rows as a whole: new and changed ones listed, missing ones gone. */
  commitDerived(job: Job, items: readonly SourceItem[]): Promise<void>;
  /** The containers (rank below `containerRank`), whatever their status except gone. */
  containers(job: Job, containerRank: number): Promise<readonly ListedItem[]>;
  item(job: Job, key: string): Promise<ListedItem | null>;
  /** Items under one identity, gone ones left out unless asked for, ordered by `order`, `key`. */
  byIdentity(job: Job, identity: string, withGone?: boolean): Promise<readonly ListedItem[]>;
  /** Ranks that hold open items (listed or begun), ascending. */
  openRanks(job: Job): Promise<readonly number[]>;
  /** The next open items of a rank in order, after the given position; page by page, so that memory stays flat. */
  open(
    job: Job,
    rank: number,
    after: Position | null,
    limit: number,
    descending: boolean,
  ): Promise<readonly ListedItem[]>;
  /** The begin mark, durable before `put` may run. */
  begin(job: Job, keys: readonly string[], at: number): Promise<void>;
  fingerprint(job: Job, key: string, fingerprint: string): Promise<void>;
  /**
   * Outcome, receipt, losses; inline resources are erased. Begin marks go where the outcome answers them (written,
   * merged, failed). A receipt is kept when the settlement brings none.
   */
  settle(job: Job, settlements: readonly Settlement[]): Promise<void>;
  /** Failed items become listed again. */
  retry(job: Job): Promise<number>;
  progress(filter?: ProgressFilter): Promise<readonly JobProgress[]>;
  /** Losses by workload, field, kind and reason. */
  losses(): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]>;
  /** What the migrator claims of each item, for laying beside the checker's findings afterwards. */
  claims(job: Job): AsyncIterable<Claim>;
  /** Small named values: run notes, the discovered estate's date … */
  note(name: string, value: Json): Promise<void>;
  readNote(name: string): Promise<Json>;
  /** The discovered source estate, replaced as a whole per organisation. */
  saveEstate(organisation: string, items: AsyncIterable<EstateEntry> | Iterable<EstateEntry>): Promise<void>;
  estate(organisation: string, kind?: string): AsyncIterable<EstateEntry>;
  close(): Promise<void>;
}

export interface Position {
  order: number;
  key: string;
}

export interface Claim {
  key: string;
  container: string;
  identity: string | null;
  status: ItemStatus;
  reason: string | null;
  targetId: string | null;
  losses: readonly Loss[];
}

export interface EstateEntry {
  kind: string;
  id: string;
  value: JsonObject;
}

/** What the engine tells while it works; the command line renders it. */
export type EngineEvent =
  | { type: 'job-started'; job: Job; phase: 'list' | 'apply' }
  | { type: 'listed'; job: Job; items: number }
  | { type: 'settled'; job: Job; outcome: Outcome; items: number; bytes: number; wrote: boolean }
  | { type: 'attempt-failed'; job: Job; key: string; error: MigrationError }
  | { type: 'job-finished'; job: Job; phase: 'list' | 'apply'; open: number }
  | { type: 'job-stopped'; job: Job; error: MigrationError };

export type Observer = (event: EngineEvent) => void;
