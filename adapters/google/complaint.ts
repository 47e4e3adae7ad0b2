import type { Clock } from '../../src/core/clock.ts';
import { readRetryAfterMs } from '../../src/transport/retry-after.ts';

/** What a failed answer's body says, in the words of the vendor. Hostile input: never printed. */
export interface Complaint {
  /** Most specific reason: `errors[0].reason`, a `details[].reason`, or the OAuth `error`; null where none is given. */
  reason: string | null;
  /** Canonical status such as `RESOURCE_EXHAUSTED`; null where none is given. */
  status: string | null;
  /** Message, description or the plain-text body. */
  message: string;
  /** True when a quota of the whole project is named. */
  perProject: boolean;
}

/**
 * Reads `{"error":{code,message,errors:[{reason,domain}],status,details:[{reason,metadata}]}}`, the token endpoint's
 * `{"error":"invalid_grant","error_description":"…"}` and plain text.
 */
export function readComplaint(body: string): Complaint {
  const parsed = parseObject(body);
  if (parsed === null) return { reason: null, status: null, message: body, perProject: false };
  if (typeof parsed['error'] === 'string') return oauthComplaint(parsed['error'], parsed);
  const error = objectAt(parsed, 'error') ?? parsed;
  const message = textAt(error, 'message') ?? '';
  const details = listAt(error, 'details');
  const legacy = textAt(listAt(error, 'errors')[0] ?? {}, 'reason');
  const modern = details.map((detail) => textAt(detail, 'reason')).find((reason) => reason !== null);
  return {
    reason: legacy ?? modern ?? null,
    status: textAt(error, 'status'),
    message,
    perProject: namesProject(message, details),
  };
}

function oauthComplaint(reason: string, parsed: Fields): Complaint {
  const message = textAt(parsed, 'error_description') ?? '';
  return { reason, status: null, message, perProject: false };
}

/** `Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service …`, or the same as ErrorInfo. */
function namesProject(message: string, details: readonly Fields[]): boolean {
  const limits = details.map((detail) => textAt(objectAt(detail, 'metadata') ?? {}, 'quota_limit'));
  const named = limits.find((limit) => limit !== null) ?? /limit '([^']+)'/i.exec(message)?.[1] ?? null;
  return named !== null && !/user/i.test(named);
}

const RFC_3339 = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/;

/**
 * How long to wait, in scaled milliseconds: the `Retry-After` header, else a time inside the message (`Retry after
 * 2026-11-22T10:00:00.000Z`), which is wall-clock time and therefore scaled up.
 */
export function retryAfterMs(headers: Headers, message: string, clock: Clock): number | undefined {
  const stated = readRetryAfterMs(headers, clock);
  const named = RFC_3339.exec(message)?.[0];
  if (stated !== undefined || named === undefined) return stated;
  const at = Date.parse(named);
  return Number.isNaN(at) ? undefined : Math.max(0, at - clock.now()) * clock.scale;
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(body: string): Fields | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isFields(parsed) ? parsed : null;
  } catch {
    // Load balancers and the upload servers answer in HTML or plain text.
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(fields: Fields, name: string): Fields | null {
  const value = fields[name];
  return isFields(value) ? value : null;
}

function listAt(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function textAt(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
