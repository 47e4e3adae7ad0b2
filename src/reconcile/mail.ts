import type { ContainerFact, Depth, Inventory } from '../core/facts.ts';
import type { Organisation } from '../core/types.ts';
import type { JobCheck, Unit } from './job-check.ts';
import { compareContent } from './mail-content.ts';
import {
  forgetMailbox,
  isLater,
  type MailRow,
  readMailbox,
  rowsByIdentity,
  SOURCE,
  sharedMessages,
} from './mail-facts.ts';
import { compareState, labelFitness, type MailNames } from './mail-fields.ts';
import { type FolderPlace, pairFolders, placeOf, systemLabel } from './mail-folders.ts';
import { type Delivery, type PairedBucket, pairBucket } from './mail-pairing.ts';
import { folderRule, GMAIL_MAX_BYTES, rootOf } from './mail-rules.ts';
import { readEnd } from './reading.ts';

/** The two ends of one principal and what the comparison is asked for. */
export interface EndsOf {
  organisation: Organisation;
  source: Inventory;
  target: Inventory;
  depth: Depth;
  /** UTC milliseconds of the instant that the check speaks of. */
  asOfMs: number;
  signal: AbortSignal;
}

/** Both ends' containers of a mailbox. */
export interface MailContainers {
  folders: Map<string, ContainerFact>;
  labels: Map<string, ContainerFact>;
  places: Map<string, FolderPlace>;
}

/** Folders and labels of one mailbox; virtual search folders hold nothing of their own and are left out. */
export async function readContainers(check: JobCheck, ends: EndsOf): Promise<MailContainers> {
  const { source, target, signal } = ends;
  const folders = new Map<string, ContainerFact>();
  const labels = new Map<string, ContainerFact>();
  for await (const folder of readEnd('source', source.containers(check.principal, signal), signal))
    folders.set(folder.id, folder);
  for await (const label of readEnd('target', target.containers(check.principal, signal), signal))
    labels.set(label.id, label);
  const places = new Map<string, FolderPlace>();
  for (const [id, folder] of folders) {
    if (!folder.virtual && folderRule(folder, ends.organisation.policy) === null)
      places.set(id, placeOf(folder));
  }
  return { folders, labels, places };
}

/**
 * Compares one mailbox message by message (depths `items` and `content`). Units are copies in folders: the copies of
 * one message are one delivery, one of them arrives and the others are merged.
 */
export async function compareMail(check: JobCheck, ends: EndsOf): Promise<void> {
  const containers = await readContainers(check, ends);
  const { store, job, principal } = check;
  const { policy } = ends.organisation;
  try {
    await readMailbox({
      store,
      job,
      policy,
      depth: ends.depth,
      asOfMs: ends.asOfMs,
      folders: containers.folders,
      signal: ends.signal,
      list: (side, needsContent) =>
        ends[side].messages(principal, { depth: ends.depth, needsContent }, ends.signal),
    });
    pairFolders([...containers.places.values()], [...containers.labels.values()], sharedMessages(store, job));
    store.transaction(() => new MailComparison(check, ends, containers).run());
  } finally {
    forgetMailbox(store, job);
  }
}

class MailComparison {
  readonly #check: JobCheck;
  readonly #ends: EndsOf;
  readonly #containers: MailContainers;
  readonly #names: MailNames;
  /** Folders that hold anything, and those of which something arrived. */
  readonly #filled = new Set<string>();
  readonly #arrived = new Set<string>();
  /** Messages without an identity that found no equal content; their headers may still name them. */
  readonly #looseDeliveries: Delivery[] = [];
  readonly #looseTargets: MailRow[] = [];

  constructor(check: JobCheck, ends: EndsOf, containers: MailContainers) {
    this.#check = check;
    this.#ends = ends;
    this.#containers = containers;
    const folderLabels = [...containers.places.values()].flatMap(({ label }) => label?.id ?? []);
    const { places, labels } = containers;
    const { policy } = ends.organisation;
    this.#names = { places, labels, folderLabels: new Set(folderLabels), policy };
  }

  run(): void {
    const fitness = (copies: readonly MailRow[], target: MailRow) =>
      labelFitness(factsOf(copies), target.fact, this.#names);
    for (const rows of rowsByIdentity(this.#check.store, this.#check.job)) {
      const sourceRows = rows.filter(({ side }) => side === SOURCE);
      this.#check.count(sourceRows.length);
      for (const { fact } of sourceRows) this.#filled.add(fact.containers[0] ?? '');
      this.#settleBucket(pairBucket(rows, fitness));
    }
    this.#pairLoose();
    this.#compareFolders();
  }

  #settleBucket(bucket: PairedBucket): void {
    for (const delivery of bucket.deliveries) {
      const [first] = delivery.copies;
      const isLoose =
        delivery.target === null && first?.identity.startsWith('body:') && first.fact.headerHash !== null;
      if (isLoose) this.#looseDeliveries.push(delivery);
      else this.#settleDelivery(delivery);
    }
    for (const { copy, target } of bucket.leftOut) this.#settleLeftOut(copy, target);
    for (const { row, duplicate } of bucket.unclaimed) {
      if (!duplicate && row.identity.startsWith('body:')) this.#looseTargets.push(row);
      else this.#settleUnclaimed(row, duplicate);
    }
  }

  /** The same message with another content, recognised by its headers. */
  #pairLoose(): void {
    const byHeader = Map.groupBy(this.#looseTargets, ({ fact }) => fact.headerHash);
    for (const delivery of this.#looseDeliveries) {
      const hash = delivery.copies[0]?.fact.headerHash ?? null;
      const target = hash === null ? undefined : byHeader.get(hash)?.shift();
      this.#settleDelivery({ ...delivery, target: target ?? null });
    }
    for (const row of [...byHeader.values()].flat()) this.#settleUnclaimed(row, false);
  }

  #settleDelivery({ copies, target }: Delivery): void {
    if (target === null) {
      for (const copy of copies) this.#settleAbsent(copy);
      return;
    }
    const facts = factsOf(copies);
    const changed = copies.filter((copy) => isLater(copy, this.#ends.asOfMs));
    const [lead = copies[0]] = copies.filter((copy) => !changed.includes(copy));
    if (lead === undefined) return;
    const content = compareContent(lead.fact, target.fact);
    const differences = [...compareState(facts, target.fact, this.#names), ...content.differences];
    // What was changed after the instant of the check may differ: it is counted as changed, not as wrong.
    const excused = differences.length > 0 && changed.length > 0;
    for (const copy of copies) {
      this.#arrived.add(copy.fact.containers[0] ?? '');
      const fate = excused && changed.includes(copy) ? 'changedSince' : copy === lead ? 'arrived' : 'merged';
      const differs = copy === lead && differences.length > 0 && !excused;
      this.#check.settle(this.#unit(copy), fate, { alterations: content.alterations, differs });
    }
    if (!excused) for (const difference of differences) this.#check.differ(this.#unit(lead), difference);
  }

  #settleAbsent(copy: MailRow): void {
    const unit = this.#unit(copy);
    if (isLater(copy, this.#ends.asOfMs)) this.#check.settle(unit, 'changedSince');
    else if ((copy.fact.bytes ?? 0) > GMAIL_MAX_BYTES) this.#check.settle(unit, 'tooLarge');
    else this.#check.miss(unit, { code: 'message-missing' });
  }

  #settleLeftOut(copy: MailRow, target: MailRow | null): void {
    const unit = this.#unit(copy);
    const isUnsupported = copy.fate === 'unsupported';
    if (isUnsupported && target !== null) this.#check.settle(unit, 'arrived');
    else this.#check.settle(unit, isUnsupported ? 'unsupported' : 'excluded', { rule: copy.rule });
    // Deleted mail was young enough when it was moved: its age alone makes nothing wrong at the target.
    if (target === null || isUnsupported || copy.rule === 'trash-age') return;
    this.#check.surplus(this.#unit(target), { code: 'excluded-but-present', field: copy.rule });
  }

  #settleUnclaimed(row: MailRow, duplicate: boolean): void {
    const { createdAt, receivedAt } = row.fact;
    if (!duplicate && (createdAt ?? receivedAt ?? 0) > this.#ends.asOfMs) return;
    this.#check.surplus(this.#unit(row), { code: duplicate ? 'message-duplicate' : 'message-extra' });
  }

  #compareFolders(): void {
    const { emptyFolders } = this.#ends.organisation.policy.mail;
    for (const [id, { folder, labelPath, label }] of this.#containers.places) {
      if (labelPath === null || label !== null) continue;
      const isOrdinary = [null, 'inbox', 'archive'].includes(rootOf(folder));
      const isEmpty = !this.#filled.has(id) && folder.serviceCount === 0;
      if (!this.#arrived.has(id) && !(isEmpty && isOrdinary && emptyFolders)) continue;
      const path = folder.path.join('/');
      const unit = { container: path, containerKey: id, item: id, identity: '' };
      this.#check.differ(unit, { code: 'label-missing', field: 'label', sourceValue: path });
    }
  }

  #unit({ side, id, fact }: MailRow): Unit {
    const key = fact.containers[0] ?? '';
    const identity = fact.messageId ?? '';
    if (side === SOURCE) {
      const container = this.#containers.folders.get(key)?.path.join('/') ?? '';
      return { container, containerKey: key, item: id, identity };
    }
    return {
      container: labelNames(fact.containers, this.#containers.labels),
      containerKey: '',
      item: id,
      identity,
    };
  }
}

function factsOf(rows: readonly MailRow[]) {
  return rows.map(({ fact }) => fact);
}

/** Names of the labels that a target message lies under, states left out. */
function labelNames(ids: readonly string[], labels: ReadonlyMap<string, ContainerFact>): string {
  return ids
    .filter((id) => !/^(?:UNREAD|STARRED|IMPORTANT|CATEGORY_)/.test(id))
    .map((id) => {
      const label = labels.get(id);
      return systemLabel(label ?? { id, wellKnown: null }) ?? label?.path.join('/') ?? id;
    })
    .sort()
    .join('; ');
}
