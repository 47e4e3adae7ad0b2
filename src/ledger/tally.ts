import type { ItemStatus } from '../core/types.ts';
import type { Database } from './database.ts';
import type { Row } from './rows.ts';
import { isOpen } from './rules.ts';

const SHIFT = `INSERT INTO tally (job, status, reason, losses, count, bytes) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (job, status, reason, losses)
  DO UPDATE SET count = count + excluded.count, bytes = bytes + excluded.bytes RETURNING count`;
const DROP = 'DELETE FROM tally WHERE job = ? AND status = ? AND reason = ? AND losses = ?';

/** Items that count as one: the same job, status, reason, and losses that stand. */
export interface TallyGroup {
  job: number;
  status: ItemStatus;
  reason: string;
  /** JSON of the losses of items whose outcome stands, else empty. */
  losses: string;
}

interface Change extends TallyGroup {
  count: number;
  bytes: number;
}

/** Counts of items, kept as they change, so that no question of how many has to look at the items. */
export class Tally {
  readonly #database: Database;
  readonly #changes = new Map<string, Change>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** A row that was `before` and is `after`; null where there was none. */
  shift(job: number, before: Row | null, after: Row): void {
    if (before !== null) this.#add(job, before, -1);
    this.#add(job, after, 1);
  }

  /** Writes what has changed; in the transaction of the rows. */
  write(): void {
    for (const { job, status, reason, losses, count, bytes } of this.#changes.values()) {
      if (count === 0 && bytes === 0) continue;
      const row = this.#database.prepare(SHIFT).get(job, status, reason, losses, count, bytes);
      if (row?.count === 0) this.#database.prepare(DROP).run(job, status, reason, losses);
    }
    this.#changes.clear();
  }

  /** Forgets the changes of a failed transaction. */
  forget(): void {
    this.#changes.clear();
  }

  #add(job: number, row: Row, sign: 1 | -1): void {
    const group = groupOf(job, row);
    const name = JSON.stringify([group.job, group.status, group.reason, group.losses]);
    const change = this.#changes.get(name) ?? { ...group, count: 0, bytes: 0 };
    change.count += sign;
    change.bytes += sign * Math.trunc(row.bytes ?? 0);
    this.#changes.set(name, change);
  }
}

/** The group in which a row counts. */
export function groupOf(
  job: number,
  row: Pick<Row, 'status' | 'reason' | 'losses' | 'settledStatus'>,
): TallyGroup {
  const { status, losses, settledStatus } = row;
  const stands = losses.length > 0 && status === settledStatus;
  return { job, status, reason: reasonOf(row), losses: stands ? JSON.stringify(losses) : '' };
}

function reasonOf({ status, reason }: Pick<Row, 'status' | 'reason'>): string {
  if (isOpen(status) || status === 'written' || status === 'merged') return '';
  return status === 'gone' ? 'removed-at-source' : (reason ?? '');
}
