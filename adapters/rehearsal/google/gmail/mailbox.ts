import type { Random } from '../../service/random.ts';
import type { Json } from '../json.ts';
import type { MessageFile, MessagePlace } from './message-file.ts';
import type { UploadSession } from './upload-session.ts';

/** One message: metadata alone; its bytes lie in the message file. */
export interface StoredMessage {
  id: string;
  threadId: string;
  labels: readonly string[];
  /** UTC milliseconds. */
  internalDate: number;
  historyId: number;
  place: MessagePlace;
  /** Without brackets; null where the message has none. */
  messageId: string | null;
  /** Short hash of the subject without reply prefixes, for threading. */
  subjectKey: string;
  /** Ticks at which a search begins to see it. */
  searchableAt: number;
}

/** One user or system label. */
export interface StoredLabel {
  id: string;
  name: string;
  type: 'system' | 'user';
  messageListVisibility: string | undefined;
  labelListVisibility: string | undefined;
  color: Json | undefined;
}

export interface HistoryEntry {
  id: number;
  kind: 'messageAdded' | 'messageDeleted' | 'labelAdded' | 'labelRemoved';
  messageId: string;
  threadId: string;
  labels: readonly string[];
}

/** One user's mail. */
export interface Mailbox {
  userId: string;
  messages: Map<string, StoredMessage>;
  byMessageId: Map<string, string[]>;
  labels: Map<string, StoredLabel>;
  /** Draft id → message id. */
  drafts: Map<string, string>;
  history: HistoryEntry[];
  historyId: number;
  nextLabel: number;
  /** Newest first; null after a change. */
  newestFirst: StoredMessage[] | null;
}

/** All mail of a tenant. */
export interface MailState {
  file: MessageFile;
  random: Random;
  mailboxes: Map<string, Mailbox>;
  uploads: Map<string, UploadSession>;
  nextMessage: number;
}

/** Entries of a history that are kept; older start ids answer 404. */
const MAX_HISTORY = 20_000;

const SYSTEM_LABELS = [
  ...['INBOX', 'SENT', 'DRAFT', 'TRASH', 'SPAM', 'UNREAD', 'STARRED', 'IMPORTANT', 'CHAT'],
  ...['CATEGORY_PERSONAL', 'CATEGORY_SOCIAL', 'CATEGORY_PROMOTIONS', 'CATEGORY_UPDATES', 'CATEGORY_FORUMS'],
];

/** Creates the empty mail of a tenant. */
export function createMailState(file: MessageFile, random: Random): MailState {
  return { file, random, mailboxes: new Map(), uploads: new Map(), nextMessage: 1 };
}

/** The mailbox of a user, made with its system labels on first use. */
export function mailboxOf(mail: MailState, userId: string): Mailbox {
  const known = mail.mailboxes.get(userId);
  if (known) return known;
  const mailbox: Mailbox = {
    userId,
    messages: new Map(),
    byMessageId: new Map(),
    labels: new Map(SYSTEM_LABELS.map((id) => [id, systemLabel(id)])),
    drafts: new Map(),
    history: [],
    historyId: 1_000 + mail.random.int(1_000),
    nextLabel: 1,
    newestFirst: null,
  };
  mail.mailboxes.set(userId, mailbox);
  return mailbox;
}

function systemLabel(id: string): StoredLabel {
  const isHidden = id.startsWith('CATEGORY_') || id === 'CHAT' || id === 'UNREAD';
  return {
    id,
    name: id,
    type: 'system',
    messageListVisibility: isHidden ? 'hide' : undefined,
    labelListVisibility: isHidden ? 'labelHide' : undefined,
    color: undefined,
  };
}

/** An id in Gmail's form, 16 hex digits, unique in the tenant. */
export function newMessageId(mail: MailState): string {
  const count = (mail.nextMessage++).toString(16).padStart(8, '0');
  const noise = mail.random
    .int(2 ** 24)
    .toString(16)
    .padStart(6, '0');
  return `19${count}${noise}`;
}

/** Adds a message and its history entry. */
export function addMessage(mailbox: Mailbox, message: Omit<StoredMessage, 'historyId'>): StoredMessage {
  const added = { ...message, historyId: nextHistory(mailbox) };
  mailbox.messages.set(added.id, added);
  if (added.messageId !== null) {
    const ids = mailbox.byMessageId.get(added.messageId) ?? [];
    mailbox.byMessageId.set(added.messageId, [...ids, added.id]);
  }
  mailbox.newestFirst = null;
  remember(mailbox, 'messageAdded', added, added.labels);
  return added;
}

/** Removes a message for good. */
export function removeMessage(mailbox: Mailbox, message: StoredMessage): void {
  mailbox.messages.delete(message.id);
  if (message.messageId !== null) {
    const ids = (mailbox.byMessageId.get(message.messageId) ?? []).filter((id) => id !== message.id);
    if (ids.length > 0) mailbox.byMessageId.set(message.messageId, ids);
    else mailbox.byMessageId.delete(message.messageId);
  }
  for (const [draftId, id] of mailbox.drafts) if (id === message.id) mailbox.drafts.delete(draftId);
  mailbox.newestFirst = null;
  nextHistory(mailbox);
  remember(mailbox, 'messageDeleted', message, message.labels);
}

/** Gives a message other labels and notes what came and went. */
export function setLabels(mailbox: Mailbox, message: StoredMessage, labels: readonly string[]): void {
  const added = labels.filter((label) => !message.labels.includes(label));
  const removed = message.labels.filter((label) => !labels.includes(label));
  if (added.length + removed.length === 0) return;
  message.labels = [...labels];
  message.historyId = nextHistory(mailbox);
  if (added.length > 0) remember(mailbox, 'labelAdded', message, added);
  if (removed.length > 0) remember(mailbox, 'labelRemoved', message, removed);
}

function nextHistory(mailbox: Mailbox): number {
  mailbox.historyId += 1 + (mailbox.historyId % 7);
  return mailbox.historyId;
}

function remember(
  mailbox: Mailbox,
  kind: HistoryEntry['kind'],
  message: StoredMessage,
  labels: readonly string[],
): void {
  const entry = { id: mailbox.historyId, kind, messageId: message.id, threadId: message.threadId, labels };
  mailbox.history.push(entry);
  if (mailbox.history.length > MAX_HISTORY * 1.1) mailbox.history = mailbox.history.slice(-MAX_HISTORY);
}

/** All messages, newest `internalDate` first; sorted once per change. */
export function newestFirst(mailbox: Mailbox): readonly StoredMessage[] {
  mailbox.newestFirst ??= [...mailbox.messages.values()].sort(compareNewest);
  return mailbox.newestFirst;
}

/** Order of lists: newest first, then by id, so that pages neither skip nor repeat. */
export function compareNewest(
  one: Pick<StoredMessage, 'internalDate' | 'id'>,
  other: Pick<StoredMessage, 'internalDate' | 'id'>,
): number {
  return other.internalDate - one.internalDate || (one.id < other.id ? 1 : one.id > other.id ? -1 : 0);
}
