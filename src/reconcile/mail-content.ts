import type { MessageFact } from '../core/facts.ts';
import type { Difference } from './job-check.ts';

/** Header fields that the header hash covers (mapping 6.1, F2). */
const HASHED_FIELDS = ['date', 'from', 'to', 'cc', 'subject'];
const KEPT_AS = 'x-original-';
/** Fields that every delivery adds to; the hash of the bytes sets them aside as well. */
const TRACE = /^(?:received|x-received|return-path|delivered-to|x-gm-.*|x-google-.*)$/;

export interface ContentVerdict {
  differences: Difference[];
  /** What ferry had to change in the header, named; the content itself is the same. */
  alterations: string[];
}

/**
 * Compares what was read of two messages' bytes: equal bytes match; else equal decoded content matches with the
 * altered header fields named; else the content differs. What was not read on both sides is not compared.
 */
export function compareContent(source: MessageFact, target: MessageFact): ContentVerdict {
  const same = { differences: [], alterations: [] };
  if (bothEqual(source.bytesHash, target.bytesHash)) return same;
  if (bothRead(source.bodyHash, target.bodyHash) && source.bodyHash !== target.bodyHash)
    return { differences: [{ code: 'body-differs', field: 'body' }], alterations: [] };
  const alterations = headerAlterations(source.headerNames, target.headerNames);
  const touched = alterations.some((word) => HASHED_FIELDS.includes(word.slice(word.indexOf(': ') + 2)));
  if (bothRead(source.headerHash, target.headerHash) && source.headerHash !== target.headerHash && !touched)
    return { differences: [{ code: 'headers-differ', field: 'headers' }], alterations };
  const bytesDiffer = bothRead(source.bytesHash, target.bytesHash);
  return {
    differences: [],
    alterations:
      bytesDiffer && alterations.length === 0 ? ['changed: form of headers or encoding'] : alterations,
  };
}

/** Names what was added, removed or set aside under `X-Original-…`, in the order of the field names. */
function headerAlterations(source: readonly string[] | null, target: readonly string[] | null): string[] {
  if (source === null || target === null) return [];
  const [before, after] = [withoutTrace(source), withoutTrace(target)];
  const removed = surplus(before, after);
  const added = surplus(after, before);
  const words: string[] = [];
  for (const name of added) {
    const original = name.startsWith(KEPT_AS) ? name.slice(KEPT_AS.length) : null;
    if (original === null) words.push(`added: ${name}`);
    else words.push(`${removed.includes(original) ? 'renamed' : 'changed'}: ${original}`);
  }
  const renamed = new Set(
    added.filter((name) => name.startsWith(KEPT_AS)).map((name) => name.slice(KEPT_AS.length)),
  );
  for (const name of removed) if (!renamed.has(name)) words.push(`removed: ${name}`);
  return [...new Set(words)].sort();
}

function withoutTrace(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase()).filter((name) => !TRACE.test(name));
}

function surplus(names: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const name of others) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.filter((name) => {
    const left = counts.get(name) ?? 0;
    counts.set(name, left - 1);
    return left <= 0;
  });
}

function bothRead(a: string | null, b: string | null): boolean {
  return a !== null && b !== null;
}

function bothEqual(a: string | null, b: string | null): boolean {
  return a !== null && a === b;
}
