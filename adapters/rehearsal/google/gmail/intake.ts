import { createHash } from 'node:crypto';
import type { TenantAnswer } from '../../service/types.ts';
import { type ApiRoute, type Call, ok } from '../api.ts';
import { type Json, textOf, textsOf } from '../json.ts';
import { entityNotFound, invalidArgument, refuse } from '../refusal.ts';
import { flag } from '../shapes.ts';
import { demandMailbox, INSERT_SCOPES } from './access.ts';
import { classify, mergeLabels } from './intake-labels.ts';
import {
  addMessage,
  type Mailbox,
  newMessageId,
  removeMessage,
  type StoredMessage,
  setLabels,
} from './mailbox.ts';
import {
  decodeWords,
  type HeaderField,
  headerValues,
  type MimePart,
  normaliseLineEnds,
  readHeaders,
  readStructure,
} from './mime.ts';
import { MESSAGE } from './schemas.ts';
import { uploadRoutes } from './uploads.ts';

const BASE = '/gmail/v1/users/{userId}/messages';
const INTAKE = {
  method: 'POST',
  scopes: INSERT_SCOPES,
  body: MESSAGE,
  writes: true,
  limit: (tenant: Call['tenant']) => tenant.settings.messageLimitBytes,
  rawOf: (metadata: Json) => metadata['raw'],
};

/** Gmail v1 `users.messages.import` and `users.messages.insert`. */
export const INTAKE_ROUTES: readonly ApiRoute[] = [
  ...uploadRoutes({
    ...INTAKE,
    name: 'gmail.users.messages.import',
    path: `${BASE}/import`,
    query: 'deleted:b internalDateSource=receivedTime|dateHeader neverMarkSpam:b processForCalendar:b',
    accept: importMessage,
  }),
  ...uploadRoutes({
    ...INTAKE,
    name: 'gmail.users.messages.insert',
    path: BASE,
    query: 'deleted:b internalDateSource=receivedTime|dateHeader',
    accept: insertMessage,
  }),
];

/** File types that Gmail blocks (support.google.com/mail/answer/6590). */
const BLOCKED =
  /\.(ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|isp|iso|jar|jse?|lib|lnk|mde|msc|msi|msix|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vbe?|vbs|vxd|wsc|wsf|wsh)$/i;

/**
 * Import behaves like delivery: line ends become CRLF, a `Received` field goes on top, blocked attachments are refused,
 * a message whose Message-ID is there already gives its labels to that one (a copy in Trash comes back), and the
 * message is threaded and classified.
 */
function importMessage(call: Call, metadata: Json, media: Buffer): TenantAnswer {
  const mailbox = demandMailbox(call);
  const { settings } = call.tenant;
  const labels = checkLabels(mailbox, textsOf(metadata['labelIds']));
  const bytes = normaliseLineEnds(media);
  const { headers } = readHeaders(bytes);
  if (settings.strictFrom !== 'off') checkFrom(headers);
  checkAttachments(readStructure(bytes));
  const messageId = messageIdOf(headers);
  const present = presentCopy(mailbox, messageId);
  if (present) {
    setLabels(mailbox, present, mergeLabels(present.labels, labels));
    return answer(present);
  }
  const neverMarkSpam = flag(call.query, 'neverMarkSpam');
  return store(call, mailbox, {
    labels: settings.classifies ? classify(labels, messageId ?? '', neverMarkSpam) : labels,
    headers,
    bytes: Buffer.concat([Buffer.from(receivedField(call)), bytes]),
    internalDate: dateOf(call, headers, 'dateHeader'),
    threadId: threadIdOf(mailbox, metadata, headers, true),
  });
}

/** Insert behaves like IMAP APPEND: no scanning, no de-duplication, no threading unless `threadId` is given. */
function insertMessage(call: Call, metadata: Json, media: Buffer): TenantAnswer {
  const mailbox = demandMailbox(call);
  const labels = checkLabels(mailbox, textsOf(metadata['labelIds']));
  const bytes = normaliseLineEnds(media);
  const { headers } = readHeaders(bytes);
  if (call.tenant.settings.strictFrom === 'both') checkFrom(headers);
  return store(call, mailbox, {
    labels,
    headers,
    bytes,
    internalDate: dateOf(call, headers, 'receivedTime'),
    threadId: threadIdOf(mailbox, metadata, headers, false),
  });
}

interface Arrival {
  labels: readonly string[];
  headers: readonly HeaderField[];
  bytes: Buffer;
  internalDate: number;
  threadId: string | null;
}

function store(call: Call, mailbox: Mailbox, arrival: Arrival): TenantAnswer {
  const message = storeMessage(call, mailbox, arrival);
  // `deleted=true`: kept for Vault alone, the mailbox never shows it.
  if (flag(call.query, 'deleted')) removeMessage(mailbox, message);
  return answer(message);
}

/** Writes the bytes and adds the message to the mailbox; a search sees it only later. */
export function storeMessage(call: Call, mailbox: Mailbox, arrival: Arrival): StoredMessage {
  const { mail, clock, random, settings } = call.tenant;
  const id = newMessageId(mail);
  return addMessage(mailbox, {
    id,
    threadId: arrival.threadId ?? id,
    labels: arrival.labels,
    internalDate: arrival.internalDate,
    place: mail.file.append(arrival.bytes),
    messageId: messageIdOf(arrival.headers),
    subjectKey: subjectKeyOf(arrival.headers),
    searchableAt: clock.ticks() + settings.delays.searchMs * (1 + random.next()),
  });
}

function answer(message: StoredMessage): TenantAnswer {
  return ok({ id: message.id, threadId: message.threadId, labelIds: [...message.labels] });
}

/** Label ids must exist; CHAT cannot be set; a message is in one of INBOX, SPAM and TRASH at most. */
function checkLabels(mailbox: Mailbox, labels: readonly string[]): string[] {
  const unknown = labels.find((label) => label === 'CHAT' || !mailbox.labels.has(label));
  if (unknown !== undefined) throw invalidArgument(`Invalid label: ${unknown}`);
  const places = labels.filter((label) => ['INBOX', 'SPAM', 'TRASH'].includes(label));
  if (new Set(places).size > 1) throw invalidArgument(`Invalid label: ${places[1]}`);
  return [...new Set(labels)];
}

function checkFrom(headers: readonly HeaderField[]): void {
  const count = headerValues(headers, 'from').length;
  if (count === 0) throw invalidArgument('Invalid From header');
  if (count > 1) throw invalidArgument("Expected a single 'From' header");
}

function checkAttachments(part: MimePart): void {
  if (BLOCKED.test(part.filename.trim())) {
    throw refuse(400, 'invalidArgument', 'Invalid attachment. https://support.google.com/mail/answer/6590', {
      status: 'INVALID_ARGUMENT',
    });
  }
  for (const below of part.parts) checkAttachments(below);
}

function messageIdOf(headers: readonly HeaderField[]): string | null {
  const value = headerValues(headers, 'message-id')[0]?.trim() ?? '';
  return (/<([^>]*)>/.exec(value)?.[1] ?? value).trim() || null;
}

/** The copy that import gives way to; one outside Trash comes first. */
function presentCopy(mailbox: Mailbox, messageId: string | null): StoredMessage | undefined {
  const ids = messageId === null ? [] : (mailbox.byMessageId.get(messageId) ?? []);
  const copies = ids.flatMap((id) => mailbox.messages.get(id) ?? []);
  return copies.find((copy) => !copy.labels.includes('TRASH')) ?? copies[0];
}

function receivedField(call: Call): string {
  const at = new Date(call.tenant.clock.now()).toUTCString().replace('GMT', '+0000');
  return `Received: from ${call.tenant.random.int(1e9)} named unknown\r\n\tby gmailapi.google.com with HTTPREST;\r\n\t${at}\r\n`;
}

/** `dateHeader` takes the `Date` field; where that cannot be read, and for `receivedTime`, it is now. */
function dateOf(call: Call, headers: readonly HeaderField[], whenAbsent: string): number {
  const source = call.query.get('internalDateSource') ?? whenAbsent;
  const written = (headerValues(headers, 'date')[0] ?? '').replace(/\([^)]*\)/g, '').trim();
  const parsed = source === 'dateHeader' ? Date.parse(written) : Number.NaN;
  return Number.isNaN(parsed) ? call.tenant.clock.now() : parsed;
}

function subjectKeyOf(headers: readonly HeaderField[]): string {
  const subject = decodeWords(headerValues(headers, 'subject')[0] ?? '')
    .replace(/^(\s*(re|fwd?|aw|wg|sv|antw)\s*:)+/i, '')
    .trim();
  return createHash('sha256').update(subject.toLowerCase()).digest('base64url').slice(0, 8);
}

/** A thread is joined through References or In-Reply-To with the same subject; a `threadId` asks for the same. */
function threadIdOf(
  mailbox: Mailbox,
  metadata: Json,
  headers: readonly HeaderField[],
  threads: boolean,
): string | null {
  const wanted = textOf(metadata['threadId']);
  const subjectKey = subjectKeyOf(headers);
  const referenced = [...headerValues(headers, 'references'), ...headerValues(headers, 'in-reply-to')]
    .flatMap((value) => [...value.matchAll(/<([^>]+)>/g)].map((match) => match[1] ?? ''))
    .flatMap((id) => mailbox.byMessageId.get(id) ?? [])
    .flatMap((id) => mailbox.messages.get(id) ?? [])
    .filter((message) => message.subjectKey === subjectKey);
  if (wanted === '') return threads ? (referenced.at(-1)?.threadId ?? null) : null;
  const isKnown = [...mailbox.messages.values()].some((message) => message.threadId === wanted);
  if (!isKnown) throw entityNotFound();
  return referenced.some((message) => message.threadId === wanted) ? wanted : null;
}
