/**
 * The estate that the rehearsal Microsoft tenant holds. Resources are in the vendor's own JSON shape (Graph v1.0
 * property names), complete; the service applies `$select`, paging and ids. Content is generated from the seed on
 * demand, so that a mailbox of 100,000 messages needs no memory.
 */
export type Resource = { [property: string]: unknown };

export interface EstateOrganisation {
  id: string;
  sourceDomain: string;
  targetDomain: string;
  orgUnit: string;
}

export interface Estate {
  seed: number;
  tenantId: string;
  /** `<name>.onmicrosoft.com`. */
  initialDomain: string;
  organisations: readonly EstateOrganisation[];
  /** Graph `user` resources (with `id`, `proxyAddresses`, `manager` as `{ id }` under `managerId`). */
  users: readonly EstateUser[];
  groups: readonly EstateGroup[];
  /** Graph `microsoft.graph.room` resources. */
  rooms: readonly Resource[];
  /** Graph `orgContact` resources. */
  contacts: readonly Resource[];
  /** Graph `subscribedSku` resources. */
  skus: readonly Resource[];
  /** Null for principals without a mailbox. */
  mailbox(userId: string): EstateMailbox | null;
  /** File name and principal of each corpus message that was loaded, for reports item by item. */
  corpus: readonly { file: string; userId: string; messageId: string }[];
}

export interface EstateUser {
  id: string;
  resource: Resource;
  managerId: string | null;
  /** Value of mailboxSettings.userPurpose; null = no mailbox. */
  userPurpose: 'user' | 'linked' | 'shared' | 'room' | 'equipment' | 'others' | null;
}

export interface EstateGroup {
  id: string;
  resource: Resource;
  /** Ids of users, groups or contacts. */
  memberIds: readonly string[];
  ownerIds: readonly string[];
}

export interface EstateFolder {
  id: string;
  displayName: string;
  /** Null for children of the root. */
  parentId: string | null;
  /** Well-known name (`inbox`, `drafts` …) or null. */
  wellKnown: string | null;
  isHidden: boolean;
  isSearchFolder: boolean;
  messageCount: number;
}

export interface EstateMessage {
  /** Immutable id. */
  id: string;
  folderId: string;
  /** Graph `message` resource without body and attachments (`changeKey`, `internetMessageId`, `isRead` …). */
  resource: Resource;
  /** PidTagMessageClass and PidTagMessageSize, served as extended properties. */
  messageClass: string;
  sizeBytes: number;
}

export interface EstateCalendar {
  id: string;
  resource: Resource;
}

export interface EstateEvent {
  id: string;
  calendarId: string;
  /** Graph `event` resource of a single instance or series master. */
  resource: Resource;
  /** Local dates of cancelled occurrences. */
  cancelled: readonly string[];
  /** Graph `event` resources of type `exception`, with `originalStart`. */
  exceptions: readonly Resource[];
}

export interface EstateMailbox {
  userId: string;
  /** Graph `mailboxSettings` (timeZone is a Windows name, language.locale, userPurpose). */
  settings: Resource;
  folders: readonly EstateFolder[];
  /** Messages of one folder by position, newest first, generated on demand; positions are stable. */
  messages(folderId: string, offset: number, count: number): readonly EstateMessage[];
  message(messageId: string): EstateMessage | null;
  /** The MIME that `$value` answers; null where the vendor cannot convert it (permanent 500). */
  mime(messageId: string): Uint8Array | null;
  calendars: readonly EstateCalendar[];
  events(calendarId: string): readonly EstateEvent[];
}

export interface EstateOptions {
  seed: number;
  organisations: number;
  people: number;
  groups: number;
  rooms: number;
  sharedMailboxes: number;
  /** Messages in the whole estate. */
  messages: number;
  events: number;
  /** Folder of real `.eml` files that are spread over the mailboxes; bytes are never re-encoded. */
  corpusDir: string | null;
}

export const DEFAULT_ESTATE: EstateOptions = {
  seed: 1,
  organisations: 2,
  people: 12,
  groups: 4,
  rooms: 1,
  sharedMailboxes: 1,
  messages: 600,
  events: 150,
  corpusDir: null,
};
