import type { EstateMessage, Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import {
  answerCollection,
  answerResource,
  type Context,
  type GraphRoute,
  linkWith,
  mailboxOf,
  pageOf,
  userPath,
} from './context.ts';
import { expandProperties } from './extended-properties.ts';
import { exposeId, readOrdinaryId } from './item-ids.ts';
import { folderOf } from './mail-folders.ts';
import { MAIL_CONTENT_ROLES, MAIL_ROLES } from './mail-roles.ts';
import { type ScanPosition, scanMessages } from './message-scan.ts';
import { readParts } from './mime-parts.ts';
import { TYPES } from './properties.ts';
import { shape } from './query.ts';
import { badRequest, itemNotFound, Refusal } from './refusal.ts';
import type { LiveMailbox } from './state.ts';

/** Graph, list messages page: 10 come without `$top`, at most 1,000 with it. */
const DEFAULT_PAGE = 10;
const MAX_PAGE = 1_000;
const BODY_PROPERTIES = ['body', 'bodyPreview', 'uniqueBody', 'internetMessageHeaders'];
const MEETING_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^IPM\.Schedule\.Meeting\.Request/i, '#microsoft.graph.eventMessageRequest'],
  [/^IPM\.Schedule\.Meeting\.Resp/i, '#microsoft.graph.eventMessageResponse'],
  [/^IPM\.Schedule\.Meeting/i, '#microsoft.graph.eventMessage'],
];

/** One message as Graph shows it: selected properties, ids in the format asked for, expansions. */
export async function presentMessage(
  context: Context,
  mailbox: LiveMailbox,
  message: EstateMessage,
): Promise<Resource> {
  const { query, preferences } = context;
  const id = exposeId(preferences.immutableIds, message.folderId, message.id);
  const resource = { ...message.resource, id, parentFolderId: message.folderId };
  const wanted = query.select ?? TYPES.message.defaults;
  const needsMime = wanted.some((name) => BODY_PROPERTIES.includes(name) && !(name in resource));
  const full = needsMime ? { ...(await contentOf(mailbox, message)), ...resource } : resource;
  const type = MEETING_TYPES.find(([pattern]) => pattern.test(message.messageClass))?.[1];
  return {
    ...(type ? { '@odata.type': type } : {}),
    '@odata.etag': `W/"${String(message.resource['changeKey'] ?? '')}"`,
    ...shape(full, TYPES.message, query.select),
    ...(await expansions(context, mailbox, message)),
  };
}

async function contentOf(mailbox: LiveMailbox, message: EstateMessage): Promise<Resource> {
  const { body, headers } = await readParts(message, mailbox.mail.mime(message.id));
  return { body, uniqueBody: body, bodyPreview: previewOf(body), internetMessageHeaders: headers };
}

function previewOf(body: Resource): string {
  const text = String(body['content'] ?? '').replace(/<[^>]*>/g, ' ');
  return text.replace(/\s+/g, ' ').trim().slice(0, 255);
}

async function expansions(context: Context, mailbox: LiveMailbox, message: EstateMessage): Promise<Resource> {
  const expanded: Resource = {};
  for (const expansion of context.query.expand) {
    if (expansion.name === 'attachments') {
      expanded['attachments'] = (await readParts(message, mailbox.mail.mime(message.id))).attachments;
    } else {
      const found = expandProperties(expansion, message, () => mailbox.mail.mime(message.id));
      // Exchange leaves the collection out of items that have none of the properties.
      if (found.length > 0) expanded['singleValueExtendedProperties'] = found;
    }
  }
  return expanded;
}

/** The message that an id in either format names; Exchange's 404 for none, or for an ordinary id after a move. */
export function messageOf(context: Context, mailbox: LiveMailbox): EstateMessage {
  const given = context.params['message'] ?? '';
  const direct = mailbox.mail.message(given);
  if (direct) return direct;
  const ordinary = readOrdinaryId(given);
  const found = ordinary ? mailbox.mail.message(ordinary.id) : null;
  if (!ordinary || !found || found.folderId !== ordinary.containerId) throw itemNotFound();
  return found;
}

/** The page size of a message list; a 400 outside 1 to 1,000. */
export function messagePageSize(context: Context): number {
  const size = context.query.top ?? context.preferences.maxPageSize ?? DEFAULT_PAGE;
  if (size >= 1 && size <= MAX_PAGE) return size;
  throw new Refusal(400, 'ErrorInvalidRequest', `The page size must be between 1 and ${MAX_PAGE}.`);
}

async function answerMessages(
  context: Context,
  folderIds: readonly string[],
  path: string,
): Promise<TenantAnswer> {
  const { query, state } = context;
  const mailbox = mailboxOf(context);
  refuseInefficient(context);
  const opened = query.skipToken === null ? null : state.seals.open(query.skipToken);
  if (query.skipToken !== null && !opened) throw badRequest('The skip token is not valid.');
  const { messages, next } = scanMessages(mailbox.mail, {
    folderIds,
    from: (opened as ScanPosition | null) ?? { folder: 0, base: 0, extra: 0 },
    skip: opened ? 0 : query.skip,
    count: messagePageSize(context),
    filter: query.filter,
    isAscending: query.orderBy[0]?.isDescending === false,
  });
  const total = folderIds.reduce((sum, id) => sum + mailbox.mail.total(id), 0);
  return answerCollection(context, `${userPath(context)}/${path}`, {
    value: await Promise.all(messages.map((message) => presentMessage(context, mailbox, message))),
    nextLink: next ? linkWith(context, '$skiptoken', state.seals.seal(next)) : null,
    count: query.wantsCount ? total : null,
  });
}

/** Graph, list messages page: `$orderby` properties must lead the filter. Only the received time orders here. */
function refuseInefficient(context: Context): void {
  const { filter, orderBy } = context.query;
  const [first] = orderBy;
  if (!first) return;
  const leads = !filter || filter.properties[0] === first.property;
  if (leads && orderBy.length === 1 && first.property === 'receivedDateTime') return;
  throw new Refusal(
    400,
    'InefficientFilter',
    'The restriction or sort order is too complex for this operation.',
  );
}

function listFolderMessages(context: Context): Promise<TenantAnswer> {
  const folder = folderOf(context, mailboxOf(context));
  const path = `mailFolders('${encodeURIComponent(context.params['folder'] ?? '')}')/messages`;
  return answerMessages(context, folder ? [folder.id] : [], path);
}

function listAllMessages(context: Context): Promise<TenantAnswer> {
  const folders = mailboxOf(context)
    .mail.folders()
    .filter((folder) => !folder.isSearchFolder);
  return answerMessages(
    context,
    folders.map((folder) => folder.id),
    'messages',
  );
}

async function getMessage(context: Context): Promise<TenantAnswer> {
  const mailbox = mailboxOf(context);
  const message = messageOf(context, mailbox);
  const folderId = context.params['folder'] === undefined ? null : folderOf(context, mailbox)?.id;
  if (folderId !== null && message.folderId !== folderId) throw itemNotFound();
  return answerResource(
    context,
    `${userPath(context)}/messages`,
    await presentMessage(context, mailbox, message),
  );
}

function getMime(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const mime = mailbox.mail.mime(messageOf(context, mailbox).id);
  if (!mime) {
    throw new Refusal(500, 'ErrorMimeContentConversionFailed', 'MIME content conversion failed.');
  }
  return {
    status: 200,
    headers: { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' },
    body: mime,
  };
}

/** Documented, but Exchange answers 405. */
function refuseFolderMime(): TenantAnswer {
  throw new Refusal(405, 'ErrorInvalidRequest', 'The OData request is not supported.');
}

async function attachmentsOf(context: Context): Promise<readonly Resource[]> {
  const mailbox = mailboxOf(context);
  const message = messageOf(context, mailbox);
  return (await readParts(message, mailbox.mail.mime(message.id))).attachments;
}

async function listAttachments(context: Context): Promise<TenantAnswer> {
  const all = await attachmentsOf(context);
  const { items, nextLink } = pageOf(context, all, context.query.top ?? Math.max(1, all.length));
  const value = items.map((one) => presentAttachment(context, one));
  return answerCollection(context, `${userPath(context)}/messages/attachments`, { value, nextLink });
}

async function getAttachment(context: Context): Promise<TenantAnswer> {
  const found = (await attachmentsOf(context)).find((one) => one['id'] === context.params['attachment']);
  if (!found) throw itemNotFound();
  return answerResource(
    context,
    `${userPath(context)}/messages/attachments`,
    presentAttachment(context, found),
  );
}

function presentAttachment(context: Context, attachment: Resource): Resource {
  const { query } = context;
  const shaped = shape(attachment, TYPES.attachment, query.select);
  return { '@odata.type': attachment['@odata.type'], ...shaped };
}

type RouteExtras = Partial<Pick<GraphRoute, 'roles'>> & {
  options?: readonly string[];
  type?: keyof typeof TYPES;
};

function route(
  name: string,
  path: string,
  handle: GraphRoute['handle'],
  extras: RouteExtras = {},
): GraphRoute {
  const { roles = MAIL_ROLES, options = [], type = 'message' } = extras;
  return {
    name: `graph.messages.${name}`,
    method: 'GET',
    path: `/v1.0/users/{user}${path}`,
    service: 'outlook',
    roles,
    rules: { type: TYPES[type], options },
    handle,
  };
}

const LIST = { options: ['$top', '$skip', '$filter', '$orderby', '$count', '$skiptoken'] };
const CONTENT = { roles: MAIL_CONTENT_ROLES };
const ATTACHMENTS = { ...CONTENT, type: 'attachment' } as const;

/** Messages, their MIME and attachments. */
export const MESSAGE_ROUTES: readonly GraphRoute[] = [
  route('list', '/mailFolders/{folder}/messages', listFolderMessages, LIST),
  route('listAll', '/messages', listAllMessages, LIST),
  route('get', '/messages/{message}', getMessage),
  route('get', '/mailFolders/{folder}/messages/{message}', getMessage),
  route('value', '/messages/{message}/$value', getMime, CONTENT),
  route('folderValue', '/mailFolders/{folder}/messages/{message}/$value', refuseFolderMime, CONTENT),
  route('attachments.list', '/messages/{message}/attachments', listAttachments, {
    ...ATTACHMENTS,
    options: ['$top', '$skiptoken'],
  }),
  route('attachments.get', '/messages/{message}/attachments/{attachment}', getAttachment, ATTACHMENTS),
];
