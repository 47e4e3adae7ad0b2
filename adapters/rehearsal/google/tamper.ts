import { calendarIdOf } from './calendar/access.ts';
import type { StoredCalendar, StoredEvent } from './calendar/state.ts';
import { addressOf, type DirectoryGroup, findGroup, findUser } from './directory/directory.ts';
import {
  addMessage,
  mailboxOf,
  newMessageId,
  removeMessage,
  type StoredMessage,
  setLabels,
} from './gmail/mailbox.ts';
import { type Json, textOf } from './json.ts';
import type { Tenant } from './state.ts';

/** Every operation with which a test changes the tenant behind ferry's back. */
const OPERATIONS: Readonly<Record<string, (tenant: Tenant, operation: Json) => Json>> = {
  'delete-message': onMessage((tenant, message, mailboxKey) => {
    removeMessage(mailboxOf(tenant.mail, mailboxKey), message);
    return {};
  }),
  'double-message': onMessage((tenant, message, mailboxKey) => {
    const { historyId: _historyId, ...copy } = message;
    const id = newMessageId(tenant.mail);
    addMessage(mailboxOf(tenant.mail, mailboxKey), { ...copy, id, threadId: id });
    return { copy: id };
  }),
  'relabel-message': onMessage(relabelMessage),
  'mark-read': onMessage((tenant, message, mailboxKey) => {
    const isUnread = message.labels.includes('UNREAD');
    const labels = isUnread
      ? message.labels.filter((label) => label !== 'UNREAD')
      : [...message.labels, 'UNREAD'];
    setLabels(mailboxOf(tenant.mail, mailboxKey), message, labels);
    return { unread: !isUnread };
  }),
  'alter-body': onMessage(alterBody),
  'shift-event': onEvent((tenant, _calendar, event, operation) => {
    const shiftMs = Number(operation['minutes'] ?? 60) * 60_000;
    const whole = event.start.allDay ? 86_400_000 : shiftMs;
    event.start = { ...event.start, utcMs: event.start.utcMs + whole };
    event.end = { ...event.end, utcMs: event.end.utcMs + whole };
    touch(tenant, event);
    return { shiftedMs: whole };
  }),
  'delete-event': onEvent((tenant, _calendar, event) => {
    event.status = 'cancelled';
    touch(tenant, event);
    return {};
  }),
  'double-event': onEvent((tenant, calendar, event) => {
    const id = `${event.id.replace(/[^a-v0-9]/g, '').slice(0, 60)}copy${tenant.random.int(1e6).toString(32)}`;
    const copy = { ...event, id, uid: `${id}@google.com`, overrides: new Map(event.overrides) };
    calendar.events.set(id, copy);
    calendar.byUid.set(copy.uid, id);
    touch(tenant, copy);
    return { copy: id };
  }),
  'rename-event': onEvent((tenant, _calendar, event, operation) => {
    event.fields = { ...event.fields, summary: textOf(operation['summary']) || 'altered' };
    touch(tenant, event);
    return {};
  }),
  'drop-exception': onEvent((tenant, _calendar, event) => {
    const [key] = event.overrides.keys();
    if (key !== undefined) event.overrides.delete(key);
    touch(tenant, event);
    return { key: key ?? null };
  }),
  'remove-member': onGroup((_tenant, group, operation) => {
    const members = [...group.members.keys()];
    const key = textOf(operation['id']) || (members[Number(operation['pick'] ?? 0) % members.length] ?? '');
    return { member: key, removed: group.members.delete(key) };
  }),
  'add-member': onGroup((tenant, group, operation) => {
    const user = findUser(tenant.directory, textOf(operation['user']));
    const key = user?.id ?? (textOf(operation['user']) || 'stranger@elsewhere.example');
    group.members.set(key, { key, kind: user ? 'user' : 'external', role: 'MEMBER', delivery: 'ALL_MAIL' });
    return { member: user ? addressOf(user) : key };
  }),
  'delete-user': onUser((tenant, userId) => {
    const user = tenant.directory.users.get(userId);
    if (user) user.deleted = true;
    return {};
  }),
  'suspend-user': onUser((tenant, userId) => {
    const user = tenant.directory.users.get(userId);
    if (user) user.resource = { ...user.resource, suspended: true };
    return {};
  }),
  'remove-alias': onUser((tenant, userId) => {
    const user = tenant.directory.users.get(userId);
    const [alias, ...rest] = user?.aliases ?? [];
    if (user && alias !== undefined) user.aliases = rest;
    if (alias !== undefined) tenant.directory.addresses.delete(alias);
    return { alias: alias ?? null };
  }),
};

/**
 * Runs one operation `{ op, user | group, id | pick, … }` and answers what it changed; `pick` counts messages, events or
 * members in the order in which they came. An `error` says why nothing was done.
 */
export function tamper(tenant: Tenant, operation: Json): Json {
  const op = textOf(operation['op']);
  const run = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op] : undefined;
  if (!run) return { op, error: `unknown operation; known: ${Object.keys(OPERATIONS).join(', ')}` };
  return { op, ...run(tenant, operation) };
}

type OnMessage = (tenant: Tenant, message: StoredMessage, mailboxKey: string, operation: Json) => Json;

function onUser(run: (tenant: Tenant, userId: string, operation: Json) => Json) {
  return (tenant: Tenant, operation: Json): Json => {
    const user = findUser(tenant.directory, textOf(operation['user']));
    if (!user) return { error: 'no such user' };
    return { user: addressOf(user), ...run(tenant, user.id, operation) };
  };
}

function onMessage(run: OnMessage) {
  return onUser((tenant, userId, operation) => {
    const { messages } = mailboxOf(tenant.mail, userId);
    const message = choose([...messages.values()], operation, (one) => one.id);
    if (!message) return { error: 'no such message' };
    const before = { id: message.id, messageId: message.messageId, labelIds: [...message.labels] };
    return { ...before, ...run(tenant, message, userId, operation) };
  });
}

function onEvent(
  run: (tenant: Tenant, calendar: StoredCalendar, event: StoredEvent, operation: Json) => Json,
) {
  return (tenant: Tenant, operation: Json): Json => {
    const calendar = calendarFor(tenant, operation);
    if (!calendar) return { error: 'no such calendar' };
    const events = [...calendar.events.values()].filter((event) => event.status !== 'cancelled');
    const fitting =
      operation['op'] === 'drop-exception' ? events.filter((event) => event.overrides.size > 0) : events;
    const event = choose(fitting, operation, (one) => one.id);
    if (!event) return { error: 'no such event' };
    const calendarId = calendarIdOf(tenant, calendar);
    return { calendarId, id: event.id, iCalUID: event.uid, ...run(tenant, calendar, event, operation) };
  };
}

function onGroup(run: (tenant: Tenant, group: DirectoryGroup, operation: Json) => Json) {
  return (tenant: Tenant, operation: Json): Json => {
    const group = findGroup(tenant.directory, textOf(operation['group']));
    if (!group) return { error: 'no such group' };
    return { group: group.email, ...run(tenant, group, operation) };
  };
}

function calendarFor(tenant: Tenant, operation: Json): StoredCalendar | undefined {
  const { calendars } = tenant.calendars;
  const named = textOf(operation['calendar']);
  if (named !== '') return calendars.get(findUser(tenant.directory, named)?.id ?? named);
  return calendars.get(findUser(tenant.directory, textOf(operation['user']))?.id ?? '');
}

/** The item with the id that is named, or the one at the place that is picked. */
function choose<T>(items: readonly T[], operation: Json, idOf: (item: T) => string): T | undefined {
  const id = textOf(operation['id']);
  if (id !== '') return items.find((item) => idOf(item) === id);
  return items[Number(operation['pick'] ?? 0) % Math.max(1, items.length)];
}

function relabelMessage(tenant: Tenant, message: StoredMessage, mailboxKey: string, operation: Json): Json {
  const mailbox = mailboxOf(tenant.mail, mailboxKey);
  const named = [...mailbox.labels.values()].find((label) => label.name === operation['label']);
  const other = [...mailbox.labels.values()].find(
    (label) => label.type === 'user' && !message.labels.includes(label.id),
  );
  const label = named?.id ?? other?.id ?? 'STARRED';
  const kept = message.labels.filter((one) => mailbox.labels.get(one)?.type === 'system' && one !== 'INBOX');
  setLabels(mailbox, message, [...new Set([...kept, label])]);
  return { nowLabelIds: [...message.labels] };
}

/** Changes one letter after the header; the message keeps its id and its place in lists. */
function alterBody(tenant: Tenant, message: StoredMessage): Json {
  const bytes = tenant.mail.file.read(message.place);
  const gap = bytes.indexOf('\r\n\r\n');
  const from = gap === -1 ? 0 : gap + 4;
  const at = bytes.findIndex((byte, place) => place >= from && byte >= 97 && byte <= 122);
  if (at === -1) {
    message.place = tenant.mail.file.append(Buffer.concat([bytes, Buffer.from('altered\r\n')]));
    return { alteredAt: bytes.length };
  }
  bytes[at] = bytes[at] === 122 ? 97 : (bytes[at] ?? 97) + 1;
  message.place = tenant.mail.file.append(bytes);
  return { alteredAt: at };
}

function touch(tenant: Tenant, event: StoredEvent): void {
  tenant.calendars.revision++;
  event.revision = tenant.calendars.revision;
  event.updatedAt = tenant.clock.now();
}
