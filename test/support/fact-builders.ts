import type {
  ContainerFact,
  EventFact,
  GroupFact,
  MessageFact,
  OccurrenceFact,
  UserFact,
} from '../../src/core/facts.ts';

export const AS_OF = Date.UTC(2027, 0, 15, 12);
export const ANN = 'ann@old.example';
export const DAY_MS = 86_400_000;

export function folder(id: string, path: string[], part: Partial<ContainerFact> = {}): ContainerFact {
  return {
    kind: 'container',
    id,
    path,
    wellKnown: null,
    root: null,
    hidden: false,
    virtual: false,
    serviceCount: null,
    ...part,
  };
}

export function wellKnown(name: string, path: string[]): ContainerFact {
  return folder(`f-${name}`, path, { wellKnown: name, root: name });
}

export function label(id: string, name: string): ContainerFact {
  const isSystem = id === name;
  return folder(id, isSystem ? [name] : name.split('/'), { wellKnown: isSystem ? `label:${name}` : null });
}

export function message(id: string, containers: string[], part: Partial<MessageFact> = {}): MessageFact {
  const at = AS_OF - 3 * DAY_MS;
  return {
    kind: 'message',
    id,
    containers,
    messageId: `${id.replace(/-.*$/, '')}@mail.example`,
    headerHash: `head ${id.replace(/-.*$/, '')}`,
    bodyHash: `body ${id.replace(/-.*$/, '')}`,
    bytesHash: `bytes ${id.replace(/-.*$/, '')}`,
    headerNames: ['date', 'from', 'message-id', 'subject', 'to'],
    read: true,
    starred: false,
    draft: false,
    important: false,
    categories: [],
    receivedAt: at,
    modifiedAt: at,
    createdAt: at,
    bytes: 2000,
    messageClass: 'IPM.Note',
    ...part,
  };
}

export function event(id: string, start: string, part: Partial<EventFact> = {}): EventFact {
  const startUtc = new Date(start).toISOString();
  return {
    kind: 'event',
    id,
    calendarId: 'c-default',
    uid: `${id}-UID`,
    type: 'single',
    originalStart: null,
    cancelled: false,
    createdAt: AS_OF - 90 * DAY_MS,
    modifiedAt: AS_OF - 80 * DAY_MS,
    summary: `summary of ${id}`,
    allDay: false,
    startUtc,
    endUtc: new Date(Date.parse(start) + 3_600_000).toISOString(),
    ...part,
  };
}

export function occurrenceOf(of: EventFact, part: Partial<OccurrenceFact> = {}): OccurrenceFact {
  return {
    kind: 'occurrence',
    calendarId: of.calendarId,
    uid: of.uid,
    start: of.startUtc,
    end: of.endUtc,
    allDay: of.allDay,
    summary: of.summary,
    location: 'Room 1, Main street 5',
    busy: true,
    private: false,
    reminderMinutes: 15,
    organizer: ANN,
    attendees: [
      { address: 'bob@old.example', role: 'required', response: 'tentativelyAccepted' },
      { address: 'eve@elsewhere.example', role: 'optional', response: 'none' },
    ],
    ...part,
  };
}

export function user(address: string, part: Partial<UserFact> = {}): UserFact {
  const name = address.split('@')[0] ?? '';
  return {
    kind: 'user',
    id: `oid-${name}`,
    address,
    givenName: name,
    familyName: 'Example',
    title: 'Clerk',
    department: 'Permits',
    suspended: false,
    aliases: [],
    managerAddress: null,
    ...part,
  };
}

export function group(address: string, part: Partial<GroupFact> = {}): GroupFact {
  return {
    kind: 'group',
    id: null,
    address,
    name: `Group ${address.split('@')[0]}`,
    type: 'distribution',
    aliases: [],
    members: [],
    effective: [],
    ...part,
  };
}
