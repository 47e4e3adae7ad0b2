import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_POLICY } from '../../src/config/policy.ts';
import { systemClock } from '../../src/core/clock.ts';
import type { CalendarFact } from '../../src/core/facts.ts';
import { silent } from '../../src/core/log.ts';
import type { AddressBook, Organisation, Policy, Principal } from '../../src/core/types.ts';
import type { GroupRow, RoomRow } from '../../src/reconcile/directory-scope.ts';
import type { ReconcileOptions } from '../../src/reconcile/reconcile.ts';
import {
  ANN,
  AS_OF,
  DAY_MS,
  event,
  folder,
  group,
  label,
  message,
  occurrenceOf,
  user,
  wellKnown,
} from './fact-builders.ts';
import { FakeInventory } from './fake-inventory.ts';

export interface CheckEstate {
  policy: Policy;
  organisation: Organisation;
  principals: Principal[];
  source: FakeInventory;
  target: FakeInventory;
  groups: GroupRow[];
  rooms: RoomRow[];
  addresses: AddressBook;
}

/** Two ends that agree: two people with mail and calendars, three groups and a room. */
export function cleanEstate(): CheckEstate {
  const policy = structuredClone(DEFAULT_POLICY);
  const estate: CheckEstate = {
    policy,
    organisation: { id: 'regulator', domains: { 'old.example': 'new.example' }, orgUnit: '/R', policy },
    principals: [person('ann'), person('bob')],
    source: new FakeInventory('source'),
    target: new FakeInventory('target'),
    groups: ['all', 'nested', 'other'].map((name) => ({
      source: `${name}@old.example`,
      target: `${name}@new.example`,
      organisation: 'regulator',
      type: 'distribution',
      include: true,
    })),
    rooms: [{ source: 'room1@old.example', name: 'Room 1', capacity: 8, include: true }],
    addresses: addressBook(),
  };
  fillDirectory(estate);
  fillMail(estate);
  fillCalendars(estate);
  return estate;
}

function person(name: string): Principal {
  return {
    kind: 'person',
    id: `oid-${name}`,
    source: `${name}@old.example`,
    target: `${name}@new.example`,
    organisation: 'regulator',
    wave: 'pilot',
  };
}

function addressBook(): AddressBook {
  const book = new Map<string, string>([['ann.alias@old.example', 'ann@new.example']]);
  book.set('everyone@old.example', 'all@new.example');
  book.set('room1@old.example', 'c_room1@resource.calendar.google.com');
  for (const name of ['ann', 'bob', 'all', 'nested', 'other'])
    book.set(`${name}@old.example`, `${name}@new.example`);
  return {
    resolve: (old) => book.get(old.toLowerCase()) ?? null,
    aliasesOf: (target) => [...book].filter(([, value]) => value === target).map(([old]) => old),
  };
}

function fillDirectory({ source, target }: CheckEstate): void {
  const member = (name: string, role = 'member', type: 'user' | 'group' | 'external' = 'user') => ({
    address: name,
    role,
    type,
  });
  source.directoryFacts.push(
    user(ANN, {
      aliases: ['ann.alias@old.example', 'ann@old.onmicrosoft.com'],
      managerAddress: 'bob@old.example',
    }),
    user('bob@old.example', { suspended: true, familyName: '' }),
    user('guest_partner.example#EXT#@old.onmicrosoft.com'),
    group('all@old.example', {
      aliases: ['everyone@old.example'],
      members: [member('nested@old.example', 'member', 'group'), member(ANN, 'owner')],
      effective: [ANN, 'bob@old.example'],
    }),
    group('nested@old.example', {
      members: [member('bob@old.example'), member('pat@elsewhere.example', 'member', 'external')],
      effective: ['bob@old.example', 'pat@elsewhere.example'],
    }),
    group('other@old.example', { members: [member(ANN)], effective: [ANN] }),
    group('', { id: 'oid-sec', type: 'security', name: 'Security' }),
    { kind: 'room', address: 'room1@old.example', name: 'Room 1', capacity: 8 },
  );
  source.directoryFacts.forEach((fact) => {
    if (fact.kind === 'group' && fact.address === 'all@old.example')
      fact.effective.push('pat@elsewhere.example');
  });
  target.directoryFacts.push(
    user('ann@new.example', {
      aliases: ['ann.alias@new.example', 'ann@new.example.test-google-a.com'],
      managerAddress: 'bob@new.example',
    }),
    user('bob@new.example', { suspended: true, familyName: '.' }),
    group('all@new.example', {
      type: 'group',
      aliases: ['everyone@new.example'],
      members: [member('nested@new.example', 'member', 'group'), member('ann@new.example', 'owner')],
      effective: ['ann@new.example', 'bob@new.example', 'pat@elsewhere.example'],
    }),
    group('nested@new.example', {
      type: 'group',
      members: [member('bob@new.example'), member('pat@elsewhere.example', 'member', 'external')],
      effective: ['bob@new.example', 'pat@elsewhere.example'],
    }),
    group('other@new.example', {
      type: 'group',
      members: [member('ann@new.example'), member('admin@new.example', 'owner')],
      effective: ['ann@new.example', 'admin@new.example'],
    }),
    { kind: 'room', address: 'c_room1@resource.calendar.google.com', name: 'Room 1', capacity: 8 },
    user('admin@new.example'),
  );
}

function fillMail({ source, target }: CheckEstate): void {
  const from = source.account(ANN);
  const to = target.account(ANN);
  from.containers.push(
    wellKnown('inbox', ['Posteingang']),
    wellKnown('sentitems', ['Gesendet']),
    wellKnown('drafts', ['Entwürfe']),
    wellKnown('deleteditems', ['Papierkorb']),
    wellKnown('junkemail', ['Junk']),
    wellKnown('archive', ['Archiv']),
    wellKnown('conversationhistory', ['Verlauf']),
    folder('f-projects', ['Posteingang', 'Projects'], { root: 'inbox' }),
    folder('f-acme', ['Clients', 'ACME / East']),
    folder('f-clients', ['Clients'], { serviceCount: 0 }),
    folder('f-twin-a', ['Notes']),
    folder('f-twin-b', ['notes']),
    folder('f-promo', ['Promotions']),
    folder('f-sent-old', ['Gesendet', '2019'], { root: 'sentitems' }),
    folder('f-search', ['Unread mail'], { virtual: true }),
    folder('f-hidden', ['Quick Step Settings'], { hidden: true }),
  );
  to.containers.push(
    ...['INBOX', 'SENT', 'DRAFT', 'TRASH', 'SPAM', 'UNREAD', 'STARRED', 'IMPORTANT'].map((name) =>
      label(name, name),
    ),
    label('Label_1', 'Projects'),
    label('Label_2', 'Clients/ACME - East'),
    label('Label_3', 'Clients'),
    label('Label_4', 'Notes'),
    label('Label_5', 'notes (2)'),
    label('Label_6', '_Promotions'),
    label('Label_7', 'Gesendet/2019'),
    label('Label_8', 'Categories/Red, urgent'),
    label('Label_9', 'Categories'),
  );
  from.messages.push(
    message('m1', ['f-inbox'], { read: false }),
    message('m2', ['f-inbox'], { starred: true, categories: ['Red, urgent'] }),
    message('m3-a', ['f-inbox'], { read: false }),
    message('m3-b', ['f-acme'], { read: true }),
    message('m3-c', ['f-deleteditems']),
    message('m4', ['f-sentitems'], { read: false }),
    message('m5', ['f-drafts'], { draft: true }),
    message('m6', ['f-deleteditems']),
    message('m7', ['f-deleteditems'], { receivedAt: AS_OF - 60 * DAY_MS }),
    message('m8', ['f-junkemail']),
    message('m9', ['f-archive']),
    message('m10', ['f-projects'], { important: true }),
    message('m11', ['f-twin-a']),
    message('m12', ['f-twin-b']),
    message('m13', ['f-promo']),
    message('m14', ['f-sent-old']),
    message('m15', ['f-hidden']),
    message('m16', ['f-conversationhistory']),
    message('m17', ['f-search']),
    message('m18', ['f-inbox'], { messageClass: 'IPM.Outlook.Recall' }),
    // Two different messages that share a Message-ID, and two that have none.
    message('m19', ['f-inbox'], { messageId: 'twice@mail.example' }),
    message('m20', ['f-projects'], { messageId: 'twice@mail.example' }),
    message('m21', ['f-inbox'], { messageId: null }),
    message('m22', ['f-projects'], { messageId: null, bodyHash: 'body m21', headerHash: 'head m21' }),
    message('m23', ['f-inbox'], { bytes: 200_000_000 }),
  );
  const added = { headerNames: ['date', 'from', 'message-id', 'subject', 'to'], bytesHash: 'bytes altered' };
  to.messages.push(
    message('m1', ['INBOX', 'UNREAD', 'CATEGORY_UPDATES'], { read: false }),
    message('m2', ['INBOX', 'STARRED', 'Label_8'], { starred: true }),
    message('m3', ['INBOX', 'Label_2']),
    message('m4', ['SENT']),
    message('m5', ['DRAFT'], { draft: true }),
    message('m6', ['TRASH']),
    message('m9', []),
    message('m10', ['Label_1', 'IMPORTANT'], { important: true }),
    message('m11', ['Label_4']),
    message('m12', ['Label_5']),
    message('m13', ['Label_6', 'IMPORTANT'], { important: true }),
    message('m14', ['SENT', 'Label_7']),
    message('m19', ['INBOX'], { messageId: 'twice@mail.example' }),
    message('m20', ['Label_1'], { messageId: 'twice@mail.example' }),
    message('m21', ['INBOX'], { messageId: 'aa@migrated.invalid', ...added }),
    message('m22', ['Label_1'], {
      messageId: 'bb@migrated.invalid',
      bodyHash: 'body m21',
      headerHash: 'head m21',
      ...added,
    }),
  );
  for (const one of from.messages)
    if (one.messageId === null) one.headerNames = ['date', 'from', 'subject', 'to'];
}

function fillCalendars({ source, target }: CheckEstate): void {
  const calendar = (id: string, name: string, part: Partial<CalendarFact> = {}): CalendarFact => ({
    kind: 'calendar',
    id,
    name,
    primary: false,
    writable: true,
    ...part,
  });
  const from = source.account(ANN);
  const to = target.account(ANN);
  from.calendars.push(
    calendar('c-default', 'Kalender', { primary: true }),
    calendar('c-team', 'Team: Events'),
    calendar('c-boss', 'Boss', { writable: false }),
  );
  to.calendars.push(
    calendar('ann@new.example', 'ann@new.example', { primary: true }),
    calendar('c9', 'Team Events'),
  );
  const master = event('e2', '2027-01-04T09:00:00Z', { type: 'master' });
  const exception = event('e3', '2027-01-11T13:00:00Z', {
    type: 'exception',
    uid: 'e2-UID',
    originalStart: '2027-01-11T09:00:00.000Z',
  });
  const team = event('e5', '2027-02-01T10:00:00Z', { calendarId: 'c-team' });
  const single = event('e1', '2027-01-20T09:00:00Z');
  const ended = event('e8', '2019-01-20T09:00:00Z', { type: 'master' });
  from.events.push(
    single,
    master,
    exception,
    event('e4', '2027-01-22T09:00:00Z', { cancelled: true }),
    team,
    event('e6', '2019-01-20T09:00:00Z'),
    event('e7', '2027-01-22T09:00:00Z', { calendarId: 'c-boss' }),
    ended,
  );
  const weekly = ['2027-01-04', '2027-01-18', '2027-01-25'].map((day) =>
    occurrenceOf(master, { start: `${day}T09:00:00.000Z`, end: `${day}T10:00:00.000Z` }),
  );
  from.occurrences.push(occurrenceOf(single), ...weekly, occurrenceOf(exception), occurrenceOf(team));
  const moved = { 'c-default': 'ann@new.example', 'c-team': 'c9' } as Record<string, string>;
  to.events.push(
    ...[single, master, exception, team].map((one) => ({
      ...one,
      id: `g${one.id}`,
      calendarId: moved[one.calendarId] ?? '',
      uid: one === team ? 'other-uid@google.com' : (one.uid?.toLowerCase() ?? null),
    })),
  );
  to.occurrences.push(
    ...from.occurrences.map((one) => ({
      ...one,
      calendarId: moved[one.calendarId] ?? '',
      uid: one.uid === team.uid ? 'other-uid@google.com' : (one.uid?.toLowerCase() ?? null),
      organizer: 'ann@new.example',
      attendees: [
        { address: 'ann@new.example', role: 'required', response: 'accepted' },
        { address: 'bob@new.example', role: 'required', response: 'tentative' },
        { address: 'eve@elsewhere.example', role: 'optional', response: 'needsAction' },
      ],
    })),
  );
}

/** Options of a check over an estate, in a folder of its own. */
export function checkOptions(estate: CheckEstate, part: Partial<ReconcileOptions> = {}): ReconcileOptions {
  const { organisation, principals, source, target, groups, rooms, addresses } = estate;
  return {
    run: 'check-1',
    organisations: [{ organisation, source, target, unfinished: false }],
    principals,
    groups,
    rooms,
    addresses,
    depth: 'items',
    asOf: AS_OF,
    outDir: mkdtempSync(join(tmpdir(), 'ferry-check-')),
    clock: { ...systemClock(), now: () => AS_OF },
    signal: new AbortController().signal,
    log: silent,
    notifications: { count: 0, how: 'no message of ours in any mailbox' },
    acceptances: new Set(),
    ...part,
  };
}
