import { describe, expect, it } from 'vitest';
import { createClassifier } from '../../../adapters/google/failures.ts';
import { IdleClock } from '../../support/idle-clock.ts';

const clock = new IdleClock();
const classify = createClassifier(clock);

function verdict(method: string, status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classify({ method, status, headers: new Headers(headers), body: text });
}

const error = (code: number, reason: string, message = 'No.', status?: string) => ({
  error: {
    code,
    message,
    errors: [{ message, domain: 'usageLimits', reason }],
    ...(status ? { status } : {}),
  },
});

const perUser =
  "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com' for consumer 'project_number:1'.";
const perProject = perUser.replace(' per user', '');

describe('throttles', () => {
  it.each([
    [
      'gmail.messages.import',
      429,
      error(429, 'rateLimitExceeded', 'Too many concurrent requests for user'),
      undefined,
    ],
    ['gmail.messages.import', 403, error(403, 'userRateLimitExceeded'), undefined],
    ['oauth.token', 403, error(403, 'userRateLimitExceeded'), undefined],
    ['oauth.token', 403, error(403, 'rateLimitExceeded'), undefined],
    ['gmail.messages.import', 403, error(403, 'rateLimitExceeded', perUser), undefined],
    ['gmail.messages.import', 403, error(403, 'rateLimitExceeded', perProject), 'gmail:project'],
    ['calendar.events.import', 429, error(429, 'rateLimitExceeded', perProject), 'calendar:project'],
    [
      'gmail.messages.list',
      429,
      {
        error: {
          code: 429,
          message: 'Resource has been exhausted (e.g. check quota).',
          status: 'RESOURCE_EXHAUSTED',
        },
      },
      undefined,
    ],
    ['directory.users.insert', 403, error(403, 'quotaExceeded'), undefined],
    ['directory.users.insert', 403, 'Request rate higher than configured.', undefined],
    ['directory.users.get', 503, 'Quota exceeded for the current request', undefined],
    ['groupssettings.groups.patch', 403, error(403, 'serviceLimit'), undefined],
    ['gmail.messages.import', 429, '<html>slow down</html>', undefined],
    ['gmail.messages.import', 403, error(403, 'quotaExceeded'), undefined],
    ['gmail.messages.import', 503, 'Quota exceeded for the current request', undefined],
    ['calendar.events.import', 403, error(403, 'rateLimitExceeded'), undefined],
    ['calendar.events.import', 403, error(403, 'userRateLimitExceeded', perProject), undefined],
    ['calendar.acl.list', 403, error(403, 'sharingRateLimitExceeded'), undefined],
    ['directory.users.get', 429, error(429, 'rateLimitExceeded'), undefined],
    ['directory.users.get', 403, error(403, 'userRateLimitExceeded'), undefined],
    ['licensing.licenseAssignments.insert', 403, error(403, 'rateLimitExceeded', perUser), undefined],
    [
      'gmail.messages.list',
      429,
      {
        error: {
          code: 429,
          message: 'x',
          details: [
            { reason: 'RATE_LIMIT_EXCEEDED', metadata: { quota_limit: 'QueriesPerMinutePerProject' } },
          ],
        },
      },
      'gmail:project',
    ],
  ])('%s answered with %d is one: case %#', (method, status, body, fence) => {
    const { error: found, fence: closed } = verdict(method, status, body);

    expect(found).toMatchObject({ name: 'Throttled', scope: 'item', retryable: true });
    expect(closed).toBe(fence);
  });

  it('waits as long as the header says', () => {
    expect(
      verdict('gmail.labels.list', 429, error(429, 'rateLimitExceeded'), { 'retry-after': '7' }).error,
    ).toMatchObject({
      retryAfterMs: 7000,
    });
  });

  it('waits until the time that the message names', () => {
    const at = new Date(clock.now() + 90_000).toISOString();
    const found = verdict('gmail.labels.list', 429, error(429, 'userRateLimitExceeded', `Retry after ${at}`));

    expect(found.error.retryAfterMs).toBe(90_000);
  });

  it('scales the time that the message names', () => {
    const scaled = new IdleClock(10);
    const at = new Date(scaled.now() + 9_000).toISOString();
    const answer = { method: 'gmail.labels.list', status: 429, headers: new Headers() };
    const body = JSON.stringify(
      error(429, 'userRateLimitExceeded', `User-rate limit exceeded. Retry after ${at}`),
    );

    expect(createClassifier(scaled)({ ...answer, body }).error.retryAfterMs).toBe(90_000);
  });
});

describe('everything else', () => {
  it.each([
    [
      'gmail.messages.import',
      400,
      error(400, 'failedPrecondition', 'Mail service not enabled'),
      'Transient',
      'mailbox-not-ready',
      'item',
    ],
    [
      'gmail.labels.list',
      400,
      error(400, 'failedPrecondition', 'Precondition check failed.'),
      'Transient',
      'mailbox-not-ready',
      'item',
    ],
    [
      'directory.users.patch',
      412,
      error(412, 'conditionNotMet', 'User creation is not complete.'),
      'Transient',
      'user-not-ready',
      'item',
    ],
    [
      'directory.users.insert',
      409,
      error(409, 'duplicate', 'Entity already exists.'),
      'Rejected',
      'duplicate',
      'item',
    ],
    [
      'gmail.labels.create',
      409,
      error(409, 'aborted', 'Label name exists or conflicts', 'ABORTED'),
      'Rejected',
      'duplicate',
      'item',
    ],
    [
      'gmail.messages.modify',
      409,
      error(409, 'aborted', 'The operation was aborted.'),
      'Transient',
      'aborted',
      'item',
    ],
    [
      'directory.members.insert',
      412,
      error(412, 'conditionNotMet', 'Cyclic memberships not allowed'),
      'Rejected',
      'conditionNotMet',
      'item',
    ],
    [
      'directory.users.insert',
      412,
      error(412, 'limitExceeded', 'Domain user limit exceeded'),
      'Rejected',
      'limitExceeded',
      'item',
    ],
    [
      'calendar.events.import',
      400,
      error(400, 'participantIsNeitherOrganizerNorAttendee'),
      'Rejected',
      'participantIsNeitherOrganizerNorAttendee',
      'item',
    ],
    [
      'calendar.events.patch',
      403,
      error(403, 'forbiddenForNonOrganizer'),
      'Rejected',
      'forbiddenForNonOrganizer',
      'item',
    ],
    [
      'calendar.events.list',
      410,
      error(410, 'fullSyncRequired'),
      'CursorExpired',
      'fullSyncRequired',
      'item',
    ],
    ['calendar.events.get', 410, error(410, 'deleted'), 'NotFound', 'deleted', 'item'],
    ['calendar.events.get', 404, 'Not Found', 'NotFound', 'notFound', 'item'],
    [
      'gmail.labels.create',
      400,
      error(400, 'invalidArgument', 'Invalid label name'),
      'Rejected',
      'invalid-label-name',
      'item',
    ],
    ['gmail.messages.import', 413, '<html>Request Entity Too Large</html>', 'Rejected', 'too-large', 'item'],
    ['gmail.messages.import', 503, error(503, 'backendError'), 'Transient', 'backendError', 'item'],
    ['gmail.messages.import', 500, error(500, 'internalError'), 'Transient', 'internalError', 'item'],
    ['gmail.messages.import', 504, '', 'Transient', 'http-504', 'item'],
    ['gmail.messages.import', 400, error(400, 'invalidArgument'), 'Rejected', 'invalidArgument', 'item'],
    [
      'gmail.messages.list',
      400,
      error(400, 'badRequest', 'Invalid id value'),
      'Rejected',
      'badRequest',
      'item',
    ],
    ['calendar.events.insert', 409, error(409, 'duplicate'), 'Rejected', 'duplicate', 'item'],
    ['calendar.events.patch', 412, error(412, 'conditionNotMet'), 'Rejected', 'conditionNotMet', 'item'],
    [
      'calendar.events.list',
      410,
      error(410, 'updatedMinTooLongAgo'),
      'CursorExpired',
      'updatedMinTooLongAgo',
      'item',
    ],
    ['calendar.events.list', 500, error(500, 'backendError'), 'Transient', 'backendError', 'item'],
    ['directory.members.insert', 409, error(409, 'duplicate'), 'Rejected', 'duplicate', 'item'],
    ['directory.members.insert', 404, error(404, 'notFound'), 'NotFound', 'notFound', 'item'],
    [
      'directory.users.insert',
      400,
      error(400, 'invalid', 'Invalid Input: INVALID_OU_ID'),
      'Rejected',
      'invalid',
      'item',
    ],
    ['directory.users.list', 403, error(403, 'domainCannotUseApis'), 'Auth', 'domainCannotUseApis', 'run'],
    [
      'directory.users.list',
      403,
      error(403, 'insufficientAdministratorPrivileges'),
      'Auth',
      'insufficientAdministratorPrivileges',
      'run',
    ],
    ['gmail.messages.import', 502, '<html>Bad Gateway</html>', 'Transient', 'http-502', 'item'],
    ['gmail.messages.list', 401, error(401, 'authError'), 'Auth', 'unauthorized', 'job'],
    [
      'directory.users.get',
      403,
      error(403, 'forbidden', 'Not Authorized to access this resource/api'),
      'Auth',
      'forbidden',
      'run',
    ],
    ['calendar.calendars.get', 403, error(403, 'notACalendarUser'), 'Auth', 'no-calendar', 'job'],
    ['gmail.messages.list', 403, error(403, 'accessNotConfigured'), 'Auth', 'api-disabled', 'run'],
    ['gmail.messages.list', 403, error(403, 'insufficientPermissions'), 'Auth', 'scope-missing', 'run'],
    ['gmail.messages.list', 403, error(403, 'domainPolicy'), 'Auth', 'service-off', 'job'],
    [
      'iam.signJwt',
      403,
      { error: { code: 403, message: 'x', status: 'PERMISSION_DENIED' } },
      'Auth',
      'signing-refused',
      'run',
    ],
    [
      'oauth.token',
      401,
      { error: 'unauthorized_client', error_description: 'Client is unauthorized to retrieve access tokens' },
      'Auth',
      'unauthorized_client',
      'run',
    ],
    [
      'oauth.token',
      400,
      {
        error: 'invalid_grant',
        error_description:
          'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.',
      },
      'Auth',
      'clock-skew',
      'run',
    ],
    [
      'oauth.token',
      400,
      { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
      'Auth',
      'key-revoked',
      'run',
    ],
    [
      'oauth.token',
      400,
      { error: 'invalid_grant', error_description: 'Invalid email or User ID' },
      'Auth',
      'subject-unknown',
      'job',
    ],
    ['oauth.token', 400, { error: 'invalid_grant' }, 'Auth', 'invalid_grant', 'job'],
    ['oauth.token', 500, { error: 'internal_failure' }, 'Transient', 'internal_failure', 'item'],
  ])('%s answered with %d: case %#', (method, status, body, name, code, scope) => {
    expect(verdict(method, status, body).error).toMatchObject({ name, code, scope, status });
  });

  it('keeps what the vendor wrote out of its messages', () => {
    const found = verdict(
      'directory.users.get',
      400,
      error(400, 'invalid', 'Invalid Input: ann@new.example'),
    );

    expect(found.error.message).not.toContain('ann@');
  });

  it.each(['', 'null', '[]', '{"error":null}', '{"error":{"errors":[null],"details":7}}'])(
    'tolerates the body %j',
    (body) => {
      expect(verdict('gmail.messages.list', 400, body).error).toMatchObject({
        name: 'Rejected',
        code: 'http-400',
      });
    },
  );
});
