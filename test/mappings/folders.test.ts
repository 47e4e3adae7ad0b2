import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelPlan } from '../../mappings/folders.ts';
import {
  categoryLabel,
  isVariantOf,
  joinSegments,
  labelSegment,
  MAX_LABEL_LENGTH,
} from '../../mappings/labels.ts';
import type { GraphMailFolder } from '../../src/core/microsoft.ts';
import { folder } from './samples.ts';

const POLICY = { junk: 'skip', emptyFolders: true } as const;

/** A well-known folder with one child and one grandchild. */
function rooted(name: string, wellKnown: string): GraphMailFolder[] {
  return [
    folder([name], { wellKnown, root: wellKnown }),
    folder([name, 'Project'], { root: wellKnown }),
    folder([name, 'Project', 'Deep'], { root: wellKnown }),
  ];
}

function shape(folders: readonly GraphMailFolder[], policy: Parameters<typeof labelPlan>[1] = POLICY) {
  return [...labelPlan(folders, policy).values()].map(({ name, system, rule }) => [
    name,
    system.join(),
    rule,
  ]);
}

describe('labelPlan on well-known folders', () => {
  it.each([
    [
      'case 27: Postvak IN',
      'inbox',
      [null, 'INBOX', null],
      ['Project', '', null],
      ['Project/Deep', '', null],
    ],
    [
      'Verzonden items',
      'sentitems',
      [null, 'SENT', null],
      ['Verzonden items/Project', 'SENT', null],
      ['Verzonden items/Project/Deep', 'SENT', null],
    ],
    [
      'Deleted Items',
      'deleteditems',
      [null, 'TRASH', null],
      ['Deleted Items/Project', 'TRASH', null],
      ['Deleted Items/Project/Deep', 'TRASH', null],
    ],
    [
      'Drafts',
      'drafts',
      [null, 'DRAFT', null],
      ['_Drafts/Project', 'DRAFT', null],
      ['_Drafts/Project/Deep', 'DRAFT', null],
    ],
    [
      'Outbox',
      'outbox',
      [null, 'DRAFT', null],
      ['Outbox/Project', 'DRAFT', null],
      ['Outbox/Project/Deep', 'DRAFT', null],
    ],
    [
      'Archive',
      'archive',
      [null, '', null],
      ['_Archive/Project', '', null],
      ['_Archive/Project/Deep', '', null],
    ],
    [
      'Clutter',
      'clutter',
      ['Clutter', '', null],
      ['Clutter/Project', '', null],
      ['Clutter/Project/Deep', '', null],
    ],
    [
      'Conversation History',
      'conversationhistory',
      ['Conversation History', '', null],
      ['Conversation History/Project', '', null],
      ['Conversation History/Project/Deep', '', null],
    ],
    ['Junk', 'junkemail', [null, 'SPAM', 'junk'], [null, 'SPAM', 'junk'], [null, 'SPAM', 'junk']],
    [
      'case 53: Sync Issues',
      'syncissues',
      [null, '', 'system-folder'],
      [null, '', 'system-folder'],
      [null, '', 'system-folder'],
    ],
    [
      'Recoverable',
      'recoverableitemspurges',
      [null, '', 'system-folder'],
      [null, '', 'system-folder'],
      [null, '', 'system-folder'],
    ],
  ])('%s', (name, wellKnown, ...expected) => {
    expect(shape(rooted(name.replace(/^case \d+: /, ''), wellKnown))).toEqual(expected);
  });

  it('moves junk mail into Spam when asked to', () => {
    expect(shape(rooted('Junk', 'junkemail'), { ...POLICY, junk: 'move' })).toEqual([
      [null, 'SPAM', null],
      ['Junk/Project', 'SPAM', null],
      ['Junk/Project/Deep', 'SPAM', null],
    ]);
  });

  it('case 53: leaves out search folders and hidden ones with what lies below', () => {
    const folders = [
      folder(['Found'], { isSearchFolder: true }),
      folder(['Teams'], { isHidden: true }),
      folder(['Teams', 'Below']),
    ];

    expect(shape(folders).map(([, , rule]) => rule)).toEqual([
      'search-folder',
      'system-folder',
      'system-folder',
    ]);
  });

  it('gives empty folders no label only where policy says so', () => {
    const empty = folder(['Empty'], { totalItemCount: 0 });

    expect(shape([empty])).toEqual([['Empty', '', null]]);
    expect(shape([empty], { ...POLICY, emptyFolders: false })).toEqual([['Empty', '', 'empty-folder']]);
  });
});

describe('labelPlan on names', () => {
  it.each([
    ['case 28: a reserved word at the top', ['Archive'], '_Archive'],
    ['case 28: a reserved word below', ['Projects', 'Archive'], 'Projects/Archive'],
    ['case 29: a slash in a name', ['A/B'], 'A-B'],
    ['case 32: an emoji', ['👩‍💻'], '👩‍💻'],
    ['case 32: only blanks', ['\u00a0 \u2003'], '(unnamed)'],
    ['caret and backslash', ['a^b\\c'], 'a_b-c'],
    ['blanks collapse', ['  two   words '], 'two words'],
    ['bidirectional marks go', ['a\u202eb\u200bc'], 'abc'],
    ['right to left stays', ['עברית'], 'עברית'],
    ['a tab is a blank', ['a\tb'], 'a b'],
    ['the parent of category labels', ['Categories'], '_Categories'],
  ])('%s', (_, path, expected) => {
    const parents = path.slice(1).map((__, index) => folder(path.slice(0, index + 1)));

    expect(labelPlan([...parents, folder(path)], POLICY).get(path.join('>'))?.name).toBe(expected);
  });

  it('case 29: a slash and a real child stay apart', () => {
    const names = shape([folder(['A']), folder(['A', 'B']), folder(['A/B'])]).map(([name]) => name);

    expect(new Set(names)).toEqual(new Set(['A', 'A/B', 'A-B']));
  });

  it('case 30: two folders that collapse to one path get two labels, children below their own', () => {
    const folders = [
      folder(['Inbox'], { wellKnown: 'inbox', root: 'inbox' }),
      folder(['Inbox', 'Clients'], { root: 'inbox' }),
      folder(['Inbox', 'Clients', 'X'], { root: 'inbox' }),
      folder(['clients ']),
      folder(['clients ', 'X']),
    ];

    const plan = labelPlan(folders, POLICY);

    expect([...plan.values()].map(({ name }) => name).sort()).toEqual([
      'Clients (2)',
      'Clients (2)/X',
      'clients',
      'clients/X',
      null,
    ]);
    expect(plan.get('Inbox>Clients')?.losses).toContainEqual({
      field: 'name',
      kind: 'changed',
      reason: 'collision',
    });
  });

  it('case 31: a path of 300 characters is cut to 225, and to the same on the next run', () => {
    const path = ['Top', 'm'.repeat(140), 'n'.repeat(140), 'Leaf'];
    const folders = path.map((_, index) => folder(path.slice(0, index + 1)));

    const first = labelPlan(folders, POLICY);
    const previous = new Map(
      [...first].flatMap(([id, { name }]): [string, string][] => (name ? [[id, name]] : [])),
    );
    const second = labelPlan(folders, POLICY, previous);

    expect(first.get(path.join('>'))?.name).toMatch(/^Top\/m{20}…[0-9a-f]{4}\/n{140}\/Leaf$/);
    expect([...second.values()].map(({ name }) => name)).toEqual([...first.values()].map(({ name }) => name));
  });

  it('cuts very deep paths without losing first and last name', () => {
    const path = Array.from({ length: 60 }, (_, index) => `level number ${index}`);

    const joined = joinSegments(path);

    expect(joined.length).toBeLessThanOrEqual(MAX_LABEL_LENGTH);
    expect(joined).toMatch(/^level number 0\/…[0-9a-f]{8}\/level number 59$/);
  });
});

describe('labelPlan on later runs', () => {
  const run = (folders: GraphMailFolder[], previous: [string, string][] = []) =>
    new Map([...labelPlan(folders, POLICY, new Map(previous))].map(([id, { name }]) => [id, name]));

  it('keeps a numbered label although a new folder comes before it', () => {
    const old = folder(['Inbox', 'Work'], { id: 'z', ids: ['Inbox', 'z'], root: 'inbox' });
    const inbox = folder(['Inbox'], { wellKnown: 'inbox', root: 'inbox' });
    const late = folder(['work'], { id: 'a', ids: ['a'] });

    expect(run([inbox, old, late], [['z', 'Work']])).toEqual(
      new Map([
        ['Inbox', null],
        ['a', 'work (2)'],
        ['z', 'Work'],
      ]),
    );
  });

  it('case 33: keeps the name that a localised reserved word forced', () => {
    expect(run([folder(['Enviado'])], [['Enviado', '_Enviado']]).get('Enviado')).toBe('_Enviado');
  });

  it('follows a folder that was renamed at the source', () => {
    const renamed = folder(['New name'], { id: 'f', ids: ['f'] });

    expect(run([renamed], [['f', 'Old name']]).get('f')).toBe('New name');
  });

  it.each([
    ['Work (2)', 'Work', true],
    ['Work', 'Work', true],
    ['_Work', 'Work', true],
    ['Folder 0123abcd', 'Work', true],
    ['Wor (2)', 'Work', false],
    ['Works', 'Work', false],
  ])('%s as earlier name of %s: %s', (name, base, expected) => {
    expect(isVariantOf(name, base)).toBe(expected);
  });
});

describe('labelPlan on any tree', () => {
  const name = fc.oneof(
    fc.constantFrom('A', 'a', 'a ', 'A/B', 'Archive', 'B', '^', '\\', '_', ' ', 'x'.repeat(120), 'Inbox'),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  );
  const tree = fc.array(fc.tuple(fc.nat(30), name), { maxLength: 25 }).map((nodes) => {
    const folders: GraphMailFolder[] = [];
    for (const [index, [parent, displayName]] of nodes.entries()) {
      const above = folders[parent % (folders.length + 1)];
      const id = `f${index}`;
      folders.push(
        folder([displayName], {
          id,
          path: [...(above?.path ?? []), displayName],
          ids: [...(above?.ids ?? []), id],
        }),
      );
    }
    return folders;
  });

  it('gives every folder a label of its own that Gmail takes', () => {
    fc.assert(
      fc.property(tree, (folders) => {
        const names = [...labelPlan(folders, POLICY).values()].map((plan) => plan.name ?? '');

        expect(new Set(names.map((each) => each.normalize('NFC').toLowerCase())).size).toBe(folders.length);
        for (const each of names) {
          expect(each.length).toBeLessThanOrEqual(MAX_LABEL_LENGTH);
          expect(each).not.toMatch(/[\^\\]|^\s|\s$|\s{2}|\p{Cc}/u);
        }
      }),
    );
  });

  it('gives the same labels whatever the order, and on a second run', () => {
    fc.assert(
      fc.property(tree, (folders) => {
        const sorted = (plan: ReturnType<typeof labelPlan>) =>
          [...plan].map(([id, each]) => [id, each.name] as const).sort(([a], [b]) => (a < b ? -1 : 1));

        const first = sorted(labelPlan(folders, POLICY));
        const previous = new Map(first.map(([id, each]) => [id, each ?? '']));

        expect(sorted(labelPlan([...folders].reverse(), POLICY))).toEqual(first);
        expect(sorted(labelPlan(folders, POLICY, previous))).toEqual(first);
      }),
    );
  });
});

describe('categoryLabel', () => {
  it('stands below Categories, as one segment', () => {
    expect(categoryLabel('Red / urgent')).toBe('Categories/Red - urgent');
  });
});

describe('labelSegment', () => {
  it('replaces half a surrogate pair', () => {
    expect(labelSegment('a\ud83d')).toBe('a\ufffd');
  });
});
