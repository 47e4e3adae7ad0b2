import type { MigrationError } from '../core/errors.ts';
import type { ListedItem } from '../core/ports.ts';
import type { Receipt, SkipReason } from '../core/types.ts';
import { attempt } from './attempts.ts';
import { readResource, skipByState } from './mapping.ts';
import { isOpen, type JobRun } from './run.ts';
import { assignVariants, type Fingerprinted, readFingerprint, writeFingerprint } from './variants.ts';

/** A live item with the receipt of what it lies in. */
export interface LiveCopy {
  item: ListedItem;
  parent: Receipt | null;
}

/** The items that become one thing at the target. */
export interface Delivery {
  variant: number;
  copies: readonly [LiveCopy, ...LiveCopy[]];
  /** Items of it that are delivered no longer; their receipts and begin marks still speak for it. */
  traces: readonly ListedItem[];
  prior: Receipt | null;
  /** Other items under the identity whose puts nobody answered and that are delivered no longer. */
  strays: readonly ListedItem[];
  /** Resource of the first copy, where its fingerprint made it necessary to read it; else null. */
  resource: unknown;
}

/** Everything under one identity, sorted out. */
export interface Unit {
  /** Those with something to do; in doubt first, since only one under an identity may be. */
  deliveries: readonly Delivery[];
  /** Left out by a rule; settled last, so that a crash before does not hide that a delivery has to change. */
  skipped: readonly { item: ListedItem; reason: SkipReason }[];
  /** Refused by the source for good. */
  unreadable: readonly { item: ListedItem; error: MigrationError }[];
}

/** `vanished`: the source no longer has the item, look again without it; `again`: it could not be read this time. */
export type Formed =
  | { kind: 'unit'; unit: Unit }
  | { kind: 'vanished'; item: ListedItem }
  | { kind: 'again'; item: ListedItem; error: MigrationError };

interface Sorted {
  copies: LiveCopy[];
  skipped: { item: ListedItem; reason: SkipReason }[];
  traces: ListedItem[];
}

/** Sorts out what the trigger shares its identity with. Reads resources only where bodies have to be told apart. */
export async function formUnit(run: JobRun, trigger: ListedItem): Promise<Formed> {
  const rows = await rowsOf(run, trigger);
  const isGrouped = run.workload.groups && trigger.identity !== null;
  const sorted = await sortRows(run, rows, isGrouped);
  const hashes = isGrouped ? await fingerprintCopies(run, sorted) : null;
  if (hashes === null) return { kind: 'unit', unit: { ...oneDelivery(sorted), unreadable: [] } };
  if (hashes.kind !== 'hashes') return hashes;
  const { copies, unreadable, resources } = hashes;
  const traces = [...sorted.traces, ...unreadable.map(({ item }) => item).filter(leavesTrace)];
  const deliveries = await numberDeliveries(run, copies, traces, resources, sorted);
  return { kind: 'unit', unit: { deliveries, skipped: sorted.skipped, unreadable } };
}

async function rowsOf(run: JobRun, trigger: ListedItem): Promise<readonly ListedItem[]> {
  const { workload, ledger, job } = run;
  if (!workload.groups || trigger.identity === null) return [trigger];
  return ledger.byIdentity(job, trigger.identity, true);
}

/** Rows whose parent is still open stay out for now, unless they are settled already. */
async function sortRows(run: JobRun, rows: readonly ListedItem[], isGrouped: boolean): Promise<Sorted> {
  const sorted: Sorted = { copies: [], skipped: [], traces: [] };
  for (const item of rows) {
    if (item.status === 'gone') {
      if (leavesTrace(item)) sorted.traces.push(item);
      continue;
    }
    const parent = await parentOf(run, item);
    if (parent === 'open') {
      if (isGrouped && leavesTrace(item)) sorted.traces.push(item);
      continue;
    }
    const copy = { item, parent };
    const mayBeRead = isGrouped || run.workload.needsResource(item, item.receipt);
    const skip = mayBeRead ? skipByState(run, copy) : null;
    if (skip === null) sorted.copies.push(copy);
    else {
      if (isOpen(item)) sorted.skipped.push({ item, reason: skip.reason });
      if (isGrouped && leavesTrace(item)) sorted.traces.push(item);
    }
  }
  return sorted;
}

/** The receipt of what the item lies in; `open` while that has yet to be written for the first time. */
async function parentOf(run: JobRun, item: ListedItem): Promise<Receipt | null | 'open'> {
  if (item.after === null) return null;
  const parent = await run.ledger.item(run.job, item.after);
  if (parent === null) return null;
  return parent.receipt === null && isOpen(parent) && isOpen(item) ? 'open' : parent.receipt;
}

function leavesTrace({ receipt, begunAt, fingerprint }: ListedItem): boolean {
  return receipt !== null || begunAt !== null || fingerprint !== null;
}

/** For what shares its identity with nothing. */
function oneDelivery({ copies, skipped }: Sorted): Pick<Unit, 'deliveries' | 'skipped'> {
  const [copy] = copies;
  if (copy === undefined || !isOpen(copy.item)) return { deliveries: [], skipped };
  const { receipt, fingerprint } = copy.item;
  const variant = readFingerprint(fingerprint)?.variant ?? 0;
  return {
    deliveries: [{ variant, copies: [copy], traces: [], prior: receipt, strays: [], resource: null }],
    skipped,
  };
}

interface Hashes {
  kind: 'hashes';
  copies: readonly (Fingerprinted & LiveCopy)[];
  unreadable: readonly { item: ListedItem; error: MigrationError }[];
  /** Resources of the first copy of each body, by item key. */
  resources: ReadonlyMap<string, unknown>;
}

/** Null when nothing has to be told apart: one copy, and nothing else that left a trace. */
async function fingerprintCopies(
  run: JobRun,
  { copies, skipped, traces }: Sorted,
): Promise<Hashes | Exclude<Formed, { kind: 'unit' }> | null> {
  if (copies.length <= 1 && traces.length === 0) return null;
  const hasWork = copies.some(({ item }) => isOpen(item)) || skipped.length > 0;
  const done: (Fingerprinted & LiveCopy)[] = [];
  const unreadable: { item: ListedItem; error: MigrationError }[] = [];
  const resources = new Map<string, unknown>();
  for (const copy of hasWork ? copies : []) {
    const { item } = copy;
    const kept = keptHash(run, item);
    if (kept !== null) {
      done.push({ ...copy, hash: kept });
      continue;
    }
    const read = await hashResource(run, item);
    if (!read.ok) {
      const { error } = read;
      if (error.name === 'NotFound') return { kind: 'vanished', item };
      if (error.retryable) return { kind: 'again', item, error };
      unreadable.push({ item, error });
      continue;
    }
    const { hash, resource } = read.value;
    if (!done.some((other) => other.hash === hash)) resources.set(item.key, resource);
    done.push({ ...copy, hash });
  }
  return { kind: 'hashes', copies: done, unreadable, resources };
}

/** The stored hash, unless the item changed in a way that its body may have changed with (a draft). */
function keptHash(run: JobRun, item: ListedItem): string | null {
  const stored = readFingerprint(item.fingerprint);
  if (stored === null) return null;
  const isRewritten = isOpen(item) && item.receipt !== null && run.workload.needsResource(item, item.receipt);
  return isRewritten ? null : stored.hash;
}

async function hashResource(run: JobRun, item: ListedItem) {
  const read = await readResource(run, item);
  if (!read.ok) return read;
  const hash = await attempt(run.signal, () => run.workload.fingerprint?.(read.value, run.signal) ?? '');
  return hash.ok ? { ok: true as const, value: { hash: hash.value, resource: read.value } } : hash;
}

async function numberDeliveries(
  run: JobRun,
  copies: readonly (Fingerprinted & LiveCopy)[],
  traces: readonly ListedItem[],
  resources: ReadonlyMap<string, unknown>,
  { skipped }: Sorted,
): Promise<readonly Delivery[]> {
  const { variants, displaced } = assignVariants(copies, traces);
  await storeFingerprints(run, copies, traces, variants);
  const priors = Map.groupBy(
    [...copies.map(({ item }) => item), ...traces],
    ({ key }) => variants.get(key) ?? 0,
  );
  const priorFor = (variant: number) =>
    priorOf((priors.get(variant) ?? []).filter(({ key }) => !displaced.has(key)));
  const deliveries = [...new Set(copies.map(({ item }) => variants.get(item.key) ?? 0))].flatMap(
    (variant) => {
      const [first, ...others] = copies.filter(({ item }) => variants.get(item.key) === variant);
      if (first === undefined) return [];
      const own = traces.filter(({ key }) => variants.get(key) === variant);
      const strays = traces.filter(
        ({ key, begunAt }) =>
          begunAt !== null &&
          !own.some((each) => each.key === key) &&
          priorFor(variants.get(key) ?? 0) === null,
      );
      const resource = resources.get(first.item.key) ?? null;
      const prior = priorFor(variant);
      return [{ variant, copies: [first, ...others] as const, traces: own, prior, strays, resource }];
    },
  );
  const left = new Set(skipped.map(({ item }) => item.receipt?.targetId ?? ''));
  return deliveries
    .filter(
      ({ copies: own, prior }) => own.some(({ item }) => isOpen(item)) || left.has(prior?.targetId ?? '-'),
    )
    .toSorted((one, other) => markedAt(other) - markedAt(one) || one.variant - other.variant);
}

function markedAt(delivery: Delivery): number {
  return standingMark(delivery)?.begunAt ?? Number.MIN_SAFE_INTEGER;
}

/** Stored before anything begins, so that the numbers outlive a crash. */
async function storeFingerprints(
  run: JobRun,
  copies: readonly Fingerprinted[],
  traces: readonly ListedItem[],
  variants: ReadonlyMap<string, number>,
): Promise<void> {
  const store = async (item: ListedItem, hash: string) => {
    const fingerprint = writeFingerprint({ variant: variants.get(item.key) ?? 0, hash });
    if (fingerprint !== item.fingerprint) await run.ledger.fingerprint(run.job, item.key, fingerprint);
  };
  await Promise.all(copies.map(({ item, hash }) => store(item, hash)));
  for (const trace of traces) {
    const same = copies.find(({ item }) => variants.get(item.key) === variants.get(trace.key));
    if (trace.fingerprint === null && same) await store(trace, same.hash);
  }
}

function priorOf(rows: readonly ListedItem[]): Receipt | null {
  const held = rows.filter(({ receipt }) => receipt !== null);
  return (held.find(({ status }) => status === 'written') ?? held[0])?.receipt ?? null;
}

/** The last begin mark that nobody answered; of traces only while nothing is known to be at the target. */
export function standingMark({ copies, traces, prior }: Delivery): ListedItem | null {
  return lastMarked([...copies.map(({ item }) => item), ...(prior === null ? traces : [])]);
}

/** The item that was begun last among those whose mark stands. */
export function lastMarked(items: readonly ListedItem[]): ListedItem | null {
  const marked = items.filter(({ begunAt }) => begunAt !== null);
  return marked.toSorted((one, other) => (other.begunAt ?? 0) - (one.begunAt ?? 0))[0] ?? null;
}
