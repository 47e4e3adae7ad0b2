import { describe, expect, it } from 'vitest';
import { mailNeedsResource, mapMail, prepareMail } from '../../mappings/mail-workload.ts';
import type { PreparedMail } from '../../mappings/messages.ts';
import type { MailValue, MessageValue } from '../../src/core/google.ts';
import type {
  GraphMailFolder,
  GraphMessageState,
  MailResource,
  MimeMessage,
} from '../../src/core/microsoft.ts';
import type { Copy } from '../../src/core/ports.ts';
import type { Mapped, Policy, Receipt } from '../../src/core/types.ts';
import { book, folder, job, json, listed, messageState, organisation, POLICY } from './samples.ts';

const NOW = Date.parse('2026-03-10T00:00:00Z');
const HEADER =
  'From: Bob <someone@outside.example>\r\nDate: Sun, 1 Mar 2026 09:59:00 +0000\r\nMessage-ID: <a@b.example>\r\nReceived: x\r\n\r\n';
const FOLDERS: GraphMailFolder[] = [
  folder(['Inbox'], { wellKnown: 'inbox', root: 'inbox' }),
  folder(['Inbox', 'Sub'], { root: 'inbox' }),
  folder(['Work']),
  folder(['Sent Items'], { wellKnown: 'sentitems', root: 'sentitems' }),
  folder(['Drafts'], { wellKnown: 'drafts', root: 'drafts' }),
  folder(['Deleted Items'], { wellKnown: 'deleteditems', root: 'deleteditems' }),
  folder(['Deleted Items', 'Old'], { root: 'deleteditems' }),
  folder(['Junk Email'], { wellKnown: 'junkemail', root: 'junkemail' }),
  folder(['Sync Issues'], { wellKnown: 'syncissues', root: 'syncissues' }),
];

function prepared(mail: Partial<Policy['mail']> = {}): PreparedMail {
  const policy = { ...POLICY, mail: { ...POLICY.mail, ...mail } };
  const containers = FOLDERS.map((each) => listed(`folder:${each.id}`, { state: json(each) }));
  const addresses = book({ 'ann@contoso.com': 'ann@new.example', 'a.e@contoso.com': 'ann@new.example' });
  return prepareMail(job('mail', organisation({ policy })), containers, addresses, NOW);
}

function mime(header = HEADER, bytes: number | null = 100): MimeMessage {
  const rest = { bytes, whole: null, open: async function* () {} };
  return { kind: 'message', header: Buffer.from(header), rest };
}

interface Given extends Partial<GraphMessageState> {
  bytes?: number;
  header?: string;
}

function copies(given: readonly Given[], withResource = true): [Copy<MailResource>, ...Copy<MailResource>[]] {
  return given.map(({ bytes, header, ...state }, index): Copy<MailResource> => {
    const whole = messageState(state);
    const label = whole.folderId.startsWith('Work') ? 'Label_1' : null;
    const wrote = { name: label === null ? null : 'Work', id: label, system: [] };
    return {
      item: listed(`id-${index}`, { rank: 100, state: json(whole), bytes: bytes ?? null }),
      parent: { targetId: label ?? '', wrote },
      resource: withResource && index === 0 ? mime(header) : null,
    };
  }) as [Copy<MailResource>, ...Copy<MailResource>[]];
}

function map(
  given: readonly Given[],
  over: { mail?: Partial<Policy['mail']>; variant?: number; prior?: Receipt; withResource?: boolean } = {},
): Mapped<MailValue> {
  return mapMail(copies(given, over.withResource), {
    job: job('mail'),
    prepared: prepared(over.mail),
    variant: over.variant ?? 0,
    prior: over.prior ?? null,
  });
}

function message(...args: Parameters<typeof map>): MessageValue {
  const mapped = map(...args);
  if (mapped.kind !== 'value' || mapped.value.kind !== 'message') throw new Error(JSON.stringify(mapped));
  return mapped.value;
}

describe('mapMessage', () => {
  it('imports a message with its bytes, labels and Message-ID', () => {
    expect(message([{ folderId: 'Work' }])).toMatchObject({
      method: 'import',
      messageId: 'a@b.example',
      system: [],
      labelIds: ['Label_1'],
      labelNames: [],
      mime: { header: Buffer.from(HEADER) },
    });
  });

  it.each([
    ['unread in the inbox', [{ isRead: false }], ['INBOX', 'UNREAD']],
    ['read in the inbox', [{}], ['INBOX']],
    ['sent, never unread', [{ folderId: 'Sent Items', isRead: false }], ['SENT']],
    ['flagged', [{ flagStatus: 'flagged' }], ['INBOX', 'STARRED']],
    ['high importance', [{ importance: 'high' }], ['IMPORTANT', 'INBOX']],
    ['case 34: below Deleted Items', [{ folderId: 'Deleted Items>Old' }], ['TRASH']],
    ['case 35: inbox unread, Work read', [{ isRead: false }, { folderId: 'Work' }], ['INBOX']],
    ['both unread', [{ isRead: false }, { folderId: 'Work', isRead: false }], ['INBOX', 'UNREAD']],
    ['starred in one copy', [{}, { folderId: 'Work', flagStatus: 'flagged' }], ['INBOX', 'STARRED']],
    [
      'sent to oneself',
      [{ isRead: false }, { folderId: 'Sent Items', isRead: false }],
      ['INBOX', 'SENT', 'UNREAD'],
    ],
    ['trash gives way to a folder', [{ folderId: 'Deleted Items' }, { folderId: 'Work' }], []],
    ['trash alone', [{ folderId: 'Deleted Items' }], ['TRASH']],
  ] as [string, Given[], string[]][])('%s → %j', (_, given, system) => {
    expect(message(given).system).toEqual(system);
  });

  it('unites user labels of all copies', () => {
    const value = message([{}, { folderId: 'Work' }, { folderId: 'Inbox>Sub' }]);

    expect([value.labelIds, value.labelNames]).toEqual([['Label_1'], ['Sub']]);
  });

  it('names a folder’s label where the folder has no receipt', () => {
    const [copy] = copies([{ folderId: 'Work' }]);
    const mapped = mapMail([{ ...copy, parent: null }], {
      job: job('mail'),
      prepared: prepared(),
      variant: 0,
      prior: null,
    });

    expect(mapped).toMatchObject({ value: { labelIds: [], labelNames: ['Work'] } });
  });

  it('case 52: importance, flag and two categories', () => {
    const value = message([
      { importance: 'high', flagStatus: 'flagged', categories: ['Red/1', 'Blue', 'blue'] },
    ]);

    expect(value.system).toEqual(['IMPORTANT', 'INBOX', 'STARRED']);
    expect(value.labelNames).toEqual(['Categories/Blue', 'Categories/Red-1']);
    expect(message([{ categories: ['Blue'] }], { mail: { categories: 'skip' } }).labelNames).toEqual([]);
  });

  it('case 51: a draft is created as one, with the owner as sender', () => {
    const header = 'Subject: x\r\nIn-Reply-To: <q@x>\r\n\r\n';
    const value = message([{ folderId: 'Drafts', isDraft: true, isRead: false, fromAddress: null, header }]);

    expect([value.method, value.system]).toEqual(['draft', ['DRAFT']]);
    expect(Buffer.from(value.mime?.header ?? []).toString()).toContain('From: <ann@new.example>');
    expect(Buffer.from(value.mime?.header ?? []).toString()).toContain('In-Reply-To: <q@x>');
  });

  it('a draft that was thrown away is mail in the trash', () => {
    const mapped = map([{ folderId: 'Deleted Items', isDraft: true }]);

    expect(mapped).toMatchObject({
      value: { method: 'import', system: ['TRASH'] },
      losses: [{ field: 'isDraft', kind: 'weakened', reason: 'deleted-draft' }],
    });
  });

  it('a draft beyond 35 MiB is imported with the label DRAFT', () => {
    const value = message([{ folderId: 'Drafts', isDraft: true, bytes: 40_000_000 }]);

    expect([value.method, value.system]).toEqual(['import', ['DRAFT']]);
  });

  it('mail among the drafts that is none gets a label instead of DRAFT', () => {
    expect(message([{ folderId: 'Drafts' }])).toMatchObject({
      method: 'import',
      system: [],
      labelNames: ['_Drafts'],
    });
  });

  it('case 36: another body under a Message-ID is inserted, and the loss is told', () => {
    const mapped = map([{}], { variant: 1 });

    expect(mapped).toMatchObject({
      value: { method: 'insert' },
      losses: [{ field: 'internetMessageId', kind: 'weakened', reason: 'not-deduplicated' }],
    });
  });

  it('own mail outside Sent Items that no server has handled counts as sent', () => {
    const header = HEADER.replace('Received: x\r\n', '');
    const own = { folderId: 'Work', fromAddress: 'A.E@contoso.com' };

    expect(message([{ ...own, header }]).system).toEqual(['SENT']);
    expect(message([own]).system).toEqual([]);
    expect(message([{ ...own, folderId: 'Inbox', header, isRead: false }]).system).toEqual([
      'INBOX',
      'UNREAD',
    ]);
  });

  it('case 55: a change of state alone needs no bytes, and leaves SENT where it stood', () => {
    const prior = { targetId: 'gm-1', wrote: { labelIds: ['SENT', 'Label_1'] } };
    const value = message([{ folderId: 'Work' }], { prior, withResource: false });

    expect(value).toMatchObject({
      mime: null,
      system: ['SENT'],
      labelIds: ['Label_1'],
      messageId: 'a@b.example',
    });
  });

  it('case 50: read receipts are neutralised only where every copy is unread', () => {
    const header = `Disposition-Notification-To: b@x\r\n${HEADER}`;
    const text = (given: Given[]) => Buffer.from(message(given).mime?.header ?? []).toString();

    expect(text([{ isRead: false, header }])).toContain('X-Original-Disposition-Notification-To');
    expect(text([{ isRead: false, header }, { folderId: 'Work' }])).not.toContain('X-Original');
  });

  it('case 48: protected mail is labelled and reported', () => {
    const mapped = map([{ header: `Content-Class: rpmsg.message\r\n${HEADER}` }]);

    expect(mapped).toMatchObject({
      value: { labelNames: ['Protected (unreadable)'] },
      losses: [{ field: 'body', kind: 'weakened', reason: 'rights-protected' }],
    });
  });

  it('a report without sender comes from the postmaster', () => {
    const header = HEADER.replace(/^From.*\r\n/, '');
    const value = message([{ messageClass: 'REPORT.IPM.Note.NDR', fromAddress: null, header }]);

    expect(Buffer.from(value.mime?.header ?? []).toString()).toContain('From: <postmaster@new.example>');
  });

  it('tells of a completed flag', () => {
    expect(map([{ flagStatus: 'complete' }])).toMatchObject({
      losses: [{ field: 'flag', kind: 'dropped', reason: 'complete-no-equivalent' }],
    });
  });
});

describe('message classes', () => {
  it.each([
    ['IPM.Note', 'value'],
    ['IPM.Note.SMIME.MultipartSigned', 'value'],
    ['case 49: IPM.Schedule.Meeting.Request', 'value'],
    ['IPM.Post', 'value'],
    ['REPORT.IPM.Note.NDR', 'value'],
    ['IPM.Sharing', 'value'],
    ['IPM.Something.New', 'value'],
    ['IPM.Outlook.Recall', 'unsupported'],
    ['IPM.Note.Rules.OofTemplate.Microsoft', 'unsupported'],
    ['IPM.Configuration.X', 'unsupported'],
    ['IPM.Microsoft.Foo', 'unsupported'],
    ['IPM.Appointment', 'unsupported'],
    ['IPM.Contact', 'unsupported'],
    ['IPM.Task', 'unsupported'],
    ['IPM.StickyNote', 'unsupported'],
  ])('%s: %s', (name, outcome) => {
    const mapped = map([{ messageClass: name.replace(/^case \d+: /, '') }]);

    expect(mapped.kind === 'skip' ? mapped.reason : mapped.kind).toEqual(
      outcome === 'value' ? 'value' : { outcome, rule: 'message-class' },
    );
  });

  it('voicemail is labelled', () => {
    expect(message([{ messageClass: 'IPM.Note.Microsoft.Voicemail.UM' }]).labelNames).toEqual([
      'Voice messages',
    ]);
  });
});

describe('filters', () => {
  it.each([
    ['junk', {}, { folderId: 'Junk Email' }],
    ['case 53: system-folder', {}, { folderId: 'Sync Issues' }],
    ['drafts', { drafts: false }, { folderId: 'Drafts', isDraft: true }],
    ['since', { since: '2026-03-02' }, {}],
    ['until', { until: '2026-03-01' }, {}],
    ['max-bytes', { maxBytes: 10 }, { bytes: 11 }],
    ['trash-age', {}, { folderId: 'Deleted Items', receivedDateTime: '2026-02-01T00:00:00Z' }],
    ['trash-age', {}, { folderId: 'Deleted Items>Old', receivedDateTime: '2026-02-01T00:00:00Z' }],
  ] as [string, Partial<Policy['mail']>, Given][])('%s', (rule, mail, given) => {
    expect(map([given], { mail })).toEqual({
      kind: 'skip',
      reason: { outcome: 'excluded', rule: rule.replace(/^case \d+: /, '') },
    });
  });

  it.each([
    ['received on the first day', { since: '2026-03-01' }, {}],
    ['received before the end', { until: '2026-03-02' }, {}],
    ['just as large as allowed', { maxBytes: 11 }, { bytes: 11 }],
    ['young trash', {}, { folderId: 'Deleted Items' }],
    ['no time at all', { since: '2026-03-02' }, { receivedDateTime: null, sentDateTime: null }],
    ['junk by policy', { junk: 'move' }, { folderId: 'Junk Email' }],
  ] as [string, Partial<Policy['mail']>, Given][])('pass: %s', (_, mail, given) => {
    expect(map([given], { mail }).kind).toBe('value');
  });

  it('a copy that is left out adds nothing to the others', () => {
    const value = message([{ folderId: 'Junk Email', isRead: false }, { folderId: 'Work' }]);

    expect([value.system, value.labelIds]).toEqual([[], ['Label_1']]);
  });

  it.each([['by the listed size', { bytes: 157_286_401 }]])(
    'more than Gmail takes is too large: %s',
    (_, given) => {
      expect(map([given])).toEqual({ kind: 'skip', reason: { outcome: 'too-large', rule: 'gmail-150-mib' } });
    },
  );
});

describe('folders', () => {
  const mapFolderRow = (id: string, mail: Partial<Policy['mail']> = {}) => {
    const state = FOLDERS.find((each) => each.id === id);
    const copy = { item: listed(`folder:${id}`, { state: json(state) }), parent: null, resource: null };
    return mapMail([copy], { job: job('mail'), prepared: prepared(mail), variant: 0, prior: null });
  };

  it('become labels', () => {
    expect(mapFolderRow('Work')).toEqual({
      kind: 'value',
      value: { kind: 'label', name: 'Work', system: [] },
      losses: [],
    });
    expect(mapFolderRow('Inbox')).toMatchObject({ value: { name: null, system: ['INBOX'] } });
  });

  it('are left out by rule', () => {
    expect(mapFolderRow('Junk Email')).toEqual({
      kind: 'skip',
      reason: { outcome: 'excluded', rule: 'junk' },
    });
  });

  it('case 54: a mailbox with more folders than Gmail has labels stops with a clear word', () => {
    const containers = Array.from({ length: 10_001 }, (_, index) =>
      listed(`folder:f${index}`, { state: json(folder([`f${index}`])) }),
    );

    expect(() => prepareMail(job('mail'), containers, book({}), NOW)).toThrow(
      /10001 labels; Gmail allows 10000/,
    );
  });
});

describe('mailNeedsResource', () => {
  it.each([
    ['a new message', 'message', null, true],
    ['a message that is there', 'message', { labelIds: [] }, false],
    ['a draft that is there', 'message', { labelIds: [], draftId: 'r1' }, true],
    ['a folder', 'folder', null, false],
  ])('%s: %s', (_, kind, wrote, expected) => {
    const prior = wrote === null ? null : { targetId: 'x', wrote };

    expect(mailNeedsResource(listed('k', { state: { kind } }), prior)).toBe(expected);
  });
});
