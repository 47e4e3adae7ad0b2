/** How far beyond a cut a grapheme cluster is looked at; longer clusters are cut before. */
const CLUSTER_WINDOW = 64;

/** The longest beginning of `text` that has at most `maxUnits` UTF-16 units and ends on a grapheme border. */
export function cutAtGrapheme(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
  let end = 0;
  for (const { index, segment } of segmenter.segment(text.slice(0, maxUnits + CLUSTER_WINDOW))) {
    if (index + segment.length > maxUnits) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}

const ZERO_WIDTH_JOINER_OUTSIDE_EMOJI =
  /(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]{0,2})\u200d|\u200d(?!\p{Extended_Pictographic})/gu;
const INVISIBLE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

/**
 * One line of text fit for a name: NFC, control, bidirectional and zero-width characters removed (a joiner inside an
 * emoji stays), every kind of blank one space, no blanks at the ends. Lone surrogates become U+FFFD.
 */
export function cleanLine(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(ZERO_WIDTH_JOINER_OUTSIDE_EMOJI, '')
    .replace(/\s+/gu, ' ')
    .replace(INVISIBLE, '')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** The key under which two names count as the same: NFC and case folded. */
export function foldName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase();
}

/** The value, or null where it is absent or only blanks. */
export function present(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
