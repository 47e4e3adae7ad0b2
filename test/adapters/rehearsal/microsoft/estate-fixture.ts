import type {
  Estate,
  EstateEvent,
  EstateFolder,
  EstateMailbox,
  EstateMessage,
  Resource,
} from '../../../../adapters/rehearsal/estate/types.ts';

export const TENANT_ID = '11111111-2222-3333-4444-555555555555';
export const ANN = 'aaaaaaaa-0000-0000-0000-000000000001';
export const BOB = 'aaaaaaaa-0000-0000-0000-000000000002';
export const NO_MAILBOX = 'aaaaaaaa-0000-0000-0000-000000000003';

const FOLDERS: readonly EstateFolder[] = [
  folder('AQMkInbox', 'Postvak IN', null, 'inbox', 25),
  folder('AQMkProject', 'Project', 'AQMkInbox', null, 3),
  folder('AQMkSent', 'Verzonden items', null, 'sentitems', 2),
  { ...folder('AQMkHidden', 'TeamsMessagesData', null, null, 1), isHidden: true },
  { ...folder('AQMkSearch', 'Ongelezen', null, null, 0), isSearchFolder: true },
];

function folder(
  id: string,
  displayName: string,
  parentId: string | null,
  wellKnown: string | null,
  messageCount: number,
): EstateFolder {
  return { id, displayName, parentId, wellKnown, isHidden: false, isSearchFolder: false, messageCount };
}

/** Message `n` of a folder; the newest is 0, each older by an hour. */
export function fixtureMessage(folderId: string, position: number): EstateMessage {
  const received = new Date(Date.UTC(2026, 0, 31, 12) - position * 3_600_000).toISOString().slice(0, 19);
  const id = `AAkALg-${folderId}-${position}`;
  const from = { emailAddress: { name: 'Cleo', address: 'cleo@elsewhere.example' } };
  return {
    id,
    folderId,
    messageClass: position === 1 ? 'IPM.Schedule.Meeting.Request' : 'IPM.Note',
    sizeBytes: 2_000 + position,
    resource: {
      id,
      createdDateTime: `${received}Z`,
      lastModifiedDateTime: `${received}Z`,
      changeKey: `CQAAA${position}`,
      categories: [],
      receivedDateTime: `${received}Z`,
      sentDateTime: `${received}Z`,
      hasAttachments: position === 2,
      internetMessageId: `<${folderId}-${position}@elsewhere.example>`,
      subject: `Subject ${position}`,
      importance: 'normal',
      conversationId: `AAQk${position}`,
      isDeliveryReceiptRequested: false,
      isReadReceiptRequested: false,
      isRead: position % 2 === 0,
      isDraft: false,
      webLink: 'https://outlook.example/',
      inferenceClassification: 'focused',
      sender: from,
      from,
      toRecipients: [{ emailAddress: { name: 'Ann', address: 'ann@old.example' } }],
      flag: { flagStatus: 'notFlagged' },
    },
  };
}

const MIME = [
  'Message-ID: <x@elsewhere.example>',
  'From: cleo@elsewhere.example',
  'Subject: with a file',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b"',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'Hello there',
  '--b',
  'Content-Type: application/pdf; name="a.pdf"',
  'Content-Disposition: attachment; filename="a.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  'JVBERg==',
  '--b--',
  '',
].join('\r\n');

export const DEFAULT_CALENDAR = 'AQMkCalDefault';

/** An event with the fields that every test needs; times are UTC. */
export function fixtureEvent(id: string, more: Resource, rest: Partial<EstateEvent> = {}): EstateEvent {
  return {
    id,
    calendarId: DEFAULT_CALENDAR,
    cancelled: [],
    exceptions: [],
    ...rest,
    resource: {
      id,
      changeKey: `CQ${id}`,
      createdDateTime: '2025-01-01T00:00:00Z',
      lastModifiedDateTime: '2025-01-01T00:00:00Z',
      iCalUId: '040000008200E00074C5B7101A82E0080000000010A1B2C3D4E5DA01000000000000000010000000AA',
      subject: id,
      isAllDay: false,
      isCancelled: false,
      isDraft: false,
      isOrganizer: true,
      isReminderOn: false,
      isOnlineMeeting: false,
      reminderMinutesBeforeStart: 15,
      responseRequested: true,
      hasAttachments: false,
      hideAttendees: false,
      allowNewTimeProposals: true,
      showAs: 'busy',
      sensitivity: 'normal',
      importance: 'normal',
      onlineMeetingProvider: 'unknown',
      originalStartTimeZone: 'W. Europe Standard Time',
      originalEndTimeZone: 'W. Europe Standard Time',
      body: { contentType: 'html', content: '<p>x</p>' },
      organizer: { emailAddress: { name: 'Ann', address: 'ann@old.example' } },
      attendees: [],
      location: { displayName: '', locationType: 'default' },
      locations: [],
      recurrence: null,
      ...more,
    },
  };
}

const weekly = {
  pattern: {
    type: 'weekly',
    interval: 1,
    month: 0,
    dayOfMonth: 0,
    daysOfWeek: ['wednesday'],
    firstDayOfWeek: 'sunday',
    index: 'first',
  },
  range: {
    type: 'endDate',
    startDate: '2026-03-18',
    endDate: '2026-04-22',
    recurrenceTimeZone: 'W. Europe Standard Time',
    numberOfOccurrences: 0,
  },
};

const at = (dateTime: string) => ({ dateTime: `${dateTime}.0000000`, timeZone: 'UTC' });

const EVENTS: readonly EstateEvent[] = [
  fixtureEvent('AAkALgSingle', { start: at('2026-03-20T08:00:00'), end: at('2026-03-20T09:00:00') }),
  fixtureEvent(
    'AAkALgSeries',
    { start: at('2026-03-18T08:00:00'), end: at('2026-03-18T09:00:00'), recurrence: weekly },
    {
      cancelled: ['2026-04-01'],
      exceptions: [
        {
          id: 'AAkALgMoved',
          subject: 'moved',
          originalStart: '2026-04-08T07:00:00Z',
          start: at('2026-04-09T12:00:00'),
          end: at('2026-04-09T13:00:00'),
        },
      ],
    },
  ),
];

/** A tenant small enough to know by heart: Ann with mail and a calendar, her manager Bob, a service account. */
export function fixtureEstate(events: readonly EstateEvent[] = EVENTS): Estate {
  const user = (id: string, name: string, userPurpose: 'user' | null, managerId: string | null) => ({
    id,
    userPurpose,
    managerId,
    resource: {
      id,
      userPrincipalName: `${name}@old.example`,
      displayName: name,
      mail: `${name}@old.example`,
      accountEnabled: true,
      userType: 'Member',
      proxyAddresses: [`SMTP:${name}@old.example`],
    },
  });
  const group = (id: string, more: Resource, memberIds: string[]) => ({
    id,
    memberIds,
    ownerIds: [BOB],
    resource: { id, displayName: id, mailEnabled: true, securityEnabled: false, groupTypes: [], ...more },
  });
  return {
    seed: 1,
    tenantId: TENANT_ID,
    initialDomain: 'old.onmicrosoft.com',
    organisations: [{ id: 'old', sourceDomain: 'old.example', targetDomain: 'new.example', orgUnit: '/Old' }],
    users: [
      user(ANN, 'ann', 'user', BOB),
      user(BOB, 'bob', 'user', null),
      user(NO_MAILBOX, 'svc', null, null),
    ],
    groups: [
      group('g-outer', { groupTypes: ['Unified'], allowExternalSenders: true }, [
        ANN,
        'g-inner',
        'contact-1',
      ]),
      group('g-inner', {}, [BOB, ANN]),
      group('g-hidden', { visibility: 'HiddenMembership' }, [ANN]),
    ],
    rooms: [{ id: 'room-1', emailAddress: 'room1@old.example', displayName: 'Room 1', capacity: 8 }],
    contacts: [{ id: 'contact-1', displayName: 'Out', mail: 'out@elsewhere.example' }],
    skus: [{ id: 'sku-1', skuId: '05e9a617-0261-4cee-bb44-138d3ef5d965', skuPartNumber: 'SPE_E3' }],
    corpus: [],
    mailbox: (userId) => (userId === ANN || userId === BOB ? fixtureMailbox(userId, events) : null),
  };
}

function fixtureMailbox(userId: string, events: readonly EstateEvent[]): EstateMailbox {
  const list = (folderId: string) => {
    const count = FOLDERS.find((one) => one.id === folderId)?.messageCount ?? 0;
    return Array.from({ length: count }, (_, position) => fixtureMessage(folderId, position));
  };
  const find = (id: string) =>
    FOLDERS.flatMap((one) => list(one.id)).find((message) => message.id === id) ?? null;
  return {
    userId,
    settings: { timeZone: 'W. Europe Standard Time', userPurpose: 'user', language: { locale: 'nl-NL' } },
    folders: FOLDERS,
    messages: (folderId, offset, count) => list(folderId).slice(offset, offset + count),
    message: find,
    mime: (id) => (id.endsWith('-3') ? null : Buffer.from(MIME)),
    calendars: [
      {
        id: DEFAULT_CALENDAR,
        resource: { name: 'Agenda', isDefaultCalendar: true, canEdit: true, color: 'auto' },
      },
    ],
    events: (calendarId) => (calendarId === DEFAULT_CALENDAR ? events : []),
  };
}
