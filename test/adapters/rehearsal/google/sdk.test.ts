import { Readable } from 'node:stream';
import { OAuth2Client } from 'google-auth-library';
import { admin } from 'googleapis/build/src/apis/admin/index.js';
import { calendar } from 'googleapis/build/src/apis/calendar/index.js';
import { gmail } from 'googleapis/build/src/apis/gmail/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GoogleKit, mime, startGoogle } from './google-kit.ts';

const user = 'ann@new.example';
let kit: GoogleKit;
let auth: OAuth2Client;
let asAdmin: OAuth2Client;
beforeAll(async () => {
  kit = await startGoogle();
  await kit.person(user);
  auth = new OAuth2Client();
  auth.setCredentials({ access_token: await kit.token(user) });
  asAdmin = new OAuth2Client();
  asAdmin.setCredentials({ access_token: await kit.token('admin@new.example') });
});
afterAll(() => kit.close());

describe('the real SDK', () => {
  it('uploads a message by multipart and reads it back', async () => {
    const mail = gmail({ version: 'v1', auth });
    const text = mime({ 'Message-ID': '<sdk@x>' });

    const { data } = await mail.users.messages.import(
      {
        userId: 'me',
        neverMarkSpam: true,
        internalDateSource: 'dateHeader',
        fields: 'id,threadId,labelIds',
        requestBody: { labelIds: ['INBOX'] },
        media: { mimeType: 'message/rfc822', body: Readable.from([text]) },
      },
      { rootUrl: `${kit.origin}/` },
    );
    const read = await mail.users.messages.get(
      { userId: 'me', id: data.id ?? '', format: 'raw' },
      { rootUrl: `${kit.origin}/` },
    );

    expect(data.labelIds).toEqual(['INBOX']);
    expect(
      Buffer.from(read.data.raw ?? '', 'base64url')
        .toString()
        .endsWith(text),
    ).toBe(true);
  });

  it('creates users and imports events, and sees refusals as it knows them', async () => {
    const directory = admin({ version: 'directory_v1', auth: asAdmin });
    const dates = calendar({ version: 'v3', auth });
    const root = { rootUrl: `${kit.origin}/` };

    const made = await directory.users.insert(
      {
        requestBody: {
          primaryEmail: 'sdk@new.example',
          name: { givenName: 'S', familyName: 'K' },
          password: 'longenough',
        },
      },
      root,
    );
    const event = await dates.events.import(
      {
        calendarId: 'primary',
        requestBody: {
          iCalUID: 'sdk-1',
          start: { date: '2026-01-01' },
          end: { date: '2026-01-02' },
        },
      },
      root,
    );

    expect(made.data.primaryEmail).toBe('sdk@new.example');
    expect(event.data.iCalUID).toBe('sdk-1');
    await expect(
      dates.events.insert({ calendarId: 'primary', requestBody: { id: 'abc' } }, { ...root, retry: false }),
    ).rejects.toMatchObject({
      status: 400,
      response: { data: { error: { errors: [{ reason: 'invalid' }] } } },
    });
  });
});
