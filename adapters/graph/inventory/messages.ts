import { Rejected } from '../../../src/core/errors.ts';
import type { MailReadOptions, MessageFact } from '../../../src/core/facts.ts';
import { bareMessageId, type RawMessageFacts, readMessageFacts } from '../../../src/core/message-facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import {
  type Answer,
  asAnswer,
  IMMUTABLE_IDS,
  instantOrNull,
  listOf,
  numberOrNull,
  textOf,
  textOrNull,
  textsOf,
  userPath,
} from './answers.ts';
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

/** PidTagMessageClass and PidTagMessageSizeExtended; a list gives them, a delta does not. */
const EXPAND = "singleValueExtendedProperties($filter=id eq 'String 0x001A' or id eq 'Long 0x0E08')";

/** Every copy of every message, folder by folder; search folders hold none of their own. */
export async function* readMessages(
  client: GraphClient,
  principal: Principal,
  options: MailReadOptions,
  signal: AbortSignal,
): AsyncIterable<MessageFact> {
  for await (const folder of readContainers(client, principal, signal)) {
    if (folder.virtual || options.depth === 'counts') continue;
    const request = {
      method: 'messages.list',
      path: `${userPath(principal)}/mailFolders/${encodeURIComponent(folder.id)}/messages`,
      mailbox: principal.source,
      query: { $top: '1000', $select: SELECT, $expand: EXPAND },
      headers: IMMUTABLE_IDS,
      priority: 'check' as const,
    };
    for await (const page of client.pages(request, signal)) {
      for (const answer of page.value.map(asAnswer)) {
        yield await factOf(client, principal, folder.id, answer, options, signal);
      }
    }
  }
}

async function factOf(
  client: GraphClient,
  principal: Principal,
  folderId: string,
  answer: Answer,
  options: MailReadOptions,
  signal: AbortSignal,
): Promise<MessageFact> {
  const properties = listOf(answer.singleValueExtendedProperties);
  const property = (tag: string) =>
    textOrNull(properties.find((each) => textOf(each.id).toLowerCase().endsWith(tag))?.value);
  const messageId = bareMessageId(textOrNull(answer.internetMessageId));
  const wantsContent = options.depth === 'content' || options.needsContent(messageId);
  const raw = wantsContent ? await contentOf(client, principal, textOf(answer.id), signal) : null;
  return {
    kind: 'message',
    id: textOf(answer.id),
    containers: [folderId],
    messageId,
    headerHash: raw?.headerHash ?? null,
    bodyHash: raw?.bodyHash ?? null,
    bytesHash: raw?.bytesHash ?? null,
    headerNames: raw?.headerNames ?? null,
    read: answer.isRead === true,
    starred: textOf(asAnswer(answer.flag).flagStatus) === 'flagged',
    draft: answer.isDraft === true,
    important: answer.importance === 'high',
    categories: textsOf(answer.categories),
    receivedAt: instantOrNull(answer.receivedDateTime),
    modifiedAt: instantOrNull(answer.lastModifiedDateTime),
    createdAt: instantOrNull(answer.createdDateTime),
    bytes: sizeOf(property('0x0e08') ?? property('0xe08')),
    messageClass: property('0x001a') ?? property('0x1a'),
  };
}

function sizeOf(text: string | null): number | null {
  return text === null ? null : numberOrNull(Number(text));
}

/** Null where the vendor cannot render the message: the mover could not have read it either. */
async function contentOf(
  client: GraphClient,
  principal: Principal,
  id: string,
  signal: AbortSignal,
): Promise<RawMessageFacts | null> {
  const path = `${userPath(principal)}/messages/${encodeURIComponent(id)}/$value`;
  try {
    return await client.raw(
      {
        method: 'messages.mime',
        path,
        mailbox: principal.source,
        headers: IMMUTABLE_IDS,
        priority: 'check',
        unrenderableAfter: 3,
      },
      signal,
      async (response) => readMessageFacts(new Uint8Array(await response.arrayBuffer())),
    );
  } catch (error) {
    if (error instanceof Rejected && error.scope === 'item') return null;
    throw error;
  }
}
