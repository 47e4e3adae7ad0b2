import type { Clock } from '../../../src/core/clock.ts';
import type { EstateFolder, EstateMailbox, EstateMessage, Resource } from '../estate/types.ts';
import { hash } from '../service/random.ts';

/** Where a listing of a folder stands: in the generated messages and in those that tests brought in. */
export interface ViewPosition {
  base: number;
  extra: number;
}

/** One change that a test made, as the delta of its folder shows it. */
export interface MailChange {
  sequence: number;
  folderId: string;
  messageId: string;
  kind: 'created' | 'updated' | 'left';
  /** Names of the properties that an update changed. */
  properties: readonly string[];
}

/** The mail of one mailbox: the generated estate under the changes that tests made to it. */
export interface MailboxView {
  readonly sequence: number;
  folders(): readonly EstateFolder[];
  folder(id: string): EstateFolder | null;
  message(id: string): EstateMessage | null;
  mime(id: string): Uint8Array | null;
  total(folderId: string): number;
  unread(folderId: string): number;
  /** The next messages of a folder, newest first (or oldest first), and where they end; null at the end. */
  page(
    folderId: string,
    from: ViewPosition,
    count: number,
    isAscending: boolean,
  ): { messages: readonly EstateMessage[]; next: ViewPosition | null };
  changesSince(sequence: number, folderId: string): readonly MailChange[];
  addFolder(folder: EstateFolder): void;
  add(message: EstateMessage, mime: Uint8Array | null): void;
  move(messageId: string, folderId: string): boolean;
  patch(messageId: string, changed: Resource): boolean;
  remove(messageId: string): boolean;
}

/** Messages of the generated estate that are looked at in one go. */
const CHUNK = 200;
const START: ViewPosition = { base: 0, extra: 0 };

/** Opens a mailbox for reading and for the changes of tests; nothing generated is kept in memory. */
export function createView(mailbox: EstateMailbox, clock: Clock): MailboxView {
  const overlay = new Overlay(mailbox, clock);
  const unreadCounts = new Map<string, { sequence: number; count: number }>();
  const folders = [...mailbox.folders];
  const view: MailboxView = {
    get sequence() {
      return overlay.sequence;
    },
    folders: () => folders,
    folder: (id) => folders.find((folder) => folder.id === id) ?? null,
    message: (id) => overlay.message(id),
    mime: (id) => (overlay.isAdded(id) ? overlay.addedMime(id) : mailbox.mime(id)),
    total: (folderId) =>
      baseCount(mailbox, folderId) - overlay.leftCount(folderId) + overlay.extras(folderId).length,
    unread(folderId) {
      const known = unreadCounts.get(folderId);
      if (known?.sequence === overlay.sequence) return known.count;
      const count = countUnread(view, folderId);
      unreadCounts.set(folderId, { sequence: overlay.sequence, count });
      return count;
    },
    page: (folderId, from, count, isAscending) =>
      readPage(mailbox, overlay, { folderId, from, count, isAscending }),
    changesSince: (sequence, folderId) => overlay.changesSince(sequence, folderId),
    addFolder: (folder) => folders.push(folder),
    add: (message, mime) => overlay.add(message, mime),
    move: (messageId, folderId) => overlay.move(messageId, folderId),
    patch: (messageId, changed) => overlay.patch(messageId, changed),
    remove: (messageId) => overlay.remove(messageId),
  };
  return view;
}

function baseCount(mailbox: EstateMailbox, folderId: string): number {
  return mailbox.folders.find((folder) => folder.id === folderId)?.messageCount ?? 0;
}

function countUnread(view: MailboxView, folderId: string): number {
  let count = 0;
  let from: ViewPosition | null = START;
  while (from) {
    const { messages, next } = view.page(folderId, from, CHUNK, false);
    count += messages.filter((message) => message.resource['isRead'] === false).length;
    from = next;
  }
  return count;
}

interface PageRequest {
  folderId: string;
  from: ViewPosition;
  count: number;
  isAscending: boolean;
}

function readPage(
  mailbox: EstateMailbox,
  overlay: Overlay,
  request: PageRequest,
): ReturnType<MailboxView['page']> {
  const { folderId, count, isAscending } = request;
  const extras = overlay.extras(folderId);
  if (isAscending) extras.reverse();
  const direction = isAscending ? -1 : 1;
  const base = walkBase(mailbox, request);
  const messages: EstateMessage[] = [];
  let at = request.from;
  let ahead = base.next();
  while (messages.length < count) {
    const generated = ahead.done ? null : overlay.standing(ahead.value, folderId);
    const extra = extras[at.extra];
    if (!ahead.done && !generated) {
      at = { ...at, base: at.base + 1 };
      ahead = base.next();
    } else if (extra && (!generated || direction * (receivedMs(extra) - receivedMs(generated)) >= 0)) {
      messages.push(extra);
      at = { ...at, extra: at.extra + 1 };
    } else if (generated) {
      messages.push(generated);
      at = { ...at, base: at.base + 1 };
      ahead = base.next();
    } else break;
  }
  const isOver = at.base >= baseCount(mailbox, folderId) && at.extra >= extras.length;
  return { messages, next: isOver ? null : at };
}

function* walkBase(mailbox: EstateMailbox, request: PageRequest): Generator<EstateMessage> {
  const { folderId, from, isAscending } = request;
  const total = baseCount(mailbox, folderId);
  let done = from.base;
  while (done < total) {
    const size = Math.min(CHUNK, total - done, request.count);
    const offset = isAscending ? total - done - size : done;
    const chunk = mailbox.messages(folderId, offset, size);
    yield* isAscending ? [...chunk].reverse() : chunk;
    done += size;
  }
}

function receivedMs(message: EstateMessage): number {
  return Date.parse(String(message.resource['receivedDateTime'] ?? '')) || 0;
}

/** What tests changed. Positions of generated messages stay what they are. */
class Overlay {
  sequence = 0;
  private readonly mailbox: EstateMailbox;
  private readonly clock: Clock;
  private readonly added = new Map<string, { message: EstateMessage; mime: Uint8Array | null }>();
  private readonly folderOf = new Map<string, string>();
  private readonly removed = new Set<string>();
  private readonly patches = new Map<string, Resource>();
  private readonly changes: MailChange[] = [];

  constructor(mailbox: EstateMailbox, clock: Clock) {
    this.mailbox = mailbox;
    this.clock = clock;
  }

  isAdded(id: string): boolean {
    return this.added.has(id);
  }

  addedMime(id: string): Uint8Array | null {
    return this.added.get(id)?.mime ?? null;
  }

  message(id: string): EstateMessage | null {
    const found = this.original(id);
    return found && !this.removed.has(id) ? this.patched(found) : null;
  }

  /** The generated message as it is, or null where it is no longer in the folder. */
  standing(message: EstateMessage, folderId: string): EstateMessage | null {
    if (this.sequence === 0) return message;
    const folder = this.folderOf.get(message.id) ?? message.folderId;
    return this.removed.has(message.id) || folder !== folderId ? null : this.patched(message);
  }

  /** Messages that the estate did not generate into this folder, newest first. */
  extras(folderId: string): EstateMessage[] {
    if (this.sequence === 0) return [];
    const ids = new Set([...this.added.keys(), ...this.folderOf.keys()]);
    return [...ids]
      .map((id) => this.message(id))
      .filter((message) => message !== null)
      .filter((message) => message.folderId === folderId && this.bornIn(message.id) !== folderId)
      .sort((one, other) => receivedMs(other) - receivedMs(one));
  }

  /** Generated messages of the folder that have left it. */
  leftCount(folderId: string): number {
    const touched = new Set([...this.removed, ...this.folderOf.keys()]);
    return [...touched].filter(
      (id) => this.bornIn(id) === folderId && this.message(id)?.folderId !== folderId,
    ).length;
  }

  changesSince(sequence: number, folderId: string): MailChange[] {
    return this.changes.filter((change) => change.sequence > sequence && change.folderId === folderId);
  }

  add(message: EstateMessage, mime: Uint8Array | null): void {
    this.added.set(message.id, { message, mime });
    this.note(message.folderId, message.id, 'created');
  }

  move(id: string, folderId: string): boolean {
    const message = this.message(id);
    if (!message) return false;
    this.folderOf.set(id, folderId);
    this.touch(id, { parentFolderId: folderId });
    this.note(message.folderId, id, 'left');
    this.note(folderId, id, 'created');
    return true;
  }

  patch(id: string, changed: Resource): boolean {
    const message = this.message(id);
    if (!message) return false;
    this.touch(id, changed);
    this.note(message.folderId, id, 'updated', Object.keys(changed));
    return true;
  }

  remove(id: string): boolean {
    const message = this.message(id);
    if (!message) return false;
    this.removed.add(id);
    this.note(message.folderId, id, 'left');
    return true;
  }

  private original(id: string): EstateMessage | null {
    return this.added.get(id)?.message ?? this.mailbox.message(id);
  }

  /** The folder a generated message was generated into; null for one that a test added. */
  private bornIn(id: string): string | null {
    return this.added.has(id) ? null : (this.mailbox.message(id)?.folderId ?? null);
  }

  private patched(message: EstateMessage): EstateMessage {
    const patch = this.patches.get(message.id);
    const folderId = this.folderOf.get(message.id) ?? message.folderId;
    return patch
      ? { ...message, folderId, resource: { ...message.resource, ...patch } }
      : { ...message, folderId };
  }

  private touch(id: string, changed: Resource): void {
    const changeKey = `CQ${hash('change-key', id, this.sequence).slice(0, 30)}`;
    const lastModifiedDateTime = `${new Date(this.clock.now()).toISOString().slice(0, 19)}Z`;
    this.patches.set(id, { ...this.patches.get(id), ...changed, changeKey, lastModifiedDateTime });
  }

  private note(
    folderId: string,
    messageId: string,
    kind: MailChange['kind'],
    properties: readonly string[] = [],
  ): void {
    this.sequence++;
    this.changes.push({ sequence: this.sequence, folderId, messageId, kind, properties });
  }
}
