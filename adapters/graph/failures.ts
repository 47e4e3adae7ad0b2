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
import type { FailedAnswer, Verdict } from '../../src/transport/types.ts';
import { fieldOf, parseJson, retryAfterMs, shorten } from './answers.ts';
import { classifySignIn } from './entra-failures.ts';
import { isMailboxMethod } from './limits.ts';

type Meaning =
  | 'throttled'
  | 'transient'
  | 'unconvertible'
  | 'no-mailbox'
  | 'no-item'
  | 'expired'
  | 'denied'
  | 'unauthenticated';

/**
 * Known codes in lower case. Sources: https://learn.microsoft.com/graph/errors, /graph/throttling,
 * /graph/delta-query-overview and field reports on single codes, read 2026-11.
 */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>(
  Object.entries({
    applicationthrottled: 'throttled',
    toomanyrequests: 'throttled',
    activitylimitreached: 'throttled',
    request_throttledtemporarily: 'throttled',
    errorserverbusy: 'throttled',
    servicenotavailable: 'transient',
    serviceunavailable: 'transient',
    mailboxinfostale: 'transient',
    errormailboxstoreunavailable: 'transient',
    errormailboxmoveinprogress: 'transient',
    errorinternalservertransienterror: 'transient',
    errortimeoutexpired: 'transient',
    errormimecontentconversionfailed: 'unconvertible',
    errorcontentconversionfailed: 'unconvertible',
    mailboxnotenabledforrestapi: 'no-mailbox',
    mailboxnotsupportedforrestapi: 'no-mailbox',
    errorinvaliduser: 'no-mailbox',
    errornonexistentmailbox: 'no-mailbox',
    request_resourcenotfound: 'no-mailbox',
    erroritemnotfound: 'no-item',
    itemnotfound: 'no-item',
    errorfoldernotfound: 'no-item',
    resyncrequired: 'expired',
    syncstatenotfound: 'expired',
    syncstateinvalid: 'expired',
    errorinvalidsyncstatedata: 'expired',
    directory_expiredpagetoken: 'expired',
    erroraccessdenied: 'denied',
    accessdenied: 'denied',
    authorization_requestdenied: 'denied',
    invalidauthenticationtoken: 'unauthenticated',
  } satisfies Record<string, Meaning>),
);

/** Application permission that each method needs, for the remedy in the message. */
const permissions: readonly (readonly [prefix: string, permission: string])[] = [
  ['users.', 'User.Read.All'],
  ['groups.', 'Group.Read.All (or GroupMember.Read.All)'],
  ['organization.', 'Organization.Read.All'],
  ['domains.', 'Domain.Read.All'],
  ['places.', 'Place.Read.All'],
  ['mailboxSettings.', 'MailboxSettings.Read'],
  ['mailFolders.', 'Mail.Read'],
  ['messages.', 'Mail.Read'],
  ['calendars.', 'Calendars.Read'],
  ['events.', 'Calendars.Read'],
];

/**
 * Turns a failed answer of Graph or of the token endpoint into an error: the most specific known code decides, the
 * status second. Refusals inside one mailbox stop that job, refusals of directory calls the run.
 */
export function classify(answer: FailedAnswer): Verdict {
  if (answer.method === 'entra.token') return { error: classifySignIn(answer) };
  const error = fieldOf(parseJson(answer.body), 'error');
  const codes = codesOf(error);
  const known = codes.findLast((each) => meanings.has(each.toLowerCase()));
  const code = known ?? codes[0] ?? `http-${answer.status}`;
  const detail: ErrorDetail = {
    code: shorten(code),
    message: messageOf(answer, code, error),
    status: answer.status,
    ...requestIdOf(error, answer.headers),
    ...retryAfterMs(answer.headers),
  };
  const meaning = known ? meanings.get(known.toLowerCase()) : undefined;
  return { error: errorOf(meaning, detail, answer) };
}

function errorOf(meaning: Meaning | undefined, detail: ErrorDetail, answer: FailedAnswer): MigrationError {
  // Requests made while throttled still count, so a 429 stays a throttle whatever code comes with it.
  if (answer.status === 429) return new Throttled(detail);
  switch (meaning) {
    case 'throttled':
      return new Throttled(detail);
    case 'transient':
      return new Transient(detail);
    case 'unconvertible':
      return new Rejected(detail);
    case 'no-mailbox':
      return new NotFound({ ...detail, scope: isMailboxMethod(answer.method) ? 'job' : 'item' });
    case 'no-item':
      return new NotFound(detail);
    case 'expired':
      return new CursorExpired(detail);
    case 'denied':
      return denied(detail, answer);
    case 'unauthenticated':
      return unauthenticated(detail);
    default:
      return byStatus(detail, answer);
  }
}

function byStatus(detail: ErrorDetail, answer: FailedAnswer): MigrationError {
  if (answer.status === 401) return unauthenticated(detail);
  if (answer.status === 403) return denied(detail, answer);
  if (answer.status === 404) return new NotFound(detail);
  if (answer.status === 410) return new CursorExpired(detail);
  if (answer.status === 408 || answer.status >= 500) return new Transient(detail);
  return new Rejected(detail);
}

function denied(detail: ErrorDetail, answer: FailedAnswer): MigrationError {
  if (detail.retryAfterMs !== undefined) return new Throttled(detail);
  const permission =
    permissions.find(([prefix]) => answer.method.startsWith(prefix))?.[1] ?? 'the permission';
  const remedy = `grant the application permission ${permission} and give admin consent`;
  if (!isMailboxMethod(answer.method)) {
    return new Auth({ ...detail, scope: 'run', message: `${detail.message}: ${remedy}` });
  }
  const scoped = 'or bring this mailbox into the scope of the application access policy or RBAC assignment';
  return new Auth({ ...detail, scope: 'job', message: `${detail.message}: ${remedy}, ${scoped}` });
}

function unauthenticated(detail: ErrorDetail): Auth {
  const remedy =
    'check that source.authority and source.endpoint belong to one cloud and that consent stands';
  return new Auth({ ...detail, scope: 'run', message: `${detail.message}: ${remedy}` });
}

/** Codes from the outermost to the innermost; the spelling of the inner error's name varies. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let level = error;
  for (let depth = 0; depth < 8 && level; depth += 1) {
    const code = fieldOf(level, 'code');
    if (typeof code === 'string' && code !== '') codes.push(code);
    level = fieldOf(level, 'innerError') ?? fieldOf(level, 'innererror');
  }
  return codes;
}

function messageOf(answer: FailedAnswer, code: string, error: unknown): string {
  const vendor = fieldOf(error, 'message');
  const text = typeof vendor === 'string' && vendor !== '' ? `: ${shorten(vendor)}` : '';
  return `Microsoft Graph answers ${answer.status} ${shorten(code)} to ${answer.method}${text}`;
}

function requestIdOf(error: unknown, headers: Headers): { requestId?: string } {
  const inner = fieldOf(error, 'innerError') ?? fieldOf(error, 'innererror');
  const id = headers.get('request-id') ?? fieldOf(inner, 'request-id');
  return typeof id === 'string' && id !== '' ? { requestId: shorten(id) } : {};
}
