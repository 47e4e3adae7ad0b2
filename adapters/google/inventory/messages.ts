import { NotFound } from '../../../src/core/errors.ts';
import type { ContainerFact, MailReadOptions, MessageFact } from '../../../src/core/facts.ts';
import { bareMessageId, type RawMessageFacts, readMessageFacts } from '../../../src/core/message-facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { numberOrNull, pagesOf } from './answers.ts';

const PARALLEL = 4;

/** Every label with the service's own count of messages; a system label's path is its name alone. */
export async function* readLabels(
  google: GoogleConnection,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<ContainerFact> {
  const { gmail } = google.apis;
  const listed = await google.call(
    'gmail.labels.list',
    principal.target,
    (options) => gmail.users.labels.list({ userId: 'me' }, options),
    signal,
    'check',
  );
  for (const { id, name, type } of listed.labels ?? []) {
    if (!id) continue;
    const label = await google.call(
      'gmail.labels.get',
      principal.target,
      (options) => gmail.users.labels.get({ userId: 'me', id }, options),
      signal,
      'check',
    );
    const isSystem = type === 'system';
    yield {
      kind: 'container',
      id,
      path: isSystem ? [id] : (name ?? '').split('/'),
      wellKnown: isSystem ? `label:${id}` : null,
      root: null,
      hidden: false,
      virtual: false,
      serviceCount: numberOrNull(label.messagesTotal),
    };
  }
}

/** Every message of the mailbox, Spam and Trash included, once. */
export async function* readMessages(
  google: GoogleConnection,
  principal: Principal,
  options: MailReadOptions,
  signal: AbortSignal,
): AsyncIterable<MessageFact> {
  if (options.depth === 'counts') return;
  const pages = pagesOf((pageToken) =>
    google.call(
      'gmail.messages.list',
      principal.target,
      (call) =>
        google.apis.gmail.users.messages.list(
          { userId: 'me', maxResults: 500, includeSpamTrash: true, ...(pageToken ? { pageToken } : {}) },
          call,
        ),
      signal,
      'check',
    ),
  );
  for await (const page of pages) {
    const ids = (page.messages ?? []).flatMap(({ id }) => (id ? [id] : []));
    for (let start = 0; start < ids.length; start += PARALLEL) {
      const slice = ids.slice(start, start + PARALLEL);
      const facts = await Promise.all(slice.map((id) => readOne(google, principal, id, options, signal)));
      for (const fact of facts) if (fact !== null) yield fact;
    }
  }
}

/** A message that is deleted between list and get is gone, which is what the list would have said a moment later. */
async function readOne(
  google: GoogleConnection,
  principal: Principal,
  id: string,
  options: MailReadOptions,
  signal: AbortSignal,
): Promise<MessageFact | null> {
  try {
    const facts = await readHeaders(google, principal, id, signal);
    const wantsContent = options.depth === 'content' || options.needsContent(facts.messageId);
    return wantsContent ? withContent(facts, await readRaw(google, principal, id, signal)) : facts;
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    throw error;
  }
}

async function readHeaders(
  google: GoogleConnection,
  principal: Principal,
  id: string,
  signal: AbortSignal,
): Promise<MessageFact> {
  const message = await google.call(
    'gmail.messages.get',
    principal.target,
    (options) =>
      google.apis.gmail.users.messages.get(
        { userId: 'me', id, format: 'metadata', metadataHeaders: ['Message-ID'] },
        options,
      ),
    signal,
    'check',
  );
  const labels = message.labelIds ?? [];
  const header = message.payload?.headers?.find(({ name }) => name?.toLowerCase() === 'message-id');
  const at = numberOrNull(message.internalDate);
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
    receivedAt: at,
    modifiedAt: null,
    createdAt: null,
    bytes: numberOrNull(message.sizeEstimate),
    messageClass: null,
  };
}

async function readRaw(
  google: GoogleConnection,
  principal: Principal,
  id: string,
  signal: AbortSignal,
): Promise<RawMessageFacts> {
  const message = await google.call(
    'gmail.messages.get',
    principal.target,
    (options) =>
      google.apis.gmail.users.messages.get({ userId: 'me', id, format: 'raw', fields: 'raw' }, options),
    signal,
    'check',
  );
  return readMessageFacts(Buffer.from(message.raw ?? '', 'base64url'));
}

function withContent(fact: MessageFact, raw: RawMessageFacts): MessageFact {
  const { headerHash, bodyHash, bytesHash, headerNames } = raw;
  return {
    ...fact,
    messageId: fact.messageId ?? raw.messageId,
    headerHash,
    bodyHash,
    bytesHash,
    headerNames,
  };
}
