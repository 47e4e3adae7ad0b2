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

describe('throttles that last for hours', () => {
  it('stops the job when the user has met the use limits of Calendar', () => {
    const found = verdict(
      'calendar.events.import',
      403,
      error(403, 'quotaExceeded', 'Calendar usage limits exceeded.'),
    );

    expect(found.error).toMatchObject({ name: 'Throttled', scope: 'job' });
    expect(found.error.retryAfterMs).toBeGreaterThanOrEqual(3_600_000);
  });

  it.each([
    ['the day of one user', 403, 'dailyLimitExceeded', "Quota exceeded for limit 'Queries per day per user'"],
    ['the day of one user, by its reason', 403, 'userDailyLimitExceeded', 'No.'],
    ['the bandwidth of a mailbox', 429, 'rateLimitExceeded', 'User-rate limit exceeded: bandwidth.'],
    ['the bandwidth of a mailbox as a 403', 403, 'userRateLimitExceeded', 'Bandwidth limit exceeded'],
  ])('parks the mailbox, and no other, at the end of %s', (_title, status, reason, message) => {
    const found = verdict('gmail.messages.import', status, error(status, reason, message));

    expect(found).toMatchObject({ error: { name: 'Throttled', scope: 'job' } });
    expect(found.fence).toBeUndefined();
    expect(found.error.retryAfterMs).toBeGreaterThan(900_000);
  });

  it.each([
    [
      'legacy reason',
      'gmail.messages.import',
      403,
      'dailyLimitExceeded',
      'Daily Limit Exceeded',
      'gmail:project',
    ],
    [
      'named limit',
      'calendar.events.list',
      429,
      'rateLimitExceeded',
      "limit 'Queries per day' of x",
      'calendar:project',
    ],
  ])(
    'stops the run until midnight Pacific at the end of the project’s day: %s',
    (_t, method, status, reason, message, fence) => {
      const found = verdict(method, status, error(status, reason, message));
      const midnight = new Date(clock.now() + (found.error.retryAfterMs ?? 0));

      expect(found).toMatchObject({ error: { name: 'Throttled', scope: 'run' }, fence });
      expect(midnight.toLocaleTimeString('en-GB', { timeZone: 'America/Los_Angeles' })).toBe('00:00:00');
    },
  );

  it('waits a named time rather than its own guess', () => {
    const answer = error(429, 'userRateLimitExceeded', 'Bandwidth limit exceeded');

    expect(verdict('gmail.messages.import', 429, answer, { 'retry-after': '7200' }).error.retryAfterMs).toBe(
      7_200_000,
    );
  });

  it('stops the run when the quota of the day is used up', () => {
    const found = verdict('gmail.messages.import', 403, error(403, 'dailyLimitExceeded'));

    expect(found).toMatchObject({ error: { name: 'Throttled', scope: 'run' }, fence: 'gmail:project' });
  });
});
