import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/config/policy.ts';
import { readAcceptances } from '../../src/reconcile/acceptances.ts';
import { compareContent } from '../../src/reconcile/mail-content.ts';
import { pairFolders, placeOf } from '../../src/reconcile/mail-folders.ts';
import { messageRule } from '../../src/reconcile/mail-rules.ts';
import { likenessOfPaths } from '../../src/reconcile/names.ts';
import { exitCodeOf, judge } from '../../src/reconcile/verdict.ts';
import { AS_OF, DAY_MS, folder, label, message, wellKnown } from '../support/fact-builders.ts';

describe('names of folders and labels', () => {
  it.each<[string[], string[], number]>([
    [['Projects'], ['Projects'], 3],
    [['Clients', 'ACME / East'], ['Clients', 'ACME - East'], 3],
    [['Cafe\u0301'], ['CAFÉ'], 3],
    [['Inbox'], ['_Inbox'], 3],
    [['notes'], ['notes (2)'], 2],
    [['\u200b'], ['(unnamed)'], 2],
    [['📁'], ['📁'], 3],
    [['A very long name of a folder that goes on'], ['A very long name of a…3f2c'], 1],
    [['Anything'], ['Folder 1a2b3c4d'], 1],
    [['Projects'], ['Project'], 0],
    [['Projects'], ['Clients'], 0],
    [['Clients', 'ACME'], ['Clients'], 0],
  ])('%j and %j are alike to degree %i', (path, name, degree) => {
    expect(likenessOfPaths(path, name)).toBe(degree);
  });

  it('pairs two folders of one name with the labels that hold their messages', () => {
    const places = [placeOf(folder('a', ['Notes'])), placeOf(folder('b', ['notes']))];
    const labels = [label('L1', 'Notes'), label('L2', 'notes (2)')];
    const shared = (id: string, labelId: string) =>
      `${id}${labelId}` === 'aL2' || `${id}${labelId}` === 'bL1' ? 3 : 0;

    pairFolders(places, labels, shared);

    expect(places.map((place) => place.label?.id)).toEqual(['L2', 'L1']);
  });

  it.each<[string, ReturnType<typeof folder>, string | null, string[] | null]>([
    ['the inbox', wellKnown('inbox', ['Posteingang']), 'INBOX', null],
    ['a child of the inbox', folder('x', ['Posteingang', 'A', 'B'], { root: 'inbox' }), null, ['A', 'B']],
    [
      'a child of sent mail',
      folder('x', ['Gesendet', 'A'], { root: 'sentitems' }),
      'SENT',
      ['Gesendet', 'A'],
    ],
    ['a child of deleted mail', folder('x', ['Weg', 'A'], { root: 'deleteditems' }), 'TRASH', ['Weg', 'A']],
    ['the archive', wellKnown('archive', ['Archiv']), null, null],
    ['a child of the archive', folder('x', ['Archiv', 'A'], { root: 'archive' }), null, ['Archiv', 'A']],
    ['clutter', wellKnown('clutter', ['Clutter']), null, ['Clutter']],
  ])('expects %s where it belongs', (_, given, system, labelPath) => {
    expect(placeOf(given)).toMatchObject({ system, labelPath });
  });
});

describe('what the policy leaves out', () => {
  const inbox = wellKnown('inbox', ['Inbox']);
  it.each([
    ['junk', message('m', []), wellKnown('junkemail', ['Junk']), {}, 'junk'],
    ['junk that is wanted', message('m', []), wellKnown('junkemail', ['Junk']), { junk: 'move' }, null],
    [
      'old trash',
      message('m', [], { receivedAt: AS_OF - 31 * DAY_MS }),
      wellKnown('deleteditems', ['T']),
      {},
      'trash-age',
    ],
    [
      'young trash',
      message('m', [], { receivedAt: AS_OF - 29 * DAY_MS }),
      wellKnown('deleteditems', ['T']),
      {},
      null,
    ],
    [
      'mail from before',
      message('m', [], { receivedAt: Date.UTC(2025, 11, 31, 23) }),
      inbox,
      { since: '2026-01-01' },
      'since',
    ],
    [
      'mail of the first day',
      message('m', [], { receivedAt: Date.UTC(2026, 0, 1) }),
      inbox,
      { since: '2026-01-01' },
      null,
    ],
    [
      'mail of the day after',
      message('m', [], { receivedAt: Date.UTC(2026, 0, 1) }),
      inbox,
      { until: '2026-01-01' },
      'until',
    ],
    ['large mail', message('m', [], { bytes: 101 }), inbox, { maxBytes: 100 }, 'max-bytes'],
    ['mail of the size allowed', message('m', [], { bytes: 100 }), inbox, { maxBytes: 100 }, null],
    ['drafts', message('m', [], { draft: true }), inbox, { drafts: false }, 'drafts'],
    [
      'a technical folder',
      message('m', []),
      folder('x', ['Sync Issues', 'Conflicts'], { wellKnown: 'conflicts', root: 'syncissues' }),
      {},
      'system-folder',
    ],
    ['a task', message('m', [], { messageClass: 'IPM.Task' }), inbox, {}, 'message-class'],
    [
      'a meeting request',
      message('m', [], { messageClass: 'IPM.Schedule.Meeting.Request' }),
      inbox,
      {},
      null,
    ],
  ])('%s', (_, fact, container, mail, rule) => {
    const policy = structuredClone(DEFAULT_POLICY);
    Object.assign(policy.mail, mail);

    expect(messageRule(fact, container, policy, AS_OF)?.rule ?? null).toBe(rule);
  });
});

describe('contents', () => {
  const source = message('m', [], {
    headerNames: ['date', 'from', 'disposition-notification-to', 'subject'],
  });
  it.each([
    ['equal bytes', {}, [], []],
    [
      'an added Message-ID',
      { bytesHash: 'b', headerNames: [...source.headerNames!, 'message-id'] },
      [],
      ['added: message-id'],
    ],
    [
      'a trace field',
      { bytesHash: 'b', headerNames: [...source.headerNames!, 'Received'] },
      [],
      ['changed: form of headers or encoding'],
    ],
    [
      'a neutralised receipt',
      { bytesHash: 'b', headerNames: ['date', 'from', 'x-original-disposition-notification-to', 'subject'] },
      [],
      ['renamed: disposition-notification-to'],
    ],
    [
      'a replaced date',
      { bytesHash: 'b', headerHash: 'h', headerNames: [...source.headerNames!, 'x-original-date'] },
      [],
      ['changed: date'],
    ],
    ['another subject', { bytesHash: 'b', headerHash: 'h' }, ['headers-differ'], []],
    ['another body', { bytesHash: 'b', bodyHash: 'h' }, ['body-differs'], []],
    [
      'a body that was not read',
      { bytesHash: null, bodyHash: null, headerHash: null, headerNames: null },
      [],
      [],
    ],
  ])('%s', (_, part, codes, alterations) => {
    const verdict = compareContent(source, { ...source, ...part });

    expect(verdict.differences.map(({ code }) => code)).toEqual(codes);
    expect(verdict.alterations).toEqual(alterations);
  });
});

describe('verdicts', () => {
  it.each([
    [{ unreadable: true, unfinished: true, open: 1, accepted: 1 }, 'could-not-check'],
    [{ unreadable: false, unfinished: true, open: 1, accepted: 1 }, 'incomplete'],
    [{ unreadable: false, unfinished: false, open: 1, accepted: 1 }, 'needs-a-decision'],
    [{ unreadable: false, unfinished: false, open: 0, accepted: 1 }, 'matches-with-agreed-differences'],
    [{ unreadable: false, unfinished: false, open: 0, accepted: 0 }, 'matches'],
  ])('%j is %s', (grounds, verdict) => {
    expect(judge(grounds)).toBe(verdict);
  });

  it.each([
    [1, 1, 6],
    [0, 1, 7],
    [0, 0, 0],
  ] as const)(
    '%i unexplained and %i unreadable end with exit code %i',
    (unexplainedDifferences, unreadable, code) => {
      expect(exitCodeOf({ unexplainedDifferences, unreadable })).toBe(code);
    },
  );
});

describe('acceptances', () => {
  it('are read line by line, and none where there is no file', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ferry-accept-'));
    const path = join(dir, 'acceptances.jsonl');
    writeFileSync(
      path,
      '{"by":"A. Person","reason":"r","at":"2027-01-01T00:00:00Z","findings":["a","b"]}\n\n{"by":"B","finding":"c"}\n',
    );

    expect([...(await readAcceptances(path))]).toEqual(['a', 'b', 'c']);
    expect((await readAcceptances(join(dir, 'none.jsonl'))).size).toBe(0);
  });

  it('that nobody signed are refused with their lines', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'ferry-accept-')), 'acceptances.jsonl');
    writeFileSync(path, '{"by":"A","finding":"a"}\n{"finding":"b"}\nnonsense\n');

    await expect(readAcceptances(path)).rejects.toMatchObject({
      name: 'Config',
      faults: [{ line: 2 }, { line: 3 }],
    });
  });
});
