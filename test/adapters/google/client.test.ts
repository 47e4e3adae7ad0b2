import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createGoogleConnection, quotaUserOf } from '../../../adapters/google/client.ts';
import { bucketKeys, googleLimits } from '../../../adapters/google/limits.ts';
import { silent } from '../../../src/core/log.ts';
import { IdleClock } from '../../support/idle-clock.ts';
import { ADMIN, ANN, never, target } from './tenant.ts';

describe('Google’s own hosts', () => {
  const { credential } = target();
  const connection = target({
    endpoint: null,
    credential: { ...credential, tokenUri: 'https://oauth2.googleapis.com/token' } as never,
  });
  const connect = () => createGoogleConnection(connection, { clock: new IdleClock(), log: silent });

  beforeAll(() => nock.disableNetConnect());
  afterEach(() => nock.cleanAll());
  afterAll(() => {
    nock.enableNetConnect();
    nock.restore();
  });

  it.each([
    ['gmail', 'https://gmail.googleapis.com', '/gmail/v1/users/me/labels'],
    ['calendar', 'https://www.googleapis.com', '/calendar/v3/calendars/primary'],
    ['directory', 'https://admin.googleapis.com', '/admin/directory/v1/users/ann%40new.example'],
    ['settings', 'https://www.googleapis.com', '/groups/v1/groups/all%40new.example'],
  ] as const)('are asked by the SDK for %s, with token and quota user', async (api, host, path) => {
    const google = connect();
    nock('https://oauth2.googleapis.com').post('/token').reply(200, { access_token: 'T', expires_in: 3599 });
    const asked = nock(host, { reqheaders: { authorization: 'Bearer T' } })
      .get(path)
      .query(
        (query) => query['quotaUser'] === quotaUserOf(api === 'gmail' || api === 'calendar' ? ANN : ADMIN),
      )
      .reply(200, { id: 'there' });
    const { gmail, calendar, directory, settings } = google.apis;

    const answer = await {
      gmail: () =>
        google.call('gmail.labels.list', ANN, (o) => gmail.users.labels.list({ userId: 'me' }, o), never),
      calendar: () =>
        google.call(
          'calendar.calendars.get',
          ANN,
          (o) => calendar.calendars.get({ calendarId: 'primary' }, o),
          never,
        ),
      directory: () =>
        google.call('directory.users.get', ADMIN, (o) => directory.users.get({ userKey: ANN }, o), never),
      settings: () =>
        google.call(
          'groupssettings.groups.get',
          ADMIN,
          (o) => settings.groups.get({ groupUniqueId: 'all@new.example' }, o),
          never,
        ),
    }[api]();

    expect(answer).toEqual({ id: 'there' });
    expect(asked.isDone()).toBe(true);
  });

  it('are asked again after a throttle, by the transport and not by the SDK', async () => {
    const google = connect();
    nock('https://oauth2.googleapis.com').post('/token').reply(200, { access_token: 'T', expires_in: 3599 });
    nock('https://gmail.googleapis.com')
      .get('/gmail/v1/users/me/labels')
      .query(true)
      .reply(429, { error: { code: 429, message: 'x', errors: [{ reason: 'rateLimitExceeded' }] } })
      .get('/gmail/v1/users/me/labels')
      .query(true)
      .reply(200, { labels: [] });

    await google.call(
      'gmail.labels.list',
      ANN,
      (options) => google.apis.gmail.users.labels.list({ userId: 'me' }, options),
      never,
    );

    expect(google.meter).toMatchObject({ throttled: 1, retries: 1, retryAfterViolations: 0 });
    expect(google.meter.requests).toMatchObject({ 'gmail.labels.list': 2, 'oauth.token': 1 });
  });
});

describe('limits', () => {
  it.each(['2026', 'legacy'] as const)(
    'of profile %s name a bucket for every cost and a key for every bucket',
    (profile) => {
      const { buckets, methods } = googleLimits(profile);
      const names = new Set(buckets.map(({ bucket }) => bucket));

      for (const { method, costs } of methods) {
        const keys = bucketKeys(method, ANN);
        expect(costs.map(({ bucket }) => bucket).filter((bucket) => !names.has(bucket))).toEqual([]);
        expect(
          costs.filter(({ bucket }) => keys[bucket] === undefined),
          method,
        ).toEqual([]);
      }
      expect(new Set(methods.map(({ method }) => method)).size).toBe(methods.length);
      expect(buckets.every(({ source }) => source.includes('https://'))).toBe(true);
    },
  );

  it.each([
    { profile: '2026', perMinute: 6_000, get: 20 },
    { profile: 'legacy', perMinute: 15_000, get: 5 },
  ] as const)(
    'of profile $profile allow $perMinute units a minute and user',
    ({ profile, perMinute, get }) => {
      const { buckets, methods } = googleLimits(profile);

      expect(buckets.find(({ bucket }) => bucket === 'gmail:user')?.rate?.units).toBe(perMinute);
      expect(methods.find(({ method }) => method === 'gmail.messages.get')?.costs[0]?.units).toBe(get);
      expect(methods.find(({ method }) => method === 'gmail.messages.import')?.costs[0]?.units).toBe(25);
    },
  );

  it('names the mailbox in at most 40 characters, alike for any case', () => {
    expect(quotaUserOf('Ann@New.Example')).toBe(quotaUserOf(ANN));
    expect(quotaUserOf(ANN)).toHaveLength(40);
  });
});
