/**
 * What the Graph source hands to the mappings: the vendor's field names and values, narrowed to what is moved.
 * Everything in here came from a tenant and is hostile input.
 */

/** `none`: no reachable mailbox; `unknown`: the settings could not be read (403). Source: mailboxSettings.userPurpose. */
export type UserPurpose = 'user' | 'linked' | 'shared' | 'room' | 'equipment' | 'others' | 'none' | 'unknown';

export interface GraphDomain {
  kind: 'domain';
  id: string;
  isVerified: boolean;
  isDefault: boolean;
  isInitial: boolean;
}

export interface GraphUser {
  kind: 'user';
  id: string;
  userPrincipalName: string;
  displayName: string | null;
  givenName: string | null;
  surname: string | null;
  mail: string | null;
  otherMails: string[];
  proxyAddresses: string[];
  userType: string | null;
  accountEnabled: boolean;
  jobTitle: string | null;
  department: string | null;
  companyName: string | null;
  employeeId: string | null;
  employeeType: string | null;
  employeeOrgData: { costCenter: string | null; division: string | null } | null;
  officeLocation: string | null;
  streetAddress: string | null;
  city: string | null;
  state: string | null;
  postalCode: string | null;
  country: string | null;
  businessPhones: string[];
  mobilePhone: string | null;
  faxNumber: string | null;
  preferredLanguage: string | null;
  usageLocation: string | null;
  /** SKU ids of assigned licences. */
  licences: string[];
  managerId: string | null;
  /** UPN of the manager, who may belong to another organisation of the tenant. */
  managerUpn?: string | null;
  userPurpose: UserPurpose;
  /** Windows or IANA name as the mailbox has it; null where there is no mailbox. */
  mailboxTimeZone: string | null;
}

export interface GraphMember {
  /** `user`, `group`, `orgContact`, `device`, `servicePrincipal`. */
  type: string;
  id: string;
  mail: string | null;
  userPrincipalName: string | null;
  userType: string | null;
  displayName: string | null;
}

export interface GraphGroup {
  kind: 'group';
  id: string;
  displayName: string;
  description: string | null;
  mail: string | null;
  mailNickname: string | null;
  mailEnabled: boolean;
  securityEnabled: boolean;
  groupTypes: string[];
  visibility: string | null;
  proxyAddresses: string[];
  membershipRule: string | null;
  isAssignableToRole: boolean;
  resourceProvisioningOptions: string[];
  preferredLanguage: string | null;
  /** Only for Microsoft 365 groups, from the single get; null where it could not be read. */
  allowExternalSenders: boolean | null;
  autoSubscribeNewMembers: boolean | null;
  hideFromAddressLists: boolean | null;
  members: GraphMember[];
  owners: GraphMember[];
}

export interface GraphRoom {
  kind: 'room';
  /** Places id. */
  id: string;
  emailAddress: string;
  displayName: string;
  capacity: number | null;
  building: string | null;
  floorLabel: string | null;
  floorNumber: number | null;
  label: string | null;
  tags: string[];
  audioDeviceName: string | null;
  videoDeviceName: string | null;
  displayDeviceName: string | null;
  isWheelChairAccessible: boolean | null;
  bookingType: string | null;
}

export type DirectoryResource = GraphDomain | GraphUser | GraphGroup | GraphRoom;

export interface GraphMailFolder {
  kind: 'folder';
  id: string;
  displayName: string;
  /** Display names from below `msgfolderroot` down to this folder. */
  path: string[];
  /** Ids along the same path, this folder last. */
  ids: string[];
  /** The well-known name of this folder itself (`inbox`, `sentitems` …), null for ordinary folders. */
  wellKnown: string | null;
  /** The nearest well-known folder at or above it. */
  root: string | null;
  isHidden: boolean;
  /** `mailSearchFolder` and the like: virtual, holds no messages of its own. */
  isSearchFolder: boolean;
  totalItemCount: number;
}

/** The state of one message as the listing shows it; stored in the ledger, so no subject and no body. */
export interface GraphMessageState {
  kind: 'message';
  folderId: string;
  isRead: boolean;
  isDraft: boolean;
  flagStatus: 'notFlagged' | 'flagged' | 'complete';
  importance: 'low' | 'normal' | 'high';
  categories: string[];
  /** UTC ISO times; null where the vendor gives none. */
  receivedDateTime: string | null;
  sentDateTime: string | null;
  /** Message-ID as given, angle brackets and all; null where there is none. */
  internetMessageId: string | null;
  fromAddress: string | null;
  isReadReceiptRequested: boolean;
  /** PidTagMessageClass, e.g. `IPM.Note`; null where it could not be read. */
  messageClass: string | null;
  /** Read for the version; listed items go without it. */
  changeKey?: string;
}

/** The header of a message read ahead, the rest still to come. */
export interface MimeMessage {
  kind: 'message';
  /** Raw header block including the blank line that ends it, bytes as received. */
  header: Uint8Array;
  rest: MimeRest;
}

/** The body of a message after its header block. May be opened more than once; each time it is read anew. */
export interface MimeRest {
  /** Bytes, when they are known before reading (small messages read whole); null for streamed ones. */
  bytes: number | null;
  /** Present when the message was small enough to be read whole and verified (design: up to 1 MB). */
  whole: Uint8Array | null;
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface GraphCalendar {
  kind: 'calendar';
  id: string;
  name: string;
  isDefaultCalendar: boolean;
  canEdit: boolean;
  color: string | null;
  hexColor: string | null;
  ownerAddress: string | null;
  ownerName: string | null;
  mailboxTimeZone: string | null;
}

export interface GraphDateTime {
  /** Local date and time without offset, e.g. `2026-03-27T09:00:00.0000000`. */
  dateTime: string;
  timeZone: string;
}

export interface GraphEmail {
  name: string | null;
  address: string | null;
}

export interface GraphAttendee {
  type: 'required' | 'optional' | 'resource';
  status: { response: string; time: string | null } | null;
  emailAddress: GraphEmail;
}

export interface GraphRecurrence {
  pattern: {
    type: 'daily' | 'weekly' | 'absoluteMonthly' | 'relativeMonthly' | 'absoluteYearly' | 'relativeYearly';
    interval: number;
    month: number;
    dayOfMonth: number;
    daysOfWeek: string[];
    firstDayOfWeek: string;
    index: string;
  };
  range: {
    type: 'noEnd' | 'numbered' | 'endDate';
    startDate: string;
    endDate: string;
    recurrenceTimeZone: string | null;
    numberOfOccurrences: number;
  };
}

export interface GraphLocation {
  displayName: string | null;
  locationUri: string | null;
  address: {
    street: string | null;
    city: string | null;
    state: string | null;
    postalCode: string | null;
    countryOrRegion: string | null;
  } | null;
}

/** An event as Graph gives it. Times are UTC unless `timeZone` says otherwise (no `outlook.timezone` preference). */
export interface GraphEvent {
  id: string;
  changeKey: string;
  type: 'singleInstance' | 'occurrence' | 'exception' | 'seriesMaster';
  iCalUId: string | null;
  seriesMasterId: string | null;
  subject: string | null;
  body: { contentType: 'text' | 'html'; content: string } | null;
  start: GraphDateTime;
  end: GraphDateTime;
  originalStartTimeZone: string | null;
  originalEndTimeZone: string | null;
  /** UTC; exceptions only. */
  originalStart: string | null;
  isAllDay: boolean;
  isCancelled: boolean;
  isDraft: boolean;
  isOrganizer: boolean;
  organizer: GraphEmail | null;
  attendees: GraphAttendee[];
  responseStatus: string | null;
  responseRequested: boolean;
  hideAttendees: boolean;
  showAs: string;
  sensitivity: string;
  importance: string;
  categories: string[];
  isReminderOn: boolean;
  reminderMinutesBeforeStart: number;
  location: GraphLocation | null;
  locations: GraphLocation[];
  onlineMeetingUrl: string | null;
  hasAttachments: boolean;
  recurrence: GraphRecurrence | null;
  createdDateTime: string | null;
  lastModifiedDateTime: string | null;
}

/** A master or single event with what only a get of it shows. */
export interface GraphEventItem {
  kind: 'event';
  calendarId: string;
  isDefaultCalendar: boolean;
  mailboxTimeZone: string | null;
  event: GraphEvent;
  /** Local dates (`2026-04-01`) of cancelled occurrences, from `cancelledOccurrences`. */
  cancelled: string[];
}

/** One changed occurrence of a series; its rows come after their master's. */
export interface GraphExceptionItem {
  kind: 'exception';
  calendarId: string;
  isDefaultCalendar: boolean;
  mailboxTimeZone: string | null;
  master: GraphEvent;
  event: GraphEvent;
}

export type CalendarResource = GraphCalendar | GraphEventItem | GraphExceptionItem;
export type MailResource = GraphMailFolder | MimeMessage;
