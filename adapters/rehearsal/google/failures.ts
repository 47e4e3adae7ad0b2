import type { FailureKind, RouteMatch, TenantAnswer } from '../service/types.ts';
import { type Refusal, refuse } from './refusal.ts';

/**
 * Google's answers for throttles and passing faults. The same cause comes as 403 (`usageLimits`) or 429
 * (`RESOURCE_EXHAUSTED`). Source: developers.google.com/workspace/gmail/api/guides/handle-errors, Calendar's
 * guides/errors, Directory's limits page.
 */
export function failureAnswer(
  kind: FailureKind,
  match: RouteMatch | null,
  retryAfterSeconds: number | null,
): TenantAnswer {
  const { answer } = failureOf(kind, match?.route ?? '');
  if (retryAfterSeconds === null) return answer;
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterSeconds) } };
}

function failureOf(kind: FailureKind, route: string): Refusal {
  switch (kind) {
    case 'throttle':
    case 'throttle-silent':
      return refuse(429, 'rateLimitExceeded', throttleText(route), {
        domain: route.startsWith('gmail.') ? 'global' : 'usageLimits',
        status: 'RESOURCE_EXHAUSTED',
      });
    case 'throttle-403':
      return route.startsWith('directory.')
        ? refuse(403, 'quotaExceeded', 'Request rate higher than configured.', { domain: 'usageLimits' })
        : refuse(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded', { domain: 'usageLimits' });
    case 'concurrency':
      return refuse(429, 'rateLimitExceeded', 'Too many concurrent requests for user.', {
        domain: 'usageLimits',
        status: 'RESOURCE_EXHAUSTED',
      });
    case 'server-error':
      return refuse(500, 'backendError', 'Backend Error', { status: 'INTERNAL' });
    case 'unavailable':
      return refuse(503, 'backendError', 'The service is currently unavailable.', { status: 'UNAVAILABLE' });
    case 'gateway-timeout':
      return refuse(504, 'gatewayTimeout', 'Deadline exceeded.', { status: 'DEADLINE_EXCEEDED' });
    case 'unauthorized':
      return unauthenticated();
  }
}

function throttleText(route: string): string {
  if (route.startsWith('gmail.')) {
    return (
      "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service " +
      "'gmail.googleapis.com' for consumer 'project_number:1'."
    );
  }
  return route.startsWith('calendar.')
    ? 'Rate Limit Exceeded'
    : 'Resource has been exhausted (e.g. check quota).';
}

/** 401 for a missing, unknown or expired access token. */
export function unauthenticated(): Refusal {
  return refuse(
    401,
    'authError',
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential.',
    {
      status: 'UNAUTHENTICATED',
      location: 'Authorization',
      locationType: 'header',
      headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
    },
  );
}

/** 403 for a token without any of the scopes that a method takes. */
export function insufficientScope(method: string, wanted: readonly string[]): Refusal {
  return refuse(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.', {
    status: 'PERMISSION_DENIED',
    headers: {
      'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${wanted.join(' ')}"`,
    },
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
        domain: 'googleapis.com',
        metadata: { method },
      },
    ],
  });
}
