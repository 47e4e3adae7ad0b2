import type { Clock } from '../core/clock.ts';

/** The longest closing that is believed. Gmail's bandwidth limits may hold for a day. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

/**
 * Reads `Retry-After` as milliseconds of the clock's scaled time; undefined when absent or unreadable. Both forms
 * of RFC 9110 §10.2.3: seconds (a span, scaled like every wait) and an HTTP date (a wall-clock instant, counted from
 * the answer's own `Date` where it has one, and never scaled). Never negative, at most 24 hours.
 */
export function readRetryAfterMs(headers: Headers, clock: Clock): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (!text) return undefined;
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : untilDateMs(text, headers, clock);
  return waitMs === undefined ? undefined : Math.min(LONGEST_MS, Math.max(0, waitMs));
}

function untilDateMs(text: string, headers: Headers, clock: Clock): number | undefined {
  const at = Date.parse(text);
  // `Date.parse` takes "-5" or "12 apples" for dates; an HTTP date names its day and its zone.
  if (Number.isNaN(at) || !/^[A-Za-z]{3,9},? .*\d{2}:\d{2}:\d{2}/.test(text)) return undefined;
  const sentAt = Date.parse(headers.get('date') ?? '');
  return (at - (Number.isNaN(sentAt) ? clock.now() : sentAt)) * clock.scale;
}
