import type { GraphMessageState } from '../src/core/microsoft.ts';
import type { ListedItem } from '../src/core/ports.ts';
import type { Policy, SkipReason } from '../src/core/types.ts';
import type { FolderPlan } from './folders.ts';
import { classRule } from './message-classes.ts';

/** Largest message that `messages.import` and `insert` take (Gmail API v1 discovery document). */
export const MAX_IMPORT_BYTES = 157_286_400;

const DAY_MS = 86_400_000;

/** What decides about one copy. */
export interface CopyInView {
  item: ListedItem;
  state: GraphMessageState;
  folder: FolderPlan | null;
}

/**
 * The reason for which a copy is left out, null when it is moved: its folder's rule, its class, then the operator's
 * filters `drafts`, `since`, `until` (exclusive), `max-bytes`, `trash-age`, then Gmail's size limit. Ages count from
 * the received time; a message without one passes the filters of time.
 */
export function skipOf(
  { item, state, folder }: CopyInView,
  policy: Policy['mail'],
  nowMs: number,
): SkipReason | null {
  const rule = folder?.rule ?? null;
  if (rule !== null && rule !== 'empty-folder') return { outcome: 'excluded', rule };
  if (!classRule(state.messageClass).isMail) return { outcome: 'unsupported', rule: 'message-class' };
  const filter = filterRule(item, state, folder, policy, nowMs);
  if (filter !== null) return { outcome: 'excluded', rule: filter };
  const isTooLarge = item.bytes !== null && item.bytes > MAX_IMPORT_BYTES;
  return isTooLarge ? { outcome: 'too-large', rule: 'gmail-150-mib' } : null;
}

function filterRule(
  item: ListedItem,
  state: GraphMessageState,
  folder: FolderPlan | null,
  policy: Policy['mail'],
  nowMs: number,
): string | null {
  if (state.isDraft && !policy.drafts) return 'drafts';
  const at = Date.parse(state.receivedDateTime ?? state.sentDateTime ?? '');
  if (policy.since !== null && at < Date.parse(policy.since)) return 'since';
  if (policy.until !== null && at >= Date.parse(policy.until)) return 'until';
  if (policy.maxBytes !== null && item.bytes !== null && item.bytes > policy.maxBytes) return 'max-bytes';
  const isTrash = folder?.root === 'deleteditems';
  return isTrash && at < nowMs - policy.trashDays * DAY_MS ? 'trash-age' : null;
}
