import { hasOwnIdentity, type MailRow, SOURCE } from './mail-facts.ts';

/** Copies at the source that are one message, and the message that stands for them at the target. */
export interface Delivery {
  /** Expected copies; at least one. */
  copies: MailRow[];
  target: MailRow | null;
}

export interface PairedBucket {
  deliveries: Delivery[];
  /** Copies that a rule leaves out, with the target message that is theirs all the same. */
  leftOut: { copy: MailRow; target: MailRow | null }[];
  /** Target messages that no copy claims; `duplicate` where a claimed one is the same message. */
  unclaimed: { row: MailRow; duplicate: boolean }[];
}

/** Pairs of deliveries and messages that are fitted one by one. */
const MAX_FITTED = 40_000;

/** How well a target message fits under the labels that a delivery's folders ask for; higher is better. */
export type Fitness = (copies: readonly MailRow[], target: MailRow) => number;

/**
 * Pairs the messages of one identity. Copies with one Message-ID and one content are one delivery; messages without
 * an identity of their own are each a delivery. Equal bytes pair first, then equal content, then, within one
 * Message-ID, what is left on both sides: the same message with another content.
 */
export function pairBucket(rows: readonly MailRow[], fitness: Fitness): PairedBucket {
  const source = rows.filter((row) => row.side === SOURCE);
  const free = new Set(rows.filter((row) => row.side !== SOURCE));
  const expected = source.filter((row) => row.fate === '');
  const deliveries = group(expected).map((copies): Delivery => ({ copies, target: null }));
  const ownIdentity = hasOwnIdentity(rows[0]?.identity ?? '');
  for (const isSame of ownIdentity ? [sameBytes, sameContent, () => true] : [sameBytes, sameContent])
    claim(deliveries, free, isSame, fitness);
  const leftOut = source
    .filter((row) => row.fate !== '')
    .map((copy) => ({ copy, target: takeFor(copy, free) }));
  const unclaimed = [...free].map((row) => ({ row, duplicate: isDuplicate(row, deliveries) }));
  return { deliveries, leftOut, unclaimed };
}

/** Copies of one delivery. Unread contents count with the first: there is nothing to tell them apart by. */
function group(rows: readonly MailRow[]): MailRow[][] {
  const groups: MailRow[][] = [];
  for (const row of rows) {
    const known = hasOwnIdentity(row.identity)
      ? groups.find(([first]) => first !== undefined && sameContent(first, row))
      : undefined;
    if (known === undefined) groups.push([row]);
    else known.push(row);
  }
  return groups;
}

/**
 * Gives free target messages to deliveries, the best fit of all first. Very large groups of equal messages are given
 * out in order instead: fitting each with each would take longer than it tells.
 */
function claim(
  deliveries: readonly Delivery[],
  free: Set<MailRow>,
  isSame: (copy: MailRow, target: MailRow) => boolean,
  fitness: Fitness,
): void {
  const open = deliveries.filter(({ target }) => target === null);
  const isLarge = open.length * free.size > MAX_FITTED;
  const candidates: { delivery: Delivery; row: MailRow; fit: number }[] = [];
  for (const delivery of open) {
    for (const row of free) {
      if (!delivery.copies.some((copy) => isSame(copy, row))) continue;
      if (isLarge) {
        give(delivery, row, free);
        break;
      }
      candidates.push({ delivery, row, fit: fitness(delivery.copies, row) });
    }
  }
  candidates.sort((a, b) => b.fit - a.fit);
  for (const { delivery, row } of candidates)
    if (delivery.target === null && free.has(row)) give(delivery, row, free);
}

function give(delivery: Delivery, row: MailRow, free: Set<MailRow>): void {
  delivery.target = row;
  free.delete(row);
}

function takeFor(copy: MailRow, free: Set<MailRow>): MailRow | null {
  for (const row of free) {
    if (!sameContent(copy, row)) continue;
    free.delete(row);
    return row;
  }
  return null;
}

function isDuplicate(row: MailRow, deliveries: readonly Delivery[]): boolean {
  return deliveries.some(
    ({ copies, target }) => target !== null && copies.some((copy) => sameContent(copy, row)),
  );
}

function sameBytes(a: MailRow, b: MailRow): boolean {
  const [x, y] = [a.fact.bytesHash, b.fact.bytesHash];
  if (x !== null && y !== null && x === y) return true;
  const [h, i] = [a.fact.headerHash, b.fact.headerHash];
  return h !== null && h === i && a.fact.bodyHash !== null && a.fact.bodyHash === b.fact.bodyHash;
}

/** Equal where both were read; what was not read counts as equal. */
function sameContent(a: MailRow, b: MailRow): boolean {
  return a.fact.bodyHash === null || b.fact.bodyHash === null || a.fact.bodyHash === b.fact.bodyHash;
}
