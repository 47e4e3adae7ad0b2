/**
 * What the checker holds of one end, in neutral words that neither vendor uses alone. Facts are read afresh by
 * readers of their own (`adapters/<vendor>/inventory`), never through the mover's sources, targets or mappings.
 */
import type { Organisation, Principal, WorkloadName } from './types.ts';

export type Depth = 'counts' | 'items' | 'content';

export interface UserFact {
  kind: 'user';
  /** Entra object id at the source; at the target the value of the external id `m365_oid`, when it is there. */
  id: string | null;
  address: string;
  givenName: string;
  familyName: string;
  title: string;
  department: string;
  suspended: boolean;
  aliases: string[];
  managerAddress: string | null;
}

export interface GroupFact {
  kind: 'group';
  id: string | null;
  address: string;
  name: string;
  /** `unified`, `distribution`, `mail-security`, `security`, `dynamic` at the source; `group` at the target. */
  type: string;
  aliases: string[];
  /** Direct members and owners with their role (`member`, `manager`, `owner`); addresses lower case. */
  members: { address: string; role: string; type: 'user' | 'group' | 'external' }[];
  /** Addresses of all people and externals reached through nesting. */
  effective: string[];
}

export interface RoomFact {
  kind: 'room';
  address: string;
  name: string;
  capacity: number | null;
}

export type DirectoryFact = UserFact | GroupFact | RoomFact;

/** One folder or label with the service's own counter beside what was enumerated. */
export interface ContainerFact {
  kind: 'container';
  id: string;
  /** Path from the root, outermost first; for a system label its name alone. */
  path: string[];
  /** Well-known folder name, or `label:INBOX` … for system labels, null for ordinary ones. */
  wellKnown: string | null;
  /** Well-known root it lies under. */
  root: string | null;
  hidden: boolean;
  virtual: boolean;
  /** The service's own counter, null where it offers none. */
  serviceCount: number | null;
}

/** One copy of a message at the source, or one message at the target. */
export interface MessageFact {
  kind: 'message';
  id: string;
  /** Folder id at the source (one), label ids at the target (any number). */
  containers: string[];
  /** Without brackets; null where there is none. */
  messageId: string | null;
  /** Hash of Date, From, To, Cc, Subject (mapping §6.1 F2), where the headers were read; else null. */
  headerHash: string | null;
  /** Hash of the decoded leaf parts (F3), where the content was read; else null. */
  bodyHash: string | null;
  /** Hash of the bytes with line ends normalised and trace fields set aside, where the content was read. */
  bytesHash: string | null;
  /** Names of header fields that are present, lower case, where the headers were read. */
  headerNames: string[] | null;
  read: boolean;
  starred: boolean;
  draft: boolean;
  important: boolean;
  categories: string[];
  receivedAt: number | null;
  modifiedAt: number | null;
  createdAt: number | null;
  bytes: number | null;
  messageClass: string | null;
}

/** One calendar. */
export interface CalendarFact {
  kind: 'calendar';
  id: string;
  name: string;
  primary: boolean;
  writable: boolean;
}

/** A single event, a master or an exception, as the service stores it. */
export interface EventFact {
  kind: 'event';
  id: string;
  calendarId: string;
  /** iCalendar UID of the series, cleaned of an embedded instance date; null where there is none. */
  uid: string | null;
  type: 'single' | 'master' | 'exception' | 'cancelled';
  /** UTC ISO start of the occurrence that an exception replaces. */
  originalStart: string | null;
  cancelled: boolean;
  createdAt: number | null;
  modifiedAt: number | null;
  summary: string;
  allDay: boolean;
  startUtc: string;
  endUtc: string;
}

/** One occurrence inside the window, expanded by the service itself. */
export interface OccurrenceFact {
  kind: 'occurrence';
  calendarId: string;
  uid: string | null;
  /** UTC ISO instants, or dates for all-day occurrences. */
  start: string;
  end: string;
  allDay: boolean;
  summary: string;
  location: string;
  busy: boolean;
  private: boolean;
  reminderMinutes: number | null;
  organizer: string | null;
  /** address → `optional`/`required`/`resource` and response. */
  attendees: { address: string; role: string; response: string }[];
  /** The answer of the calendar's owner, where the service tells it apart from the list; the list may not have it. */
  ownResponse?: string;
}

export type MailFact = ContainerFact | MessageFact;
export type CalendarFactAny = CalendarFact | EventFact | OccurrenceFact;

/** Ask for what the checker needs and nothing more: bodies are read only for these. */
export interface MailReadOptions {
  depth: Depth;
  /** True for messages whose content has to be read at depth `items` (no Message-ID, or one that is not unique). */
  needsContent(messageId: string | null): boolean;
}

export interface WindowOptions {
  depth: Depth;
  /** UTC ISO instants that bound the expansion of occurrences. */
  from: string;
  to: string;
}

/** One end, read afresh. Every method streams; none holds a mailbox in memory. */
export interface Inventory {
  readonly side: 'source' | 'target';
  directory(
    organisation: Organisation,
    principals: readonly Principal[],
    signal: AbortSignal,
  ): AsyncIterable<DirectoryFact>;
  containers(principal: Principal, signal: AbortSignal): AsyncIterable<ContainerFact>;
  messages(principal: Principal, options: MailReadOptions, signal: AbortSignal): AsyncIterable<MessageFact>;
  calendars(principal: Principal, signal: AbortSignal): AsyncIterable<CalendarFact>;
  events(principal: Principal, calendarId: string, signal: AbortSignal): AsyncIterable<EventFact>;
  occurrences(
    principal: Principal,
    calendarId: string,
    window: WindowOptions,
    signal: AbortSignal,
  ): AsyncIterable<OccurrenceFact>;
}

export const FINDING_KINDS = ['match', 'missing', 'extra', 'duplicate', 'differ', 'unreadable'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  /** Stable over runs for the same difference of the same item. */
  findingId: string;
  organisation: string;
  wave: string;
  source: string;
  target: string;
  workload: WorkloadName;
  container: string;
  item: string;
  kind: FindingKind;
  /** From the closed catalogue in `src/reconcile/catalogue.ts`. */
  code: string;
  field: string;
  sourceValue: string;
  targetValue: string;
}
