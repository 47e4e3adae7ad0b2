import type { WorkloadName } from '../core/types.ts';
import type { CheckResult } from '../reconcile/check-result.ts';
import type { Numbers } from '../reconcile/equation.ts';
import { VERDICT_WORDS } from '../reconcile/verdict.ts';

export const WORKLOAD_WORDS: Readonly<Record<WorkloadName, string>> = {
  directory: 'Directory',
  mail: 'Mail',
  calendar: 'Calendars',
};

/** Puts rows whose keys begin with their workload into the order of the tables: directory, mail, calendar. */
export function byWorkload(
  [a, { workload: first }]: [string, { workload: WorkloadName }],
  [b, { workload: second }]: [string, { workload: WorkloadName }],
): number {
  const order = Object.keys(WORKLOAD_WORDS);
  return order.indexOf(first) - order.indexOf(second) || (a < b ? -1 : 1);
}

export const NUMBER_WORDS: Readonly<Record<keyof Numbers, string>> = {
  source: 'at the source',
  arrived: 'arrived',
  merged: 'merged',
  excluded: 'left out by rule',
  unsupported: 'not supported',
  tooLarge: 'too large',
  changedSince: 'changed since',
  missing: 'missing',
  failed: 'reason given',
  unexplained: 'unexplained',
  extra: 'extra',
  duplicate: 'duplicate',
  differ: 'differing',
};

/** The verdict of the whole check in one sentence, with the numbers that it rests on. */
export function verdictSentence(result: CheckResult): string {
  const people = result.principals.filter(({ principal }) => principal.kind !== 'organisation').length;
  const items = Object.values(result.totals).reduce((sum, { source }) => sum + source, 0);
  const scope = `${amount(items, 'item')} of ${people === 1 ? '1 mailbox or room' : `${groupDigits(people)} mailboxes and rooms`}`;
  const words = VERDICT_WORDS[result.verdict];
  if (items === 0 && result.verdict === 'matches')
    return `${words}: nothing was in scope, so there was nothing to compare.`;
  return `${words}: ${REASONS[result.verdict](result, scope)}.`;
}

const REASONS: Readonly<Record<CheckResult['verdict'], (result: CheckResult, scope: string) => string>> = {
  matches: (_, scope) => `all ${scope} are accounted for, and nothing else was found at the target`,
  'matches-with-agreed-differences': (result, scope) =>
    `all ${scope} are accounted for; ${amount(agreed(result), 'difference')} ${agreed(result) === 1 ? 'was' : 'were'} accepted by name`,
  'needs-a-decision': (result, scope) =>
    `${amount(open(result), 'difference')} in ${scope}, ${unexplained(result)} of them unexplained`,
  incomplete: (result, scope) =>
    `a pass is not finished yet; so far ${amount(open(result), 'difference')} in ${scope}`,
  'could-not-check': (result, scope) =>
    `${amount(result.unreadable, 'workload')} could not be read; ${amount(open(result), 'difference')} in the rest of ${scope}`,
};

function open(result: CheckResult): number {
  return result.principals.reduce((sum, { openDifferences }) => sum + openDifferences, 0);
}

function agreed(result: CheckResult): number {
  return result.principals.reduce((sum, { acceptedDifferences }) => sum + acceptedDifferences, 0);
}

function unexplained(result: CheckResult): string {
  return groupDigits(result.unexplainedDifferences);
}

function amount(count: number, noun: string): string {
  return `${groupDigits(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Digits in threes, with a comma between: the same in a page, a terminal and a screen reader. */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
