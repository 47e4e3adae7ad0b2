import { describe, expect, it } from 'vitest';
import type { MailReadOptions } from '../../../../src/core/facts.ts';
import { readMessageFacts } from '../../../../src/core/message-facts.ts';
import { failure, never, type Reply, type Script, type Seen } from '../tenant.ts';
import { ann, collect, GMAIL, ITEMS, inventoryOf, requestsFollowTheDescriptions } from './reading.ts';

const EML = 'Message-ID: <raw@old.example>\r\nFrom: ann@old.example\r\n\r\n\u00fc? hello >>>\r\n';

function message(id: string, facts: object = {}): Reply {
  const payload = { headers: [{ name: 'Message-Id', value: `<${id}@old.example>` }] };
  return {
    json: { id, labelIds: ['INBOX'], internalDate: '1772359200000', sizeEstimate: 2048, payload, ...facts },
  };
}

/** Answers `messages.list` and both forms of `messages.get` for these ids. */
function mailbox(ids: readonly string[], facts: Record<string, object> = {}): Script {
  const script: Script = {
    [`${GMAIL}/messages`]: { json: { messages: ids.map((id) => ({ id, threadId: id })) } },
  };
  for (const id of ids) {
    script[`${GMAIL}/messages/${id}`] = ({ query }) =>
      query.get('format') === 'raw'
        ? { json: { raw: Buffer.from(EML, 'latin1').toString('base64url') } }
        : message(id, facts[id]);
  }
  return script;
}

function reading(depth: MailReadOptions['depth'], ...ids: (string | null)[]): MailReadOptions {
  return { depth, needsContent: (messageId) => ids.includes(messageId) };
}

function formats(seen: readonly Seen[]) {
  return seen.flatMap(({ path, query }) =>
    query.has('format') ? [`${path.split('/').at(-1)} ${query.get('format')}`] : [],
  );
}

describe('labels of the target', () => {
  it('come with the service’s own count, system ones under their name', async () => {
    const { inventory } = inventoryOf({
      [`${GMAIL}/labels`]: {
        json: {
          labels: [
            { id: 'INBOX', name: 'INBOX', type: 'system' },
            { id: 'Label_1', name: 'Projects/2026', type: 'user' },
            { id: 'Label_2', name: 'Gone', type: 'user' },
            { name: 'no id' },
          ],
        },
      },
      [`${GMAIL}/labels/INBOX`]: { json: { id: 'INBOX', messagesTotal: 12 } },
      [`${GMAIL}/labels/Label_1`]: { json: { id: 'Label_1' } },
      [`${GMAIL}/labels/Label_2`]: failure(404, 'notFound', 'Requested entity was not found.'),
    });

    const found = await collect(inventory.containers(ann, never));

    expect(
      found.map(({ id, path, wellKnown, serviceCount }) => ({ id, path, wellKnown, serviceCount })),
    ).toEqual([
      { id: 'INBOX', path: ['INBOX'], wellKnown: 'label:INBOX', serviceCount: 12 },
      { id: 'Label_1', path: ['Projects', '2026'], wellKnown: null, serviceCount: null },
    ]);
  });

  it('may be none at all', async () => {
    const { inventory } = inventoryOf({ [`${GMAIL}/labels`]: { json: {} } });

    expect(await collect(inventory.containers(ann, never))).toEqual([]);
  });
});

describe('messages of the target', () => {
  it('tell identity, labels and state', async () => {
    const { inventory, tenant } = inventoryOf(
      mailbox(['a', 'b'], { b: { labelIds: ['UNREAD', 'STARRED', 'DRAFT', 'IMPORTANT', 'Label_1'] } }),
    );

    const found = await collect(inventory.messages(ann, ITEMS, never));

    expect(found).toMatchObject([
      {
        id: 'a',
        containers: ['INBOX'],
        messageId: 'a@old.example',
        read: true,
        starred: false,
        draft: false,
        receivedAt: 1772359200000,
        bytes: 2048,
        bodyHash: null,
      },
      { id: 'b', read: false, starred: true, draft: true, important: true },
    ]);
    expect(tenant.last(`${GMAIL}/messages`).query.get('includeSpamTrash')).toBe('true');
    expect(tenant.last(`${GMAIL}/messages/a`).query.getAll('metadataHeaders')).toEqual(['Message-ID']);
  });

  it('may lack every field', async () => {
    const { inventory } = inventoryOf({
      [`${GMAIL}/messages`]: { json: { messages: [{ id: 'a' }, {}] } },
      [`${GMAIL}/messages/a`]: { json: {} },
    });

    expect(await collect(inventory.messages(ann, ITEMS, never))).toMatchObject([
      { id: 'a', containers: [], messageId: null, read: true, receivedAt: null, bytes: null },
    ]);
  });

  it('follow an empty page that has a token, and pages without messages', async () => {
    const { inventory, tenant } = inventoryOf({
      ...mailbox(['late']),
      [`${GMAIL}/messages`]: [
        { json: { nextPageToken: 't1', resultSizeEstimate: 1 } },
        { json: { messages: [], nextPageToken: 't2' } },
        { json: { messages: [{ id: 'late' }] } },
      ],
    });

    expect(await collect(inventory.messages(ann, ITEMS, never))).toMatchObject([{ id: 'late' }]);
    const lists = tenant.seen.filter(({ path }) => path.endsWith('/messages'));
    expect(lists.map(({ query }) => query.get('pageToken'))).toEqual([null, 't1', 't2']);
  });

  it('are not read at depth counts', async () => {
    const { inventory, tenant } = inventoryOf({});

    expect(await collect(inventory.messages(ann, reading('counts'), never))).toEqual([]);
    expect(tenant.seen).toEqual([]);
  });

  it('are read with their content only where it is asked for', async () => {
    const { inventory, tenant } = inventoryOf(mailbox(['a', 'b']));

    const found = await collect(inventory.messages(ann, reading('items', 'b@old.example'), never));

    const { messageId: _, ...hashes } = readMessageFacts(Buffer.from(EML, 'latin1'));
    expect(found).toMatchObject([
      { id: 'a', bodyHash: null },
      { id: 'b', messageId: 'b@old.example', ...hashes },
    ]);
    expect(formats(tenant.seen).sort()).toEqual(['a metadata', 'b metadata', 'b raw']);
  });

  it('take their Message-ID from the content where the header is not shown', async () => {
    const { inventory } = inventoryOf(mailbox(['a'], { a: { payload: {} } }));

    const found = await collect(inventory.messages(ann, reading('items', null), never));

    expect(found).toMatchObject([{ messageId: 'raw@old.example' }]);
  });

  it('come without hashes where the answer holds no bytes', async () => {
    const { inventory } = inventoryOf({
      [`${GMAIL}/messages`]: { json: { messages: [{ id: 'a' }] } },
      [`${GMAIL}/messages/a`]: ({ query }) => (query.get('format') === 'raw' ? { json: {} } : message('a')),
    });

    expect(await collect(inventory.messages(ann, reading('content'), never))).toMatchObject([
      { id: 'a', bodyHash: null },
    ]);
  });

  it('that are deleted between list and get, or before their content is read, have gone', async () => {
    const gone = failure(404, 'notFound', 'Requested entity was not found.');
    const { inventory } = inventoryOf({
      ...mailbox(['a', 'b', 'c']),
      [`${GMAIL}/messages/a`]: gone,
      [`${GMAIL}/messages/b`]: ({ query }) => (query.get('format') === 'raw' ? gone : message('b')),
    });

    const found = await collect(inventory.messages(ann, reading('content'), never));

    expect(found.map(({ id }) => id)).toEqual(['c']);
  });

  it('are read at most four at once, in the order of the list', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    const { inventory, tenant, most } = counted(mailbox(ids));

    const found = await collect(inventory.messages(ann, reading('content'), never));

    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(formats(tenant.seen)).toHaveLength(60);
    expect(most()).toBeGreaterThan(1);
    expect(most()).toBeLessThanOrEqual(4);
  });
});

describe('a mailbox of the target that cannot be impersonated', () => {
  it.each([
    ['invalid_grant', 'Invalid email or User ID'],
    ['invalid_grant', 'Account is disabled'],
    ['invalid_grant', 'Bad Request'],
  ])('fails this mailbox alone (%s: %s)', async (error, description) => {
    const { inventory } = inventoryOf({
      'POST /token': { status: 400, json: { error, error_description: description } },
    });

    for (const list of [inventory.containers(ann, never), inventory.messages(ann, ITEMS, never)])
      await expect(collect<unknown>(list)).rejects.toMatchObject({ name: 'Auth', scope: 'job' });
  });

  it('fails this mailbox alone where Gmail is off for it', async () => {
    const { inventory } = inventoryOf({
      [`${GMAIL}/labels`]: failure(400, 'failedPrecondition', 'Precondition check failed.'),
    });

    await expect(collect(inventory.containers(ann, never))).rejects.toMatchObject({
      code: 'mailbox-not-ready',
      scope: 'item',
    });
  });
});

/** The same script, with the most requests for single messages that were open at once. */
function counted(script: Script) {
  const { inventory, tenant } = inventoryOf(script);
  let open = 0;
  let most = 0;
  const { call } = tenant.google;
  Object.assign(tenant.google, {
    call: async (...parts: Parameters<typeof call>) => {
      const isGet = parts[0] === 'gmail.messages.get';
      if (isGet) most = Math.max(most, ++open);
      try {
        return await call(...parts);
      } finally {
        if (isGet) open -= 1;
      }
    },
  });
  return { inventory, tenant, most: () => most };
}

requestsFollowTheDescriptions();
