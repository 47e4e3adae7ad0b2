import type { EstateFolder, Resource } from '../estate/types.ts';
import { hash } from '../service/random.ts';
import type { TenantAnswer } from '../service/types.ts';
import {
  answerCollection,
  answerResource,
  type Context,
  type GraphRoute,
  mailboxOf,
  pageOf,
  queried,
  userPath,
} from './context.ts';
import { MAIL_ROLES } from './mail-roles.ts';
import { TYPES } from './properties.ts';
import { shape } from './query.ts';
import { Refusal } from './refusal.ts';
import type { LiveMailbox } from './state.ts';

/** Graph, list mailFolders page: 10 folders come without `$top`. */
const DEFAULT_PAGE = 10;
const ROOT_NAME = 'msgfolderroot';
const WELL_KNOWN: ReadonlySet<string> = new Set(
  `archive clutter conflicts conversationhistory deleteditems drafts inbox junkemail localfailures msgfolderroot
outbox recoverableitemsdeletions scheduled searchfolders sentitems serverfailures syncissues`.split(/\s+/),
);

/** The folder that `{folder}` names by id or well-known name; null for the root. Throws the 404 of Exchange. */
export function folderOf(context: Context, mailbox: LiveMailbox): EstateFolder | null {
  const given = context.params['folder'] ?? '';
  if (given.toLowerCase() === ROOT_NAME || given === rootId(mailbox)) return null;
  const found = findFolder(mailbox, given);
  if (found) return found;
  if (WELL_KNOWN.has(given.toLowerCase())) {
    throw new Refusal(404, 'ErrorFolderNotFound', 'The specified folder could not be found in the store.');
  }
  throw new Refusal(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
}

/** A folder by id or, without regard to case, by well-known name. */
export function findFolder(mailbox: LiveMailbox, given: string): EstateFolder | null {
  const name = given.toLowerCase();
  return (
    mailbox.mail.folder(given) ??
    mailbox.mail.folders().find((folder) => folder.wellKnown?.toLowerCase() === name) ??
    null
  );
}

/** The id of `msgfolderroot`, which the estate does not hold. */
function rootId(mailbox: LiveMailbox): string {
  return `AQMk${hash('msgfolderroot', mailbox.userId).slice(0, 40)}`;
}

function childrenOf(context: Context, mailbox: LiveMailbox, parentId: string | null): EstateFolder[] {
  const withHidden = context.query.custom['includehiddenfolders']?.toLowerCase() === 'true';
  return mailbox.mail
    .folders()
    .filter((folder) => folder.parentId === parentId && (withHidden || !folder.isHidden));
}

function describe(context: Context, mailbox: LiveMailbox, folder: EstateFolder | null): Resource {
  const children = mailbox.mail.folders().filter((one) => one.parentId === (folder?.id ?? null));
  const wantsUnread = context.query.select?.includes('unreadItemCount') ?? true;
  const counts = folder && !folder.isSearchFolder;
  return {
    id: folder?.id ?? rootId(mailbox),
    displayName: folder?.displayName ?? 'Top of Information Store',
    parentFolderId: folder
      ? (folder.parentId ?? rootId(mailbox))
      : `AQMk${hash('root', mailbox.userId).slice(0, 40)}`,
    childFolderCount: children.length,
    unreadItemCount: counts && wantsUnread ? mailbox.mail.unread(folder.id) : 0,
    totalItemCount: counts ? mailbox.mail.total(folder.id) : (folder?.messageCount ?? 0),
    isHidden: folder?.isHidden ?? false,
  };
}

function present(context: Context, mailbox: LiveMailbox, folder: EstateFolder | null): Resource {
  const shaped = shape(describe(context, mailbox, folder), TYPES.mailFolder, context.query.select);
  const expanded = context.query.expand.some((one) => one.name === 'childFolders') && folder !== null;
  const children = expanded ? childrenOf(context, mailbox, folder.id) : [];
  return {
    ...(folder?.isSearchFolder ? { '@odata.type': '#microsoft.graph.mailSearchFolder' } : {}),
    ...shaped,
    ...(expanded
      ? {
          childFolders: children.map((child) =>
            shape(describe(context, mailbox, child), TYPES.mailFolder, null),
          ),
        }
      : {}),
    ...(folder?.isSearchFolder && context.query.select === null ? searchProperties() : {}),
  };
}

function searchProperties(): Resource {
  return {
    isSupported: true,
    includeNestedFolders: true,
    sourceFolderIds: [],
    filterQuery: 'isRead eq false',
  };
}

function answerFolders(context: Context, parentId: string | null, path: string): TenantAnswer {
  const mailbox = mailboxOf(context);
  const byId = new Map(childrenOf(context, mailbox, parentId).map((folder) => [folder.id, folder]));
  const described = [...byId.values()].map((folder) => describe(context, mailbox, folder));
  const kept = queried(described, context.query);
  const { items, nextLink } = pageOf(context, kept, context.query.top ?? DEFAULT_PAGE);
  return answerCollection(context, `${userPath(context)}/${path}`, {
    value: items.map((item) => present(context, mailbox, byId.get(String(item['id'])) ?? null)),
    nextLink,
    count: context.query.wantsCount ? kept.length : null,
  });
}

function listChildren(context: Context): TenantAnswer {
  const folder = folderOf(context, mailboxOf(context));
  const path = `mailFolders('${encodeURIComponent(context.params['folder'] ?? '')}')/childFolders`;
  return answerFolders(context, folder?.id ?? null, path);
}

function getFolder(context: Context): TenantAnswer {
  const mailbox = mailboxOf(context);
  const folder = folderOf(context, mailbox);
  return answerResource(context, `${userPath(context)}/mailFolders`, present(context, mailbox, folder));
}

function route(name: string, path: string, handle: GraphRoute['handle']): GraphRoute {
  const options = name === 'get' ? [] : ['$top', '$skip', '$filter', '$count', '$orderby', '$skiptoken'];
  return {
    name: `graph.mailFolders.${name}`,
    method: 'GET',
    path: `/v1.0/users/{user}/mailFolders${path}`,
    service: 'outlook',
    roles: MAIL_ROLES,
    rules: { type: TYPES.mailFolder, options, custom: ['includeHiddenFolders'] },
    handle,
  };
}

/** Mail folders, by id or well-known name. */
export const MAIL_FOLDER_ROUTES: readonly GraphRoute[] = [
  route('list', '', (context) => answerFolders(context, null, 'mailFolders')),
  route('get', '/{folder}', getFolder),
  route('childFolders', '/{folder}/childFolders', listChildren),
];
