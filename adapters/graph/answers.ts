const MESSAGE_CHARACTERS = 300;

/** The JSON in a text, or null where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A field of an unknown value; undefined where the value is no object. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** One line of at most 300 characters, without control characters. */
export function shorten(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, MESSAGE_CHARACTERS);
}

/**
 * `Retry-After` in milliseconds, from seconds or from an HTTP date, which is measured against the answer's own `Date`.
 * An empty object where there is none or it cannot be read.
 */
export function retryAfterMs(headers: Headers): { retryAfterMs?: number } {
  const value = headers.get('retry-after')?.trim();
  if (!value) return {};
  if (/^\d+(\.\d+)?$/.test(value)) return { retryAfterMs: Math.ceil(Number(value) * 1000) };
  const until = Date.parse(value);
  if (Number.isNaN(until)) return {};
  const answered = Date.parse(headers.get('date') ?? '');
  return { retryAfterMs: Math.max(0, until - (Number.isNaN(answered) ? Date.now() : answered)) };
}
