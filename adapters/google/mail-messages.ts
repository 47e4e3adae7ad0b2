import { type MigrationError, NotFound, Rejected } from '../../src/core/errors.ts';
import { type MessageValue, type MessageWrote, SYSTEM_LABELS } from '../../src/core/google.ts';
import type { Loss, Receipt } from '../../src/core/types.ts';
import type { GoogleConnection } from './client.ts';
import { DRAFT_BYTES_MAX } from './limits.ts';
import type { Labels } from './mail-labels.ts';
import { createMessageSearch } from './mail-search.ts';
import { type StoredMessage, type UploadMethod, uploadMessage } from './upload.ts';
import { sizeOf } from './upload-source.ts';

export interface Messages {
  create(mailbox: string, value: MessageValue, signal: AbortSignal): Promise<Receipt>;
  update(mailbox: string, value: MessageValue, prior: Receipt, signal: AbortSignal): Promise<Receipt>;
  find(
    mailbox: string,
    value: MessageValue,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Receipt | null>;
}

/** Labels that modify refuses. Source: https://developers.google.com/workspace/gmail/api/guides/labels, read 2026-11. */
const FIXED = new Set(['SENT', 'DRAFT']);
const SYSTEM = new Set<string>(SYSTEM_LABELS);
/** State labels that a message found again must not keep when they are not wanted. */
const STATES = new Set(['UNREAD', 'INBOX', 'STARRED', 'SPAM', 'TRASH']);

/** Messages of mailboxes: created by import, insert or draft, changed by their labels alone. */
export function createMessages(google: GoogleConnection, labels: Labels): Messages {
  const search = createMessageSearch(google);
  const wantedLabels = async (mailbox: string, value: MessageValue, signal: AbortSignal) => {
    const wanted = new Set<string>([...value.system, ...value.labelIds]);
    const losses: Loss[] = [];
    for (const name of value.labelNames) {
      const found = await labels.ensure(mailbox, name, undefined, signal);
      wanted.add(found.label.id);
      losses.push(...found.losses);
    }
    return { wanted, losses };
  };
  const create = async (mailbox: string, value: MessageValue, signal: AbortSignal): Promise<Receipt> => {
    const { wanted, losses } = await wantedLabels(mailbox, value, signal);
    const { stored, missing } = await storeLabelled(google, labels, mailbox, value, wanted, signal);
    for (const label of missing) wanted.delete(label);
    if (missing.length > 0) losses.push({ field: 'labels', kind: 'dropped', reason: 'label-missing' });
    if (stored.draftId !== null) wanted.add('DRAFT');
    const actual = new Set(stored.labelIds ?? (stored.draftId === null ? wanted : ['DRAFT']));
    const refused = await addMissing(google, mailbox, stored.id, wanted, actual, signal);
    return messageReceipt(stored.id, wanted, stored.draftId, [...losses, ...refused]);
  };
  return {
    create,
    update: async (mailbox, value, prior, signal) => {
      const before = readMessageWrote(prior);
      if (value.mime !== null && before.draftId !== undefined) {
        // Removed first: an import would otherwise be merged into the draft that has the same Message-ID.
        await deleteDraft(google, mailbox, before.draftId, signal);
        return create(mailbox, value, signal);
      }
      const { wanted, losses } = await wantedLabels(mailbox, value, signal);
      if (before.draftId !== undefined) wanted.add('DRAFT');
      const change = difference(new Set(before.labelIds), wanted);
      await modify(google, mailbox, prior.targetId, change, signal);
      const all = [...losses, ...fixedLosses(change)];
      return messageReceipt(prior.targetId, wanted, before.draftId ?? null, all);
    },
    find: async (mailbox, value, settled, signal) => {
      if (value.mime === null) return null;
      const found = await search.find(mailbox, value.messageId, settled, signal);
      if (found === null) return null;
      const { wanted, losses } = await wantedLabels(mailbox, value, signal);
      const draftId = found.labelIds.includes('DRAFT')
        ? await search.draftOf(mailbox, value.messageId, found.id, signal)
        : null;
      if (draftId !== null) wanted.add('DRAFT');
      const change = difference(new Set(found.labelIds), wanted);
      const remove = change.remove.filter((label) => STATES.has(label));
      await modify(google, mailbox, found.id, { ...change, remove }, signal);
      return messageReceipt(found.id, wanted, draftId, [...losses, ...fixedLosses({ ...change, remove })]);
    },
  };
}

/**
 * Where Gmail refuses a label, it was deleted by the user since, or is one that this mailbox does not take at import
 * (SENT): the message goes in without those, `missing` names the deleted ones.
 */
async function storeLabelled(
  google: GoogleConnection,
  labels: Labels,
  mailbox: string,
  value: MessageValue,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ stored: StoredMessage; missing: string[] }> {
  try {
    return { stored: await store(google, mailbox, value, wanted, signal), missing: [] };
  } catch (error) {
    if (!(error instanceof Rejected) || error.code !== 'invalid-label') throw error;
    const there = await labels.ids(mailbox, signal);
    const missing = [...wanted].filter((label) => !SYSTEM.has(label) && !there.has(label));
    const accepted = [...wanted].filter((label) => !FIXED.has(label) && !missing.includes(label));
    if (accepted.length === wanted.size) throw error;
    const stored = await store(google, mailbox, value, new Set(accepted), signal);
    return { stored: { ...stored, labelIds: stored.labelIds ?? accepted }, missing };
  }
}

/** Uploads by the method that the value names; a draft beyond the drafts' limit becomes a message labelled DRAFT. */
async function store(
  google: GoogleConnection,
  mailbox: string,
  value: MessageValue,
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<StoredMessage> {
  if (value.mime === null) {
    throw new Rejected({
      code: 'no-content',
      message: 'a message that is not at the target came without its bytes',
    });
  }
  const { mime } = value;
  const labelIds = [...wanted];
  const send = (method: UploadMethod, query: Record<string, string>, metadata: object) =>
    uploadMessage(google, mailbox, { method, query, metadata, ...mime }, signal);
  const fields = 'id,threadId,labelIds';
  if (value.method === 'import') {
    const query = {
      internalDateSource: 'dateHeader',
      neverMarkSpam: 'true',
      processForCalendar: 'false',
      fields,
    };
    return send('gmail.messages.import', query, { labelIds });
  }
  const insert = (ids: string[]) =>
    send('gmail.messages.insert', { internalDateSource: 'dateHeader', fields }, { labelIds: ids });
  if (value.method === 'insert') return insert(labelIds);
  const asMessage = [...new Set([...labelIds, 'DRAFT'])];
  const size = sizeOf(mime);
  if (size !== null && size > DRAFT_BYTES_MAX) return insert(asMessage);
  try {
    return await send('gmail.drafts.create', { fields: `id,message(${fields})` }, { message: {} });
  } catch (error) {
    if (error instanceof Rejected && error.code === 'too-large') return insert(asMessage);
    throw error;
  }
}

interface Change {
  add: string[];
  remove: string[];
}

function difference(before: ReadonlySet<string>, wanted: ReadonlySet<string>): Change {
  return {
    add: [...wanted].filter((label) => !before.has(label)),
    remove: [...before].filter((label) => !wanted.has(label)),
  };
}

/** Puts on what an import merged away or a draft was not given; returns what cannot be put on. */
async function addMissing(
  google: GoogleConnection,
  mailbox: string,
  id: string,
  wanted: ReadonlySet<string>,
  actual: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Loss[]> {
  const change = { add: difference(actual, wanted).add, remove: [] };
  await modify(google, mailbox, id, change, signal);
  return fixedLosses(change);
}

function fixedLosses({ add, remove }: Change): Loss[] {
  const losses: Loss[] = [];
  if (add.some((label) => FIXED.has(label))) {
    losses.push({ field: 'labels', kind: 'dropped', reason: 'label-fixed-by-gmail' });
  }
  if (remove.some((label) => FIXED.has(label))) {
    losses.push({ field: 'labels', kind: 'changed', reason: 'label-fixed-by-gmail' });
  }
  return losses;
}

async function modify(
  google: GoogleConnection,
  mailbox: string,
  id: string,
  change: Change,
  signal: AbortSignal,
): Promise<void> {
  const addLabelIds = change.add.filter((label) => !FIXED.has(label));
  const removeLabelIds = change.remove.filter((label) => !FIXED.has(label));
  if (addLabelIds.length + removeLabelIds.length === 0) return;
  const requestBody = {
    ...(addLabelIds.length > 0 ? { addLabelIds } : {}),
    ...(removeLabelIds.length > 0 ? { removeLabelIds } : {}),
  };
  try {
    await google.call(
      'gmail.messages.modify',
      mailbox,
      (options) =>
        google.apis.gmail.users.messages.modify(
          { userId: 'me', id, requestBody, fields: 'id,labelIds' },
          options,
        ),
      signal,
    );
  } catch (error) {
    throw error instanceof NotFound ? deletedAtTarget(error) : error;
  }
}

function deletedAtTarget(cause: MigrationError): Rejected {
  return new Rejected({
    code: 'deleted-at-target',
    message: 'the message was deleted at Google after it had arrived',
    status: 404,
    cause,
  });
}

async function deleteDraft(
  google: GoogleConnection,
  mailbox: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await google.call(
      'gmail.drafts.delete',
      mailbox,
      (options) => google.apis.gmail.users.drafts.delete({ userId: 'me', id }, options),
      signal,
    );
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

function messageReceipt(
  id: string,
  wanted: ReadonlySet<string>,
  draftId: string | null,
  losses: readonly Loss[],
): Receipt {
  const labelIds = [...wanted].sort();
  return { targetId: id, wrote: draftId === null ? { labelIds } : { labelIds, draftId }, losses };
}

function readMessageWrote(receipt: Receipt): MessageWrote {
  const wrote = receipt.wrote as { labelIds?: unknown; draftId?: unknown } | null;
  const labelIds = Array.isArray(wrote?.labelIds) ? wrote.labelIds.map(String) : [];
  return typeof wrote?.draftId === 'string' ? { labelIds, draftId: wrote.draftId } : { labelIds };
}
