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
} from '../../src/core/ports.ts';
import type {
  ItemStatus,
  Job,
  Json,
  Loss,
  Outcome,
  Page,
  SourceItem,
  WorkloadName,
} from '../../src/core/types.ts';
import { answersMark, isOpen, statusWhenSeen, statusWhenSettled } from '../../src/ledger/rules.ts';

interface Row extends ListedItem {
  settledStatus: Outcome | null;
  losses: readonly Loss[];
  stream: string;
  epoch: number;
}

interface JobRows {
  job: Job;
  rows: Map<string, Row>;
  streams: Map<string, { cursor: string | null; epoch: number }>;
}

const DERIVED = 'derived rows';
const WITHOUT_REASON: readonly ItemStatus[] = ['written', 'merged', 'listed', 'begun'];

/** A ledger of maps for tests that open thousands of them; passes the same contract as the real one. */
export class FastLedger implements Ledger {
  readonly #jobs = new Map<string, JobRows>();
  readonly #notes = new Map<string, Json>();
  readonly #estates = new Map<string, EstateEntry[]>();

  async openJob(job: Job): Promise<void> {
    this.#of(job).job = job;
  }

  async cursors(job: Job): Promise<Cursors> {
    const streams = [...this.#of(job).streams];
    return new Map(
      streams.flatMap(([name, { cursor }]) => (cursor === null ? [] : [[name, cursor] as const])),
    );
  }

  async commitPage(job: Job, page: Page): Promise<void> {
    const { rows, streams } = this.#of(job);
    const restarts = page.mode === 'full' && page.first;
    const epoch = (streams.get(page.stream)?.epoch ?? 0) + (restarts ? 1 : 0);
    for (const { key, container } of page.removed) {
      const row = rows.get(key);
      if (row?.container === container) vanish(row);
    }
    for (const item of page.items) see(rows, item, page.stream, epoch);
    if (page.mode === 'full' && page.last) sweep(rows, page.stream, epoch);
    streams.set(page.stream, { cursor: page.cursor, epoch });
  }

  async commitDerived(job: Job, items: readonly SourceItem[]): Promise<void> {
    const { rows, streams } = this.#of(job);
    const epoch = (streams.get(DERIVED)?.epoch ?? 0) + 1;
    for (const item of items) see(rows, item, DERIVED, epoch);
    sweep(rows, DERIVED, epoch);
    streams.set(DERIVED, { cursor: null, epoch });
  }

  async containers(job: Job, containerRank: number): Promise<readonly ListedItem[]> {
    const rows = [...this.#of(job).rows.values()];
    const containers = rows.filter(({ rank, status }) => rank < containerRank && status !== 'gone');
    return containers.sort((one, other) => one.rank - other.rank || compare(one, other)).map(copyOf);
  }

  async item(job: Job, key: string): Promise<ListedItem | null> {
    const row = this.#of(job).rows.get(key);
    return row ? copyOf(row) : null;
  }

  async byIdentity(job: Job, identity: string, withGone = false): Promise<readonly ListedItem[]> {
    const found: Row[] = [];
    for (const row of this.#of(job).rows.values())
      if (row.identity === identity && (withGone || row.status !== 'gone')) found.push(row);
    return found.sort(compare).map(copyOf);
  }

  async openRanks(job: Job): Promise<readonly number[]> {
    const ranks = new Set<number>();
    for (const { rank, status } of this.#of(job).rows.values()) if (isOpen(status)) ranks.add(rank);
    return [...ranks].sort((one, other) => one - other);
  }

  async open(
    job: Job,
    rank: number,
    after: Position | null,
    limit: number,
    descending: boolean,
  ): Promise<readonly ListedItem[]> {
    const sign = descending ? -1 : 1;
    const found: Row[] = [];
    for (const row of this.#of(job).rows.values())
      if (row.rank === rank && isOpen(row.status) && (after === null || sign * compare(row, after) > 0))
        found.push(row);
    return found
      .sort((one, other) => sign * compare(one, other))
      .slice(0, limit)
      .map(copyOf);
  }

  async begin(job: Job, keys: readonly string[], at: number): Promise<void> {
    for (const key of keys) {
      const row = this.#of(job).rows.get(key);
      if (row === undefined) continue;
      Object.assign(row, {
        status: 'begun',
        begunAt: at,
        begunVersion: row.version,
        attempts: row.attempts + 1,
      });
    }
  }

  async fingerprint(job: Job, key: string, fingerprint: string): Promise<void> {
    const row = this.#of(job).rows.get(key);
    if (row) row.fingerprint = fingerprint;
  }

  async settle(job: Job, settlements: readonly Settlement[]): Promise<void> {
    for (const settlement of settlements) {
      const row = this.#of(job).rows.get(settlement.key);
      if (row) settleRow(row, settlement);
    }
  }

  async retry(job: Job): Promise<number> {
    const failed = [...this.#of(job).rows.values()].filter(({ status }) => status === 'failed');
    for (const row of failed)
      Object.assign(row, { status: 'listed', settledVersion: null, settledStatus: null, reason: null });
    return failed.length;
  }

  async progress(filter: ProgressFilter = {}): Promise<readonly JobProgress[]> {
    const wanted = [...this.#jobs.values()].filter(
      ({ job: { id, principal } }) =>
        (filter.job ?? id) === id &&
        (filter.organisation ?? principal.organisation) === principal.organisation &&
        (filter.wave ?? principal.wave) === principal.wave,
    );
    return wanted.map(progressOf).sort((one, other) => (one.job < other.job ? -1 : 1));
  }

  async losses(): Promise<readonly { workload: WorkloadName; loss: Loss; count: number }[]> {
    const counts = new Map<string, { workload: WorkloadName; loss: Loss; count: number }>();
    for (const { job, rows } of this.#jobs.values())
      for (const { losses, status, settledStatus } of rows.values())
        for (const { field, kind, reason } of status === settledStatus ? losses : []) {
          const key = JSON.stringify([job.workload, field, kind, reason]);
          const count = (counts.get(key)?.count ?? 0) + 1;
          counts.set(key, { workload: job.workload, loss: { field, kind, reason }, count });
        }
    return [...counts.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, each]) => each);
  }

  async *claims(job: Job): AsyncIterable<Claim> {
    const rows = [...this.#of(job).rows.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
    for (const { key, container, identity, status, reason, receipt, losses } of rows)
      yield { key, container, identity, status, reason, targetId: receipt?.targetId ?? null, losses };
  }

  async note(name: string, value: Json): Promise<void> {
    this.#notes.set(name, value);
  }

  async readNote(name: string): Promise<Json> {
    return this.#notes.get(name) ?? null;
  }

  async saveEstate(name: string, items: AsyncIterable<EstateEntry> | Iterable<EstateEntry>): Promise<void> {
    const entries = new Map<string, EstateEntry>();
    for await (const entry of items) entries.set(`${entry.kind}\n${entry.id}`, entry);
    this.#estates.set(
      name,
      [...entries].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry),
    );
  }

  async *estate(name: string, kind?: string): AsyncIterable<EstateEntry> {
    for (const entry of this.#estates.get(name) ?? []) if (entry.kind === (kind ?? entry.kind)) yield entry;
  }

  async close(): Promise<void> {}

  #of(job: Job): JobRows {
    const known = this.#jobs.get(job.id);
    if (known) return known;
    const made = { job, rows: new Map(), streams: new Map() };
    this.#jobs.set(job.id, made);
    return made;
  }
}

function see(rows: Map<string, Row>, item: SourceItem, stream: string, epoch: number): void {
  const row = rows.get(item.key);
  const status = statusWhenSeen(row ?? null, item.version);
  const facts = { ...item, inline: isOpen(status) ? item.inline : null, status, stream, epoch };
  if (row) Object.assign(row, facts);
  else rows.set(item.key, { ...BLANK, ...facts });
}

const BLANK = {
  settledVersion: null,
  settledStatus: null,
  receipt: null,
  begunAt: null,
  begunVersion: null,
  attempts: 0,
  reason: null,
  fingerprint: null,
  losses: [],
};

function sweep(rows: Map<string, Row>, stream: string, epoch: number): void {
  for (const row of rows.values()) if (row.stream === stream && row.epoch !== epoch) vanish(row);
}

function vanish(row: Row): void {
  row.status = 'gone';
  row.inline = null;
}

function settleRow(row: Row, { version, outcome, reason, receipt, losses }: Settlement): void {
  const status = statusWhenSettled(row, { version, outcome });
  const inline = status === 'listed' ? row.inline : null;
  Object.assign(row, { status, reason, inline });
  if (outcome === 'gone') return;
  const settled = { settledVersion: version, settledStatus: outcome, losses };
  Object.assign(row, settled, { receipt: receipt ?? row.receipt });
  if (answersMark(outcome)) Object.assign(row, { begunAt: null, begunVersion: null });
}

function compare(one: Position, other: Position): number {
  return one.order - other.order || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}

function copyOf(row: Row): ListedItem {
  const { settledStatus: _status, losses: _losses, stream: _stream, epoch: _epoch, ...item } = row;
  return item;
}

function progressOf({ job, rows }: JobRows): JobProgress {
  const counts: Partial<Record<ItemStatus, number>> = {};
  const reasons = new Map<string, { outcome: ItemStatus; reason: string; count: number }>();
  let bytes = 0;
  for (const row of rows.values()) {
    const { status } = row;
    counts[status] = (counts[status] ?? 0) + 1;
    if (status === 'written') bytes += row.bytes ?? 0;
    if (WITHOUT_REASON.includes(status)) continue;
    const reason = status === 'gone' ? 'removed-at-source' : (row.reason ?? '');
    const count = (reasons.get(status + reason)?.count ?? 0) + 1;
    reasons.set(status + reason, { outcome: status, reason, count });
  }
  const { organisation, wave, source, target } = job.principal;
  const whose = { job: job.id, workload: job.workload, organisation, wave, source, target };
  return { ...whose, counts, bytes, reasons: [...reasons.values()] };
}
