import { describe, expect, it } from 'vitest';
import { type Asker, errorCode, IMMUTABLE, openTenant, valuesOf, walk } from './ask.ts';

const USER = 'ann@old.example';
const DELTA = `/v1.0/users/${USER}/mailFolders/inbox/messages/delta`;
const SELECT = '$select=id,isRead,changeKey,parentFolderId,subject';
const message = (position: number) => `AAkALg-AQMkInbox-${position}`;

async function firstRound(asker: Asker, query = SELECT): Promise<string> {
  return (await walk(asker, `${DELTA}?${query}`, { prefer: 'IdType="ImmutableId", odata.maxpagesize=10' }))
    .deltaLink;
}

async function nextRound(asker: Asker, link: string) {
  return await walk(asker, link, IMMUTABLE);
}

describe('a delta of a folder', () => {
  it('lists the folder first, in pages of the preferred size', async () => {
    const asker = await openTenant();

    const page = await asker.ask(`${DELTA}?${SELECT}`, { headers: { prefer: 'odata.maxpagesize=7' } });
    const { values, deltaLink } = await walk(asker, `${DELTA}?${SELECT}`, IMMUTABLE);

    expect(valuesOf(page.body)).toHaveLength(7);
    expect(page.headers.get('preference-applied')).toBe('odata.maxpagesize=7');
    expect(values.map((one) => one['id'])).toEqual(Array.from({ length: 25 }, (_, at) => message(at)));
    expect(deltaLink).toContain('$deltatoken=');
  });

  it('shows nothing when nothing has changed, and links on', async () => {
    const asker = await openTenant();

    const round = await nextRound(asker, await firstRound(asker));

    expect(round.values).toEqual([]);
    expect(round.deltaLink).not.toBe('');
  });

  it('shows what came, changed and went, each once', async () => {
    const asker = await openTenant();
    const link = await firstRound(asker);
    const added = await asker.change({ op: 'add-message', user: USER, resource: { subject: 'new' } });
    await asker.change({
      op: 'flag-message',
      user: USER,
      messageId: message(4),
      resource: { isRead: false },
    });
    await asker.change({ op: 'flag-message', user: USER, messageId: message(4), resource: { isRead: true } });
    await asker.change({ op: 'delete-message', user: USER, messageId: message(5) });
    await asker.change({ op: 'move-message', user: USER, messageId: message(6), folder: 'AQMkProject' });
    await asker.change({
      op: 'move-message',
      user: USER,
      messageId: 'AAkALg-AQMkProject-0',
      folder: 'inbox',
    });

    const { values, deltaLink } = await nextRound(asker, link);

    expect(values).toEqual([
      expect.objectContaining({ id: added['id'], subject: 'new', parentFolderId: 'AQMkInbox' }),
      {
        '@odata.type': '#microsoft.graph.message',
        '@odata.etag': expect.any(String),
        id: message(4),
        isRead: true,
      },
      { '@odata.type': '#microsoft.graph.message', id: message(5), '@removed': { reason: 'deleted' } },
      { '@odata.type': '#microsoft.graph.message', id: message(6), '@removed': { reason: 'deleted' } },
      expect.objectContaining({
        id: 'AAkALg-AQMkProject-0',
        parentFolderId: 'AQMkInbox',
        subject: 'Subject 0',
      }),
    ]);
    expect((await nextRound(asker, deltaLink)).values).toEqual([]);
  });

  it('pages later rounds too', async () => {
    const asker = await openTenant();
    const link = await firstRound(asker);
    for (let at = 0; at < 12; at++) await asker.change({ op: 'add-message', user: USER });

    const { values, pages } = await nextRound(asker, link);

    expect([new Set(values.map((one) => one['id'])).size, pages]).toEqual([12, 2]);
  });

  it('bakes its parameters into the token and never gives extended properties', async () => {
    const asker = await openTenant();
    const expand = "$expand=singleValueExtendedProperties($filter=id eq 'String 0x001A')";
    const { body } = await asker.ask(`${DELTA}?$select=subject&$top=1&${expand}`);
    const next = String(body['@odata.nextLink']);

    const [second] = valuesOf((await asker.ask(next)).body);

    expect(Object.keys(valuesOf(body)[0]!)).toEqual(['@odata.type', '@odata.etag', 'subject', 'id']);
    expect(Object.keys(second!)).toEqual(['@odata.type', '@odata.etag', 'subject', 'id']);
  });

  it('starts over with 410 once its tokens have expired, or for tokens of others', async () => {
    const asker = await openTenant();
    const link = await firstRound(asker);
    const foreign = await asker.ask(link.replace('/inbox/', '/sentitems/'));
    await asker.change({ op: 'expire-cursors' });

    const expired = await asker.ask(link);
    const unknown = await asker.ask(`${DELTA}?$deltatoken=abc`);

    for (const answer of [foreign, expired, unknown]) {
      expect([answer.status, errorCode(answer.body)]).toEqual([410, 'syncStateNotFound']);
    }
    expect(expired.headers.get('location')).toMatch(/\$deltatoken=$/);
  });

  it('takes a filter by received time alone', async () => {
    const asker = await openTenant();

    const filtered = await walk(
      asker,
      `${DELTA}?$filter=receivedDateTime ge 2026-01-31T10:00:00Z&$select=id`,
    );

    expect(filtered.values).toHaveLength(3);
    expect((await asker.ask(`${DELTA}?$filter=isRead eq true`)).status).toBe(400);
    expect((await asker.ask(`${DELTA}?$orderby=subject`)).status).toBe(400);
  });
});

describe('changes at the source', () => {
  it('show in lists and counts', async () => {
    const asker = await openTenant();
    await asker.change({
      op: 'add-message',
      user: USER,
      resource: { receivedDateTime: '2026-01-31T11:30:00Z' },
    });
    await asker.change({ op: 'move-message', user: USER, messageId: message(3), folder: 'AQMkProject' });
    await asker.change({ op: 'move-message', user: USER, messageId: message(4), folder: 'AQMkProject' });
    await asker.change({ op: 'move-message', user: USER, messageId: message(4), folder: 'inbox' });
    await asker.change({ op: 'delete-message', user: USER, messageId: message(0) });
    const folder = `/v1.0/users/${USER}/mailFolders/inbox`;

    const { values } = await walk(asker, `${folder}/messages?$select=receivedDateTime&$top=6`, IMMUTABLE);
    const times = values.map((one) => String(one['receivedDateTime']));

    expect(times).toEqual(times.toSorted().reverse());
    expect(values).toHaveLength(24);
    expect(times[0]).toBe('2026-01-31T11:30:00Z');
    expect((await asker.ask(folder)).body['totalItemCount']).toBe(24);
  });

  it('bring MIME of their own', async () => {
    const asker = await openTenant();
    const { id } = await asker.change({
      op: 'add-message',
      user: USER,
      mime: 'Subject: own\r\n\r\nbody\r\n',
    });

    const { body } = await asker.raw(`/v1.0/users/${USER}/messages/${String(id)}/$value`);

    expect(Buffer.from(body as Uint8Array).toString()).toBe('Subject: own\r\n\r\nbody\r\n');
  });

  it.each([
    [{ op: 'add-message', user: 'nobody' }],
    [{ op: 'move-message', user: USER, messageId: 'none', folder: 'inbox' }],
    [{ op: 'add-message', user: USER, folder: 'none' }],
    [{ op: 'sing', user: USER }],
  ])('that cannot be made (%o) are refused', async (change) => {
    const asker = await openTenant();

    expect(await asker.change(change as never)).toHaveProperty('error');
  });
});
