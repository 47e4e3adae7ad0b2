import type { Clock } from '../../src/core/clock.ts';
import {
  Auth,
  CursorExpired,
  type ErrorDetail,
  type MigrationError,
  NotFound,
  Rejected,
  Throttled,
  Transient,
} from '../../src/core/errors.ts';
import { nextDay } from '../../src/transport/budget.ts';
import type { FailedAnswer, Verdict } from '../../src/transport/types.ts';
import { type Complaint, readComplaint, retryAfterMs } from './complaint.ts';
import { PROJECT_FENCES, remedyOf } from './remedies.ts';

/** Gmail answers like this for minutes after a mailbox was licensed; asked again after this many scaled ms. */
const MAILBOX_PENDING_MS = 10_000;
/** Calendar's use limits lift after hours at the earliest; the page names no figure. */
const USE_LIMIT_MS = 4 * 3_600_000;
/** Bandwidth limits of a mailbox may hold for a day; asked again after an hour where the answer names no time. */
const BANDWIDTH_MS = 3_600_000;
/** Where Google's days begin; named for quotas in the console, for single limits unconfirmed. */
const PACIFIC = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles' });
const DAILY = /^(user)?dailyLimitExceeded(Unreg)?$/i;
const PER_DAY_TEXT = /limit '[^']*per day/i;
const PER_USER_TEXT = /\buser\b/i;

const THROTTLES = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'sharingRateLimitExceeded',
  'quotaExceeded',
  'RATE_LIMIT_EXCEEDED',
  'serviceLimit',
]);
const PERMISSIONS = new Set([
  'insufficientPermissions',
  'insufficientAdministratorPrivileges',
  'accessNotConfigured',
  'SERVICE_DISABLED',
  'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
  'domainPolicy',
  'domainCannotUseApis',
  'forbidden',
  'delegationDenied',
  'notACalendarUser',
  'PERMISSION_DENIED',
]);
/** Bodies without a reason that mean a throttle all the same. Source: GAM's map of plain-text answers. */
const THROTTLE_TEXT =
  /request rate higher than configured|quota exceeded for|rate limit exceeded|too many concurrent requests/i;

interface Case {
  answer: FailedAnswer;
  complaint: Complaint;
  detail: ErrorDetail;
}

/**
 * Turns a failed answer of any Google API or of the token endpoint into an error and the bucket it closes: by the
 * vendor's reason first, the status second. Google sends one cause as 403 or as 429, with varying domains, and
 * `Retry-After` only sometimes. The vendor's message never enters ours, since it may name addresses or labels.
 * Source: https://developers.google.com/workspace/gmail/api/guides/handle-errors,
 * https://developers.google.com/workspace/calendar/api/guides/errors, read 2026-11.
 */
export function createClassifier(clock: Clock): (answer: FailedAnswer) => Verdict {
  return (answer) => {
    const complaint = readComplaint(answer.body);
    const waitMs = retryAfterMs(answer.headers, complaint.message, clock);
    const failed: Case = { answer, complaint, detail: describe(answer, complaint, waitMs) };
    return (
      parkingVerdict(failed, clock) ??
      throttleVerdict(failed) ??
      signInVerdict(failed) ??
      pendingVerdict(failed) ?? { error: definiteError(failed) }
    );
  };
}

function describe(answer: FailedAnswer, complaint: Complaint, waitMs: number | undefined): ErrorDetail {
  const code = complaint.reason ?? complaint.status?.toLowerCase() ?? `http-${answer.status}`;
  const detail: ErrorDetail = {
    code,
    message: `Google refused ${answer.method} with ${answer.status} ${code}`,
    status: answer.status,
  };
  const requestId = answer.headers.get('x-request-id') ?? answer.headers.get('x-guploader-uploadid');
  if (requestId !== null) detail.requestId = requestId;
  if (waitMs !== undefined) detail.retryAfterMs = waitMs;
  return detail;
}

/** Token endpoint: OAuth errors, named in `error` alone. */
function signInVerdict({ answer, complaint, detail }: Case): Verdict | null {
  if (answer.method !== 'oauth.token' || complaint.reason === null) return null;
  if (answer.status >= 500 || answer.status === 429) return null;
  const remedy = remedyOf(complaint.reason, answer.method, complaint.message);
  return {
    error: new Auth({ ...detail, code: remedy.code, message: remedy.text, scope: remedy.scope }),
  };
}

/**
 * Throttles that last for hours: a day's quota (of one user, else of the project, which stops the run), Calendar's
 * use limits, a mailbox's bandwidth. The transport parks what meets them.
 */
function parkingVerdict({ answer, complaint, detail }: Case, clock: Clock): Verdict | null {
  const { reason, message } = complaint;
  if (answer.status !== 403 && answer.status !== 429) return null;
  if (DAILY.test(reason ?? '') || PER_DAY_TEXT.test(message)) {
    const now = clock.now();
    const retryAfterMs = (nextDay(now, PACIFIC) - now) * clock.scale;
    const ofUser = PER_USER_TEXT.test(message) || /^user/i.test(reason ?? '');
    const error = new Throttled({ retryAfterMs, ...detail, scope: ofUser ? 'job' : 'run' });
    return withFence(error, ofUser ? undefined : projectFence(answer.method));
  }
  if (reason === 'quotaExceeded' && /calendar usage limits/i.test(message)) {
    return { error: new Throttled({ retryAfterMs: USE_LIMIT_MS, ...detail, scope: 'job' }) };
  }
  if (answer.method.startsWith('gmail.') && /bandwidth/i.test(message)) {
    return { error: new Throttled({ retryAfterMs: BANDWIDTH_MS, ...detail, scope: 'job' }) };
  }
  return null;
}

function throttleVerdict({ answer, complaint, detail }: Case): Verdict | null {
  const { reason, message } = complaint;
  const throttled =
    answer.status === 429 ||
    (reason !== null && THROTTLES.has(reason) && answer.status !== 412) ||
    complaint.status === 'RESOURCE_EXHAUSTED' ||
    (answer.status >= 403 && THROTTLE_TEXT.test(message));
  if (!throttled) return null;
  const wide = complaint.perProject && reason !== 'userRateLimitExceeded';
  return withFence(new Throttled(detail), wide ? projectFence(answer.method) : undefined);
}

function projectFence(method: string): string | undefined {
  return PROJECT_FENCES[method.slice(0, method.indexOf('.'))];
}

function withFence(error: MigrationError, fence: string | undefined): Verdict {
  return fence === undefined ? { error } : { error, fence };
}

/** Refusals that end by themselves: something was created a moment ago and is not ready everywhere. */
function pendingVerdict({ answer, complaint, detail }: Case): Verdict | null {
  if (/mail service not enabled/i.test(complaint.message) || isUnmetByMailbox(answer, complaint)) {
    return {
      error: new Transient({ retryAfterMs: MAILBOX_PENDING_MS, ...detail, code: 'mailbox-not-ready' }),
    };
  }
  if (/user creation is not complete/i.test(complaint.message)) {
    return { error: new Transient({ ...detail, code: 'user-not-ready' }) };
  }
  return null;
}

/** The bare "Precondition check failed." names no cause either; with a mailbox made a moment ago it is this one. */
function isUnmetByMailbox({ method, status }: FailedAnswer, complaint: Complaint): boolean {
  const isUnmet = complaint.reason === 'failedPrecondition' || complaint.status === 'FAILED_PRECONDITION';
  return isUnmet && status === 400 && method.startsWith('gmail.');
}

function definiteError(failed: Case): MigrationError {
  const { answer, detail } = failed;
  switch (answer.status) {
    case 400:
      return badRequest(failed);
    case 401:
    case 403:
      return permissionError(failed);
    case 404:
      return new NotFound({ ...detail, code: detail.code === 'http-404' ? 'notFound' : detail.code });
    case 408:
      return new Transient(detail);
    case 409:
      return conflict(failed);
    case 410:
      return gone(failed);
    case 413:
      return new Rejected({ ...detail, code: 'too-large' });
    default:
      return answer.status >= 500 ? new Transient(detail) : new Rejected(detail);
  }
}

function badRequest({ answer, complaint, detail }: Case): MigrationError {
  const text = complaint.message;
  if (/answer\/6590|invalid attachment/i.test(text)) {
    return new Rejected({ ...detail, code: 'blocked-attachment' });
  }
  if (/request (entity )?too large|exceeds? (the )?(maximum|max|limit).{0,20}size/i.test(text)) {
    return new Rejected({ ...detail, code: 'too-large' });
  }
  if (answer.method.startsWith('gmail.labels.') && /label name/i.test(text)) {
    return new Rejected({ ...detail, code: 'invalid-label-name' });
  }
  if (answer.method.startsWith('gmail.') && /\blabel/i.test(text)) {
    return new Rejected({ ...detail, code: 'invalid-label' });
  }
  return new Rejected(detail);
}

function permissionError({ answer, complaint, detail }: Case): MigrationError {
  const reason = complaint.reason ?? complaint.status;
  if (answer.status === 403 && reason !== null && !PERMISSIONS.has(reason)) return new Rejected(detail);
  const remedy = remedyOf(answer.status === 401 ? 'authError' : reason, answer.method, complaint.message);
  return new Auth({ ...detail, code: remedy.code, message: remedy.text, scope: remedy.scope });
}

/** 409 means "it is there already", but for Gmail's `aborted`, which outside of labels is a lost race. */
function conflict({ answer, complaint, detail }: Case): MigrationError {
  const race = complaint.reason === 'aborted' || complaint.status === 'ABORTED';
  if (race && !answer.method.startsWith('gmail.labels.')) return new Transient(detail);
  return new Rejected({ ...detail, code: 'duplicate' });
}

function gone({ complaint, detail }: Case): MigrationError {
  const expired = complaint.reason === 'fullSyncRequired' || complaint.reason === 'updatedMinTooLongAgo';
  return expired ? new CursorExpired(detail) : new NotFound(detail);
}
