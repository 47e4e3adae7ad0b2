import { type ApiRoute, type Call, noContent, ok, scopes } from '../api.ts';
import { childOf, compact, type Json, textOf } from '../json.ts';
import { entityNotFound, invalidArgument, refuse } from '../refusal.ts';
import { demandMailbox } from './access.ts';
import { LABEL_COLOURS } from './label-colours.ts';
import { type Mailbox, type StoredLabel, setLabels } from './mailbox.ts';
import { LABEL } from './schemas.ts';

const BASE = '/gmail/v1/users/{userId}/labels';
const READ = scopes('mail gmail.labels gmail.metadata gmail.modify gmail.readonly');
const WRITE = scopes('mail gmail.labels gmail.modify');

/** A mailbox holds at most 10,000 labels (discovery document, schema `Label`); a name has at most 225 characters. */
const MAX_LABELS = 10_000;
const MAX_NAME = 225;

/** Names that Gmail keeps for itself (field reports of GYB and imapsync's users; the documentation lists fewer). */
const RESERVED = new Set(
  (
    'inbox spam trash bin unread starred important sent draft drafts chat chats all_mail allmail muted archive ' +
    'archived scheduled snoozed voicemail migrated todo todos buzz personal social promotions updates forums travel ' +
    'finance primary category_personal category_social category_promotions category_updates category_forums'
  ).split(' '),
);

/** Gmail v1 `users.labels`: list, get, create, patch, update, delete. */
export const LABEL_ROUTES: readonly ApiRoute[] = [
  {
    name: 'gmail.users.labels.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    handle: (call) =>
      ok({ labels: [...demandMailbox(call).labels.values()].map((label) => describe(label)) }),
  },
  {
    name: 'gmail.users.labels.create',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    body: LABEL,
    writes: true,
    handle: createLabel,
  },
  {
    name: 'gmail.users.labels.get',
    method: 'GET',
    path: `${BASE}/{id}`,
    scopes: READ,
    handle: (call) => {
      const mailbox = demandMailbox(call);
      const label = demandLabel(call, mailbox);
      return ok({ ...describe(label), ...countsOf(mailbox, label.id) });
    },
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'gmail.users.labels.patch' : 'gmail.users.labels.update',
      method,
      path: `${BASE}/{id}`,
      scopes: WRITE,
      body: LABEL,
      writes: true,
      handle: changeLabel,
    }),
  ),
  {
    name: 'gmail.users.labels.delete',
    method: 'DELETE',
    path: `${BASE}/{id}`,
    scopes: WRITE,
    writes: true,
    handle: deleteLabel,
  },
];

function demandLabel(call: Call, mailbox: Mailbox): StoredLabel {
  const label = mailbox.labels.get(call.params['id'] ?? '');
  if (!label) throw entityNotFound();
  return label;
}

function createLabel(call: Call) {
  const mailbox = demandMailbox(call);
  const name = textOf(call.body['name']);
  checkName(mailbox, name, null);
  if (mailbox.labels.size >= MAX_LABELS) throw invalidArgument('Too many labels');
  const label = settleLabel(call.body, {
    id: `Label_${mailbox.nextLabel}`,
    name,
    type: 'user',
    messageListVisibility: 'show',
    labelListVisibility: 'labelShow',
    color: undefined,
  });
  mailbox.nextLabel++;
  mailbox.labels.set(label.id, label);
  return ok(describe(label));
}

function changeLabel(call: Call) {
  const mailbox = demandMailbox(call);
  const label = demandLabel(call, mailbox);
  if (label.type === 'system') throw invalidArgument('Invalid label');
  const name = call.body['name'];
  if (name !== undefined && name !== label.name) checkName(mailbox, textOf(name), label.id);
  const changed = settleLabel(call.body, { ...label, name: name === undefined ? label.name : textOf(name) });
  mailbox.labels.set(label.id, changed);
  return ok(describe(changed));
}

function deleteLabel(call: Call) {
  const mailbox = demandMailbox(call);
  const label = demandLabel(call, mailbox);
  if (label.type === 'system') throw invalidArgument('Invalid delete request');
  mailbox.labels.delete(label.id);
  for (const message of mailbox.messages.values()) {
    if (message.labels.includes(label.id)) {
      setLabels(
        mailbox,
        message,
        message.labels.filter((one) => one !== label.id),
      );
    }
  }
  return noContent();
}

function settleLabel(body: Json, label: StoredLabel): StoredLabel {
  const settled = {
    ...label,
    messageListVisibility: textOf(body['messageListVisibility']) || label.messageListVisibility,
    labelListVisibility: textOf(body['labelListVisibility']) || label.labelListVisibility,
    color: body['color'] === undefined ? label.color : colourOf(childOf(body['color'])),
  };
  if (!['show', 'hide'].includes(settled.messageListVisibility ?? 'show'))
    throw invalidArgument('Invalid label');
  const shown = ['labelShow', 'labelShowIfUnread', 'labelHide'];
  if (!shown.includes(settled.labelListVisibility ?? 'labelShow')) throw invalidArgument('Invalid label');
  return settled;
}

/** Both colours are required, and only those of the palette exist. */
function colourOf(color: Json): Json {
  const colours = [textOf(color['backgroundColor']), textOf(color['textColor'])];
  for (const colour of colours) {
    if (colour === '') throw invalidArgument('Label color requires both backgroundColor and textColor');
    if (!LABEL_COLOURS.has(colour))
      throw invalidArgument(`Label color ${colour} is not on the allowed color palette.`);
  }
  return color;
}

function checkName(mailbox: Mailbox, name: string, ownId: string | null): void {
  const segments = name.split('/');
  const isFit =
    name.length > 0 &&
    name.length <= MAX_NAME &&
    segments.every((segment) => segment.length > 0 && segment === segment.trim()) &&
    !/[\u0000-\u001f\u007f^]/.test(name) &&
    !/ {2}/.test(name) &&
    !RESERVED.has((segments[0] ?? '').toLowerCase());
  if (!isFit) throw invalidArgument('Invalid label name');
  const folded = name.toLowerCase();
  const isTaken = [...mailbox.labels.values()].some(
    (label) => label.id !== ownId && label.name.toLowerCase() === folded,
  );
  if (isTaken) throw refuse(409, 'aborted', 'Label name exists or conflicts', { status: 'ABORTED' });
}

function describe(label: StoredLabel): Json {
  return compact({ ...label });
}

function countsOf(mailbox: Mailbox, labelId: string): Json {
  const threads = new Set<string>();
  const unreadThreads = new Set<string>();
  let messagesTotal = 0;
  let messagesUnread = 0;
  for (const message of mailbox.messages.values()) {
    if (!message.labels.includes(labelId)) continue;
    messagesTotal++;
    threads.add(message.threadId);
    if (!message.labels.includes('UNREAD')) continue;
    messagesUnread++;
    unreadThreads.add(message.threadId);
  }
  return { messagesTotal, messagesUnread, threadsTotal: threads.size, threadsUnread: unreadThreads.size };
}
