import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerBytes, parseHeaderBlock } from '../../mappings/header-block.ts';
import { formatMailDate, parseMailDate } from '../../mappings/mail-dates.ts';
import {
  bareMessageId,
  editHeader,
  type HeaderFacts,
  syntheticMessageId,
} from '../../mappings/message-header.ts';

const FACTS: HeaderFacts = {
  immutableId: 'immutable-1',
  internetMessageId: null,
  sentDateTime: '2026-03-01T09:59:00Z',
  receivedDateTime: '2026-03-01T10:00:00Z',
  fromAddress: 'bob@outside.example',
  ownerAddress: 'ann@new.example',
  isDraft: false,
  isUnread: false,
};
const WHOLE =
  'From: Bob <bob@outside.example>\r\nDate: Sun, 1 Mar 2026 09:59:00 +0000\r\nMessage-ID: <a@b>\r\n';

function edit(
  text: string,
  facts: Partial<HeaderFacts> = {},
  readReceipts: 'neutralise' | 'keep' = 'neutralise',
) {
  const edited = editHeader(Buffer.from(text, 'latin1'), { ...FACTS, ...facts }, { readReceipts });
  return { ...edited, text: Buffer.from(edited.header).toString('latin1') };
}

describe('editHeader', () => {
  it('leaves a header alone that has all it needs', () => {
    const bytes = Buffer.from(`${WHOLE}\r\n`, 'latin1');

    const edited = editHeader(bytes, FACTS, { readReceipts: 'neutralise' });

    expect(edited.header).toBe(bytes);
    expect(edited).toMatchObject({ messageId: 'a@b', losses: [], hasReceived: false, isProtected: false });
  });

  it('case 37: gives mail without Message-ID one that is the same on every run', () => {
    const text = WHOLE.replace(/Message-ID.*\r\n/, '');
    const messageId = syntheticMessageId('immutable-1');

    const first = edit(`${text}\r\n`);

    expect(messageId).toMatch(/^[0-9a-f]{32}@migrated\.invalid$/);
    expect(first.text).toBe(`Message-ID: <${messageId}>\r\n${text}\r\n`);
    expect(first.messageId).toBe(messageId);
    expect(first.losses).toEqual([{ field: 'Message-ID', kind: 'added', reason: 'missing-in-source' }]);
    expect(edit(`${text}\r\n`).text).toBe(first.text);
  });

  it('takes the Message-ID that the source lists where the header has none', () => {
    expect(edit('From: a@b.c\r\n\r\n', { internetMessageId: '<listed@x>' }).messageId).toBe('listed@x');
  });

  it.each([
    ['empty', 'Message-ID: \r\n'],
    ['empty brackets', 'Message-Id: <>\r\n'],
  ])('replaces a Message-ID that is %s', (_, line) => {
    const { text, losses } = edit(WHOLE.replace(/Message-ID.*\r\n/, line));

    expect(text).toContain(`Message-ID: <${syntheticMessageId('immutable-1')}>\r\n`);
    expect(text).toContain(`X-Original-${line}`);
    expect(losses).toEqual([{ field: 'Message-ID', kind: 'changed', reason: 'unreadable-in-source' }]);
  });

  it('puts brackets around a bare Message-ID', () => {
    const { text, messageId, losses } = edit(WHOLE.replace('<a@b>', 'a@b'));

    expect(text).toBe(WHOLE);
    expect(messageId).toBe('a@b');
    expect(losses).toEqual([{ field: 'Message-ID', kind: 'changed', reason: 'brackets-missing' }]);
  });

  it('keeps the first of two Message-IDs', () => {
    const { text, messageId } = edit(`${WHOLE}Message-ID: <second@b>\r\n`);

    expect(messageId).toBe('a@b');
    expect(text).toBe(`${WHOLE}X-Original-Message-ID: <second@b>\r\n`);
  });

  it('case 39: adds the sent time where there is no date', () => {
    const { text, losses } = edit(WHOLE.replace(/Date.*\r\n/, ''));

    expect(text).toContain('Date: Sun, 01 Mar 2026 09:59:00 +0000\r\n');
    expect(losses).toEqual([{ field: 'Date', kind: 'added', reason: 'missing-in-source' }]);
  });

  it('takes the received time where there is no sent time, and keeps the unreadable date', () => {
    const { text } = edit(WHOLE.replace(/Date.*\r\n/, 'Date: yesterday\r\n'), { sentDateTime: null });

    expect(text).toContain('Date: Sun, 01 Mar 2026 10:00:00 +0000\r\n');
    expect(text).toContain('X-Original-Date: yesterday\r\n');
  });

  it('leaves an unreadable date where nothing better is known', () => {
    const text = WHOLE.replace(/Date.*\r\n/, 'Date: yesterday\r\n');

    expect(edit(text, { sentDateTime: null, receivedDateTime: null }).text).toBe(text);
  });

  it('case 40: reports a date far from the received one and does not touch it', () => {
    const text = WHOLE.replace(/Date.*\r\n/, 'Date: Thu, 1 Jan 2099 00:00:00 +0000\r\n');

    const edited = edit(text);

    expect(edited.text).toBe(text);
    expect(edited.losses).toEqual([{ field: 'Date', kind: 'weakened', reason: 'date-far-from-received' }]);
  });

  it.each([
    ['case 41: the listed sender', {}, '<bob@outside.example>'],
    ['nobody', { fromAddress: null }, '<unknown@migrated.invalid>'],
    ['no address', { fromAddress: '/o=x/cn=bob' }, '<unknown@migrated.invalid>'],
    ['a draft’s owner', { fromAddress: null, isDraft: true }, '<ann@new.example>'],
  ])('adds a sender where there is none: %s', (_, facts, sender) => {
    const { text, losses } = edit(WHOLE.replace(/From.*\r\n/, ''), facts);

    expect(text.startsWith(`From: ${sender}\r\n`)).toBe(true);
    expect(losses).toEqual([{ field: 'From', kind: 'added', reason: 'missing-in-source' }]);
  });

  it('case 42: keeps the first valid of two senders', () => {
    const { text, losses } = edit(`From: nobody\r\n${WHOLE}From: third@x.example\r\n`);

    expect(text).toBe(`X-Original-From: nobody\r\n${WHOLE}X-Original-From: third@x.example\r\n`);
    expect(losses).toEqual([{ field: 'From', kind: 'changed', reason: 'duplicate-field' }]);
  });

  it('case 50: sets read-receipt fields of unread mail aside', () => {
    const receipts =
      'Disposition-Notification-To: b@x\r\nReturn-Receipt-To: b@x\r\nX-Confirm-Reading-To: b@x\r\n';

    const unread = edit(WHOLE + receipts, { isUnread: true });

    expect(unread.text).toBe(WHOLE + receipts.replace(/^(?=\S)/gm, 'X-Original-'));
    expect(unread.losses).toHaveLength(3);
  });

  it.each([
    ['read mail', { isUnread: false }, 'neutralise'],
    ['drafts', { isUnread: true, isDraft: true }, 'neutralise'],
    ['by policy', { isUnread: true }, 'keep'],
  ] as const)('keeps read-receipt fields: %s', (_, facts, readReceipts) => {
    const text = `${WHOLE}Disposition-Notification-To: b@x\r\n`;

    expect(edit(text, facts, readReceipts).text).toBe(text);
  });

  it('writes added fields with the line end of the block', () => {
    const { text } = edit('From: a@b.c\nSubject: x\n\n');

    expect(text.replace(/\n/g, '')).not.toContain('\r');
    expect(text.endsWith('From: a@b.c\nSubject: x\n\n')).toBe(true);
  });

  it('keeps bytes of any character set and folded lines', () => {
    const subject = 'Subject: \xd6sterreich\xff\r\n\tfolded  line \r\n';

    expect(edit(`From: a@b.c\r\n${subject}\r\n`).text).toContain(subject);
  });

  it('copes with a missing blank line and a last line without end', () => {
    const { text } = edit('Subject: no end');

    expect(text.endsWith('\r\nSubject: no end')).toBe(true);
    expect(text).toMatch(/^Message-ID: .*\r\nDate: .*\r\nFrom: .*\r\nSubject: no end$/);
  });

  it('leaves an mbox line in its place and adds behind it', () => {
    const { text } = edit(`From MAILER-DAEMON Tue Jul  7 22:47:39 2009\nSubject: x\n\n`);

    expect(text).toMatch(/^From MAILER-DAEMON .*\nMessage-ID: /);
    expect(text).toContain('\nFrom: <bob@outside.example>\n');
  });

  it('adds before the blank line of a header without fields', () => {
    expect(edit('\r\n').text).toMatch(/^Message-ID: .*\r\nDate: .*\r\nFrom: .*\r\n\r\n$/);
  });

  it('takes nothing behind the blank line for a field', () => {
    const { text } = edit(`${WHOLE}\r\nFrom: in the body\r\n`);

    expect(text).toBe(`${WHOLE}\r\nFrom: in the body\r\n`);
  });

  it('tells mail that passed a server, and protected mail', () => {
    const { hasReceived, isProtected } = edit(`${WHOLE}Received: x\r\nContent-Class: rpmsg.message\r\n`);

    expect([hasReceived, isProtected]).toEqual([true, true]);
  });

  it('is done in one go with a header of a megabyte', () => {
    const long = `References: ${'<id@x.example>\r\n '.repeat(70_000)}end\r\n`;

    expect(edit(WHOLE + long).text).toBe(WHOLE + long);
  });
});

describe('header blocks', () => {
  it('come out as they went in, whatever they hold', () => {
    const line = fc.oneof(
      fc.constantFrom('From: a@b', ' folded', '\tfolded', '', 'no field', 'From x', 'A:', ':', '\r'),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    const block = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '')), { maxLength: 12 });
    fc.assert(
      fc.property(block, (lines) => {
        const bytes = Buffer.from(lines.flat().join(''), 'latin1');

        expect(Buffer.from(headerBytes(parseHeaderBlock(bytes))).equals(bytes)).toBe(true);
      }),
    );
  });

  it('a second edit changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('From: a@b.c', 'From: x', 'Date: no', 'Message-ID: x', ' y', 'z'), {
          maxLength: 8,
        }),
        (lines) => {
          const once = edit(lines.map((line) => `${line}\n`).join(''), { isUnread: true });
          const twice = edit(once.text, { isUnread: true });

          expect(twice.text).toBe(once.text);
          expect(twice.messageId).toBe(once.messageId);
        },
      ),
    );
  });
});

const CORPUS = fileURLToPath(new URL('../../../shared/corpus', import.meta.url));

describe.skipIf(!existsSync(CORPUS))('real messages (skipped where ../shared/corpus is absent)', () => {
  const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((file) => file.endsWith('.eml')) : [];

  it.each(files)('%s gets one sender, one readable date, one Message-ID, and keeps its lines', (file) => {
    const text = readFileSync(`${CORPUS}/${file}`).toString('latin1');
    const end = /\r?\n\r?\n/.exec(text);
    const header = end ? text.slice(0, end.index + end[0].length) : text;

    const edited = edit(header);

    const block = parseHeaderBlock(edited.header);
    const count = (name: string) => block.pieces.filter((piece) => piece.name === name).length;
    expect([count('from'), count('date'), count('message-id')]).toEqual([1, 1, 1]);
    for (const line of header.split('\n')) expect(edited.text).toContain(line.replace(/^[^:]*:/, ''));
  });
});

describe('parseMailDate', () => {
  it.each([
    ['Fri, 13 Jul 2012 10:06:49 -0200', '2012-07-13T12:06:49Z'],
    ['13 Jul 12 10:06 GMT', '2012-07-13T10:06:00Z'],
    ['Tue,  7 Jul 2009 22:47:39 -0700 (PDT)', '2009-07-08T05:47:39Z'],
    ['Wed, 20 Sep 1995 00:19:00 (EDT) -0400', '1995-09-20T04:19:00Z'],
    ['Thu, 7 Jul 1994 17:16:05 -0400', '1994-07-07T21:16:05Z'],
    ['Mon, 6 Feb 1993 02:53:47 -0800 (PST)', '1993-02-06T10:53:47Z'],
    ['1 Jan 99 00:00:00 EST', '1999-01-01T05:00:00Z'],
  ])('%s', (text, expected) => {
    expect(parseMailDate(text)).toBe(Date.parse(expected));
  });

  it.each([
    '',
    'yesterday',
    '31 Feb 2020 00:00:00 +0000',
    '2020-01-01',
    '1 Foo 2020 00:00 +0000',
    '1 Jan 2020 25:00 Z',
  ])('refuses "%s"', (text) => {
    expect(parseMailDate(text)).toBeNull();
  });

  it('reads what formatMailDate writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(parseMailDate(formatMailDate(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe('bareMessageId', () => {
  it.each([
    ['<a@b>', 'a@b'],
    ['a@b', 'a@b'],
    [' < a@b > ', 'a@b'],
    ['<a@b> (comment)', 'a@b'],
    ['<>', null],
    ['', null],
    [null, null],
  ])('%s → %s', (value, expected) => {
    expect(bareMessageId(value)).toBe(expected);
  });
});
