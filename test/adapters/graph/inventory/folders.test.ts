import { describe, expect, it } from 'vitest';
import { at, collect, json, list, never, refusal } from '../tenant-double.ts';
import { ann, exactly, inventoryOf, MAILBOX, requestsFollowTheMetadata, rootWith } from './reading.ts';

const root = `${MAILBOX}/mailFolders/msgfolderroot/childFolders`;

function folder(id: string, facts: object = {}) {
  return { id, displayName: id, childFolderCount: 0, totalItemCount: 1, isHidden: false, ...facts };
}

describe('folders of the source', () => {
  it('are walked through all levels, hidden ones too, with path, well-known name and root', async () => {
    const { inventory } = inventoryOf([
      exactly(`${MAILBOX}/mailFolders/inbox`, () => json(folder('i', { displayName: 'Inbox' }))),
      exactly(root, () => list([folder('i', { displayName: 'Inbox' }), folder('h', { isHidden: true })])),
      exactly(`${MAILBOX}/mailFolders/i/childFolders`, () =>
        list([folder('p', { displayName: 'Projects' })]),
      ),
      exactly(`${MAILBOX}/mailFolders/p/childFolders`, () => list([folder('q', { totalItemCount: 7 })])),
      at(`${MAILBOX}/mailFolders/h/`, () => list([])),
      at(`${MAILBOX}/mailFolders/q/`, () => list([])),
    ]);

    const found = await collect(inventory.containers(ann, never));

    expect(found.map(({ path, wellKnown, root, hidden }) => ({ path, wellKnown, root, hidden }))).toEqual([
      { path: ['Inbox'], wellKnown: 'inbox', root: 'inbox', hidden: false },
      { path: ['h'], wellKnown: null, root: null, hidden: true },
      { path: ['Inbox', 'Projects'], wellKnown: null, root: 'inbox', hidden: false },
      { path: ['Inbox', 'Projects', 'q'], wellKnown: null, root: 'inbox', hidden: false },
    ]);
    expect(found.at(-1)?.serviceCount).toBe(7);
  });

  it('include a child that childFolderCount does not tell of', async () => {
    const { inventory } = inventoryOf([
      exactly(root, () => list([{ id: 'a', displayName: 'a' }])),
      exactly(`${MAILBOX}/mailFolders/a/childFolders`, () => list([folder('b')])),
      at(`${MAILBOX}/mailFolders/b/`, () => list([])),
    ]);

    const found = await collect(inventory.containers(ann, never));

    expect(found.map(({ id, serviceCount }) => [id, serviceCount])).toEqual([
      ['a', null],
      ['b', 1],
    ]);
  });

  it('include well-known ones that lie outside the root, once', async () => {
    const { inventory } = inventoryOf([
      exactly(`${MAILBOX}/mailFolders/inbox`, () => json(folder('i'))),
      exactly(`${MAILBOX}/mailFolders/recoverableitemsdeletions`, () => json(folder('r'))),
      ...rootWith(folder('i')),
    ]);

    const found = await collect(inventory.containers(ann, never));

    expect(found.map(({ id, root }) => [id, root])).toEqual([
      ['i', 'inbox'],
      ['r', 'recoverableitemsdeletions'],
    ]);
  });

  it('that are searches are virtual and not entered', async () => {
    const { inventory, tenant } = inventoryOf([
      exactly(`${MAILBOX}/mailFolders/searchfolders`, () => json(folder('all'))),
      ...rootWith(folder('s', { '@odata.type': '#microsoft.graph.mailSearchFolder', childFolderCount: 1 })),
    ]);

    const found = await collect(inventory.containers(ann, never));

    expect(found.map(({ id, virtual }) => [id, virtual])).toEqual([
      ['s', true],
      ['all', true],
    ]);
    expect(tenant.paths().filter((path) => /mailFolders\/(s|all)\//.test(path))).toEqual([]);
  });

  it.each([
    [404, 'ErrorItemNotFound'],
    [404, 'ErrorFolderNotFound'],
    [400, 'ErrorInvalidIdMalformed'],
  ])('may lack a well-known one (%i %s)', async (status, code) => {
    const { inventory } = inventoryOf([
      exactly(`${MAILBOX}/mailFolders/archive`, () => refusal(status, code)),
      ...rootWith(folder('a')),
    ]);

    expect(await collect(inventory.containers(ann, never))).toHaveLength(1);
  });

  it('follow an empty page that has a link', async () => {
    const next = '/v1.0/users/oid-ann/mailFolders/msgfolderroot/childFolders?$skip=10';
    const { inventory } = inventoryOf([
      (request) => (request.url.searchParams.get('$skip') === '10' ? list([folder('late')]) : null),
      exactly(root, () => list([], { next })),
      at(`${MAILBOX}/mailFolders/late/`, () => list([])),
    ]);

    expect((await collect(inventory.containers(ann, never))).map(({ id }) => id)).toEqual(['late']);
  });

  it('leave out what is below a folder that is deleted during the walk', async () => {
    const { inventory } = inventoryOf([
      exactly(root, () => list([folder('gone'), folder('stays')])),
      at(`${MAILBOX}/mailFolders/gone/`, () => refusal(404, 'ErrorItemNotFound')),
      at(`${MAILBOX}/mailFolders/stays/`, () => list([])),
    ]);

    expect(await collect(inventory.containers(ann, never))).toHaveLength(2);
  });

  it('end when folders name each other as children', async () => {
    const { inventory } = inventoryOf([
      exactly(root, () => list([folder('a')])),
      at(`${MAILBOX}/mailFolders/a/`, () => list([folder('a')])),
    ]);

    expect(await collect(inventory.containers(ann, never))).toHaveLength(1);
  });

  it('cannot be read where there is no mailbox', async () => {
    const { inventory } = inventoryOf([at(MAILBOX, () => refusal(404, 'MailboxNotEnabledForRESTAPI'))]);

    await expect(collect(inventory.containers(ann, never))).rejects.toMatchObject({
      name: 'NotFound',
      scope: 'job',
    });
  });

  it('cannot be read where the mailbox is outside the access policy, which stops this mailbox alone', async () => {
    const { inventory } = inventoryOf([at(MAILBOX, () => refusal(403, 'ErrorAccessDenied'))]);

    await expect(collect(inventory.containers(ann, never))).rejects.toMatchObject({
      name: 'Auth',
      scope: 'job',
    });
  });
});

requestsFollowTheMetadata();
