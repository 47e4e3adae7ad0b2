import { throwIfAborted } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';
import type { AnyWorkload, Ledger, Observer } from '../core/ports.ts';
import type { Job, SourceItem } from '../core/types.ts';

const MOST_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 10_000;

/** What listing needs; `pause` waits between attempts, absent where a listing is not repeated. */
export interface Listing {
  job: Job;
  workload: AnyWorkload;
  ledger: Ledger;
  signal: AbortSignal;
  observe: Observer;
  /** No further page is asked for once this aborts. */
  stop: AbortSignal;
  pause?: (ms: number) => Promise<void>;
}

/**
 * Lists a job into the ledger from where its cursors stand: each page with its cursor in one transaction. Passing
 * failures of the source are met by going on from the last page that was written.
 */
export async function listJob(listing: Listing): Promise<void> {
  const { job, ledger, pause } = listing;
  await ledger.openJob(job);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return listing.workload.derive ? await listDerived(listing) : await listPages(listing);
    } catch (error) {
      const mayRepeat = error instanceof MigrationError && error.retryable && error.scope === 'item';
      if (!mayRepeat || pause === undefined || attempt === MOST_ATTEMPTS) throw error;
      await pause(Math.max(error.retryAfterMs ?? 0, FIRST_PAUSE_MS * attempt));
    }
  }
}

async function listPages({ job, workload, ledger, signal, observe, stop }: Listing): Promise<void> {
  const cursors = await ledger.cursors(job);
  for await (const page of workload.source.pages(job, cursors, signal)) {
    throwIfAborted(signal);
    await ledger.commitPage(job, page);
    if (page.items.length > 0) observe({ type: 'listed', job, items: page.items.length });
    if (stop.aborted) break;
  }
  throwIfAborted(signal);
}

/** Rows that depend on the whole listing are derived from all of it, every time. */
async function listDerived({ job, workload, ledger, signal, observe }: Listing): Promise<void> {
  const items: SourceItem[] = [];
  for await (const page of workload.source.pages(job, new Map(), signal)) {
    throwIfAborted(signal);
    items.push(...page.items);
  }
  throwIfAborted(signal);
  const rows = workload.derive?.(job, items) ?? items;
  await ledger.commitDerived(job, rows);
  observe({ type: 'listed', job, items: rows.length });
}
