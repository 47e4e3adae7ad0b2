import { asAnswer, instantOrNull, textOf } from './answers.ts';

export const DAY_MS = 86_400_000;

/** Longest window that Graph expands, less a margin. Source: 1,825 days, microsoft-graph-docs-contrib#6321. */
const LONGEST_SPAN_MS = 1_800 * DAY_MS;

/** UTC ISO instant of a Graph `dateTimeTimeZone` that was asked for in UTC, or the bare date of an all-day event. */
export function momentOf(value: unknown, allDay: boolean): string {
  const text = textOf(asAnswer(value).dateTime);
  if (allDay) return text.slice(0, 10);
  const at = instantOrNull(text);
  return at === null ? '' : new Date(at).toISOString();
}

/**
 * The date that an all-day occurrence had. Graph tells its original start as the instant of a local midnight
 * (`…T07:00:00Z` on the west coast), and Exchange's zone names are not the clock's: the nearest midnight decides, of
 * which the later one begins at 11:00 UTC, since New Zealand's summer lies 13 hours ahead.
 * Source: microsoft-graph-docs#7803.
 */
export function originalDateOf(instantMs: number): string {
  return new Date(instantMs + 13 * 3_600_000).toISOString().slice(0, 10);
}

/** Cuts a window into pieces that Graph accepts, in order, without a gap or an overlap; UTC ISO instants. */
export function spansOf(range: { from: number; to: number }): { from: string; to: string }[] {
  const spans: { from: string; to: string }[] = [];
  for (let from = range.from; from < range.to; from += LONGEST_SPAN_MS) {
    const to = Math.min(range.to, from + LONGEST_SPAN_MS);
    spans.push({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  }
  return spans;
}
