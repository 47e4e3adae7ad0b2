import { sha256Hex } from './digest.ts';
import { cleanLine, cutAtGrapheme, foldName } from './text.ts';

/** Longest label name with all its parents, in UTF-16 units (support.google.com/a/answer/6227322). */
export const MAX_LABEL_LENGTH = 225;

/** Labels of one mailbox (Gmail API v1, users.labels). */
export const MAX_LABELS = 10_000;

const RESERVED = new Set(
  (
    'inbox spam trash bin unread starred important sent draft drafts chat chats all_mail allmail muted archive ' +
    'archived scheduled snoozed voicemail migrated todo todos buzz personal social promotions updates forums ' +
    'travel finance primary'
  ).split(' '),
);
const UNNAMED = '(unnamed)';
const SHORT_SEGMENT = 20;
const PARENT_OF_CATEGORIES = 'categories';

/** One folder name as one segment of a label: no slash, caret or backslash, no invisible characters, never empty. */
export function labelSegment(displayName: string): string {
  const clean = cleanLine(displayName.replace(/[/\\]/g, '-').replace(/\^/g, '_'));
  return clean === '' ? UNNAMED : clean;
}

/**
 * A first segment that Gmail takes: reserved words get a `_` before them, and so does `Categories`, under which the
 * labels of categories stand.
 */
export function firstSegment(segment: string): string {
  const lower = segment.toLowerCase();
  return RESERVED.has(lower) || lower === PARENT_OF_CATEGORIES ? `_${segment}` : segment;
}

/** The label of a category: `Categories/<name>`. */
export function categoryLabel(category: string): string {
  return joinSegments(['Categories', labelSegment(category)]);
}

/**
 * The segments joined by `/`, at most 225 UTF-16 units: the longest middle segments are cut to 20 units, `…` and four
 * hex digits of the full path's hash, then the others, and if that does not do the middle ones give way to one hash.
 */
export function joinSegments(segments: readonly string[]): string {
  const full = segments.join('/');
  if (full.length <= MAX_LABEL_LENGTH) return full;
  const hash = sha256Hex(full);
  const parts = [...segments];
  const isMiddle = (index: number) => index > 0 && index < parts.length - 1;
  while (parts.join('/').length > MAX_LABEL_LENGTH) {
    const at = longest(parts, isMiddle) ?? longest(parts, () => true);
    if (at === null) break;
    parts[at] = shortened(parts[at] ?? '', hash);
  }
  const joined = parts.join('/');
  if (joined.length <= MAX_LABEL_LENGTH) return joined;
  return [parts[0], `…${hash.slice(0, 8)}`, parts.at(-1)].join('/');
}

/** The name with ` (2)`, ` (3)` … behind it, still at most 225 units long. */
export function numbered(name: string, number: number): string {
  const suffix = ` (${number})`;
  return cutAtGrapheme(name, MAX_LABEL_LENGTH - suffix.length).trimEnd() + suffix;
}

/**
 * True when `name` can be what became of the computed `base` in an earlier run: the same, numbered after a collision,
 * with `_` before a word that this mailbox's language reserves, or the last resort `Folder <hash>`.
 */
export function isVariantOf(name: string, base: string): boolean {
  const folded = foldName(name);
  const stem = folded.replace(/ \(\d+\)$/, '');
  const isCutFor = (each: string) =>
    stem !== folded && each.startsWith(stem) && each.length + folded.length - stem.length > MAX_LABEL_LENGTH;
  return (
    [foldName(base), foldName(`_${base}`)].some(
      (each) => each === folded || each === stem || isCutFor(each),
    ) || /^folder [0-9a-f]{8}$/.test(folded)
  );
}

function longest(parts: readonly string[], may: (index: number) => boolean): number | null {
  let best: number | null = null;
  for (const [index, part] of parts.entries()) {
    if (!may(index) || part.length <= SHORT_SEGMENT + 5) continue;
    if (best === null || part.length > (parts[best]?.length ?? 0)) best = index;
  }
  return best;
}

function shortened(segment: string, hash: string): string {
  return `${cutAtGrapheme(segment, SHORT_SEGMENT)}…${hash.slice(0, 4)}`;
}
