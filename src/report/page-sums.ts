import type { WorkloadName } from '../core/types.ts';
import { RULES } from '../reconcile/catalogue.ts';
import type { CheckResult, OrganisationResult, PrincipalResult } from '../reconcile/check-result.ts';
import type { ExclusionRow } from '../reconcile/check-store.ts';
import { FATES, type Numbers } from '../reconcile/equation.ts';
import { VERDICT_WORDS, VERDICTS } from '../reconcile/verdict.ts';
import { address, body, type HeadGroup, numbers, overflow, table, texts } from './elements.ts';
import { type Fragment, html, type Markup } from './text.ts';
import { byWorkload, groupDigits, NUMBER_WORDS, WORKLOAD_WORDS } from './words.ts';

/** Rows of a kind that a page shows at most; the files beside it hold all of them. */
export const MAX_PAGE_ROWS = 2000;

const SPLIT = ['failed', 'unexplained'] as const;
const BESIDE = ['extra', 'duplicate', 'differ'] as const;
const SUM = ['source', ...FATES] as const;
const FIELDS = [...SUM, ...SPLIT, ...BESIDE] as const;

const NUMBER_HEADS: readonly HeadGroup[] = [
  {
    over: 'What became of each item of the source',
    columns: SUM.map((field, place) => `${['', '=\u00a0'][place] ?? '+\u00a0'}${NUMBER_WORDS[field]}`),
    numeric: true,
  },
  { over: 'Of the missing', columns: SPLIT.map((field) => NUMBER_WORDS[field]), numeric: true },
  { over: 'Found at the target', columns: BESIDE.map((field) => NUMBER_WORDS[field]), numeric: true },
];

/** What the differences say about people, for the tables of sums. */
export interface Notes {
  /** Anchor of a person's differences on the page; null where the page shows none. */
  anchorOf: (organisation: string, source: string) => string | null;
  isUnreadable: (organisation: string, source: string, workload: string) => boolean;
}

/** The sums of all that was checked, and what they count. */
export function totalSums(result: CheckResult): Markup {
  const unread =
    result.unreadable === 0
      ? ''
      : html` <strong>What could not be read is in no sum (workloads of people: ${groupDigits(result.unreadable)}).</strong>`;
  return html`<section aria-labelledby="sums"><h2 id="sums">Does it add up?</h2>
<p>Each row adds up: what was at the source = arrived + merged + left out by rule + not supported + too large + changed
since + missing. The missing are split into those for which the migration gives a reason and those that nobody explains.
Extra, duplicate and differing items stand outside the sum. Mail counts copies in folders (merged: further copies
of one message); calendars count events, series and changed dates; the directory counts accounts, addresses, groups,
members and rooms. Changed since: created or changed after the time of the check.${unread}</p>
${table('Everything that was checked', [texts('Kind'), ...NUMBER_HEADS], [body(workloadRows(result.totals))])}</section>`;
}

/** What rules left out, summed over everybody. */
export function leftOut(result: CheckResult): Fragment {
  const sums = new Map<string, Omit<ExclusionRow, 'organisation' | 'source'>>();
  for (const { workload, fate, rule, units } of result.store.exclusions()) {
    const key = `${workload} ${fate} ${rule}`;
    sums.set(key, { workload, fate, rule, units: units + (sums.get(key)?.units ?? 0) });
  }
  if (sums.size === 0) return '';
  const rows = [...sums.entries()]
    .sort(byWorkload)
    .map(
      ([, { workload, fate, rule, units }]) =>
        html`<tr><td>${WORKLOAD_WORDS[workload]}</td><td>${fateWords(fate)}</td><th scope="row">${rule}</th><td class="what">${RULES[rule] ?? ''}</td><td class="n">${groupDigits(units)}</td></tr>`,
    );
  const heads = [texts('Kind', 'Counted as', 'Rule', 'Meaning'), numbers('Items')];
  return html`<section aria-labelledby="rules"><h2 id="rules">What was left out, and by which rule</h2>
${table('Items left out by a rule or not supported', heads, [body(rows)])}</section>`;
}

/** One section for each organisation: its sums and its people, the worst verdicts first. */
export function organisationSections(result: CheckResult, notes: Notes): Markup[] {
  return result.organisations.map((organisation, place) => {
    const own = result.principals
      .filter(({ principal }) => principal.organisation === organisation.id)
      .sort((a, b) => VERDICTS.indexOf(b.verdict) - VERDICTS.indexOf(a.verdict));
    return organisationSection(result, organisation, { own, id: `organisation-${place + 1}`, notes });
  });
}

interface Section {
  own: readonly PrincipalResult[];
  id: string;
  notes: Notes;
}

function organisationSection(
  result: CheckResult,
  { id: name, verdict, totals }: OrganisationResult,
  section: Section,
) {
  const { own, id, notes } = section;
  const isOnly = result.organisations.length === 1;
  const shown = own.slice(0, MAX_PAGE_ROWS);
  const rules = rulesOf(result, shown);
  const heads = [texts('Old address, new address, verdict', 'Kind'), ...NUMBER_HEADS];
  const people = shown.map((one) => personBody(one, notes, rules));
  return html`<section aria-labelledby="${id}"><h2 id="${id}">Organisation ${name}: ${VERDICT_WORDS[verdict]}</h2>
${isOnly ? '' : table(`The sums of ${name}`, [texts('Kind'), ...NUMBER_HEADS], [body(workloadRows(totals))])}
${table(`People, shared mailboxes and rooms of ${name}, the worst verdicts first`, heads, people)}
${overflow(shown.length, own.length, 'people and rooms', 'people.csv')}</section>`;
}

function workloadRows(totals: PrincipalResult['workloads']): Markup[] {
  return Object.entries(totals).map(
    ([workload, numbers]) =>
      html`<tr><th scope="row" class="kind stays">${WORKLOAD_WORDS[workload as WorkloadName]}</th>${numberCells(numbers, () => [])}</tr>`,
  );
}

/** Rules and their units, for a fate of one workload. */
type RulesOf = (fate: string) => readonly string[];

function numberCells(numbers: Numbers, rulesOf: RulesOf): Markup[] {
  return FIELDS.map((field) => {
    const rules = rulesOf(field);
    const detail = rules.length === 0 ? '' : html`<span class="rules">${rules.join(', ')}</span>`;
    return html`<td class="n${numbers[field] === 0 ? ' dim' : ''}">${groupDigits(numbers[field])}${detail}</td>`;
  });
}

function personBody(result: PrincipalResult, notes: Notes, rules: Map<string, string[]>): Markup {
  const { principal, workloads } = result;
  const { organisation, source } = principal;
  const entries = Object.entries(workloads) as [WorkloadName, Numbers][];
  if (entries.length === 0)
    return body([
      html`<tr>${personHead(result, notes, 1)}<td colspan="${FIELDS.length + 1}">nothing in scope</td></tr>`,
    ]);
  return body(
    entries.map(([workload, row], place) => {
      const cells = notes.isUnreadable(organisation, source, workload)
        ? html`<td colspan="${FIELDS.length}">could not be read</td>`
        : numberCells(row, (fate) => rules.get(ruleKey(principal, workload, fate)) ?? []);
      const head = place === 0 ? personHead(result, notes, entries.length) : '';
      return html`<tr>${head}<th scope="row" class="kind">${WORKLOAD_WORDS[workload]}</th>${cells}</tr>`;
    }),
  );
}

function personHead({ principal, verdict }: PrincipalResult, { anchorOf }: Notes, rows: number): Markup {
  const { kind, organisation, source, target, wave } = principal;
  const anchor = anchorOf(organisation, source);
  const words = VERDICT_WORDS[verdict];
  const moved = html`<span class="new">${address(target)}${wave === '' ? '' : `, wave ${wave}`}</span>`;
  const name = kind === 'organisation' ? html`Directory of ${source}` : html`${address(source)}${moved}`;
  return html`<th scope="rowgroup" class="stays" rowspan="${rows}">${name}
<span class="word ${verdict}">${anchor === null ? words : html`<a href="#${anchor}">${words}</a>`}</span></th>`;
}

/** Which rules left out what of the people shown. */
function rulesOf(result: CheckResult, shown: readonly PrincipalResult[]): Map<string, string[]> {
  const people = new Set(shown.map(({ principal }) => ruleKey(principal, '', '')));
  const rules = new Map<string, string[]>();
  for (const row of result.store.exclusions()) {
    if (!people.has(ruleKey(row, '', ''))) continue;
    const key = ruleKey(row, row.workload, row.fate);
    rules.set(key, [...(rules.get(key) ?? []), `${row.rule}\u00a0${groupDigits(row.units)}`]);
  }
  return rules;
}

function ruleKey(person: { organisation: string; source: string }, workload: string, fate: string): string {
  return JSON.stringify([person.organisation, person.source, workload, fate]);
}

function fateWords(fate: string): string {
  return Object.hasOwn(NUMBER_WORDS, fate) ? NUMBER_WORDS[fate as keyof Numbers] : fate;
}
