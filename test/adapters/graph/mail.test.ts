import { beforeEach, describe, expect, it } from 'vitest';
import { createMailSource } from '../../../adapters/graph/mail.ts';
import type { GraphMailFolder, GraphMessageState } from '../../../src/core/microsoft.ts';
import type { Page } from '../../../src/core/types.ts';
import { loadCsdl, validatePath } from '../../support/csdl.ts';
import { jobOf } from './jobs.ts';
import {
  type Answer,
  at,
  collect,
  ENDPOINT,
  itemsOf,
  json,
  list,
  never,
  refusal,
  type TenantDouble,
  tenantDouble,
} from './tenant-double.ts';

const USER = '/users/oid-ann';
const job = jobOf('mail');

function folder(id: string, displayName = id, extra: object = {}) {
  return { id, displayName, parentFolderId: 'root', isHidden: false, totalItemCount: 3, ...extra };
}

function message(id: string, extra: object = {}) {
  return {
    id,
    changeKey: `ck-${id}`,
    parentFolderId: 'f1',
    isRead: false,
    internetMessageId: `<${id}@old.example>`,
    receivedDateTime: '2026-05-01T10:00:00Z',
    flag: { flagStatus: 'flagged' },
    from: { emailAddress: { address: 'Bob@Other.example' } },
    ...extra,
  };
}

/** Properties as Exchange spells their ids back. */
function withProperties(answer: object) {
  const properties = [
    { id: 'Integer 0xe08', value: '2048' },
    { id: 'String 0x1a', value: 'IPM.Note' },
  ];
  return { ...answer, singleValueExtendedProperties: properties };
}

const tree: Answer[] = [
  at(`${USER}/mailFolders/inbox?`, () => json(folder('f1', 'Posteingang'))),
  at(`${USER}/mailFolders/searchfolders?`, () => json(folder('sf', 'Finder', { parentFolderId: 'other' }))),
  at(`${USER}/mailFolders/msgfolderroot/childFolders`, () => list([folder('f1', 'Posteingang')])),
  at(`${USER}/mailFolders/f1/childFolders`, () => list([folder('f2', 'Kunden/A', { isHidden: true })])),
  at(`${USER}/mailFolders/f2/childFolders`, () => list([])),
  at(`${USER}/mailFolders/sf/childFolders`, () =>
    list([folder('s1', 'Ungelesen', { '@odata.type': '#microsoft.graph.mailSearchFolder' })]),
  ),
];

const empty: Answer[] = [
  at(`${USER}/mailFolders/f2/messages/delta`, () => list([], { delta: '/v1.0/delta-f2' })),
  at(`${USER}/mailFolders/f2/messages?`, () => list([])),
  at('/delta-f2', () => list([], { delta: '/v1.0/delta-f2' })),
];

function read(tenant: TenantDouble, from: ReadonlyMap<string, string> = new Map()): Promise<Page[]> {
  return collect(createMailSource(tenant.client).pages(job, from, never));
}

function cursorsAfter(pages: readonly Page[]): Map<string, string> {
  return new Map(pages.map((page) => [page.stream, page.cursor]));
}

function state(pages: readonly Page[], key: string): GraphMessageState {
  return itemsOf(pages, 'folder:f1').get(key)?.state as unknown as GraphMessageState;
}

describe('folders', () => {
  it('are listed with path, well-known root and flags, parents first', async () => {
    const pages = await read(tenantDouble([...tree, ...empty]));

    const folders = [...itemsOf(pages, 'folders').values()];
    expect(folders.map((item) => item.state as unknown as GraphMailFolder)).toMatchObject([
      { id: 'f1', path: ['Posteingang'], ids: ['f1'], wellKnown: 'inbox', root: 'inbox' },
      {
        id: 'f2',
        path: ['Posteingang', 'Kunden/A'],
        ids: ['f1', 'f2'],
        wellKnown: null,
        root: 'inbox',
        isHidden: true,
      },
      { id: 'sf', wellKnown: 'searchfolders', isSearchFolder: true },
      { id: 's1', isSearchFolder: true, root: 'searchfolders' },
    ]);
    expect(folders.map((item) => [item.rank, item.container])).toEqual([
      [0, ''],
      [1, 'f1'],
      [0, ''],
      [1, 'sf'],
    ]);
  });

  it('that are virtual are not read for messages', async () => {
    const tenant = tenantDouble([...tree, ...empty]);

    await read(tenant);

    expect(
      tenant.paths().filter((path) => path.includes('/sf/messages') || path.includes('/s1/messages')),
    ).toEqual([]);
  });

  it('that contain themselves are listed once', async () => {
    const loop = at(`${USER}/mailFolders/f2/childFolders`, () => list([folder('f1')]));

    const pages = await read(tenantDouble([loop, ...tree, ...empty]));

    expect(itemsOf(pages, 'folders').size).toBe(4);
  });

  it('stop the job where there is no mailbox', async () => {
    const tenant = tenantDouble([at(USER, () => refusal(404, 'MailboxNotEnabledForRESTAPI'))]);

    await expect(read(tenant)).rejects.toMatchObject({ name: 'NotFound', scope: 'job' });
  });

  it('that vanished since the last round end their stream', async () => {
    const pages = await read(tenantDouble([...tree, ...empty]), new Map([['folder:old', 'x']]));

    expect(pages.at(-1)).toMatchObject({
      stream: 'folder:old',
      items: [],
      mode: 'full',
      first: true,
      last: true,
    });
  });
});

describe('messages in the first round', () => {
  const first: Answer[] = [
    at(`${USER}/mailFolders/f1/messages/delta`, () => list([message('m1')], { next: '/v1.0/delta-2' })),
    at('/delta-2', () => list([message('m2')], { delta: '/v1.0/delta-end' })),
    at(`${USER}/mailFolders/f1/messages?`, () =>
      list([withProperties(message('m1'))], { next: '/v1.0/list-2' }),
    ),
    at('/list-2', () => list([withProperties(message('m2'))])),
  ];

  it('are shown by delta and completed by the list with class and size', async () => {
    const pages = await read(tenantDouble([...tree, ...empty, ...first]));

    const item = itemsOf(pages, 'folder:f1').get('m1');
    expect(item).toMatchObject({
      rank: 100,
      after: 'folder:f1',
      container: 'f1',
      identity: 'm1@old.example',
      order: Date.UTC(2026, 4, 1, 10),
      bytes: 2048,
    });
    expect(item?.state).toEqual({
      kind: 'message',
      folderId: 'f1',
      isRead: false,
      isDraft: false,
      flagStatus: 'flagged',
      importance: 'normal',
      categories: [],
      receivedDateTime: '2026-05-01T10:00:00Z',
      sentDateTime: null,
      internetMessageId: '<m1@old.example>',
      fromAddress: 'Bob@Other.example',
      isReadReceiptRequested: false,
      messageClass: 'IPM.Note',
    });
  });

  it('are one full reading: first once, last once', async () => {
    const pages = (await read(tenantDouble([...tree, ...empty, ...first]))).filter(
      (page) => page.stream === 'folder:f1',
    );

    expect(pages.map((page) => [page.mode, page.first, page.last])).toEqual([
      ['full', true, false],
      ['full', false, false],
      ['full', false, false],
      ['full', false, true],
    ]);
  });

  it.each([0, 1, 2])('go on from page %i after a crash without asking again', async (crashAfter) => {
    const whole = (await read(tenantDouble([...tree, ...empty, ...first]))).filter(
      (page) => page.stream === 'folder:f1',
    );
    const tenant = tenantDouble([...tree, ...empty, ...first]);

    const rest = (await read(tenant, new Map([['folder:f1', whole[crashAfter]?.cursor ?? '']]))).filter(
      (page) => page.stream === 'folder:f1',
    );

    expect(rest).toEqual(whole.slice(crashAfter + 1));
    expect(tenant.paths().filter((path) => path.includes('/f1/messages/delta'))).toEqual([]);
  });

  it.skipIf(loadCsdl() === null)(
    'carry immutable ids in every request and nothing that Graph does not know (needs ../shared)',
    async () => {
      const tenant = tenantDouble([...tree, ...empty, ...first]);

      await read(tenant);

      expect(tenant.seen.every((each) => each.headers.get('prefer')?.includes('IdType="ImmutableId"'))).toBe(
        true,
      );
      const requests = tenant.paths().filter((path) => path.startsWith('/users'));
      expect(requests.flatMap(validatePath)).toEqual([]);
    },
  );

  it('are listed anew each round where the folder knows no delta', async () => {
    const answers = [
      at(`${USER}/mailFolders/f1/messages/delta`, () => refusal(400, 'ErrorInvalidRequest')),
      ...tree,
      ...empty,
      ...first,
    ];
    const pages = await read(tenantDouble(answers));
    const again = await read(tenantDouble(answers), cursorsAfter(pages));

    for (const round of [pages, again]) {
      expect(itemsOf(round, 'folder:f1').size).toBe(2);
      expect(round.find((page) => page.stream === 'folder:f1')).toMatchObject({ mode: 'full', first: true });
    }
  });
});

describe('a corrupt message', () => {
  const ids = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8', 'm9', 'm10', 'm11'];
  const poisoned: Answer[] = [
    at(`${USER}/mailFolders/f1/messages/delta`, () => refusal(500, 'InternalServerError')),
    at(`${USER}/mailFolders/f1/messages?`, ({ url }) => {
      const skip = Number(url.searchParams.get('$skip') ?? 0);
      const top = Number(url.searchParams.get('$top'));
      const idsOnly = url.searchParams.get('$select') === 'id';
      const shown = ids.slice(skip, skip + top);
      if (shown.includes('m5') && !idsOnly) return refusal(500, 'InternalServerError');
      const value = shown.map((id) => (idsOnly ? { id } : withProperties(message(id))));
      return list(value, skip + top < ids.length ? { next: `/v1.0/next-${skip + top}` } : {});
    }),
    at(`${USER}/messages/m5`, () => refusal(500, 'ErrorContentConversionFailed')),
    at('/next-', () => refusal(500, 'InternalServerError')),
  ];

  it('is isolated and listed by its id, and the others are listed whole', async () => {
    const pages = await read(tenantDouble([...poisoned, ...tree, ...empty]));

    const items = itemsOf(pages, 'folder:f1');
    expect([...items.keys()].sort()).toEqual([...ids].sort());
    expect([...items.values()].filter((item) => item.bytes === null).map((item) => item.key)).toEqual(['m5']);
    expect(state(pages, 'm5').messageClass).toBeNull();
  });
});

describe('messages in later rounds', () => {
  const cursors = new Map([
    ['folder:f1', JSON.stringify({ walk: 'changes', link: `${ENDPOINT}/v1.0/changes` })],
  ]);
  let reads: string[] = [];
  beforeEach(() => {
    reads = [];
  });
  const single = at(`${USER}/messages/`, ({ path }) => {
    const id = /messages\/(\w+)/.exec(path)?.[1] ?? '';
    reads.push(id);
    if (id === 'gone') return refusal(404, 'ErrorItemNotFound');
    return json(withProperties(message(id, id === 'moved' ? { parentFolderId: 'f2' } : {})));
  });

  it('are read again by id, since a delta shows changed properties alone', async () => {
    const changes = at('/changes', () => list([{ id: 'm1', isRead: true }], { delta: '/v1.0/changes-2' }));

    const pages = await read(tenantDouble([changes, single, ...tree, ...empty]), cursors);

    expect(reads).toEqual(['m1']);
    expect(state(pages, 'm1')).toMatchObject({
      messageClass: 'IPM.Note',
      internetMessageId: '<m1@old.example>',
    });
    expect(pages.find((page) => page.stream === 'folder:f1')).toMatchObject({
      mode: 'delta',
      first: false,
      last: true,
    });
  });

  it('are removed when the delta says so, when they are gone and when they moved', async () => {
    const value = [{ id: 'm1', '@removed': { reason: 'deleted' } }, { id: 'gone' }, { id: 'moved' }];
    const changes = at('/changes', () => list(value, { delta: '/v1.0/changes-2' }));

    const pages = await read(tenantDouble([changes, single, ...tree, ...empty]), cursors);

    const page = pages.find((each) => each.stream === 'folder:f1');
    expect(page?.items).toEqual([]);
    expect(page?.removed.map((each) => each.key).sort()).toEqual(['gone', 'm1', 'moved']);
  });

  it.each([
    [410, 'resyncRequired'],
    [400, 'syncStateNotFound'],
  ])('start over by themselves when the link expired with %i %s', async (status, code) => {
    const answers = [
      at('/changes', () => refusal(status, code)),
      at(`${USER}/mailFolders/f1/messages/delta`, () => list([message('m1')], { delta: '/v1.0/d' })),
      at(`${USER}/mailFolders/f1/messages?`, () => list([withProperties(message('m1'))])),
    ];

    const pages = await read(tenantDouble([...answers, ...tree, ...empty]), cursors);

    const own = pages.filter((page) => page.stream === 'folder:f1');
    expect(own[0]).toMatchObject({ mode: 'full', first: true });
    expect(own.at(-1)).toMatchObject({ mode: 'full', last: true });
  });

  it('do not loop where every delta link is expired at once', async () => {
    const answers = [
      at('/changes', () => refusal(410, 'resyncRequired')),
      at(`${USER}/mailFolders/f1/messages/delta`, () => refusal(410, 'resyncRequired')),
      at(`${USER}/mailFolders/f1/messages?`, () => list([withProperties(message('m1'))])),
    ];

    const pages = await read(tenantDouble([...answers, ...tree, ...empty]), cursors);

    expect(itemsOf(pages, 'folder:f1').size).toBe(1);
  });
});
