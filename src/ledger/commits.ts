import type { Clock } from '../core/clock.ts';
import type { Database } from './database.ts';

interface Pending {
  run: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** How long writes gather before they share a commit, and how many make it start at once. */
export interface Grouping {
  gatherMs: number;
  most: number;
}

/**
 * Gathers writes that arrive close together into one transaction, so that one synced commit serves them all. Each
 * promise resolves after that commit; when it fails, all of them reject and none of the writes stands.
 */
export class GroupedCommits {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #grouping: Grouping;
  #pending: Pending[] = [];
  #commits = 0;

  constructor(database: Database, clock: Clock, grouping: Grouping) {
    this.#database = database;
    this.#clock = clock;
    this.#grouping = grouping;
  }

  /** Transactions committed so far. */
  get commits(): number {
    return this.#commits;
  }

  /** Runs `write` (synchronous statements only) inside the next shared transaction. */
  add<T>(write: () => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#pending.push({ run: write, resolve, reject });
    if (this.#pending.length >= this.#grouping.most) this.flush();
    else if (this.#pending.length === 1) this.#schedule();
    return promise as Promise<T>;
  }

  /** Commits what has gathered. */
  flush(): void {
    const group = this.#pending;
    if (group.length === 0) return;
    this.#pending = [];
    try {
      const values = this.#database.transact(() => group.map(({ run }) => run()));
      this.#commits += 1;
      for (const [position, { resolve }] of group.entries()) resolve(values[position]);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #schedule(): void {
    const { gatherMs } = this.#grouping;
    if (gatherMs <= 0) setImmediate(() => this.flush());
    else
      this.#clock.wait(gatherMs).then(
        () => this.flush(),
        () => this.flush(),
      );
  }
}
