import { type ApiRoute, type Call, noContent, ok, pageOf, scopes } from '../api.ts';
import { childOf, compact, type Json } from '../json.ts';
import { entityNotFound } from '../refusal.ts';
import { pageSize } from '../shapes.ts';
import { demandMailbox } from './access.ts';
import { storeMessage } from './intake.ts';
import { type Mailbox, removeMessage, type StoredMessage } from './mailbox.ts';
import { describeMessage } from './message-view.ts';
import { demandById, formatOf } from './messages.ts';
import { normaliseLineEnds, readHeaders } from './mime.ts';
import { DRAFT } from './schemas.ts';
import { uploadRoutes } from './uploads.ts';

const BASE = '/gmail/v1/users/{userId}/drafts';
const READ = scopes('mail gmail.compose gmail.modify gmail.readonly');
const WRITE = scopes('mail gmail.compose gmail.modify');
/** A draft has at most 35 MiB (discovery document, `users.drafts.create`). */
const LIMIT = 36_700_160;

const UPLOAD = {
  scopes: WRITE,
  body: DRAFT,
  writes: true,
  limit: () => LIMIT,
  rawOf: (metadata: Json) => childOf(metadata['message'])['raw'],
};

/** Gmail v1 `users.drafts`: create, update, get, list, delete. */
export const DRAFT_ROUTES: readonly ApiRoute[] = [
  ...uploadRoutes({
    ...UPLOAD,
    name: 'gmail.users.drafts.create',
    method: 'POST',
    path: BASE,
    accept: createDraft,
  }),
  ...uploadRoutes({
    ...UPLOAD,
    name: 'gmail.users.drafts.update',
    method: 'PUT',
    path: `${BASE}/{id}`,
    accept: updateDraft,
  }),
  {
    name: 'gmail.users.drafts.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query: 'includeSpamTrash:b maxResults:i pageToken q',
    handle: listDrafts,
  },
  {
    name: 'gmail.users.drafts.get',
    method: 'GET',
    path: `${BASE}/{id}`,
    scopes: READ,
    query: 'format=minimal|full|raw|metadata',
    handle: (call) => {
      const mailbox = demandMailbox(call);
      const message = demandDraft(call, mailbox);
      return ok({ id: call.params['id'], message: describeMessage(call, message, formatOf(call)) });
    },
  },
  {
    name: 'gmail.users.drafts.delete',
    method: 'DELETE',
    path: `${BASE}/{id}`,
    scopes: WRITE,
    writes: true,
    handle: (call) => {
      const mailbox = demandMailbox(call);
      removeMessage(mailbox, demandDraft(call, mailbox));
      return noContent();
    },
  },
];

function demandDraft(call: Call, mailbox: Mailbox): StoredMessage {
  const messageId = mailbox.drafts.get(call.params['id'] ?? '');
  if (messageId === undefined) throw entityNotFound();
  return demandById(mailbox, messageId);
}

function createDraft(call: Call, _metadata: Json, media: Buffer) {
  const mailbox = demandMailbox(call);
  return answer(
    mailbox,
    `r-${call.tenant.random.int(2 ** 31)}${mailbox.drafts.size}`,
    storeDraft(call, mailbox, media),
  );
}

/** An update replaces the message, which gets another id. */
function updateDraft(call: Call, _metadata: Json, media: Buffer) {
  const mailbox = demandMailbox(call);
  const before = demandDraft(call, mailbox);
  const message = storeDraft(call, mailbox, media);
  removeMessage(mailbox, before);
  return answer(mailbox, call.params['id'] ?? '', message);
}

/** A draft's date is the time of its writing, whatever its `Date` field says. */
function storeDraft(call: Call, mailbox: Mailbox, media: Buffer): StoredMessage {
  const bytes = normaliseLineEnds(media);
  const { headers } = readHeaders(bytes);
  const internalDate = call.tenant.clock.now();
  return storeMessage(call, mailbox, { labels: ['DRAFT'], headers, bytes, internalDate, threadId: null });
}

function answer(mailbox: Mailbox, draftId: string, message: StoredMessage) {
  mailbox.drafts.set(draftId, message.id);
  return ok({
    id: draftId,
    message: { id: message.id, threadId: message.threadId, labelIds: [...message.labels] },
  });
}

function listDrafts(call: Call) {
  const mailbox = demandMailbox(call);
  const drafts = [...mailbox.drafts].map(([id, messageId]) => {
    const { threadId } = demandById(mailbox, messageId);
    return { id, message: { id: messageId, threadId } };
  });
  const page = pageOf(drafts, call.query, pageSize(call.query, 100, 500));
  return ok(
    compact({
      drafts: page.items.length > 0 ? page.items : undefined,
      nextPageToken: page.next,
      resultSizeEstimate: page.items.length,
    }),
  );
}
