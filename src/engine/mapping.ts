import type { Copy, ListedItem, MapContext } from '../core/ports.ts';
import type { Mapped, Receipt, Skipped } from '../core/types.ts';
import { type Attempt, attempt } from './attempts.ts';
import type { Delivery, LiveCopy } from './deliveries.ts';
import type { JobRun } from './run.ts';

/** Reads the resource of one item. */
export function readResource(run: JobRun, item: ListedItem): Promise<Attempt<unknown>> {
  return attempt(run.signal, () => run.workload.source.get(run.job, item, run.signal));
}

/**
 * The skip that a rule decides from state alone, before anything is read for the item; null when it has to be
 * looked at whole. A mapping that cannot answer without the resource decides later, with it.
 */
export function skipByState(run: JobRun, copy: LiveCopy): Skipped | null {
  const { item } = copy;
  try {
    const context = contextOf(run, 0, item.receipt);
    const mapped: Mapped<unknown> = run.workload.map([withResource(copy, item.inline)], context);
    return mapped.kind === 'skip' ? mapped : null;
  } catch {
    return null;
  }
}

/** Outcome of mapping a delivery; `vanished` when the source no longer has the item whose resource it needs. */
export type DeliveryMapping = Attempt<Mapped<unknown>> & { lead: ListedItem };

/** Maps a delivery, reading the resource of the copy that leads where the workload asks for it. */
export async function mapDelivery(run: JobRun, delivery: Delivery): Promise<DeliveryMapping> {
  const { prior, variant } = delivery;
  const [lead, ...others] = leadFirst(run, delivery);
  const resource = await resourceOf(run, delivery, lead);
  if (!resource.ok) return { ...resource, lead: lead.item };
  const copies = [
    withResource(lead, resource.value),
    ...others.map((copy) => withResource(copy, copy.item.inline)),
  ] as const;
  const mapped = await attempt(run.signal, () => run.workload.map(copies, contextOf(run, variant, prior)));
  return { ...(mapped as Attempt<Mapped<unknown>>), lead: lead.item };
}

async function resourceOf(run: JobRun, delivery: Delivery, lead: LiveCopy): Promise<Attempt<unknown>> {
  const { item } = lead;
  if (!run.workload.needsResource(item, delivery.prior)) return { ok: true, value: item.inline };
  if (delivery.resource !== null && delivery.copies[0].item.key === item.key)
    return { ok: true, value: delivery.resource };
  return readResource(run, item);
}

/** The first copy leads, unless a later one changed in a way that needs its resource and the first did not. */
function leadFirst(run: JobRun, { copies, prior }: Delivery): readonly [LiveCopy, ...LiveCopy[]] {
  const [first, ...others] = copies;
  if (prior === null || run.workload.needsResource(first.item, prior)) return copies;
  const changed = others.find(
    ({ item }) => item.version !== item.settledVersion && run.workload.needsResource(item, prior),
  );
  return changed ? [changed, ...copies.filter((copy) => copy !== changed)] : copies;
}

function withResource({ item, parent }: LiveCopy, resource: unknown): Copy<unknown> {
  return { item, parent, resource };
}

function contextOf(run: JobRun, variant: number, prior: Receipt | null): MapContext<unknown> {
  return { job: run.job, prepared: run.prepared, variant, prior };
}
