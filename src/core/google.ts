import type { MimeRest } from './microsoft.ts';

/**
 * What the mappings hand to the Google target: the vendor's field names in request bodies, and the few words that
 * say which call is meant.
 */

/** A user's fields as `users.insert` takes them (Directory v1 schema `User`), without password and suspension. */
export interface GoogleUser {
  primaryEmail: string;
  name: { givenName: string; familyName: string; displayName?: string };
  orgUnitPath: string;
  externalIds?: { type: string; customType?: string; value: string }[];
  organizations?: {
    primary: boolean;
    type: string;
    title?: string;
    department?: string;
    name?: string;
    costCenter?: string;
    description?: string;
  }[];
  phones?: { type: string; value: string; primary?: boolean }[];
  addresses?: {
    type: string;
    streetAddress?: string;
    locality?: string;
    region?: string;
    postalCode?: string;
    country?: string;
    formatted?: string;
  }[];
  locations?: { type: string; area: string }[];
  languages?: { languageCode: string; preference: string }[];
  includeInGlobalAddressList?: boolean;
}

export type GoogleMemberRole = 'MEMBER' | 'MANAGER' | 'OWNER';

/** Schema `CalendarResource` of Directory v1, the writable part. */
export interface GoogleCalendarResource {
  resourceId: string;
  resourceName: string;
  resourceCategory: 'CONFERENCE_ROOM' | 'OTHER';
  capacity?: number;
  buildingId?: string;
  floorName?: string;
  userVisibleDescription?: string;
}

/** One directory item: each is idempotent by its key, read, compared and written by the target. */
export type DirectoryAction =
  | { action: 'org-unit'; path: string }
  | { action: 'building'; buildingId: string; buildingName: string; floorNames: string[] }
  | { action: 'user'; user: GoogleUser }
  | { action: 'alias'; owner: 'user' | 'group'; primary: string; alias: string }
  | { action: 'group'; email: string; name: string; description: string }
  | { action: 'settings'; group: string; settings: { readonly [setting: string]: string } }
  | { action: 'member'; group: string; member: string; role: GoogleMemberRole; delivery: 'ALL_MAIL' | 'NONE' }
  | { action: 'manager'; user: string; manager: string }
  | { action: 'room'; resource: GoogleCalendarResource }
  | { action: 'suspend'; user: string };

export const SYSTEM_LABELS = [
  'INBOX',
  'SENT',
  'DRAFT',
  'TRASH',
  'SPAM',
  'UNREAD',
  'STARRED',
  'IMPORTANT',
] as const;
export type SystemLabel = (typeof SYSTEM_LABELS)[number];

export interface LabelValue {
  kind: 'label';
  /** Full name with `/` between parents and children; null when the folder needs no label of its own. */
  name: string | null;
  /** System labels that messages of this folder carry. */
  system: readonly SystemLabel[];
  color?: { backgroundColor: string; textColor: string };
}

/** What a label's receipt holds in `wrote`; the mapping of messages reads it from `Copy.parent`. */
export interface LabelWrote {
  name: string | null;
  /** Id of the user label, null when there is none. */
  id: string | null;
  system: readonly SystemLabel[];
}

export interface MessageValue {
  kind: 'message';
  /** `draft` becomes drafts.create; `insert` is for a further body under a Message-ID that is taken. */
  method: 'import' | 'insert' | 'draft';
  /** Without angle brackets; always present, ferry adds one where the source has none. */
  messageId: string;
  system: readonly SystemLabel[];
  /** Ids of user labels (from folder receipts). */
  labelIds: readonly string[];
  /** Names of user labels that the target finds or creates (categories). */
  labelNames: readonly string[];
  /** Absent on a state-only change of a message that is already there. */
  mime: { header: Uint8Array; rest: MimeRest } | null;
}

/** What a message's receipt holds in `wrote`. */
export interface MessageWrote {
  labelIds: readonly string[];
  /** Set for drafts: drafts are changed and deleted by this id. */
  draftId?: string;
}

export type MailValue = LabelValue | MessageValue;

/** Schema `Event` of Calendar v3, the part that ferry writes. */
export interface GoogleEvent {
  id?: string;
  iCalUID?: string;
  status?: 'confirmed' | 'tentative' | 'cancelled';
  summary?: string;
  description?: string;
  location?: string;
  start: GoogleEventTime;
  end: GoogleEventTime;
  recurrence?: string[];
  transparency?: 'opaque' | 'transparent';
  visibility?: 'default' | 'public' | 'private' | 'confidential';
  organizer?: { email: string; displayName?: string };
  attendees?: GoogleAttendee[];
  reminders?: { useDefault: boolean; overrides?: { method: 'popup' | 'email'; minutes: number }[] };
  extendedProperties?: { private: { [key: string]: string } };
  guestsCanSeeOtherGuests?: boolean;
  guestsCanInviteOthers?: boolean;
  guestsCanModify?: boolean;
  sequence?: number;
  colorId?: string;
}

export interface GoogleEventTime {
  date?: string;
  dateTime?: string;
  timeZone?: string;
}

export interface GoogleAttendee {
  email: string;
  displayName?: string;
  optional?: boolean;
  resource?: boolean;
  responseStatus: 'needsAction' | 'accepted' | 'tentative' | 'declined';
}

export interface CalendarValue {
  kind: 'calendar';
  primary: boolean;
  summary: string;
  timeZone: string;
  color?: { backgroundColor: string; foregroundColor: string };
}

export interface EventValue {
  kind: 'event';
  calendarId: string;
  method: 'import' | 'insert';
  event: GoogleEvent;
}

export interface ExceptionValue {
  kind: 'exception';
  calendarId: string;
  /** Event id of the series at the target. */
  masterId: string;
  /** Original start as Calendar names it: RFC 3339 with offset for timed series, a date for all-day ones. */
  originalStart: string;
  /** Only what differs from the master. `status: 'cancelled'` removes the occurrence. */
  patch: Partial<GoogleEvent>;
}

export type CalendarWrite = CalendarValue | EventValue | ExceptionValue;
