import { hash } from '../service/random.ts';
import type { CorpusMessage } from './corpus.ts';
import { type MessageSeed, messageAt, mimeOf, specialsFor } from './message.ts';
import type { Locale } from './names.ts';
import type {
  EstateCalendar,
  EstateEvent,
  EstateFolder,
  EstateMailbox,
  EstateMessage,
  EstateUser,
  Resource,
} from './types.ts';

export interface MailboxSeed {
  seed: number;
  user: EstateUser;
  locale: Locale;
  /** Messages of this mailbox, corpus and specials not counted. */
  messages: number;
  /** Addresses that write to it. */
  correspondents: readonly string[];
  /** Start of the day on which the tenants started, UTC ms. */
  today: number;
  corpus: readonly CorpusMessage[];
  calendars: readonly EstateCalendar[];
  events(calendarId: string): readonly EstateEvent[];
}

interface Shelf {
  folder: EstateFolder;
  count: number;
  extras: readonly MessageSeed[];
}

/** A mailbox whose messages are made when they are asked for; only the awkward ones have fixed places. */
export function createMailbox(seed: MailboxSeed): EstateMailbox {
  const shelves = shelvesOf(seed);
  const byId = new Map(shelves.map((shelf) => [shelf.folder.id, shelf]));
  const find = (messageId: string) => locate(seed, byId, messageId);
  return {
    userId: seed.user.id,
    settings: settingsOf(seed),
    folders: shelves.map(({ folder }) => folder),
    messages: (folderId, offset, count) => {
      const shelf = byId.get(folderId);
      if (shelf === undefined) return [];
      const end = Math.min(offset + count, shelf.folder.messageCount);
      return Array.from({ length: Math.max(0, end - offset) }, (_, index) =>
        onShelf(seed, shelf, offset + index),
      );
    },
    message: (messageId) => {
      const place = find(messageId);
      return place === null ? null : onShelf(seed, place.shelf, place.position);
    },
    mime: (messageId) => {
      const place = find(messageId);
      return place === null ? null : mimeOf(seedOn(seed, place.shelf, place.position));
    },
    calendars: seed.calendars,
    events: (calendarId) => seed.events(calendarId),
  };
}

function settingsOf({ user, locale }: MailboxSeed): Resource {
  return {
    timeZone: locale.zone.windows,
    language: { locale: locale.tag, displayName: locale.tag },
    userPurpose: user.userPurpose,
    dateFormat: 'yyyy-MM-dd',
    timeFormat: 'HH:mm',
    automaticRepliesSetting: {
      status: 'disabled',
      externalAudience: 'none',
      internalReplyMessage: '',
      externalReplyMessage: '',
    },
    workingHours: { daysOfWeek: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] },
  };
}

/** Position 0 is the newest: extras first, then the generated ones. */
function seedOn(seed: MailboxSeed, shelf: Shelf, position: number): MessageSeed {
  const extra = shelf.extras[position];
  if (extra !== undefined) return extra;
  const index = position - shelf.extras.length;
  return messageAt(seed, shelf.folder, index);
}

function onShelf(seed: MailboxSeed, shelf: Shelf, position: number): EstateMessage {
  const message = seedOn(seed, shelf, position);
  return {
    id: idOf(seed.user.id, shelf.folder.id, position),
    folderId: shelf.folder.id,
    resource: {
      ...message.resource,
      id: idOf(seed.user.id, shelf.folder.id, position),
      parentFolderId: shelf.folder.id,
    },
    messageClass: message.messageClass,
    sizeBytes: message.sizeBytes,
  };
}

/** Immutable ids name mailbox, folder of origin and position, so that no table of them is needed. */
function idOf(userId: string, folderId: string, position: number): string {
  const place = `${hash(userId).slice(0, 8)}|${folderId}|${position}`;
  return `AAkALg${Buffer.from(place).toString('base64url')}AAA`;
}

function locate(seed: MailboxSeed, shelves: ReadonlyMap<string, Shelf>, id: string) {
  const packed = /^AAkALg(.+)AAA$/.exec(id)?.[1];
  if (packed === undefined) return null;
  const [owner, folderId = '', position = ''] = Buffer.from(packed, 'base64url').toString().split('|');
  const shelf = shelves.get(folderId);
  if (owner !== hash(seed.user.id).slice(0, 8) || shelf === undefined || !/^\d+$/.test(position)) return null;
  return Number(position) < shelf.folder.messageCount ? { shelf, position: Number(position) } : null;
}

interface Plan {
  key: string;
  name: string;
  parent?: string;
  wellKnown?: string;
  /** Share of the mailbox's messages. */
  share: number;
  hidden?: boolean;
  search?: boolean;
}

function shelvesOf(seed: MailboxSeed): Shelf[] {
  const plans = folderPlans(seed.locale, hash(seed.user.id).charCodeAt(0) % 3);
  const specials = specialsFor(seed);
  const counts = spread(
    seed.messages,
    plans.map((plan) => plan.share),
  );
  return plans.map((plan, index) => {
    const own = specials.filter((special) => special.folder === plan.key).map((special) => special.message);
    const corpus = plan.key === 'inbox' ? seed.corpus.map((message) => message.seed) : [];
    const extras = [...corpus, ...own];
    const count = counts[index] ?? 0;
    return {
      extras,
      count,
      folder: {
        id: folderId(seed.user.id, plan.key),
        displayName: plan.name,
        parentId: plan.parent === undefined ? null : folderId(seed.user.id, plan.parent),
        wellKnown: plan.wellKnown ?? null,
        isHidden: plan.hidden ?? false,
        isSearchFolder: plan.search ?? false,
        messageCount: count + extras.length,
      },
    };
  });
}

function folderId(userId: string, key: string): string {
  return `AQMkAD${hash(userId, 'folder', key).slice(0, 40)}AAA=`;
}

function spread(total: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((one, other) => one + other, 0);
  const counts = shares.map((share) => Math.floor((total * share) / sum));
  const rest = total - counts.reduce((one, other) => one + other, 0);
  return counts.map((count, index) => (index === 0 ? count + rest : count));
}

/** Default folders in the owner's language, and folders with the names that make trouble. */
function folderPlans(locale: Locale, flavour: number): Plan[] {
  const { folders } = locale;
  const base: Plan[] = [
    { key: 'inbox', name: folders.inbox, wellKnown: 'inbox', share: 40 },
    { key: 'sent', name: folders.sentitems, wellKnown: 'sentitems', share: 15 },
    { key: 'drafts', name: folders.drafts, wellKnown: 'drafts', share: 2 },
    { key: 'deleted', name: folders.deleteditems, wellKnown: 'deleteditems', share: 4 },
    { key: 'junk', name: folders.junkemail, wellKnown: 'junkemail', share: 3 },
    { key: 'archive', name: folders.archive, wellKnown: 'archive', share: 5 },
    { key: 'outbox', name: folders.outbox, wellKnown: 'outbox', share: 0 },
    { key: 'project', name: 'Project', parent: 'inbox', share: 6 },
    { key: 'work', name: 'Work', share: 10 },
    { key: 'work-2026', name: '2026', parent: 'work', share: 5 },
    { key: 'slash', name: 'A/B', share: 1 },
    { key: 'conversation', name: 'Conversation History', wellKnown: 'conversationhistory', share: 0 },
    { key: 'sync', name: 'Sync Issues', wellKnown: 'syncissues', share: 0 },
    { key: 'search', name: 'Unread mail', share: 0, search: true },
    { key: 'yammer', name: 'Yammer Root', share: 0, hidden: true },
  ];
  const trouble: Plan[][] = [
    [
      { key: 'a', name: 'A', share: 1 },
      { key: 'a-b', name: 'B', parent: 'a', share: 1 },
      { key: 'reserved', name: 'Sent', share: 1 },
    ],
    [
      { key: 'clients', name: 'Clients', share: 2 },
      { key: 'clients-2', name: 'clients ', share: 1 },
      { key: 'emoji', name: '👩‍💻 Umbau', parent: 'clients', share: 1 },
    ],
    [
      { key: 'long', name: `Langer Name ${'sehr '.repeat(30)}lang`, share: 1 },
      { key: 'long-child', name: `Noch länger ${'und '.repeat(25)}länger`, parent: 'long', share: 1 },
      { key: 'blank', name: '   ', share: 1 },
      { key: 'old', name: 'Old', parent: 'deleted', share: 1 },
    ],
  ];
  return [...base, ...(trouble[flavour] ?? [])];
}
