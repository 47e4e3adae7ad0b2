import type { ContainerFact, MessageFact } from '../core/facts.ts';
import type { Policy } from '../core/types.ts';

/** Largest message that Gmail takes by import or insert (Gmail API v1 discovery, `mediaUpload.maxSize`), in bytes. */
export const GMAIL_MAX_BYTES = 157_286_400;

const DAY_MS = 86_400_000;

const SYSTEM_ROOTS = new Set([
  'syncissues',
  'conflicts',
  'localfailures',
  'serverfailures',
  'searchfolders',
  'recoverableitemsdeletions',
  'recoverableitemsroot',
  'recoverableitemsversions',
  'recoverableitemspurges',
]);

/** Message classes that are no mail (mapping 3.6), as prefixes in lower case. */
const NOT_MAIL = [
  'ipm.outlook.recall',
  'ipm.recall',
  'ipm.note.rules.',
  'ipm.microsoft.',
  'ipm.configuration.',
  'ipm.appointment',
  'ipm.contact',
  'ipm.distlist',
  'ipm.task',
  'ipm.stickynote',
  'ipm.activity',
];

export interface LeftOut {
  fate: 'excluded' | 'unsupported';
  rule: string;
}

/** The well-known folder that decides about everything below it; null for ordinary folders. */
export function rootOf(folder: Pick<ContainerFact, 'wellKnown' | 'root'>): string | null {
  const root = (folder.wellKnown ?? folder.root)?.toLowerCase() ?? null;
  return root === 'msgfolderroot' ? null : root;
}

/** The rule that leaves out a whole folder, or null. */
export function folderRule(folder: ContainerFact, policy: Policy): LeftOut | null {
  const roots = [rootOf(folder), folder.root?.toLowerCase() ?? null];
  if (roots.includes('conversationhistory')) return { fate: 'excluded', rule: 'conversation-history' };
  if (folder.hidden || roots.some((root) => root !== null && SYSTEM_ROOTS.has(root)))
    return { fate: 'excluded', rule: 'system-folder' };
  if (roots.includes('junkemail') && policy.mail.junk === 'skip') return { fate: 'excluded', rule: 'junk' };
  return null;
}

/**
 * The rule of the operator, or the nature of the item, by which a copy is not expected at the target; null where it
 * is. `asOfMs` is the instant that ages are counted from. Written from the policy's definition alone.
 */
export function messageRule(
  message: MessageFact,
  folder: ContainerFact | undefined,
  policy: Policy,
  asOfMs: number,
): LeftOut | null {
  const byFolder = folder === undefined ? null : folderRule(folder, policy);
  if (byFolder !== null) return byFolder;
  const messageClass = message.messageClass?.toLowerCase() ?? '';
  if (NOT_MAIL.some((prefix) => messageClass.startsWith(prefix)))
    return { fate: 'unsupported', rule: 'message-class' };
  const rule = operatorRule(message, folder, policy, asOfMs);
  return rule === null ? null : { fate: 'excluded', rule };
}

function operatorRule(
  message: MessageFact,
  folder: ContainerFact | undefined,
  policy: Policy,
  asOfMs: number,
): string | null {
  const { drafts, since, until, trashDays, maxBytes } = policy.mail;
  const received = message.receivedAt;
  if (message.draft && !drafts) return 'drafts';
  if (received !== null && since !== null && received < Date.parse(since)) return 'since';
  if (received !== null && until !== null && received >= Date.parse(until)) return 'until';
  const inTrash = folder !== undefined && rootOf(folder) === 'deleteditems';
  if (inTrash && received !== null && received < asOfMs - trashDays * DAY_MS) return 'trash-age';
  if (maxBytes !== null && message.bytes !== null && message.bytes > maxBytes) return 'max-bytes';
  return null;
}

/** Whether a source item came into being or was touched after the instant that the check speaks of. */
export function changedAfter(fact: { createdAt: number | null; modifiedAt: number | null }, asOfMs: number) {
  return (fact.createdAt ?? 0) > asOfMs || (fact.modifiedAt ?? 0) > asOfMs;
}
