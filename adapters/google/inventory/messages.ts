import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/v1.js';
import pLimit, { type LimitFunction } from 'p-limit';
import { NotFound } from '../../../src/core/errors.ts';
import type { MailReadOptions, MessageFact } from '../../../src/core/facts.ts';
import { bareMessageId, type RawMessageFacts, readMessageFacts } from '../../../src/core/message-facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { mapInOrder, numberOrNull, pagesOf } from './answers.ts';

/** Messages above this are held in memory one at a time, those below up to four. */
const LARGE_BYTES = 8 * 1024 * 1024;

interface MailReading {
  google: GoogleConnection;
  principal: Principal;
  options: MailReadOptions;
  signal: AbortSignal;
  oneLarge: LimitFunction;
}

/** Every message of the mailbox once, Spam and Trash included. */
export async function* readMessages(
  google: GoogleConnection,
  principal: Principal,
  options: MailReadOptions,
  signal: AbortSignal,
): AsyncIterable<MessageFact> {
  if (options.depth === 'counts') return;
  const reading: MailReading = { google, principal, options, signal, oneLarge: pLimit(1) };
  for await (const page of pagesOf((pageToken) => readIds(reading, pageToken))) {
    const ids = (page.messages ?? []).flatMap(({ id }) => (id ? [id] : []));
    const facts = await mapInOrder(ids, (id) => readOne(reading, id));
    yield* facts.filter((fact) => fact !== null);
  }
}

function readIds(
  { google, principal, signal }: MailReading,
  pageToken: string | undefined,
): Promise<gmail_v1.Schema$ListMessagesResponse> {
  const query = {
    userId: 'me',
    maxResults: 500,
    includeSpamTrash: true,
    ...(pageToken ? { pageToken } : {}),
  };
  return google.call(
    'gmail.messages.list',
    principal.target,
    (options) => google.apis.gmail.users.messages.list(query, options),
    signal,
    'check',
  );
}

/** Null for a message that is deleted between list and get: a moment later it would not have been listed. */
async function readOne(reading: MailReading, id: string): Promise<MessageFact | null> {
  const { depth, needsContent } = reading.options;
  try {
    const fact = factOf(id, await getMessage(reading, HEADERS, id));
    if (depth !== 'content' && !needsContent(fact.messageId)) return fact;
    const read = () => readRaw(reading, id);
    const raw = await ((fact.bytes ?? 0) > LARGE_BYTES ? reading.oneLarge(read) : read());
    return raw === null ? fact : withContent(fact, raw);
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    throw error;
  }
}

const HEADERS = { format: 'metadata', metadataHeaders: ['Message-ID'] };
const RAW = { format: 'raw', fields: 'raw' };

function getMessage(
  { google, principal, signal }: MailReading,
  form: typeof HEADERS | typeof RAW,
  id: string,
): Promise<gmail_v1.Schema$Message> {
  return google.call(
    'gmail.messages.get',
    principal.target,
    (options) => google.apis.gmail.users.messages.get({ userId: 'me', id, ...form }, options),
    signal,
    'check',
  );
}

function factOf(id: string, message: gmail_v1.Schema$Message): MessageFact {
  const labels = message.labelIds ?? [];
  const header = message.payload?.headers?.find(({ name }) => name?.toLowerCase() === 'message-id');
  return {
    kind: 'message',
    id,
    containers: labels,
    messageId: bareMessageId(header?.value ?? null),
    headerHash: null,
    bodyHash: null,
    bytesHash: null,
    headerNames: null,
    read: !labels.includes('UNREAD'),
    starred: labels.includes('STARRED'),
    draft: labels.includes('DRAFT'),
    important: labels.includes('IMPORTANT'),
    categories: [],
    receivedAt: numberOrNull(message.internalDate),
    modifiedAt: null,
    createdAt: null,
    bytes: numberOrNull(message.sizeEstimate),
    messageClass: null,
  };
}

/** Null where the answer holds no bytes: nothing is said about the content then. */
async function readRaw(reading: MailReading, id: string): Promise<RawMessageFacts | null> {
  const { raw } = await getMessage(reading, RAW, id);
  return raw ? readMessageFacts(Buffer.from(raw, 'base64url')) : null;
}

function withContent(fact: MessageFact, raw: RawMessageFacts): MessageFact {
  const { messageId, ...hashes } = raw;
  return { ...fact, ...hashes, messageId: fact.messageId ?? messageId };
}
