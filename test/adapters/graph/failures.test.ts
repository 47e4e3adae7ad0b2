import { describe, expect, it } from 'vitest';
import { classify } from '../../../adapters/graph/failures.ts';

interface Case {
  status: number;
  code?: string;
  method?: string;
  headers?: Record<string, string>;
}

function answer({ status, code, method = 'messages.list', headers = {} }: Case) {
  const body = code === undefined ? '' : JSON.stringify({ error: { code, message: 'because' } });
  return classify({ method, status, headers: new Headers(headers), body }).error;
}

describe('classification of Graph failures', () => {
  it.each<[string, string, Case]>([
    ['a concurrency throttle', 'Throttled', { status: 429, code: 'ApplicationThrottled' }],
    ['a throttle without Retry-After', 'Throttled', { status: 429 }],
    ['a throttle with an unknown code', 'Throttled', { status: 429, code: 'UnknownError' }],
    ['a throttle code under another status', 'Throttled', { status: 503, code: 'ApplicationThrottled' }],
    [
      'a refusal with Retry-After',
      'Throttled',
      { status: 403, code: 'AccessDenied', headers: { 'retry-after': '3' } },
    ],
    ['a busy store', 'Transient', { status: 503, code: 'ErrorMailboxStoreUnavailable' }],
    ['a moving mailbox', 'Transient', { status: 404, code: 'MailboxInfoStale' }],
    ['a heavy page', 'Transient', { status: 504, code: 'UnknownError' }],
    ['an error without a body', 'Transient', { status: 500 }],
    ['an item without MIME', 'Rejected', { status: 500, code: 'ErrorMimeContentConversionFailed' }],
    ['an item without content', 'Rejected', { status: 500, code: 'ErrorContentConversionFailed' }],
    ['a bad request', 'Rejected', { status: 400, code: 'RequestBroker--ParseUri' }],
    ['a missing item', 'NotFound', { status: 404, code: 'ErrorItemNotFound' }],
    ['an expired delta', 'CursorExpired', { status: 410, code: 'resyncRequired' }],
    ['an expired delta without a code', 'CursorExpired', { status: 410 }],
    ['an expired delta as a bad request', 'CursorExpired', { status: 400, code: 'SyncStateNotFound' }],
    ['an invalid sync state', 'CursorExpired', { status: 400, code: 'syncStateInvalid' }],
    ['a refused token', 'Auth', { status: 401, code: 'InvalidAuthenticationToken' }],
    ['a refusal', 'Auth', { status: 403, code: 'ErrorAccessDenied' }],
    ['a throttle of activity', 'Throttled', { status: 429, code: 'activityLimitReached' }],
    ['a throttle of the service', 'Throttled', { status: 429, code: 'TooManyRequests' }],
    ['a throttle of the directory', 'Throttled', { status: 429, code: 'Request_ThrottledTemporarily' }],
    ['a service that is not available', 'Transient', { status: 503, code: 'serviceNotAvailable' }],
    ['a busy backend', 'Transient', { status: 503, code: 'MailboxInfoStale' }],
    ['a page with one corrupt item', 'Transient', { status: 500, code: 'InternalServerError' }],
    ['a gateway without a body', 'Transient', { status: 502 }],
    [
      'a policy that leaves the mailbox out',
      'Auth',
      { status: 403, code: 'ErrorAccessDenied', method: 'messages.mime' },
    ],
    ['a lost sync state', 'CursorExpired', { status: 404, code: 'syncStateNotFound' }],
    ['a mailbox without Exchange Online', 'NotFound', { status: 404, code: 'MailboxNotEnabledForRESTAPI' }],
    ['a code that is a word of JavaScript', 'Rejected', { status: 400, code: 'constructor' }],
  ])('takes %s for %s', (_name, kind, failed) => {
    expect(answer(failed).name).toBe(kind);
  });

  it('stops the job, not the run, where one mailbox refuses, and names the permission', () => {
    const error = answer({ status: 403, code: 'ErrorAccessDenied', method: 'calendars.events' });

    expect(error.scope).toBe('job');
    expect(error.message).toContain('Calendars.Read');
  });

  it('stops the run where the directory refuses', () => {
    const error = answer({ status: 403, code: 'Authorization_RequestDenied', method: 'users.list' });

    expect(error.scope).toBe('run');
    expect(error.message).toContain('User.Read.All');
  });

  it.each(['MailboxNotEnabledForRESTAPI', 'MailboxNotSupportedForRESTAPI'])('stops the job on %s', (code) => {
    expect(answer({ status: 404, code })).toMatchObject({ name: 'NotFound', scope: 'job', code });
  });

  it('takes the innermost code that it knows', () => {
    const error = {
      code: 'UnknownError',
      innerError: { code: 'generic', innererror: { code: 'resyncRequired' } },
    };
    const body = JSON.stringify({ error });

    expect(
      classify({ method: 'messages.delta', status: 400, headers: new Headers(), body }).error,
    ).toMatchObject({
      name: 'CursorExpired',
      code: 'resyncRequired',
    });
  });

  it('reads Retry-After as seconds and as a date', () => {
    const date = { date: 'Fri, 01 Jan 2027 00:00:00 GMT', 'retry-after': 'Fri, 01 Jan 2027 00:00:07 GMT' };

    expect(answer({ status: 429, headers: { 'retry-after': '12' } }).retryAfterMs).toBe(12_000);
    expect(answer({ status: 429, headers: date }).retryAfterMs).toBe(7_000);
    expect(answer({ status: 429 }).retryAfterMs).toBeUndefined();
  });

  it('keeps the request id and cuts the vendor text', () => {
    const body = JSON.stringify({
      error: { code: 'X', message: `a\nb${'c'.repeat(5000)}`, innerError: { 'request-id': 'r-1' } },
    });
    const { error } = classify({ method: 'users.list', status: 400, headers: new Headers(), body });

    expect(error.requestId).toBe('r-1');
    expect(error.message.length).toBeLessThan(400);
    expect(error.message).not.toContain('\n');
  });
});

describe('classification of sign-in failures', () => {
  const signIn = (status: number, body: object) =>
    classify({ method: 'entra.token', status, headers: new Headers(), body: JSON.stringify(body) }).error;

  it.each([
    [7000215, 'the value of the secret'],
    [7000222, 'expired'],
    [700016, 'source.client'],
    [90002, 'source.tenant'],
    [700027, 'upload it'],
  ])('says what to do about AADSTS%i', (number, words) => {
    const error = signIn(400, {
      error: 'invalid_client',
      error_codes: [number],
      error_description: 'secret s3cr3t',
    });

    expect(error).toMatchObject({ name: 'Auth', scope: 'run', code: 'invalid_client' });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('s3cr3t');
  });

  it('reads the number from the description where it has to', () => {
    const error = signIn(401, { error: 'invalid_client', error_description: 'AADSTS7000222: gone' });

    expect(error.message).toContain('AADSTS7000222');
  });

  it.each([
    [429, 'Throttled'],
    [503, 'Transient'],
    [400, 'Auth'],
  ])('takes status %i without a known error for %s', (status, kind) => {
    expect(signIn(status, {}).name).toBe(kind);
  });
});
