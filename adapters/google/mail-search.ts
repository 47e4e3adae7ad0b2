import { NotFound } from '../../src/core/errors.ts';
import type { GoogleConnection } from './client.ts';

/** Finds messages again by the Message-ID that they were written with. */
export interface MessageSearch {
  /** The first message with exactly this Message-ID whose id is not among `settled`, with its labels. */
  find(
    mailbox: string,
    messageId: string,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<{ id: string; labelIds: string[] } | null>;
  /** Id of the draft that a message belongs to; null when there is none. */
  draftOf(mailbox: string, messageId: string, id: string, signal: AbortSignal): Promise<string | null>;
}

/** Characters that mean something in a search; a Message-ID with any of them is quoted. */
const PLAIN = /^[^\s"(){}<>]+$/;

function queryFor(messageId: string): string {
  return `rfc822msgid:${PLAIN.test(messageId) ? messageId : `"${messageId.replace(/["<>]/g, '')}"`}`;
}

/** Searches see new mail late (row `gmail.messages.import`) and match loosely, so every hit is read and compared. */
export function createMessageSearch(google: GoogleConnection): MessageSearch {
  return {
    find: async (mailbox, messageId, settled, signal) => {
      for await (const id of hits(google, mailbox, messageId, signal)) {
        if (settled.has(id)) continue;
        const labelIds = await labelsIfSame(google, mailbox, messageId, id, signal);
        if (labelIds !== null) return { id, labelIds };
      }
      return null;
    },
    draftOf: async (mailbox, messageId, id, signal) => {
      const answer = await google.call(
        'gmail.drafts.list',
        mailbox,
        (options) =>
          google.apis.gmail.users.drafts.list(
            { userId: 'me', q: queryFor(messageId), maxResults: 100 },
            options,
          ),
        signal,
      );
      return (answer.drafts ?? []).find(({ message }) => message?.id === id)?.id ?? null;
    },
  };
}

async function* hits(
  google: GoogleConnection,
  mailbox: string,
  messageId: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let pageToken: string | undefined;
  do {
    const page = { userId: 'me', q: queryFor(messageId), includeSpamTrash: true, maxResults: 100 };
    const token = pageToken === undefined ? {} : { pageToken };
    const answer = await google.call(
      'gmail.messages.list',
      mailbox,
      (options) => google.apis.gmail.users.messages.list({ ...page, ...token }, options),
      signal,
    );
    for (const { id } of answer.messages ?? []) if (id) yield id;
    pageToken = answer.nextPageToken ?? undefined;
  } while (pageToken !== undefined);
}

async function labelsIfSame(
  google: GoogleConnection,
  mailbox: string,
  messageId: string,
  id: string,
  signal: AbortSignal,
): Promise<string[] | null> {
  try {
    const answer = await google.call(
      'gmail.messages.get',
      mailbox,
      (options) =>
        google.apis.gmail.users.messages.get(
          { userId: 'me', id, format: 'metadata', metadataHeaders: ['Message-ID'] },
          options,
        ),
      signal,
    );
    const headers = answer.payload?.headers ?? [];
    const header = headers.find(({ name }) => name?.toLowerCase() === 'message-id')?.value;
    const same = header == null || bare(header) === bare(messageId);
    return same ? (answer.labelIds ?? []) : null;
  } catch (error) {
    // Deleted between the search and the get.
    if (error instanceof NotFound) return null;
    throw error;
  }
}

function bare(messageId: string): string {
  return messageId.replace(/[\s<>]/g, '');
}
