import { createHash } from 'node:crypto';

/** Letters and digits of a name, NFC and lower case: the form in which names of both sides are compared. */
export function fold(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A line of text without control, bidirectional and zero-width characters, blanks collapsed. */
export function plainLine(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
}

/** Whether two texts read the same: blanks, invisible characters and, unless `exact`, case aside. */
export function sameText(a: string, b: string): boolean {
  return plainLine(a).toLowerCase() === plainLine(b).toLowerCase();
}

/** SHA-256 in hex of a list of words; the list's borders are part of what is hashed. */
export function digest(...words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('hex');
}

/** How well a label's path stands for a folder's: 0 not at all, 1 shortened or hashed, 2 with a mark, 3 the same. */
export type Likeness = 0 | 1 | 2 | 3;

const UNNAMED = 'unnamed';
const NUMBERED = / ?\(\d+\)$/;
const HASHED = /^(?<start>.*?)[^\p{L}\p{N}]*(?<hash>[0-9a-f]{4,16})$/iu;

/** Keys under which a label is looked for: its folded path, without numbers that tell equal names apart. */
export function lookupKeys(label: readonly string[]): Set<string> {
  const unmarked = label
    .map((segment) => segment.replace(NUMBERED, ''))
    .filter((segment) => fold(segment) !== UNNAMED);
  return new Set([fold(label.join('')), fold(unmarked.join(''))]);
}

/** Whether a segment of a label may be the beginning of a longer name, or a placeholder for one. */
export function mayBeShortened(label: readonly string[]): boolean {
  return label.some((segment) => fold(HASHED.exec(segment)?.groups?.['start'] ?? '') !== '');
}

/** Compares the names of a folder's path with a label's; both outermost first. */
export function likenessOfPaths(folder: readonly string[], label: readonly string[]): Likeness {
  if (folder.length === label.length) {
    let least: Likeness = 3;
    for (const [index, segment] of folder.entries()) {
      const likeness = likenessOfNames(segment, label[index] ?? '');
      if (likeness < least) least = likeness;
    }
    if (least > 0) return least;
  }
  const joined = fold(folder.join(''));
  return joined !== '' && joined === fold(label.join('')) ? 2 : 0;
}

function likenessOfNames(folder: string, label: string): Likeness {
  const wanted = fold(folder);
  const found = fold(label);
  if (wanted === found) return 3;
  if (wanted === '' && found === UNNAMED) return 2;
  if (NUMBERED.test(label) && fold(label.replace(NUMBERED, '')) === wanted) return 2;
  const parts = HASHED.exec(label)?.groups;
  const start = fold(parts?.['start'] ?? '');
  const isPlaceholder = start === 'folder' && parts?.['hash']?.length === 8;
  return isPlaceholder || (start !== '' && wanted.startsWith(start)) ? 1 : 0;
}
