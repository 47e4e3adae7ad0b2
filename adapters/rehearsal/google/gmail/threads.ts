import { type ApiRoute, type Call, ok, pageOf, scopes } from '../api.ts';
import { addressOf } from '../directory/directory.ts';
import { compact, type Json, textOf } from '../json.ts';
import { entityNotFound, invalidArgument, refuse } from '../refusal.ts';
import { pageSize } from '../shapes.ts';
import { demandMailbox, LIST_SCOPES } from './access.ts';
import { findMessages, LIST_QUERY } from './listing.ts';
import type { HistoryEntry, Mailbox } from './mailbox.ts';
import { describeMessage, type MessageFormat } from './message-view.ts';

const BASE = '/gmail/v1/users/{userId}';

/** Gmail v1 `users.threads.list`, `users.threads.get`, `users.getProfile`, `users.history.list`. */
export const THREAD_ROUTES: readonly ApiRoute[] = [
  {
    name: 'gmail.users.threads.list',
    method: 'GET',
    path: `${BASE}/threads`,
    scopes: LIST_SCOPES,
    query: LIST_QUERY,
    handle: listThreads,
  },
  {
    name: 'gmail.users.threads.get',
    method: 'GET',
    path: `${BASE}/threads/{id}`,
    scopes: LIST_SCOPES,
    query: 'format=minimal|full|metadata metadataHeaders',
    handle: getThread,
  },
  {
    name: 'gmail.users.getProfile',
    method: 'GET',
    path: `${BASE}/profile`,
    scopes: [...LIST_SCOPES, ...scopes('gmail.compose')],
    handle: getProfile,
  },
  {
    name: 'gmail.users.history.list',
    method: 'GET',
    path: `${BASE}/history`,
    scopes: LIST_SCOPES,
    query:
      'historyTypes=messageAdded|messageDeleted|labelAdded|labelRemoved labelId maxResults:i pageToken startHistoryId',
    handle: listHistory,
  },
];

function listThreads(call: Call) {
  const mailbox = demandMailbox(call);
  const threads = new Map<string, Json>();
  for (const message of findMessages(call, mailbox)) {
    if (threads.has(message.threadId)) continue;
    threads.set(message.threadId, {
      id: message.threadId,
      historyId: String(message.historyId),
      snippet: '',
    });
  }
  const page = pageOf([...threads.values()], call.query, pageSize(call.query, 100, 500));
  return ok(
    compact({
      threads: page.items.length > 0 ? page.items : undefined,
      nextPageToken: page.next,
      resultSizeEstimate: page.items.length,
    }),
  );
}

function getThread(call: Call) {
  const mailbox = demandMailbox(call);
  const id = call.params['id'] ?? '';
  const messages = [...mailbox.messages.values()].filter((message) => message.threadId === id);
  if (messages.length === 0) throw entityNotFound();
  const format = (call.query.get('format') ?? 'full') as MessageFormat;
  const described = messages.map((message) =>
    describeMessage(call, message, format, call.query.getAll('metadataHeaders')),
  );
  return ok({ id, historyId: textOf(described.at(-1)?.['historyId']), messages: described });
}

function getProfile(call: Call) {
  const mailbox = demandMailbox(call);
  const threads = new Set([...mailbox.messages.values()].map((message) => message.threadId));
  return ok({
    emailAddress: call.subject ? addressOf(call.subject) : '',
    messagesTotal: mailbox.messages.size,
    threadsTotal: threads.size,
    historyId: String(mailbox.historyId),
  });
}

function listHistory(call: Call) {
  const mailbox = demandMailbox(call);
  const start = call.query.get('startHistoryId');
  if (start === null || !/^\d+$/.test(start)) throw invalidArgument('Missing startHistoryId');
  if (isForgotten(mailbox, Number(start))) {
    throw refuse(404, 'notFound', 'Requested entity was not found.', { status: 'NOT_FOUND' });
  }
  const types = call.query.getAll('historyTypes');
  const labelId = call.query.get('labelId');
  const entries = mailbox.history
    .filter((entry) => entry.id > Number(start))
    .filter((entry) => types.length === 0 || types.includes(entry.kind))
    .filter((entry) => labelId === null || entry.labels.includes(labelId));
  const page = pageOf(entries, call.query, pageSize(call.query, 100, 500));
  return ok(
    compact({
      history: page.items.length > 0 ? page.items.map((entry) => describeEntry(mailbox, entry)) : undefined,
      nextPageToken: page.next,
      historyId: String(mailbox.historyId),
    }),
  );
}

function isForgotten(mailbox: Mailbox, start: number): boolean {
  const oldest = mailbox.history[0]?.id ?? 0;
  return mailbox.history.length >= 20_000 && start < oldest;
}

function describeEntry(mailbox: Mailbox, entry: HistoryEntry): Json {
  const { messageId: id, threadId } = entry;
  const message = { id, threadId, labelIds: [...(mailbox.messages.get(id)?.labels ?? entry.labels)] };
  const base = { id: String(entry.id), messages: [{ id, threadId }] };
  switch (entry.kind) {
    case 'messageAdded':
      return { ...base, messagesAdded: [{ message }] };
    case 'messageDeleted':
      return { ...base, messagesDeleted: [{ message }] };
    case 'labelAdded':
      return { ...base, labelsAdded: [{ message, labelIds: [...entry.labels] }] };
    case 'labelRemoved':
      return { ...base, labelsRemoved: [{ message, labelIds: [...entry.labels] }] };
  }
}
