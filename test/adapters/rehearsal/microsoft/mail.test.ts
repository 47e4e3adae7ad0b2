import { describe, expect, it } from 'vitest';
import { errorCode, IMMUTABLE, openTenant, valuesOf, walk } from './ask.ts';

const ANN = '/v1.0/users/ann@old.example';
const INBOX = `${ANN}/mailFolders/inbox/messages`;

describe('mail folders', () => {
  it('are the children of the root, without hidden ones unless asked for', async () => {
    const { ask } = await openTenant();
    const ids = async (query: string) =>
      valuesOf((await ask(`${ANN}/mailFolders${query}`)).body).map((one) => one['id']);

    expect(await ids('')).toEqual(['AQMkInbox', 'AQMkSent', 'AQMkSearch']);
    expect(await ids('?includeHiddenFolders=true')).toContain('AQMkHidden');
  });

  it('answer to well-known names, count their items and know their parents', async () => {
    const { ask } = await openTenant();
    const root = (await ask(`${ANN}/mailFolders/msgfolderroot`)).body;

    expect((await ask(`${ANN}/mailFolders/Inbox`)).body).toMatchObject({
      id: 'AQMkInbox',
      displayName: 'Postvak IN',
      totalItemCount: 25,
      unreadItemCount: 12,
      childFolderCount: 1,
      parentFolderId: root['id'],
    });
    expect(valuesOf((await ask(`${ANN}/mailFolders/${root['id']}/childFolders`)).body)).toHaveLength(3);
    expect(valuesOf((await ask(`${ANN}/mailFolders/inbox/childFolders`)).body)).toMatchObject([
      { id: 'AQMkProject' },
    ]);
  });

  it('name search folders by type', async () => {
    const { ask } = await openTenant();

    expect((await ask(`${ANN}/mailFolders/AQMkSearch`)).body['@odata.type']).toBe(
      '#microsoft.graph.mailSearchFolder',
    );
  });

  it.each([
    ['archive', 'ErrorFolderNotFound'],
    ['AQMkNone', 'ErrorItemNotFound'],
  ])('that are absent (%s) meet 404 %s', async (folder, code) => {
    const { ask } = await openTenant();

    const { status, body } = await ask(`${ANN}/mailFolders/${folder}`);

    expect([status, errorCode(body)]).toEqual([404, code]);
  });
});

describe('messages of a folder', () => {
  it('come newest first in pages of ten, each once', async () => {
    const asker = await openTenant();

    const { values, pages } = await walk(asker, `${INBOX}?$select=internetMessageId`, IMMUTABLE);

    expect(pages).toBe(3);
    expect(values.map((one) => one['internetMessageId'])).toEqual(
      Array.from({ length: 25 }, (_, at) => `<AQMkInbox-${at}@elsewhere.example>`),
    );
  });

  it('come oldest first on request', async () => {
    const asker = await openTenant();

    const { values } = await walk(asker, `${INBOX}?$orderby=receivedDateTime asc&$top=4&$select=subject`);

    expect(values.map((one) => one['subject'])).toEqual(
      Array.from({ length: 25 }, (_, at) => `Subject ${24 - at}`),
    );
  });

  it('are filtered, skipped and counted', async () => {
    const asker = await openTenant();
    const since = await walk(asker, `${INBOX}?$filter=receivedDateTime ge 2026-01-31T10:00:00Z&$select=id`);
    const skipped = await asker.ask(`${INBOX}?$skip=20&$top=10&$select=id`);

    expect(since.values).toHaveLength(3);
    expect(valuesOf(skipped.body)).toHaveLength(5);
    expect((await asker.ask(`${INBOX}?$count=true`)).body['@odata.count']).toBe(25);
  });

  it('show extended properties in the spelling of Exchange', async () => {
    const { ask } = await openTenant();
    const filter = "id eq 'Integer 0x0E08' or id eq 'String 0x001A'";

    const { body } = await ask(
      `${INBOX}?$top=1&$select=id&$expand=singleValueExtendedProperties($filter=${encodeURIComponent(filter)})`,
    );

    expect(valuesOf(body)[0]!['singleValueExtendedProperties']).toEqual([
      { id: 'Integer 0xe08', value: '2000' },
      { id: 'String 0x1a', value: 'IPM.Note' },
    ]);
  });

  it.each([
    ['?$top=1001', 'ErrorInvalidRequest'],
    ['?$select=size', 'BadRequest'],
    ['?$orderby=subject', 'InefficientFilter'],
    ['?$filter=isRead eq true&$orderby=receivedDateTime desc', 'InefficientFilter'],
  ])('refuse %s with %s', async (query, code) => {
    const { ask } = await openTenant();

    const { status, body } = await ask(`${INBOX}${query}`);

    expect([status, errorCode(body)]).toEqual([400, code]);
  });
});

describe('one message', () => {
  it('keeps its immutable id through a move, and loses its ordinary one', async () => {
    const { ask, change } = await openTenant();
    const [plain] = valuesOf((await ask(`${INBOX}?$top=1`)).body);
    const [fixed] = valuesOf((await ask(`${INBOX}?$top=1`, { headers: IMMUTABLE })).body);
    expect(plain!['id']).not.toBe(fixed!['id']);
    expect((await ask(`${ANN}/messages/${plain!['id']}`)).status).toBe(200);

    await change({
      op: 'move-message',
      user: 'ann@old.example',
      messageId: String(fixed!['id']),
      folder: 'sentitems',
    });

    expect((await ask(`${ANN}/messages/${plain!['id']}`)).status).toBe(404);
    expect((await ask(`${ANN}/messages/${fixed!['id']}`, { headers: IMMUTABLE })).body).toMatchObject({
      id: fixed!['id'],
      parentFolderId: 'AQMkSent',
    });
  });

  it('gives its MIME as text, with the bytes of the estate', async () => {
    const { raw } = await openTenant();

    const answer = await raw(`${ANN}/messages/AAkALg-AQMkInbox-2/$value`);

    expect(answer.headers).toMatchObject({ 'Content-Type': 'text/plain' });
    expect(Buffer.from(answer.body as Uint8Array).toString()).toContain('Content-Type: multipart/mixed');
  });

  it('answers 500 for MIME that cannot be made, while its metadata is there', async () => {
    const { ask } = await openTenant();

    const { status, body } = await ask(`${ANN}/messages/AAkALg-AQMkInbox-3/$value`);

    expect([status, errorCode(body)]).toEqual([500, 'ErrorMimeContentConversionFailed']);
    expect((await ask(`${ANN}/messages/AAkALg-AQMkInbox-3`)).status).toBe(200);
    expect(valuesOf((await ask(`${ANN}/messages/AAkALg-AQMkInbox-3/attachments`)).body)).toMatchObject([
      { name: 'smime.p7m' },
    ]);
  });

  it('answers 405 to MIME below its folder', async () => {
    const { ask } = await openTenant();

    expect((await ask(`${INBOX}/AAkALg-AQMkInbox-2/$value`)).status).toBe(405);
  });

  it('shows body, headers and attachments of its MIME', async () => {
    const { ask } = await openTenant();
    const one = `${ANN}/messages/AAkALg-AQMkInbox-2`;

    expect((await ask(`${one}?$select=body,internetMessageHeaders`)).body).toMatchObject({
      body: { contentType: 'text', content: expect.stringContaining('Hello there') },
      internetMessageHeaders: expect.arrayContaining([{ name: 'subject', value: 'with a file' }]),
    });
    expect(valuesOf((await ask(`${one}/attachments`)).body)).toMatchObject([
      { '@odata.type': '#microsoft.graph.fileAttachment', name: 'a.pdf', size: 4, contentBytes: 'JVBERg==' },
    ]);
  });

  it('is an event message where it is a meeting request', async () => {
    const { ask } = await openTenant();

    expect((await ask(`${ANN}/messages/AAkALg-AQMkInbox-1`)).body['@odata.type']).toBe(
      '#microsoft.graph.eventMessageRequest',
    );
  });
});
