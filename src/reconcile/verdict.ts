/** The five answers, from best to worst. */
export const VERDICTS = [
  'matches',
  'matches-with-agreed-differences',
  'needs-a-decision',
  'incomplete',
  'could-not-check',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  matches: 'Matches',
  'matches-with-agreed-differences': 'Matches with agreed differences',
  'needs-a-decision': 'Needs a decision',
  incomplete: 'Incomplete',
  'could-not-check': 'Could not check',
};

/** What a verdict follows from. Counts of differences leave out matches and unreadable ends. */
export interface Grounds {
  unreadable: boolean;
  unfinished: boolean;
  /** Units that differ and that nobody has accepted. */
  open: number;
  /** Units that differ and that a named person has accepted. */
  accepted: number;
}

/** The first verdict that fits, in the order of design §9. Claims of the mover play no part in it. */
export function judge(grounds: Grounds): Verdict {
  if (grounds.unreadable) return 'could-not-check';
  if (grounds.unfinished) return 'incomplete';
  if (grounds.open > 0) return 'needs-a-decision';
  if (grounds.accepted > 0) return 'matches-with-agreed-differences';
  return 'matches';
}

/** The verdict over several: the worst of them; an empty scope matches. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  let rank = 0;
  for (const verdict of verdicts) rank = Math.max(rank, VERDICTS.indexOf(verdict));
  return VERDICTS[rank] ?? 'matches';
}

/**
 * Exit code of a check: 6 while any difference is neither accepted nor explained, else 7 if an end could not be
 * read, else 0.
 */
export function exitCodeOf(result: { unexplainedDifferences: number; unreadable: number }): 0 | 6 | 7 {
  if (result.unexplainedDifferences > 0) return 6;
  return result.unreadable > 0 ? 7 : 0;
}
