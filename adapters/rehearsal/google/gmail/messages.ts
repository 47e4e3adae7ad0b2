import { type ApiRoute, type Call, noContent, ok } from '../api.ts';
import { type Json, textsOf } from '../json.ts';
import { entityNotFound, invalidArgument, refuse } from '../refusal.ts';
import {
  demandMailbox,
  demandMessage,
  FULL_SCOPES,
  isMetadataOnly,
  LIST_SCOPES,
  MODIFY_SCOPES,
  READ_SCOPES,
} from './access.ts';
import { type Mailbox, removeMessage, type StoredMessage, setLabels } from './mailbox.ts';
import { describeMessage, type MessageFormat, readAttachment } from './message-view.ts';
import { BATCH_DELETE, BATCH_MODIFY, MODIFY_MESSAGE } from './schemas.ts';

const BASE = '/gmail/v1/users/{userId}/messages';
/** A batch names at most 1,000 messages, a modify at most 100 labels of each kind (discovery document). */
const MAX_BATCH = 1_000;
const MAX_LABELS = 100;

/** Gmail v1 `users.messages`: get, modify, batchModify, trash, untrash, delete, batchDelete, attachments.get. */
export const MESSAGE_ROUTES: readonly ApiRoute[] = [
  {
    name: 'gmail.users.messages.get',
    method: 'GET',
    path: `${BASE}/{id}`,
    scopes: LIST_SCOPES,
    query: 'format=minimal|full|raw|metadata metadataHeaders',
    handle: getMessage,
  },
  {
    name: 'gmail.users.messages.attachments.get',
    method: 'GET',
    path: `${BASE}/{messageId}/attachments/{id}`,
    scopes: READ_SCOPES,
    handle: getAttachment,
  },
  {
    name: 'gmail.users.messages.modify',
    method: 'POST',
    path: `${BASE}/{id}/modify`,
    scopes: MODIFY_SCOPES,
    body: MODIFY_MESSAGE,
    writes: true,
    handle: modifyMessage,
  },
  {
    name: 'gmail.users.messages.batchModify',
    method: 'POST',
    path: `${BASE}/batchModify`,
    scopes: MODIFY_SCOPES,
    body: BATCH_MODIFY,
    writes: true,
    handle: batchModify,
  },
  ...(['trash', 'untrash'] as const).map(
    (verb): ApiRoute => ({
      name: `gmail.users.messages.${verb}`,
      method: 'POST',
      path: `${BASE}/{id}/${verb}`,
      scopes: MODIFY_SCOPES,
      writes: true,
      handle: (call) => {
        const mailbox = demandMailbox(call);
        const message = demandMessage(call, mailbox);
        setLabels(mailbox, message, verb === 'trash' ? trashed(message.labels) : untrashed(message.labels));
        return ok(describeMessage(call, message, 'minimal'));
      },
    }),
  ),
  {
    name: 'gmail.users.messages.delete',
    method: 'DELETE',
    path: `${BASE}/{id}`,
    scopes: FULL_SCOPES,
    writes: true,
    handle: (call) => {
      const mailbox = demandMailbox(call);
      removeMessage(mailbox, demandMessage(call, mailbox));
      return noContent();
    },
  },
  {
    name: 'gmail.users.messages.batchDelete',
    method: 'POST',
    path: `${BASE}/batchDelete`,
    scopes: FULL_SCOPES,
    body: BATCH_DELETE,
    writes: true,
    handle: batchDelete,
  },
];

function getMessage(call: Call) {
  const mailbox = demandMailbox(call);
  const message = demandMessage(call, mailbox);
  const format = formatOf(call);
  if (isMetadataOnly(call) && (format === 'full' || format === 'raw')) {
    throw refuse(403, 'forbidden', `Metadata scope doesn't allow format ${format.toUpperCase()}`, {
      status: 'PERMISSION_DENIED',
    });
  }
  return ok(describeMessage(call, message, format, call.query.getAll('metadataHeaders')));
}

/** The `format` of the query, `full` by default. */
export function formatOf(call: Call): MessageFormat {
  return (call.query.get('format') ?? 'full') as MessageFormat;
}

function getAttachment(call: Call) {
  const message = demandMessage(call, demandMailbox(call), 'messageId');
  const content = readAttachment(call, message, call.params['id'] ?? '');
  if (!content) throw invalidArgument('Invalid attachment token');
  return ok({ size: content.length, data: content.toString('base64url') });
}

function modifyMessage(call: Call) {
  const mailbox = demandMailbox(call);
  const message = demandMessage(call, mailbox);
  const change = changeOf(mailbox, call.body);
  setLabels(mailbox, message, change(message.labels));
  return ok({ id: message.id, threadId: message.threadId, labelIds: [...message.labels] });
}

function batchModify(call: Call) {
  const mailbox = demandMailbox(call);
  const change = changeOf(mailbox, call.body);
  for (const message of demandBatch(call, mailbox)) setLabels(mailbox, message, change(message.labels));
  return noContent();
}

function batchDelete(call: Call) {
  const mailbox = demandMailbox(call);
  for (const message of demandBatch(call, mailbox)) removeMessage(mailbox, message);
  return noContent();
}

/** Messages of a batch; ids that name none are passed over, as Gmail promises nothing about them. */
function demandBatch(call: Call, mailbox: Mailbox): StoredMessage[] {
  const ids = textsOf(call.body['ids']);
  if (ids.length === 0) throw invalidArgument('No message ids specified.');
  if (ids.length > MAX_BATCH) throw invalidArgument('Too many message ids specified.');
  if (ids.some((id) => !/^[0-9a-f]{1,16}$/.test(id))) throw invalidArgument('Invalid id value');
  return ids.flatMap((id) => mailbox.messages.get(id) ?? []);
}

/** What a modify makes of a message's labels. SENT, DRAFT and CHAT can be neither added nor removed. */
function changeOf(mailbox: Mailbox, body: Json): (labels: readonly string[]) => string[] {
  const add = textsOf(body['addLabelIds']);
  const remove = textsOf(body['removeLabelIds']);
  if (add.length + remove.length === 0) throw invalidArgument('No label add or removes specified');
  if (add.length > MAX_LABELS || remove.length > MAX_LABELS)
    throw invalidArgument('Too many labels specified');
  for (const label of [...add, ...remove]) {
    if (['SENT', 'DRAFT', 'CHAT'].includes(label)) throw invalidArgument(`Invalid label: ${label}`);
    if (!mailbox.labels.has(label)) throw invalidArgument(`labelId not found: ${label}`);
  }
  if (add.some((label) => remove.includes(label))) {
    throw invalidArgument('Cannot both add and remove the same label');
  }
  return (labels) => {
    const kept = labels.filter((label) => !remove.includes(label));
    const placed =
      add.includes('TRASH') || add.includes('SPAM') ? kept.filter((label) => label !== 'INBOX') : kept;
    const here = add.includes('INBOX')
      ? placed.filter((label) => label !== 'TRASH' && label !== 'SPAM')
      : placed;
    return [...new Set([...here, ...add])];
  };
}

function trashed(labels: readonly string[]): string[] {
  return [...labels.filter((label) => label !== 'INBOX' && label !== 'SPAM' && label !== 'TRASH'), 'TRASH'];
}

function untrashed(labels: readonly string[]): string[] {
  return labels.filter((label) => label !== 'TRASH');
}

/** The message a draft or thread names; 404 for none. */
export function demandById(mailbox: Mailbox, id: string | undefined): StoredMessage {
  const message = mailbox.messages.get(id ?? '');
  if (!message) throw entityNotFound();
  return message;
}
