import { type Kysely, sql, type Transaction } from 'kysely';
import { Transient } from '../../core/errors.ts';
import { type JointWrite, type Part, runGroup } from './joint-writes.ts';
import type { Patience } from './patience.ts';
import type { PostgresTables } from './schema.ts';

export type Within = Transaction<PostgresTables>;

/** A write; may run more than once, of which exactly one run stands. */
export type Write<T> = (within: Within) => Promise<T>;

interface Pending {
  work: Write<unknown> | Part;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** Transactions at once, and writes in one of them at most. */
const LANES = 4;
const MOST = 64;

/**
 * Gathers writes into transactions: what arrives while a lane commits goes into its next transaction. Writes of one
 * key keep their order. Each promise resolves after a synced commit. Where a group fails, its writes run one by one,
 * so that each answers for itself alone.
 */
export class CommitLanes {
  readonly #query: Kysely<PostgresTables>;
  readonly #patience: Patience;
  readonly #lanes: readonly Lane[] = Array.from({ length: LANES }, () => ({ pending: [], running: null }));
  #commits = 0;

  constructor(query: Kysely<PostgresTables>, patience: Patience) {
    this.#query = query;
    this.#patience = patience;
  }

  /** Transactions committed so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Runs `write` inside a transaction of the lane that `key` belongs to. */
  add<T>(key: string, write: Write<T>): Promise<T> {
    return this.#enqueue(key, write) as Promise<T>;
  }

  /** The same for a part of a joint write. */
  async addPart<I>(key: string, joint: JointWrite<I>, input: I): Promise<void> {
    await this.#enqueue(key, { joint: joint as JointWrite<unknown>, input });
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    await Promise.all(this.#lanes.map(({ running }) => running));
  }

  #enqueue(key: string, work: Pending['work']): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const lane = this.#laneOf(key);
    lane.pending.push({ work, resolve, reject });
    lane.running ??= this.#drain(lane);
    return promise;
  }

  #laneOf(key: string): Lane {
    let sum = 0;
    for (const letter of key) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
    return this.#lanes[sum % LANES] as Lane;
  }

  async #drain(lane: Lane): Promise<void> {
    // A turn of the event loop lets writes that were caused together share the first transaction.
    await new Promise((resolve) => setImmediate(resolve));
    while (lane.pending.length > 0) await this.#commitGroup(lane.pending.splice(0, MOST));
    lane.running = null;
  }

  async #commitGroup(group: readonly Pending[]): Promise<void> {
    try {
      const works = group.map(({ work }) => work);
      const values = await this.#commit((within) => runGroup(within, works));
      for (const [position, { resolve }] of group.entries()) resolve(values[position]);
    } catch (error) {
      if (group.length === 1 || error instanceof Transient) for (const { reject } of group) reject(error);
      else for (const one of group) await this.#commitGroup([one]);
    }
  }

  async #commit<T>(write: Write<T>): Promise<T> {
    const value = await this.#patience.through(commitOnce(this.#query, write));
    this.#commits += 1;
    return value;
  }
}

interface Lane {
  pending: Pending[];
  running: Promise<void> | null;
}

/**
 * An attempt that may be called until it succeeds and commits `write` once. When the answer to a commit was lost, the
 * next call asks the server what became of that transaction before it writes anything again. Source:
 * https://www.postgresql.org/docs/18/functions-info.html (pg_xact_status), read 2026-11.
 */
function commitOnce<T>(query: Kysely<PostgresTables>, write: Write<T>): () => Promise<T> {
  let unanswered: { transaction: string; value: T } | null = null;
  return async () => {
    if (unanswered !== null && (await stands(query, unanswered.transaction))) return unanswered.value;
    unanswered = null;
    return query.transaction().execute(async (within) => {
      const value = await write(within);
      unanswered = { transaction: await transactionId(within), value };
      return value;
    });
  };
}

async function transactionId(within: Within): Promise<string> {
  const { rows } = await sql<{ id: string }>`SELECT pg_current_xact_id()::text AS id`.execute(within);
  return rows[0]?.id ?? '';
}

/** A number that the server has not given out yet is one that it lost: nothing of that transaction stands. */
async function stands(query: Kysely<PostgresTables>, transaction: string): Promise<boolean> {
  const { rows } = await sql<{ status: string | null }>`
    SELECT CASE WHEN ${transaction}::xid8 < pg_snapshot_xmax(pg_current_snapshot())
      THEN pg_xact_status(${transaction}::xid8) ELSE 'aborted' END AS status`.execute(query);
  if (rows[0]?.status !== 'in progress') return rows[0]?.status === 'committed';
  const message = 'the server still works on a transaction whose connection was lost';
  throw new Transient({ code: 'ledger-away', message, scope: 'run' });
}
