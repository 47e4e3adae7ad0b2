import type { EstateEvent, EstateMessage, Resource } from '../estate/types.ts';
import { hash } from '../service/random.ts';
import type { TenantAnswer } from '../service/types.ts';
import { findFolder } from './mail-folders.ts';
import type { LiveMailbox, TenantState } from './state.ts';

/** A change that a test makes at the source through `POST /_rehearsal/source`. Ids are immutable ids. */
export interface SourceChange {
  op:
    | 'add-message'
    | 'move-message'
    | 'flag-message'
    | 'delete-message'
    | 'add-folder'
    | 'put-event'
    | 'delete-event'
    | 'expire-cursors'
    | 'expire-tokens'
    | 'revoke-roles'
    | 'grant-roles';
  /** Object id or UPN of the mailbox's owner. */
  user?: string;
  /** Folder id or well-known name: where to add or move to. */
  folder?: string;
  messageId?: string;
  /** Properties of the message to add, or those to change. */
  resource?: Resource;
  /** MIME of the message to add; null for one that `$value` cannot convert. */
  mime?: string | null;
  displayName?: string;
  event?: EstateEvent;
  eventId?: string;
  /** Roles to revoke (all without it) or to grant. */
  roles?: string[];
}

/** Makes the change; 200 with the id it concerns, 400 where it cannot be made. */
export function changeSource(state: TenantState, change: SourceChange): TenantAnswer {
  const tenantWide = changeTenant(state, change);
  if (tenantWide) return tenantWide;
  const user = state.findUser(change.user ?? '');
  const mailbox = user ? state.mailbox(user.id) : null;
  if (!mailbox) return refused(`no mailbox of ${change.user ?? 'nobody'}`);
  return changeMailbox(state, mailbox, change);
}

function changeTenant(state: TenantState, change: SourceChange): TenantAnswer | null {
  switch (change.op) {
    case 'expire-cursors':
      state.cursorEpoch++;
      return done({ cursorEpoch: state.cursorEpoch });
    case 'expire-tokens':
      state.tokenEpoch++;
      return done({ tokenEpoch: state.tokenEpoch });
    case 'revoke-roles':
      state.roles = new Set([...state.roles].filter((role) => change.roles && !change.roles.includes(role)));
      return done({ roles: [...state.roles] });
    case 'grant-roles':
      state.roles = new Set([...state.roles, ...(change.roles ?? state.options.roles)]);
      return done({ roles: [...state.roles] });
    default:
      return null;
  }
}

function changeMailbox(state: TenantState, mailbox: LiveMailbox, change: SourceChange): TenantAnswer {
  const { mail, schedule } = mailbox;
  const folder = findFolder(mailbox, change.folder ?? 'inbox');
  const id = change.messageId ?? '';
  switch (change.op) {
    case 'add-message':
      return folder ? addMessage(state, mailbox, folder.id, change) : refused('no such folder');
    case 'move-message':
      return folder && mail.move(id, folder.id) ? done({ id }) : refused('no such message or folder');
    case 'flag-message':
      return mail.patch(id, change.resource ?? { isRead: true }) ? done({ id }) : refused('no such message');
    case 'delete-message':
      return mail.remove(id) ? done({ id }) : refused('no such message');
    case 'add-folder':
      return addFolder(mailbox, change);
    case 'put-event':
      if (!change.event) return refused('no event');
      schedule.put(change.event);
      return done({ id: change.event.id });
    case 'delete-event':
      return schedule.remove(change.eventId ?? '') ? done({ id: change.eventId }) : refused('no such event');
    default:
      return refused(`unknown op ${change.op}`);
  }
}

function addMessage(
  state: TenantState,
  mailbox: LiveMailbox,
  folderId: string,
  change: SourceChange,
): TenantAnswer {
  const seed = hash('added', mailbox.userId, mailbox.mail.sequence, change.messageId ?? '');
  const id = change.messageId ?? `AAkALg${seed.slice(0, 40)}`;
  const now = `${new Date(state.clock.now()).toISOString().slice(0, 19)}Z`;
  const internetMessageId = `<${seed.slice(0, 20)}@added.invalid>`;
  const resource = addedResource(change, { now, internetMessageId, changeKey: `CQ${seed.slice(0, 30)}` });
  const messageIdHeader = String(resource['internetMessageId']);
  const mime =
    change.mime === undefined ? simpleMime(messageIdHeader, String(resource['subject']), now) : change.mime;
  const bytes = mime === null ? null : Buffer.from(mime, 'utf8');
  const message: EstateMessage = {
    id,
    folderId,
    resource: { ...resource, id, parentFolderId: folderId },
    messageClass: 'IPM.Note',
    sizeBytes: bytes?.length ?? 4_096,
  };
  mailbox.mail.add(message, bytes);
  return done({ id, internetMessageId: messageIdHeader });
}

function addedResource(
  change: SourceChange,
  made: { now: string; internetMessageId: string; changeKey: string },
): Resource {
  const sender = { emailAddress: { name: 'Rehearsal', address: 'rehearsal@elsewhere.example' } };
  return {
    createdDateTime: made.now,
    lastModifiedDateTime: made.now,
    receivedDateTime: made.now,
    sentDateTime: made.now,
    changeKey: made.changeKey,
    categories: [],
    hasAttachments: false,
    internetMessageId: made.internetMessageId,
    subject: 'Added during the rehearsal',
    importance: 'normal',
    conversationId: `AAQk${made.changeKey}`,
    isDeliveryReceiptRequested: false,
    isReadReceiptRequested: false,
    isRead: false,
    isDraft: false,
    inferenceClassification: 'focused',
    sender,
    from: sender,
    toRecipients: [],
    ccRecipients: [],
    bccRecipients: [],
    replyTo: [],
    flag: { flagStatus: 'notFlagged' },
    ...change.resource,
  };
}

function simpleMime(messageId: string, subject: string, date: string): string {
  return [
    `Message-ID: ${messageId}`,
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    'From: Rehearsal <rehearsal@elsewhere.example>',
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Added during the rehearsal.',
    '',
  ].join('\r\n');
}

function addFolder(mailbox: LiveMailbox, change: SourceChange): TenantAnswer {
  const parent = change.folder === undefined ? null : findFolder(mailbox, change.folder);
  if (change.folder !== undefined && !parent) return refused('no such parent folder');
  const displayName = change.displayName ?? 'Added';
  const id = `AQMk${hash('folder', mailbox.userId, displayName, parent?.id ?? '').slice(0, 40)}`;
  mailbox.mail.addFolder({
    id,
    displayName,
    parentId: parent?.id ?? null,
    wellKnown: null,
    isHidden: false,
    isSearchFolder: false,
    messageCount: 0,
  });
  return done({ id });
}

function done(body: object): TenantAnswer {
  return { status: 200, body };
}

function refused(error: string): TenantAnswer {
  return { status: 400, body: { error } };
}
