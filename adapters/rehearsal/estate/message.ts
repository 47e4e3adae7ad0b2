import { createRandom, hash, type Random } from '../service/random.ts';
import type { MailboxSeed } from './mailbox.ts';
import { type Composition, compose } from './mime.ts';
import type { EstateFolder, Resource } from './types.ts';

/** A message before it has a place: its Graph fields and the bytes that `$value` gives (null: not convertible). */
export interface MessageSeed {
  resource: Resource;
  messageClass: string;
  sizeBytes: number;
  bytes(): Uint8Array | null;
}

export interface Special {
  folder: string;
  message: MessageSeed;
}

const DAY_MS = 86_400_000;

export function mimeOf(seed: MessageSeed): Uint8Array | null {
  return seed.bytes();
}

/** The generated message at a position of a folder; the same seed always gives the same message. */
export function messageAt(box: MailboxSeed, folder: EstateFolder, index: number): MessageSeed {
  const random = randomOf(box, 'message', folder.id, index);
  const at = box.today - DAY_MS - index * 5_400_000 - random.int(3_000_000);
  const sent = folder.wellKnown === 'sentitems';
  const draft = folder.wellKnown === 'drafts' || folder.wellKnown === 'outbox';
  const owner = String(box.user.resource.mail);
  const other = random.pick(box.correspondents);
  const mail = letter(box, random, `${folder.id}|${index}`, at);
  return build(
    { ...mail, from: sent || draft ? owner : other, to: sent || draft ? [other] : [owner] },
    {
      isRead: sent || draft || random.chance(0.7),
      isDraft: draft,
      importance: random.chance(0.05) ? 'high' : 'normal',
      flag: { flagStatus: random.chance(0.08) ? 'flagged' : random.chance(0.05) ? 'complete' : 'notFlagged' },
      categories: random.chance(0.1) ? [random.pick(['Red category', 'Prüfung', 'To do'])] : [],
    },
  );
}

function randomOf(box: MailboxSeed, ...name: (string | number)[]): Random {
  return createRandom(Number.parseInt(hash(box.seed, box.user.id, ...name).slice(0, 8), 16));
}

function letter(box: MailboxSeed, random: Random, name: string, at: number): Composition {
  const { locale } = box;
  const id = hash(box.seed, box.user.id, 'mid', name).slice(0, 24).toUpperCase();
  const paragraphs = Array.from({ length: 1 + random.int(6) }, () => random.pick(locale.sentences));
  const reply = random.chance(0.3);
  return {
    messageId: `<${id}@mail.example.org>`,
    inReplyTo: reply ? `<${hash(id).slice(0, 24)}@mail.example.org>` : null,
    from: '',
    fromName: `${random.pick(locale.given)} ${random.pick(locale.family)}`,
    to: [],
    subject: `${reply ? 'RE: ' : ''}${random.pick(locale.subjects)}`,
    sentAt: at - 4_000,
    receivedAt: at,
    paragraphs,
    attachment: random.chance(0.12)
      ? { name: 'Übersicht 2026.pdf', type: 'application/pdf', bytes: 2_000 + random.int(60_000) }
      : null,
    extra: [],
    lineEnd: '\r\n',
  };
}

function build(mail: Composition, state: Resource, messageClass = 'IPM.Note'): MessageSeed {
  const from = mail.from === '' ? null : { emailAddress: { name: mail.fromName, address: mail.from } };
  const bytes = () => compose(mail);
  return {
    messageClass,
    sizeBytes: 1_500 + (mail.attachment?.bytes ?? 0) + mail.paragraphs.join('').length,
    bytes,
    resource: {
      changeKey: `CQAAABY${hash(mail.messageId ?? '', JSON.stringify(state)).slice(0, 16)}`,
      internetMessageId: mail.messageId,
      subject: mail.subject,
      bodyPreview: '',
      from,
      sender: from,
      toRecipients: mail.to.map((address) => ({ emailAddress: { name: address, address } })),
      receivedDateTime: new Date(mail.receivedAt).toISOString(),
      sentDateTime: new Date(mail.sentAt).toISOString(),
      createdDateTime: new Date(mail.receivedAt).toISOString(),
      lastModifiedDateTime: new Date(mail.receivedAt).toISOString(),
      isReadReceiptRequested: mail.extra.some(([name]) => name === 'Disposition-Notification-To'),
      isDeliveryReceiptRequested: false,
      hasAttachments: mail.attachment !== null,
      inferenceClassification: 'focused',
      conversationId: hash(mail.subject).slice(0, 32),
      ...state,
    },
  };
}

const PLAIN: Resource = {
  isRead: true,
  isDraft: false,
  importance: 'normal',
  flag: { flagStatus: 'notFlagged' },
  categories: [],
};

/** The awkward messages: the first mailboxes get the rare ones, every mailbox some of the common ones. */
export function specialsFor(box: MailboxSeed): Special[] {
  if (box.messages === 0) return [];
  const owner = String(box.user.resource.mail);
  const random = randomOf(box, 'specials');
  const other = random.pick(box.correspondents);
  const at = (days: number) => box.today - days * DAY_MS;
  const mail = (name: string, days: number, change: Partial<Composition> = {}): Composition => ({
    ...letter(box, random, name, at(days)),
    from: other,
    to: [owner],
    inReplyTo: null,
    ...change,
  });
  const twin = mail('twin', 3);
  const list = mail('list', 4);
  const receipt: [string, string][] = [['Disposition-Notification-To', other]];
  const common: Special[] = [
    { folder: 'inbox', message: build(twin, { ...PLAIN, isRead: false }) },
    { folder: 'work', message: build(twin, PLAIN) },
    {
      folder: 'inbox',
      message: build(mail('loaded', 5), {
        ...PLAIN,
        importance: 'high',
        flag: { flagStatus: 'flagged' },
        categories: ['Red category', 'Prüfung'],
      }),
    },
    { folder: 'inbox', message: build(mail('receipt', 6, { extra: receipt }), { ...PLAIN, isRead: false }) },
    { folder: 'deleted', message: build(mail('old', 90), PLAIN) },
    { folder: 'deleted', message: build(mail('fresh', 2), PLAIN) },
  ];
  const rare: Special[] = [
    { folder: 'inbox', message: build(mail('no-id', 7, { messageId: null }), PLAIN) },
    { folder: 'inbox', message: build(mail('no-date', 8, { extra: [['Date', '']] }), PLAIN) },
    { folder: 'inbox', message: build(mail('no-from', 9, { from: '' }), PLAIN) },
    { folder: 'inbox', message: build(list, PLAIN) },
    {
      folder: 'work',
      message: build(
        { ...list, paragraphs: [...list.paragraphs, 'You receive this through the list.'] },
        PLAIN,
      ),
    },
    { folder: 'inbox', message: build(mail('bare-lf', 10, { lineEnd: '\n' }), PLAIN) },
    { folder: 'inbox', message: build(mail('meeting', 11), PLAIN, 'IPM.Schedule.Meeting.Request') },
    {
      folder: 'inbox',
      message: { ...build(mail('opaque', 12), PLAIN, 'REPORT.IPM.Note.SMIME.NDR'), bytes: () => null },
    },
    {
      folder: 'work',
      message: build(
        mail('one-megabyte', 13, {
          attachment: { name: 'plan.bin', type: 'application/octet-stream', bytes: 1_400_000 },
        }),
        PLAIN,
      ),
    },
  ];
  const huge: Special[] = [
    {
      folder: 'work',
      message: build(
        mail('six-megabytes', 14, {
          attachment: { name: 'film.bin', type: 'application/octet-stream', bytes: 6_500_000 },
        }),
        PLAIN,
      ),
    },
  ];
  const luck = Number.parseInt(hash(box.seed, box.user.id, 'luck').slice(0, 4), 16) % 6;
  return [...common, ...(luck < 3 ? rare : []), ...(luck === 0 ? huge : [])];
}
