import { afterAll, describe, expect, it } from 'vitest';
import { createMailTarget } from '../../../adapters/google/mail.ts';
import type { LabelValue, MailValue, MessageValue } from '../../../src/core/google.ts';
import { ANN, failure, faults, jobOf, never, resetAnswer, type Script, ScriptedTenant } from './tenant.ts';

const job = jobOf('mail');
const LABELS = '/gmail/v1/users/me/labels';
const IMPORT = 'POST /upload/gmail/v1/users/me/messages/import';
const listed = (...names: string[]) => ({
  json: {
    labels: [
      { id: 'INBOX', name: 'INBOX', type: 'system' },
      ...names.map((name, at) => ({ id: `Label_${at + 1}`, name, type: 'user' })),
    ],
  },
});

const label = (name: string | null, facts: Partial<LabelValue> = {}): LabelValue => ({
  kind: 'label',
  name,
  system: [],
  ...facts,
});
const message = (facts: Partial<MessageValue> = {}): MessageValue => ({
  kind: 'message',
  method: 'import',
  messageId: 'a1@old.example',
  system: ['INBOX', 'UNREAD'],
  labelIds: ['Label_7'],
  labelNames: [],
  mime: {
    header: Buffer.from('Message-ID: <a1@old.example>\r\n\r\n'),
    rest: whole(Buffer.from('Grüße\r\n', 'latin1')),
  },
  ...facts,
});
function whole(bytes: Uint8Array) {
  return {
    bytes: bytes.byteLength,
    whole: bytes,
    async *open() {
      yield bytes;
    },
  };
}

function put(script: Script, value: MailValue, prior = null as Parameters<Target['put']>[3]) {
  const tenant = new ScriptedTenant(script);
  const answer = createMailTarget(tenant.google).put(job, 'key', value, prior, never);
  return { tenant, answer };
}
type Target = ReturnType<typeof createMailTarget>;

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('messages', () => {
  it('imports with labels, header date and no processing of invitations', async () => {
    const { tenant, answer } = put(
      { [IMPORT]: { json: { id: 'm1', labelIds: ['INBOX', 'UNREAD', 'Label_7'] } } },
      message(),
    );

    expect(await answer).toEqual({
      targetId: 'm1',
      wrote: { labelIds: ['INBOX', 'Label_7', 'UNREAD'] },
      losses: [],
    });
    const sent = tenant.last(IMPORT);
    expect(Object.fromEntries(sent.query)).toMatchObject({
      uploadType: 'multipart',
      neverMarkSpam: 'true',
      processForCalendar: 'false',
      internalDateSource: 'dateHeader',
    });
    expect(sent.query.get('quotaUser')).toMatch(/^[0-9a-f]{40}$/);
    expect(sent.text).toContain(
      'Content-Type: message/rfc822\r\n\r\nMessage-ID: <a1@old.example>\r\n\r\nGr\xfc\xdfe',
    );
    expect(sent.text).toContain('"labelIds":["INBOX","UNREAD","Label_7"]');
  });

  it('signs in as the owner of the mailbox', async () => {
    const { tenant, answer } = put({ [IMPORT]: { json: { id: 'm1' } } }, message());
    await answer;

    const claims = tenant.tokenRequests[0]!.get('assertion')!.split('.')[1]!;
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ sub: ANN });
  });

  it('inserts a further body under a Message-ID with the date of its header', async () => {
    const route = 'POST /upload/gmail/v1/users/me/messages';
    const { tenant, answer } = put({ [route]: { json: { id: 'm2' } } }, message({ method: 'insert' }));

    expect((await answer).targetId).toBe('m2');
    expect(tenant.last(route).query.get('internalDateSource')).toBe('dateHeader');
    expect(tenant.last(route).query.has('neverMarkSpam')).toBe(false);
  });

  it('puts labels on that an import merged away', async () => {
    const modify = 'POST /gmail/v1/users/me/messages/m1/modify';
    const { tenant, answer } = put(
      { [IMPORT]: { json: { id: 'm1', labelIds: ['INBOX'] } }, [modify]: { json: { id: 'm1' } } },
      message(),
    );

    await answer;
    expect(tenant.last(modify).body).toEqual({ addLabelIds: ['UNREAD', 'Label_7'] });
  });

  it('creates a draft, remembers its id and labels it afterwards', async () => {
    const create = 'POST /upload/gmail/v1/users/me/drafts';
    const modify = 'POST /gmail/v1/users/me/messages/m3/modify';
    const { tenant, answer } = put(
      {
        [create]: { json: { id: 'd3', message: { id: 'm3', labelIds: ['DRAFT'] } } },
        [modify]: { json: { id: 'm3' } },
      },
      message({ method: 'draft', system: ['DRAFT'] }),
    );

    expect(await answer).toEqual({
      targetId: 'm3',
      wrote: { labelIds: ['DRAFT', 'Label_7'], draftId: 'd3' },
      losses: [],
    });
    expect(tenant.last(modify).body).toEqual({ addLabelIds: ['Label_7'] });
  });

  it('inserts a draft that Gmail finds too large', async () => {
    const { tenant, answer } = put(
      {
        'POST /upload/gmail/v1/users/me/drafts': { status: 413, text: 'Request Too Large' },
        'POST /upload/gmail/v1/users/me/messages': { json: { id: 'm4', labelIds: ['DRAFT', 'Label_7'] } },
      },
      message({ method: 'draft', system: [] }),
    );

    expect((await answer).targetId).toBe('m4');
    expect(tenant.last('POST /upload/gmail/v1/users/me/messages').text).toContain('"DRAFT"');
  });

  it('deletes a draft that was sent since before it imports it', async () => {
    const prior = { targetId: 'm3', wrote: { labelIds: ['DRAFT'], draftId: 'd3' } };
    const { tenant, answer } = put(
      { 'DELETE /gmail/v1/users/me/drafts/d3': { status: 204 }, [IMPORT]: { json: { id: 'm5' } } },
      message({ system: ['SENT'] }),
      prior,
    );

    expect((await answer).targetId).toBe('m5');
    expect(tenant.asked).toEqual(['DELETE /gmail/v1/users/me/drafts/d3', IMPORT]);
  });

  it.each([
    {
      title: 'SENT, where Gmail does not take it',
      system: ['SENT'] as const,
      there: listed('Other', 'A', 'B', 'C', 'D', 'E', 'F'),
      kept: ['SENT', 'Label_7'],
      loss: { field: 'labels', kind: 'dropped', reason: 'label-fixed-by-gmail' },
    },
    {
      title: 'a label that the user has deleted',
      system: ['INBOX'] as const,
      there: listed('Other'),
      kept: ['INBOX'],
      loss: { field: 'labels', kind: 'dropped', reason: 'label-missing' },
    },
  ])('imports a message without $title', async ({ system, there, kept, loss }) => {
    const { answer } = put(
      {
        [IMPORT]: [failure(400, 'invalidArgument', 'Invalid label: X'), { json: { id: 'm1' } }],
        [`GET ${LABELS}`]: there,
      },
      message({ system }),
    );

    const receipt = await answer;
    expect(new Set((receipt.wrote as { labelIds: string[] }).labelIds)).toEqual(new Set(kept));
    expect(receipt.losses).toEqual([loss]);
  });

  it.each([
    { reply: { status: 413, text: 'Request Too Large' }, code: 'too-large' },
    {
      reply: failure(
        400,
        'invalidArgument',
        'Invalid attachment. See https://support.google.com/mail/answer/6590',
      ),
      code: 'blocked-attachment',
    },
    { reply: failure(400, 'invalidArgument', "Expected a single 'From' header"), code: 'invalidArgument' },
    { reply: failure(404, 'notFound', 'Requested entity was not found.'), code: 'mailbox-not-found' },
  ])('refuses a message for good with $code', async ({ reply, code }) => {
    const { answer } = put({ [IMPORT]: reply }, message());

    await expect(answer).rejects.toMatchObject({ name: 'Rejected', code });
  });

  it.each([
    ['a reset', resetAnswer()],
    ['a server error', failure(500, 'backendError', 'Backend Error')],
    ['an answer without an id', { json: {} }],
  ])('leaves an import open after %s', async (_title, reply) => {
    const { tenant, answer } = put({ [IMPORT]: reply }, message());

    await expect(answer).rejects.toMatchObject({ name: 'AmbiguousWrite' });
    expect(tenant.asked).toEqual([IMPORT]);
  });

  it('waits until a new mailbox is ready', async () => {
    const { tenant, answer } = put(
      {
        [IMPORT]: [
          failure(400, 'failedPrecondition', 'Mail service not enabled', 'FAILED_PRECONDITION'),
          { json: { id: 'm1' } },
        ],
      },
      message(),
    );

    expect((await answer).targetId).toBe('m1');
    expect(tenant.clock.ticks()).toBeGreaterThanOrEqual(10_000);
  });

  it('changes the labels of a message by their difference and leaves those of others alone', async () => {
    const modify = 'POST /gmail/v1/users/me/messages/m1/modify';
    const prior = { targetId: 'm1', wrote: { labelIds: ['INBOX', 'UNREAD', 'SENT', 'Label_7'] } };
    const { tenant, answer } = put(
      { [modify]: { json: { id: 'm1' } } },
      message({ mime: null, system: ['STARRED'], labelIds: ['Label_7'] }),
      prior,
    );

    expect((await answer).losses).toEqual([
      { field: 'labels', kind: 'changed', reason: 'label-fixed-by-gmail' },
    ]);
    expect(tenant.last(modify).body).toEqual({
      addLabelIds: ['STARRED'],
      removeLabelIds: ['INBOX', 'UNREAD'],
    });
  });

  it('says that a message was deleted at Google', async () => {
    const { answer } = put({}, message({ mime: null }), { targetId: 'm1', wrote: { labelIds: [] } });

    await expect(answer).rejects.toMatchObject({ name: 'Rejected', code: 'deleted-at-target' });
  });
});

describe('finding', () => {
  const LIST = 'GET /gmail/v1/users/me/messages';
  const found = (id: string, labelIds: string[], messageId = '<a1@old.example>') => ({
    [`GET /gmail/v1/users/me/messages/${id}`]: {
      json: { id, labelIds, payload: { headers: [{ name: 'Message-Id', value: messageId }] } },
    },
  });
  const find = (script: Script, value: MailValue, settled: string[] = []) => {
    const tenant = new ScriptedTenant(script);
    return { tenant, answer: createMailTarget(tenant.google).find(job, 'k', value, new Set(settled), never) };
  };

  it('finds a message by its Message-ID, less those that are settled, and makes its labels right', async () => {
    const modify = 'POST /gmail/v1/users/me/messages/m2/modify';
    const { tenant, answer } = find(
      {
        [LIST]: { json: { messages: [{ id: 'm1' }, { id: 'm2' }] } },
        ...found('m2', ['INBOX', 'STARRED', 'CATEGORY_UPDATES', 'Label_7']),
        [modify]: { json: { id: 'm2' } },
      },
      message(),
      ['m1'],
    );

    expect(await answer).toMatchObject({ targetId: 'm2' });
    expect(tenant.last(LIST).query.get('q')).toBe('rfc822msgid:a1@old.example');
    expect(tenant.last(LIST).query.get('includeSpamTrash')).toBe('true');
    expect(tenant.last(modify).body).toEqual({ addLabelIds: ['UNREAD'], removeLabelIds: ['STARRED'] });
  });

  it('takes no message whose Message-ID only resembles the one sought', async () => {
    const { answer } = find(
      { [LIST]: { json: { messages: [{ id: 'm1' }] } }, ...found('m1', [], '<other@old.example>') },
      message(),
    );

    expect(await answer).toBeNull();
  });

  it('tells nothing found from an answer without a list', async () => {
    const { answer } = find({ [LIST]: { json: { resultSizeEstimate: 0 } } }, message());

    expect(await answer).toBeNull();
  });

  it('finds the id of a draft', async () => {
    const { answer } = find(
      {
        [LIST]: { json: { messages: [{ id: 'm3' }] } },
        ...found('m3', ['DRAFT', 'Label_7']),
        'GET /gmail/v1/users/me/drafts': { json: { drafts: [{ id: 'd3', message: { id: 'm3' } }] } },
      },
      message({ method: 'draft', system: [] }),
    );

    expect(await answer).toMatchObject({ targetId: 'm3', wrote: { draftId: 'd3' } });
  });

  it.each([
    { value: label('A'), ms: 0 },
    { value: message(), ms: 60_000 },
    { value: message({ mime: null }), ms: 0 },
  ])('trusts a search for $value.kind after $ms ms', ({ value, ms }) => {
    expect(createMailTarget(new ScriptedTenant().google).visibleAfterMs(value)).toBe(ms);
  });
});
