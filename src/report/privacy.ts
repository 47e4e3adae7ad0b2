import { createHash } from 'node:crypto';
import type { Policy, WorkloadName } from '../core/types.ts';
import { catalogueEntry } from '../reconcile/catalogue.ts';

export type Privacy = Policy['privacy'];

/** What a row may show at a privacy level. */
export interface Shown {
  container: string;
  item: string;
  identity: string;
  sourceValue: string;
  targetValue: string;
}

export interface Showable {
  workload: WorkloadName;
  container: string;
  item: string;
  identity: string;
  code?: string;
  sourceValue?: string;
  targetValue?: string;
}

/** First 12 hex digits of the SHA-256 of a text, so that whoever knows the text can find its row. */
export function shortHash(text: string): string {
  return text === '' ? '' : createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/**
 * Reduces a row to what the level allows: `counts` nothing of the item, `hashed` containers and hashes of items,
 * `full` all of it. Directory rows hold no mailbox's content: only `counts` hides them.
 */
export function showAt(privacy: Privacy, row: Showable): Shown {
  const { container, sourceValue = '', targetValue = '' } = row;
  if (privacy === 'counts')
    return { container: '', item: '', identity: '', sourceValue: '', targetValue: '' };
  if (privacy === 'full' || row.workload === 'directory')
    return { container, item: row.identity || row.item, identity: row.identity, sourceValue, targetValue };
  const isContent = catalogueEntry(row.code ?? '')?.values === 'content';
  const value = (text: string) => (isContent && !isHashed(text) ? hashedValue(text) : text);
  return {
    container,
    item: shortHash(row.identity || row.item),
    identity: shortHash(row.identity),
    sourceValue: value(sourceValue),
    targetValue: value(targetValue),
  };
}

function hashedValue(text: string): string {
  return text === '' ? '' : `sha256:${shortHash(text)}`;
}

function isHashed(text: string): boolean {
  return /^sha256:[0-9a-f]{12}$/.test(text);
}
