import { describe, expect, it } from 'vitest';
import type { MailReadOptions } from '../../../../src/core/facts.ts';
import { readMessageFacts } from '../../../../src/core/message-facts.ts';
import { at, collect, json, list, never, refusal } from '../tenant-double.ts';
import {
  ann,
  answerWindow,
  exactly,
  ITEMS,
  inventoryOf,
  MAILBOX,
  requestsFollowTheMetadata,
  rootWith,
} from './reading.ts';

const inbox = rootWith({ id: 'i', displayName: 'Inbox' });
const messages = `${MAILBOX}/mailFolders/i/messages`;
const EML = 'Message-ID: <one@old.example>\r\nSubject: s\r\nFrom: ann@old.example\r\n\r\nhello\r\n';

function message(id: string, facts: object = {}) {
  return { id, internetMessageId: `<${id}@old.example>`, isRead: true, ...facts };
}

function reading(depth: MailReadOptions['depth'], ...ids: (string | null)[]): MailReadOptions {
  return { depth, needsContent: (messageId) => ids.includes(messageId) };
}

describe('messages of the source', () => {
  it('tell identity, state, times, class and size', async () => {
    const { inventory, tenant } = inventoryOf([
      exactly(messages, () =>
        list([
          message('one', {
            isRead: false,
            isDraft: true,
            flag: { flagStatus: 'flagged' },
            importance: 'high',
            categories: ['Red'],
            receivedDateTime: '2026-03-01T10:00:00Z',
            createdDateTime: '2026-03-01T10:00:01Z',
            lastModifiedDateTime: '2026-03-02T10:00:00Z',
            singleValueExtendedProperties: [
              { id: 'Integer 0xe08', value: '20480' },
              { id: 'String 0x1a', value: 'IPM.Note' },
            ],
          }),
        ]),
      ),
      ...inbox,
    ]);

    const [fact] = await collect(inventory.messages(ann, ITEMS, never));

    expect(fact).toMatchObject({
      id: 'one',
      containers: ['i'],
      messageId: 'one@old.example',
      read: false,
      draft: true,
      starred: true,
      important: true,
      categories: ['Red'],
      receivedAt: Date.UTC(2026, 2, 1, 10),
      modifiedAt: Date.UTC(2026, 2, 2, 10),
      bytes: 20480,
      messageClass: 'IPM.Note',
      bodyHash: null,
    });
    const [request] = tenant.seen.filter(({ path }) => path.startsWith(messages));
    expect(request?.headers.get('prefer')).toContain('IdType="ImmutableId"');
    expect(request?.url.searchParams.get('$top')).toBe('1000');
  });

  it('may lack every field but the id', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, () =>
        list([{ id: 'bare', flag: null, categories: null, unknown: 1 }, { noId: true }]),
      ),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toEqual([
      {
        kind: 'message',
        id: 'bare',
        containers: ['i'],
        messageId: null,
        headerHash: null,
        bodyHash: null,
        bytesHash: null,
        headerNames: null,
        read: true,
        starred: false,
        draft: false,
        important: false,
        categories: [],
        receivedAt: null,
        modifiedAt: null,
        createdAt: null,
        bytes: null,
        messageClass: null,
      },
    ]);
  });

  it('come without class and size where the service refuses to expand them', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, ({ url }) =>
        url.searchParams.has('$expand') ? refusal(400, 'ErrorInvalidProperty') : list([message('one')]),
      ),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toMatchObject([{ bytes: null }]);
  });

  it('are not read at depth counts', async () => {
    const { inventory, tenant } = inventoryOf(inbox);

    expect(await collect(inventory.messages(ann, reading('counts'), never))).toEqual([]);
    expect(tenant.seen).toEqual([]);
  });

  it('of search folders are not read', async () => {
    const { inventory, tenant } = inventoryOf(
      rootWith({ id: 's', displayName: 'Unread', '@odata.type': '#microsoft.graph.mailSearchFolder' }),
    );

    expect(await collect(inventory.messages(ann, ITEMS, never))).toEqual([]);
    expect(tenant.paths().some((path) => path.includes('/messages'))).toBe(false);
  });

  it('are read with their content only where it is asked for', async () => {
    const { inventory, tenant } = inventoryOf([
      exactly(messages, () => list([message('one'), message('two')])),
      exactly(`${MAILBOX}/messages/two/$value`, () => new Response(EML)),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, reading('items', 'two@old.example'), never));

    const { bodyHash, headerHash, bytesHash } = readMessageFacts(Buffer.from(EML));
    expect(found).toMatchObject([
      { id: 'one', bodyHash: null },
      { id: 'two', bodyHash, headerHash, bytesHash },
    ]);
    expect(tenant.paths().filter((path) => path.endsWith('$value'))).toHaveLength(1);
  });

  it('are all read with their content at depth content, at most four at once', async () => {
    let inFlight = 0;
    let most = 0;
    const ids = Array.from({ length: 12 }, (_, index) => `m${index}`);
    const { inventory } = inventoryOf([
      exactly(messages, () => list(ids.map((id) => message(id)))),
      at(`${MAILBOX}/messages/`, async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        return new Response(EML);
      }),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, reading('content'), never));

    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(found.every(({ bodyHash }) => bodyHash !== null)).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it.each([
    ['at once, by the vendor’s code', 'ErrorMimeContentConversionFailed', 1],
    ['after some patience, by the status', 'UnknownError', 3],
  ])('that cannot be rendered come without hashes (%s)', async (_, code, attempts) => {
    const { inventory, tenant } = inventoryOf([
      exactly(messages, () => list([message('one')])),
      exactly(`${MAILBOX}/messages/one/$value`, () => refusal(500, code)),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, reading('content'), never))).toMatchObject([
      { id: 'one', bodyHash: null, headerHash: null },
    ]);
    expect(tenant.paths().filter((path) => path.endsWith('$value'))).toHaveLength(attempts);
  });

  it('that are deleted before their content is read have gone', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, () => list([message('one'), message('two')])),
      exactly(`${MAILBOX}/messages/one/$value`, () => refusal(404, 'ErrorItemNotFound')),
      exactly(`${MAILBOX}/messages/two/$value`, () => new Response(EML)),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, reading('content'), never));

    expect(found.map(({ id }) => id)).toEqual(['two']);
  });

  it('are asked for again when the content breaks off', async () => {
    let attempts = 0;
    const { inventory } = inventoryOf([
      exactly(messages, () => list([message('one')])),
      exactly(`${MAILBOX}/messages/one/$value`, () => {
        attempts += 1;
        if (attempts > 1) return new Response(EML);
        const broken = new ReadableStream({
          start: (controller) => {
            controller.enqueue(Buffer.from(EML.slice(0, 20)));
            controller.error(new TypeError('terminated'));
          },
        });
        return new Response(broken);
      }),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, reading('content'), never));

    expect(found).toMatchObject([{ bodyHash: readMessageFacts(Buffer.from(EML)).bodyHash }]);
  });

  it('follow an empty page that has a link', async () => {
    const { inventory } = inventoryOf([
      (request) => (request.path.includes('$skiptoken=x') ? list([message('late')]) : null),
      exactly(messages, () => list([], { next: '/v1.0/users/oid-ann/mailFolders/i/messages?$skiptoken=x' })),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toMatchObject([{ id: 'late' }]);
  });

  it('start over from their position when a link has expired', async () => {
    const all = Array.from({ length: 3 }, (_, index) => message(`m${index}`));
    const { inventory } = inventoryOf([
      (request) => (request.path.includes('$skiptoken=x') ? refusal(410, 'resyncRequired') : null),
      exactly(messages, ({ url }) =>
        url.searchParams.get('$skip') === '2'
          ? list(all.slice(2))
          : list(all.slice(0, 2), { next: '/v1.0/users/oid-ann/mailFolders/i/messages?$skiptoken=x' }),
      ),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, ITEMS, never));

    expect(found.map(({ id }) => id)).toEqual(['m0', 'm1', 'm2']);
  });

  it('of a folder that is deleted meanwhile are none', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, () => refusal(404, 'ErrorItemNotFound')),
      exactly(`${MAILBOX}/mailFolders/k/messages`, () => list([message('kept')])),
      ...rootWith({ id: 'i', displayName: 'Inbox' }, { id: 'k', displayName: 'Kept' }),
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toMatchObject([{ id: 'kept' }]);
  });
});

describe('a list of messages with a corrupt one', () => {
  const all = Array.from({ length: 1437 }, (_, index) => message(`m${index}`));
  const ids = all.map(({ id }) => id);

  it.each([
    ['on the first page', [537]],
    ['as the very first', [0]],
    ['as the last', [1436]],
    ['several times', [3, 4, 537, 999, 1000]],
  ])('is read whole with the corrupt item %s', async (_, corrupt) => {
    const { inventory, tenant } = inventoryOf([
      exactly(messages, ({ url }) => answerWindow(url, all, corrupt)),
      at(`${MAILBOX}/messages/`, ({ path }) => json(message(path.split('?')[0]!.split('/').at(-1)!))),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, ITEMS, never));

    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(found.every(({ messageId }) => messageId !== null)).toBe(true);
    expect(tenant.seen.length).toBeLessThan(40 + 60 * corrupt.length);
  });

  it('names one that cannot be read by itself either by its id alone', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, ({ url }) => answerWindow(url, all.slice(0, 5), [2])),
      at(`${MAILBOX}/messages/`, () => refusal(500, 'ErrorInternalServerError')),
      ...inbox,
    ]);

    const found = await collect(inventory.messages(ann, ITEMS, never));

    expect(found.map(({ id, messageId }) => [id, messageId === null])).toEqual([
      ['m0', false],
      ['m1', false],
      ['m2', true],
      ['m3', false],
      ['m4', false],
    ]);
  });

  it('leaves out one that is deleted before it is read by itself', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, ({ url }) => answerWindow(url, all.slice(0, 3), [1])),
      at(`${MAILBOX}/messages/`, () => refusal(404, 'ErrorItemNotFound')),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toHaveLength(2);
  });

  it('cannot be read where not even ids come', async () => {
    const { inventory } = inventoryOf([
      exactly(messages, () => refusal(500, 'InternalServerError')),
      ...inbox,
    ]);

    await expect(collect(inventory.messages(ann, ITEMS, never))).rejects.toMatchObject({ status: 500 });
  });

  it('waits out a passing failure without narrowing', async () => {
    let failures = 0;
    const { inventory, tenant } = inventoryOf([
      exactly(messages, ({ url }) => {
        failures += 1;
        return failures < 3 ? refusal(503, 'serviceNotAvailable') : answerWindow(url, all, []);
      }),
      ...inbox,
    ]);

    expect(await collect(inventory.messages(ann, ITEMS, never))).toHaveLength(all.length);
    expect(tenant.seen.every(({ url }) => [null, '250', '1000'].includes(url.searchParams.get('$top')))).toBe(
      true,
    );
  });
});

requestsFollowTheMetadata();
