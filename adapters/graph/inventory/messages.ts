import pLimit, { type LimitFunction } from 'p-limit';
import { NotFound, Rejected } from '../../../src/core/errors.ts';
import type { MailReadOptions, MessageFact } from '../../../src/core/facts.ts';
import { bareMessageId, type RawMessageFacts, readMessageFacts } from '../../../src/core/message-facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import {
  type Answer,
  asAnswer,
  instantOrNull,
  listOf,
  mailboxRead,
  numberOrNull,
  textOf,
  textOrNull,
  textsOf,
} from './answers.ts';
import { PATIENCE, READS_AT_ONCE, readCollection } from './collection.ts';
import { readContainers } from './folders.ts';

const SELECT = [
  'id',
  'parentFolderId',
  'internetMessageId',
  'receivedDateTime',
  'createdDateTime',
  'lastModifiedDateTime',
  'isRead',
  'isDraft',
  'flag',
  'importance',
  'categories',
].join(',');

/** PidTagMessageClass and PidTagMessageSize, which v1.0 shows only so; a list gives them, a delta does not. */
const EXPAND = "singleValueExtendedProperties($filter=id eq 'Integer 0x0E08' or id eq 'String 0x001A')";
const CLASS_TAG = 0x001a;
const SIZE_TAG = 0x0e08;

/** Largest page of messages. Source: https://learn.microsoft.com/graph/api/user-list-messages */
const LARGEST_PAGE = 1000;

/** Messages above this are held in memory one at a time, those below up to four. */
const LARGE_BYTES = 8 * 1024 * 1024;

interface MailReading {
  client: GraphClient;
  principal: Principal;
  options: MailReadOptions;
  signal: AbortSignal;
  oneLarge: LimitFunction;
}

/** Every copy of every message, folder by folder; search folders hold none of their own. */
export async function* readMessages(
  client: GraphClient,
  principal: Principal,
  options: MailReadOptions,
  signal: AbortSignal,
): AsyncIterable<MessageFact> {
  if (options.depth === 'counts') return;
  const reading: MailReading = { client, principal, options, signal, oneLarge: pLimit(1) };
  for await (const folder of readContainers(client, principal, signal)) {
    if (!folder.virtual) yield* readFolder(reading, folder.id);
  }
}

async function* readFolder(reading: MailReading, folderId: string): AsyncIterable<MessageFact> {
  const { client, principal, signal } = reading;
  const collection = {
    principal,
    method: 'messages.list',
    path: `/mailFolders/${encodeURIComponent(folderId)}/messages`,
    select: SELECT,
    expand: EXPAND,
    largestPage: LARGEST_PAGE,
    item: { method: 'messages.get', path: '/messages' },
  };
  try {
    for await (const page of readCollection(client, collection, signal)) {
      const named = page.filter((answer) => textOf(answer.id) !== '');
      const facts = await mapParallel(named, READS_AT_ONCE, (answer) => readFact(reading, folderId, answer));
      yield* facts.filter((fact) => fact !== null);
    }
  } catch (error) {
    // The folder was deleted since its parent was listed.
    if (!(error instanceof NotFound) || error.scope !== 'item') throw error;
  }
}

/** Null where the message has gone since it was listed. */
async function readFact(reading: MailReading, folderId: string, answer: Answer): Promise<MessageFact | null> {
  const fact = factOf(folderId, answer);
  const { depth, needsContent } = reading.options;
  if (depth !== 'content' && !needsContent(fact.messageId)) return fact;
  const read = () => readContent(reading, fact.id);
  try {
    const raw = await ((fact.bytes ?? 0) > LARGE_BYTES ? reading.oneLarge(read) : read());
    return raw === null ? fact : withContent(fact, raw);
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    throw error;
  }
}

function factOf(folderId: string, answer: Answer): MessageFact {
  return {
    kind: 'message',
    id: textOf(answer.id),
    containers: [folderId],
    messageId: bareMessageId(textOrNull(answer.internetMessageId)),
    headerHash: null,
    bodyHash: null,
    bytesHash: null,
    headerNames: null,
    read: answer.isRead !== false,
    starred: textOf(asAnswer(answer.flag).flagStatus) === 'flagged',
    draft: answer.isDraft === true,
    important: answer.importance === 'high',
    categories: textsOf(answer.categories),
    receivedAt: instantOrNull(answer.receivedDateTime),
    modifiedAt: instantOrNull(answer.lastModifiedDateTime),
    createdAt: instantOrNull(answer.createdDateTime),
    bytes: sizeOf(answer),
    messageClass: textOrNull(propertyOf(answer, CLASS_TAG)),
  };
}

/** Exchange tells a property's value as text, whatever its type. */
function sizeOf(answer: Answer): number | null {
  const value = propertyOf(answer, SIZE_TAG);
  const size = numberOrNull(typeof value === 'string' && value !== '' ? Number(value) : value);
  return size !== null && size >= 0 ? size : null;
}

/** A property by the number of its tag: ids come back in other spellings than they were asked in (`String 0x1a`). */
function propertyOf(answer: Answer, tag: number): unknown {
  return listOf(answer.singleValueExtendedProperties).find(({ id }) => {
    const hex = /\b0x([0-9a-f]+)$/i.exec(textOf(id).trim())?.[1];
    return hex !== undefined && Number.parseInt(hex, 16) === tag;
  })?.value;
}

function withContent(fact: MessageFact, raw: RawMessageFacts): MessageFact {
  const { messageId, ...hashes } = raw;
  return { ...fact, ...hashes, messageId: fact.messageId ?? messageId };
}

/** Null where the vendor cannot render the message: the mover could not have read it either. */
async function readContent(
  { client, principal, signal }: MailReading,
  id: string,
): Promise<RawMessageFacts | null> {
  const request = mailboxRead(principal, 'messages.mime', `/messages/${encodeURIComponent(id)}/$value`);
  try {
    return await client.raw({ ...request, unrenderableAfter: PATIENCE }, signal, async (response) =>
      readMessageFacts(new Uint8Array(await response.arrayBuffer())),
    );
  } catch (error) {
    if (error instanceof Rejected && error.scope === 'item') return null;
    throw error;
  }
}
