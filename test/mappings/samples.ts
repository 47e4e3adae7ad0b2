import type {
  GraphAttendee,
  GraphCalendar,
  GraphEvent,
  GraphGroup,
  GraphMailFolder,
  GraphMember,
  GraphMessageState,
  GraphRecurrence,
  GraphRoom,
  GraphUser,
} from '../../src/core/microsoft.ts';
import type { ListedItem } from '../../src/core/ports.ts';
import type { AddressBook, Job, Json, Organisation, Policy } from '../../src/core/types.ts';

export const POLICY: Policy = {
  mail: {
    since: null,
    until: null,
    maxBytes: null,
    trashDays: 30,
    junk: 'skip',
    order: 'oldest',
    emptyFolders: true,
    categories: 'label',
    drafts: true,
    readReceipts: 'neutralise',
  },
  calendar: { yearsBack: 5, teamsLinks: 'keep', attachments: 'names', cancelled: 'skip' },
  directory: { securityGroups: 'skip', dynamicGroups: 'static', sharedMailboxes: 'auto', licences: 'auto' },
  delta: { deletions: 'report', moves: 'apply' },
  reconcile: { userChanges: 'ask', window: { yearsBack: 2, yearsAhead: 2 } },
  privacy: 'hashed',
};

export function organisation(over: Partial<Organisation> = {}): Organisation {
  return {
    id: 'body',
    domains: { 'contoso.com': 'new.example' },
    orgUnit: '/Body',
    policy: POLICY,
    ...over,
  };
}

export function user(id: string, over: Partial<GraphUser> = {}): GraphUser {
  const upn = over.userPrincipalName ?? `${id}@contoso.com`;
  return {
    kind: 'user',
    id,
    userPrincipalName: upn,
    displayName: 'Ann Example',
    givenName: 'Ann',
    surname: 'Example',
    mail: upn,
    otherMails: [],
    proxyAddresses: [`SMTP:${upn}`],
    userType: 'Member',
    accountEnabled: true,
    jobTitle: null,
    department: null,
    companyName: null,
    employeeId: null,
    employeeType: null,
    employeeOrgData: null,
    officeLocation: null,
    streetAddress: null,
    city: null,
    state: null,
    postalCode: null,
    country: null,
    businessPhones: [],
    mobilePhone: null,
    faxNumber: null,
    preferredLanguage: null,
    usageLocation: null,
    licences: [],
    managerId: null,
    userPurpose: 'user',
    mailboxTimeZone: null,
    ...over,
  };
}

export function group(id: string, over: Partial<GraphGroup> = {}): GraphGroup {
  const mail = over.mail === undefined ? `${id}@contoso.com` : over.mail;
  return {
    kind: 'group',
    id,
    displayName: `Group ${id}`,
    description: null,
    mail,
    mailNickname: id,
    mailEnabled: mail !== null,
    securityEnabled: mail === null,
    groupTypes: [],
    visibility: null,
    proxyAddresses: mail === null ? [] : [`SMTP:${mail}`],
    membershipRule: null,
    isAssignableToRole: false,
    resourceProvisioningOptions: [],
    preferredLanguage: null,
    allowExternalSenders: null,
    autoSubscribeNewMembers: null,
    hideFromAddressLists: null,
    members: [],
    owners: [],
    ...over,
  };
}

export function member(id: string, over: Partial<GraphMember> = {}): GraphMember {
  return {
    type: 'user',
    id,
    mail: `${id}@contoso.com`,
    userPrincipalName: `${id}@contoso.com`,
    userType: 'Member',
    displayName: id,
    ...over,
  };
}

export function groupMember(id: string): GraphMember {
  return member(id, { type: 'group', userPrincipalName: null, userType: null });
}

export function room(id: string, over: Partial<GraphRoom> = {}): GraphRoom {
  return {
    kind: 'room',
    id,
    emailAddress: `${id}@contoso.com`,
    displayName: `Room ${id}`,
    capacity: 8,
    building: 'North',
    floorLabel: null,
    floorNumber: 2,
    label: null,
    tags: [],
    audioDeviceName: null,
    videoDeviceName: null,
    displayDeviceName: null,
    isWheelChairAccessible: null,
    bookingType: 'standard',
    ...over,
  };
}

/** A folder by its path of names; ids are the names joined. `wellKnown` names the folder, `root` what it lies under. */
export function folder(path: string[], over: Partial<GraphMailFolder> = {}): GraphMailFolder {
  const ids = path.map((_, index) => path.slice(0, index + 1).join('>'));
  return {
    kind: 'folder',
    id: ids.at(-1) ?? '',
    displayName: path.at(-1) ?? '',
    path,
    ids,
    wellKnown: null,
    root: null,
    isHidden: false,
    isSearchFolder: false,
    totalItemCount: 1,
    ...over,
  };
}

export function messageState(over: Partial<GraphMessageState> = {}): GraphMessageState {
  return {
    kind: 'message',
    folderId: 'Inbox',
    isRead: true,
    isDraft: false,
    flagStatus: 'notFlagged',
    importance: 'normal',
    categories: [],
    receivedDateTime: '2026-03-01T10:00:00Z',
    sentDateTime: '2026-03-01T09:59:00Z',
    internetMessageId: '<a@b.example>',
    fromAddress: 'someone@outside.example',
    isReadReceiptRequested: false,
    messageClass: 'IPM.Note',
    changeKey: 'ck',
    ...over,
  };
}

export function listed(key: string, over: Partial<ListedItem> = {}): ListedItem {
  return {
    key,
    version: 'v1',
    container: '',
    identity: null,
    rank: 0,
    after: null,
    order: 0,
    state: {},
    inline: null,
    bytes: null,
    status: 'listed',
    settledVersion: null,
    receipt: null,
    begunAt: null,
    attempts: 0,
    reason: null,
    fingerprint: null,
    ...over,
  };
}

export function json(value: unknown): Json & Record<string, Json> {
  return JSON.parse(JSON.stringify(value));
}

export function job(workload: Job['workload'], over: Partial<Organisation> = {}): Job {
  const body = organisation(over);
  return {
    id: `${workload}:body:ann@contoso.com`,
    principal: {
      kind: 'person',
      id: 'ann',
      source: 'ann@contoso.com',
      target: 'ann@new.example',
      organisation: body.id,
      wave: '1',
    },
    workload,
    organisation: body,
  };
}

export function book(entries: Record<string, string>): AddressBook {
  return {
    resolve: (old) => entries[old.toLowerCase()] ?? null,
    aliasesOf: (target) => Object.keys(entries).filter((old) => entries[old] === target),
  };
}

export function calendar(id: string, over: Partial<GraphCalendar> = {}): GraphCalendar {
  return {
    kind: 'calendar',
    id,
    name: 'Calendar',
    isDefaultCalendar: true,
    canEdit: true,
    color: 'auto',
    hexColor: '',
    ownerAddress: 'ann@contoso.com',
    ownerName: 'Ann',
    mailboxTimeZone: 'W. Europe Standard Time',
    ...over,
  };
}

export function event(over: Partial<GraphEvent> = {}): GraphEvent {
  return {
    id: 'event-1',
    changeKey: 'ck',
    type: 'singleInstance',
    iCalUId: 'uid-1',
    seriesMasterId: null,
    subject: 'Planning',
    body: { contentType: 'text', content: '' },
    start: { dateTime: '2026-03-27T08:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-03-27T09:00:00.0000000', timeZone: 'UTC' },
    originalStartTimeZone: 'W. Europe Standard Time',
    originalEndTimeZone: 'W. Europe Standard Time',
    originalStart: null,
    isAllDay: false,
    isCancelled: false,
    isDraft: false,
    isOrganizer: true,
    organizer: { name: 'Ann', address: 'ann@contoso.com' },
    attendees: [],
    responseStatus: 'organizer',
    responseRequested: true,
    hideAttendees: false,
    showAs: 'busy',
    sensitivity: 'normal',
    importance: 'normal',
    categories: [],
    isReminderOn: true,
    reminderMinutesBeforeStart: 15,
    location: null,
    locations: [],
    onlineMeetingUrl: null,
    hasAttachments: false,
    recurrence: null,
    createdDateTime: null,
    lastModifiedDateTime: null,
    ...over,
  };
}

export function attendee(address: string | null, over: Partial<GraphAttendee> = {}): GraphAttendee {
  return {
    type: 'required',
    status: { response: 'none', time: null },
    emailAddress: { name: null, address },
    ...over,
  };
}

export type PatternSample = Partial<GraphRecurrence['pattern']> & Pick<GraphRecurrence['pattern'], 'type'>;

/** A recurrence with Graph's own fillers in every field that is not given. */
export function recurrence(
  pattern: PatternSample,
  range: Partial<GraphRecurrence['range']> = {},
): GraphRecurrence {
  return {
    pattern: {
      interval: 1,
      month: 0,
      dayOfMonth: 0,
      daysOfWeek: [],
      firstDayOfWeek: 'sunday',
      index: 'first',
      ...pattern,
    },
    range: {
      type: 'noEnd',
      startDate: '2026-01-01',
      endDate: '0001-01-01',
      recurrenceTimeZone: 'W. Europe Standard Time',
      numberOfOccurrences: 0,
      ...range,
    },
  };
}
