import type { FailureKind, RouteMatch, TenantAnswer } from '../service/types.ts';
import type { GraphRoute } from './context.ts';
import { refuse } from './identity.ts';
import { Refusal, refusalAnswer } from './refusal.ts';

/** Microsoft's answer to a throttle or fault, by the service that the route belongs to. */
export function failureAnswer(
  kind: FailureKind,
  match: RouteMatch | null,
  route: GraphRoute | null,
  retryAfterSeconds: number | null,
): TenantAnswer {
  const headers: Record<string, string> =
    retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) };
  if (match?.route.startsWith('identity.')) return identityFailure(kind, headers);
  return refusalAnswer(graphFailure(kind, route, headers));
}

function identityFailure(kind: FailureKind, headers: Record<string, string>): TenantAnswer {
  const text = 'A transient error has occurred. Please try again.';
  const isThrottle = kind.startsWith('throttle') || kind === 'concurrency';
  if (isThrottle) return refuse(429, 'temporarily_unavailable', 90055, 'The server is too busy.', headers);
  return refuse(kind === 'gateway-timeout' ? 504 : 503, 'temporarily_unavailable', 90033, text, headers);
}

function graphFailure(kind: FailureKind, route: GraphRoute | null, headers: Record<string, string>): Refusal {
  switch (kind) {
    case 'concurrency':
      return new Refusal(
        429,
        'ApplicationThrottled',
        'Application is over its MailboxConcurrency limit.',
        headers,
      );
    case 'throttle':
    case 'throttle-403':
      return throttle(route, headers);
    case 'throttle-silent':
      return new Refusal(429, 'UnknownError', '');
    case 'server-error':
      return new Refusal(500, 'InternalServerError', 'Error while processing response.');
    case 'unavailable':
      return new Refusal(503, 'serviceNotAvailable', 'The service is temporarily unavailable.', headers);
    case 'gateway-timeout':
      return new Refusal(504, 'UnknownError', '');
    case 'unauthorized':
      return unauthorized('Lifetime validation failed, the token is expired.');
  }
}

function throttle(route: GraphRoute | null, headers: Record<string, string>): Refusal {
  if (route?.service !== 'directory') {
    return new Refusal(429, 'ApplicationThrottled', 'Application is over its request limit.', headers);
  }
  // Headers of the identity service alone (Graph, throttling-limits page).
  return new Refusal(429, 'TooManyRequests', 'Too many requests.', {
    ...headers,
    'x-ms-throttle-scope': 'Tenant_Application/ResourceUnitLimit/rehearsal/rehearsal',
    'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
  });
}

/** 401 for a token that is absent, foreign or expired. */
export function unauthorized(message: string): Refusal {
  return new Refusal(401, 'InvalidAuthenticationToken', message, {
    'WWW-Authenticate':
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
  });
}
