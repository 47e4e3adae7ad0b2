import type { ListedItem } from '../core/ports.ts';

/** A copy with the hash of its body. */
export interface Fingerprinted {
  item: ListedItem;
  hash: string;
}

/** A ledger fingerprint: the hash of a body and the number of the delivery that it makes under its identity. */
export interface Fingerprint {
  variant: number;
  hash: string;
}

export function writeFingerprint({ variant, hash }: Fingerprint): string {
  return `${variant}:${hash}`;
}

export function readFingerprint(text: string | null): Fingerprint | null {
  const [, variant, hash] = /^(\d+):(.*)$/s.exec(text ?? '') ?? [];
  return variant === undefined || hash === undefined ? null : { variant: Number(variant), hash };
}

export interface Assignment {
  /** Item key → delivery number, for copies and for gone items that belong to a delivery. */
  variants: ReadonlyMap<string, number>;
  /** Copies whose body changed while others keep the delivery: their receipts name something else now. */
  displaced: ReadonlySet<string>;
}

/**
 * Numbers the deliveries under one identity: 0 is what was written while nothing shared the identity, else the first
 * by order and key; further bodies follow. Numbers never change once they are stored. `traces` are items without a
 * readable body that have left something at the target, or may have: they keep their number taken, and one without a
 * number of its own is taken for an earlier place of the copy with the same order (received at the same instant).
 */
export function assignVariants(copies: readonly Fingerprinted[], traces: readonly ListedItem[]): Assignment {
  const variants = new Map<string, number>();
  const numbers = new Map<string, number>();
  const displaced = new Set<string>();
  const claim = (key: string, hash: string | null, variant: number) => {
    variants.set(key, variant);
    if (hash !== null && !numbers.has(hash)) numbers.set(hash, variant);
  };
  for (const trace of traces) {
    const stored = readFingerprint(trace.fingerprint);
    if (stored) claim(trace.key, stored.hash, stored.variant);
  }
  for (const { item, hash } of copies) {
    const stored = readFingerprint(item.fingerprint);
    if (stored === null) continue;
    if (stored.hash === hash || !isShared(stored.variant, item, copies, traces))
      claim(item.key, hash, stored.variant);
    else displaced.add(item.key);
  }
  for (const trace of traces) {
    if (readFingerprint(trace.fingerprint) !== null) continue;
    const later = copies.find(({ item }) => item.order === trace.order && item.fingerprint === null);
    claim(trace.key, later?.hash ?? null, 0);
  }
  for (const { item, hash } of unnumbered(copies, variants, displaced))
    claim(item.key, hash, numbers.get(hash) ?? lowestFree(variants));
  return { variants, displaced };
}

/** What may be at the target already comes first, since it went there as number 0. */
function unnumbered(
  copies: readonly Fingerprinted[],
  variants: ReadonlyMap<string, number>,
  displaced: ReadonlySet<string>,
): readonly Fingerprinted[] {
  const weight = ({ item }: Fingerprinted) => (isAnchored(item) && !displaced.has(item.key) ? 0 : 1);
  return copies
    .filter(({ item }) => !variants.has(item.key))
    .toSorted((one, other) => weight(one) - weight(other) || compareItems(one.item, other.item));
}

function lowestFree(variants: ReadonlyMap<string, number>): number {
  const taken = new Set(variants.values());
  let number = 0;
  while (taken.has(number)) number += 1;
  return number;
}

function isShared(
  variant: number,
  item: ListedItem,
  copies: readonly Fingerprinted[],
  traces: readonly ListedItem[],
): boolean {
  const others = [...copies.map((copy) => copy.item), ...traces];
  return others.some(
    (other) => other.key !== item.key && readFingerprint(other.fingerprint)?.variant === variant,
  );
}

/** Written, or maybe written, while it was alone under its identity. */
function isAnchored({ receipt, begunAt }: ListedItem): boolean {
  return receipt !== null || begunAt !== null;
}

export function compareItems(one: ListedItem, other: ListedItem): number {
  return one.order - other.order || (one.key < other.key ? -1 : one.key > other.key ? 1 : 0);
}
