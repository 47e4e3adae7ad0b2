import { type ApiRoute, type Call, ok, pageTokenOf, readPageToken } from '../api.ts';
import { compact } from '../json.ts';
import { invalidArgument, refuse } from '../refusal.ts';
import { flag, pageSize } from '../shapes.ts';
import { demandMailbox, isMetadataOnly, LIST_SCOPES } from './access.ts';
import { compareNewest, type Mailbox, newestFirst, type StoredMessage } from './mailbox.ts';
import { decodeWords, headerValues, readHeaders } from './mime.ts';
import { parseSearch, type Search, type Searchable } from './search.ts';

/** Bytes of a message that are read for header fields in a search. */
const HEAD_BYTES = 65_536;

/** Query names that `messages.list` and `threads.list` share. */
export const LIST_QUERY = 'includeSpamTrash:b labelIds maxResults:i pageToken q';

/** Gmail v1 `users.messages.list`. */
export const LISTING_ROUTES: readonly ApiRoute[] = [
  {
    name: 'gmail.users.messages.list',
    method: 'GET',
    path: '/gmail/v1/users/{userId}/messages',
    scopes: LIST_SCOPES,
    query: LIST_QUERY,
    handle: listMessages,
  },
];

function listMessages(call: Call) {
  const mailbox = demandMailbox(call);
  const found = findMessages(call, mailbox);
  const page = pageAfter(found, call, pageSize(call.query, 100, 500));
  return ok(
    compact({
      messages: page.items.length > 0 ? page.items.map(({ id, threadId }) => ({ id, threadId })) : undefined,
      nextPageToken: page.next,
      // An estimate that nobody can count on, as Gmail's own.
      resultSizeEstimate: page.items.length + (page.next === undefined ? 0 : 1),
    }),
  );
}

/** Messages that labels, search and the exclusion of Spam and Trash leave, newest first. */
export function findMessages(call: Call, mailbox: Mailbox): StoredMessage[] {
  const labelIds = call.query.getAll('labelIds');
  const unknown = labelIds.find((label) => !mailbox.labels.has(label));
  if (unknown !== undefined) throw invalidArgument(`Invalid label: ${unknown}`);
  const search = searchOf(call);
  const includesAway =
    flag(call.query, 'includeSpamTrash') ||
    labelIds.includes('SPAM') ||
    labelIds.includes('TRASH') ||
    (search?.isAnywhere ?? false);
  return candidatesOf(mailbox, search)
    .filter((message) => labelIds.every((label) => message.labels.includes(label)))
    .filter(
      (message) => includesAway || !(message.labels.includes('SPAM') || message.labels.includes('TRASH')),
    )
    .filter((message) => !search || isFound(call, mailbox, search, message));
}

function searchOf(call: Call): Search | null {
  const text = call.query.get('q') ?? '';
  if (text.trim() === '') return null;
  if (isMetadataOnly(call)) {
    throw refuse(403, 'forbidden', "Metadata scope does not support 'q' parameter", {
      status: 'PERMISSION_DENIED',
    });
  }
  return parseSearch(text);
}

/** A search by Message-ID goes through the index, anything else over the whole mailbox. */
function candidatesOf(mailbox: Mailbox, search: Search | null): readonly StoredMessage[] {
  if (!search?.messageIds) return newestFirst(mailbox);
  const wanted = new Set(search.messageIds);
  const ids = [...wanted].flatMap((messageId) => mailbox.byMessageId.get(messageId) ?? []);
  return [...new Set(ids)].flatMap((id) => mailbox.messages.get(id) ?? []).sort(compareNewest);
}

function isFound(call: Call, mailbox: Mailbox, search: Search, message: StoredMessage): boolean {
  if (call.tenant.clock.ticks() < message.searchableAt) return false;
  return search.matches(searchableOf(call, mailbox, message));
}

function searchableOf(call: Call, mailbox: Mailbox, message: StoredMessage): Searchable {
  let headers: ReturnType<typeof readHeaders>['headers'] | null = null;
  return {
    message,
    labelNames: () => message.labels.map((label) => mailbox.labels.get(label)?.name ?? label),
    header: (name) => {
      headers ??= readHeaders(call.tenant.mail.file.read(message.place, HEAD_BYTES)).headers;
      return headerValues(headers, name).map(decodeWords).join(' ');
    },
  };
}

/** A page that begins after the last message of the one before, so that changes in between neither skip nor repeat. */
function pageAfter(
  found: readonly StoredMessage[],
  call: Call,
  size: number,
): { items: readonly StoredMessage[]; next?: string } {
  const position = readPageToken(call.query);
  const [date = '0', id = ''] = position?.split('/') ?? [];
  const last = { internalDate: Number(date), id };
  const from = position === null ? 0 : found.findIndex((message) => compareNewest(message, last) > 0);
  if (from === -1) return { items: [] };
  const items = found.slice(from, from + size);
  const end = items.at(-1);
  if (!end || from + size >= found.length) return { items };
  return { items, next: pageTokenOf(`${end.internalDate}/${end.id}`) };
}
