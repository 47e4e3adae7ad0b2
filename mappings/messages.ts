import type { LabelValue, LabelWrote, MessageValue, MessageWrote, SystemLabel } from '../src/core/google.ts';
import type { GraphMessageState, MailResource, MimeMessage } from '../src/core/microsoft.ts';
import type { Copy, MapContext } from '../src/core/ports.ts';
import type { Loss, Mapped, Policy } from '../src/core/types.ts';
import type { FolderPlan, LabelPlan } from './folders.ts';
import { categoryLabel } from './labels.ts';
import { classRule } from './message-classes.ts';
import { type CopyInView, MAX_IMPORT_BYTES, skipOf } from './message-filters.ts';
import { bareMessageId, type EditedHeader, editHeader, syntheticMessageId } from './message-header.ts';
import { foldName } from './text.ts';

/** What the mapping of one mailbox's messages has to know beside the messages. */
export interface PreparedMail {
  plan: LabelPlan;
  policy: Policy['mail'];
  /** The mailbox's own addresses at both ends, lower case. */
  ownerAddresses: ReadonlySet<string>;
  /** Primary address at the target. */
  ownerAddress: string;
  nowMs: number;
}

/** Largest draft (Gmail API v1, drafts.create). */
const MAX_DRAFT_BYTES = 36_700_160;
const PROTECTED_LABEL = 'Protected (unreadable)';

interface View extends CopyInView {
  copy: Copy<MailResource>;
}

/** A folder's label, or the rule by which there is none. */
export function mapFolder(copy: Copy<MailResource>, prepared: PreparedMail): Mapped<LabelValue> {
  const folder = prepared.plan.get(folderId(copy));
  if (folder === undefined || folder.rule !== null)
    return { kind: 'skip', reason: { outcome: 'excluded', rule: folder?.rule ?? 'system-folder' } };
  return {
    kind: 'value',
    value: { kind: 'label', name: folder.name, system: folder.system },
    losses: folder.losses,
  };
}

function folderId(copy: Copy<MailResource>): string {
  return copy.item.key.replace(/^folder:/, '');
}

/**
 * All copies of one message as one delivery (mapping 3.6): union of labels; UNREAD only when every copy is unread,
 * STARRED and IMPORTANT when any is; TRASH and SPAM give way to any other place. Copies that a rule leaves out add
 * nothing; when all are left out, the delivery is. The first copy's MIME is taken, edited as little as Gmail needs.
 */
export function mapMessage(
  copies: readonly [Copy<MailResource>, ...Copy<MailResource>[]],
  context: MapContext<PreparedMail>,
): Mapped<MessageValue> {
  const { policy, nowMs, plan } = context.prepared;
  const views = copies.map((copy): View => {
    const state = copy.item.state as unknown as GraphMessageState;
    return { copy, item: copy.item, state, folder: plan.get(state.folderId) ?? null };
  });
  const skips = views.map((view) => skipOf(view, policy, nowMs));
  const moved = views.filter((_, index) => skips[index] === null);
  const [lead] = moved;
  const reason = skips.find((skip) => skip !== null) ?? null;
  if (lead === undefined) return { kind: 'skip', reason: reason ?? { outcome: 'excluded', rule: 'no-copy' } };
  const mime = copies.map(({ resource }) => resource).find(isMime) ?? null;
  if (mime !== null && sizeOf(mime) > MAX_IMPORT_BYTES)
    return { kind: 'skip', reason: { outcome: 'too-large', rule: 'gmail-150-mib' } };
  return delivery(lead, moved, mime, context);
}

function delivery(
  lead: View,
  moved: readonly View[],
  mime: MimeMessage | null,
  context: MapContext<PreparedMail>,
): Mapped<MessageValue> {
  const { prepared, variant, prior } = context;
  const isUnread = moved.every(({ state }) => !state.isRead);
  const edited = mime === null ? null : edit(mime, lead, isUnread, prepared);
  const method = methodOf(lead, moved, mime, variant);
  const wasSent = wroteOf(prior?.wrote).labelIds.includes('SENT');
  const isSent = edited === null ? wasSent : isOwnSent(lead, moved, edited, prepared);
  const system = systemLabels(moved, isUnread, isSent, method);
  const { labelIds, labelNames } = userLabels(moved, prepared.policy, edited?.isProtected ?? false);
  return {
    kind: 'value',
    value: {
      kind: 'message',
      method,
      messageId: edited?.messageId ?? plainMessageId(lead),
      system,
      labelIds,
      labelNames,
      mime: mime === null || edited === null ? null : { header: edited.header, rest: mime.rest },
    },
    losses: [...(edited?.losses ?? []), ...stateLosses(lead, moved, method, variant, edited)],
  };
}

function edit(mime: MimeMessage, lead: View, isUnread: boolean, prepared: PreparedMail): EditedHeader {
  const { state, item } = lead;
  const facts = {
    immutableId: item.key,
    internetMessageId: state.internetMessageId,
    sentDateTime: state.sentDateTime,
    receivedDateTime: state.receivedDateTime,
    fromAddress: state.fromAddress ?? senderOfReport(state, prepared),
    ownerAddress: prepared.ownerAddress,
    isDraft: state.isDraft,
    isUnread,
  };
  return editHeader(mime.header, facts, prepared.policy);
}

/** Non-delivery reports often have an empty sender. */
function senderOfReport(state: GraphMessageState, prepared: PreparedMail): string | null {
  const isReport = state.messageClass?.toLowerCase().startsWith('report.') === true;
  return isReport ? `postmaster@${prepared.ownerAddress.split('@').at(-1)}` : null;
}

function plainMessageId({ item, state }: View): string {
  return bareMessageId(state.internetMessageId) ?? syntheticMessageId(item.key);
}

/** A draft that was thrown away, or is too large for one, comes in as mail. */
function methodOf(
  lead: View,
  moved: readonly View[],
  mime: MimeMessage | null,
  variant: number,
): MessageValue['method'] {
  const isLarge = Math.max(lead.item.bytes ?? 0, mime === null ? 0 : sizeOf(mime)) > MAX_DRAFT_BYTES;
  if (lead.state.isDraft && !isLarge && !moved.every(isTrashed)) return 'draft';
  return variant > 0 ? 'insert' : 'import';
}

function isTrashed({ folder }: View): boolean {
  return folder?.system.includes('TRASH') === true;
}

/** Mail of the owner outside Sent Items and Inbox: from one of the owner's addresses, and no server has handled it. */
function isOwnSent(
  lead: View,
  moved: readonly View[],
  edited: EditedHeader,
  prepared: PreparedMail,
): boolean {
  const from = lead.state.fromAddress?.toLowerCase() ?? '';
  const isInInbox = moved.some(({ folder }) => folder?.system.includes('INBOX'));
  return !lead.state.isDraft && !isInInbox && !edited.hasReceived && prepared.ownerAddresses.has(from);
}

function systemLabels(
  moved: readonly View[],
  isUnread: boolean,
  isSent: boolean,
  method: MessageValue['method'],
): SystemLabel[] {
  const found = new Set(places(moved));
  const isTrash = found.has('TRASH');
  const isDraft = method === 'draft' || (moved[0]?.state.isDraft === true && !isTrash);
  if (isDraft) {
    found.clear();
    found.add('DRAFT');
  } else found.delete('DRAFT');
  if (isSent && !isTrash && !found.has('SPAM') && !isDraft) found.add('SENT');
  const isOwn = found.has('SENT') && !found.has('INBOX');
  if (isUnread && !isOwn && !isDraft) found.add('UNREAD');
  if (moved.some(({ state }) => state.flagStatus === 'flagged')) found.add('STARRED');
  if (moved.some(({ state }) => state.importance === 'high')) found.add('IMPORTANT');
  return [...found].sort();
}

/** System labels of all folders; TRASH and SPAM only where no copy lies elsewhere, and never both. */
function places(moved: readonly View[]): SystemLabel[] {
  const each = moved.map(({ folder }) => folder?.system ?? []);
  const isAside = (labels: readonly SystemLabel[]) => labels.includes('TRASH') || labels.includes('SPAM');
  if (!each.every(isAside)) return each.filter((labels) => !isAside(labels)).flat();
  return each.flat().includes('TRASH') ? ['TRASH'] : ['SPAM'];
}

function userLabels(
  moved: readonly View[],
  policy: Policy['mail'],
  isProtected: boolean,
): { labelIds: string[]; labelNames: string[] } {
  const labels = moved.map((view) => placeOf(view));
  const categories = policy.categories === 'skip' ? [] : moved.flatMap(({ state }) => state.categories);
  const kinds = moved.flatMap(({ state }) => classRule(state.messageClass).label ?? []);
  const names = [
    ...labels.flatMap(({ name }) => name ?? []),
    ...categories.map(categoryLabel),
    ...kinds,
    ...(isProtected ? [PROTECTED_LABEL] : []),
  ];
  const byFold = new Map<string, string>();
  for (const name of names) if (!byFold.has(foldName(name))) byFold.set(foldName(name), name);
  return {
    labelIds: [...new Set(labels.flatMap(({ id }) => id ?? []))].sort(),
    labelNames: [...byFold.values()].sort(),
  };
}

/** The label of a copy's folder: its id where the folder has a receipt, else its name for the target to find. */
function placeOf({ copy, state, folder }: View): { id: string | null; name: string | null } {
  const wrote = copy.parent === null ? null : (copy.parent.wrote as unknown as LabelWrote);
  if (wrote?.id) return { id: wrote.id, name: null };
  if (isMisplaced(state, folder)) return { id: null, name: folder?.fallback ?? null };
  return { id: null, name: folder?.name ?? null };
}

/** Mail among the drafts that is no draft cannot carry DRAFT: it gets a label of the folder's name. */
function isMisplaced(state: GraphMessageState, folder: FolderPlan | null): boolean {
  return folder?.system.includes('DRAFT') === true && !state.isDraft;
}

function stateLosses(
  lead: View,
  moved: readonly View[],
  method: MessageValue['method'],
  variant: number,
  edited: EditedHeader | null,
): Loss[] {
  const states = moved.map(({ state }) => state);
  const losses: Loss[] = [];
  const add = (field: string, kind: Loss['kind'], reason: string) => losses.push({ field, kind, reason });
  if (variant > 0 && method === 'insert') add('internetMessageId', 'weakened', 'not-deduplicated');
  if (states.some(({ flagStatus }) => flagStatus === 'complete'))
    add('flag', 'dropped', 'complete-no-equivalent');
  if (states.every(({ importance }) => importance === 'low')) add('importance', 'dropped', 'no-equivalent');
  if (lead.state.isDraft && method !== 'draft')
    add('isDraft', 'weakened', isTrashed(lead) ? 'deleted-draft' : 'limit-35-mib');
  if (moved.some(({ state, folder }) => isMisplaced(state, folder))) add('folder', 'changed', 'not-a-draft');
  if (edited?.isProtected) add('body', 'weakened', 'rights-protected');
  return losses;
}

function isMime(resource: MailResource | null): resource is MimeMessage {
  return resource?.kind === 'message';
}

function sizeOf(mime: MimeMessage): number {
  return mime.header.length + (mime.rest.bytes ?? 0);
}

/** What an earlier write of a message left in its receipt. */
export function wroteOf(wrote: unknown): MessageWrote {
  const value = (wrote ?? {}) as Partial<MessageWrote>;
  return { labelIds: value.labelIds ?? [], ...(value.draftId ? { draftId: value.draftId } : {}) };
}
