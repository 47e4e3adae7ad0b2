import type { CheckResult } from '../reconcile/check-result.ts';
import type { StoredFinding } from '../reconcile/check-store.ts';
import { type Advice, adviseOn, claimsAbout, claimWords } from './advice.ts';
import { address, body, numbers, overflow, table, texts } from './elements.ts';
import { MAX_PAGE_ROWS } from './page-sums.ts';
import { type Privacy, showAt } from './privacy.ts';
import { type Fragment, html, type Markup } from './text.ts';
import { byWorkload, groupDigits, WORKLOAD_WORDS } from './words.ts';

/** Differences of one person that a page shows at most, so that one mailbox cannot hide all others. */
export const MAX_PERSON_ROWS = 200;

/** Differences that call for the same: of one code, with the same advice. */
interface Group {
  finding: StoredFinding;
  advice: Advice;
  rows: Fragment[][];
}

interface Person {
  organisation: string;
  source: string;
  target: string;
  anchor: string;
  groups: Map<string, Group>;
  count: number;
  shown: number;
}

interface CodeSum {
  workload: StoredFinding['workload'];
  finding: StoredFinding;
  units: number;
  accepted: number;
}

/** All differences as the page shows them: summed by code, then person by person. */
export interface Differences {
  sums: Fragment;
  sections: Markup;
  /** Anchors of the people whose differences are on the page, by organisation and source. */
  anchors: ReadonlyMap<string, string>;
  /** Keys of the workloads of people that could not be read. */
  unreadable: ReadonlySet<string>;
}

/** Reads the findings once, in their order; what is kept is bounded by `MAX_PAGE_ROWS`. */
export function renderDifferences(result: CheckResult, privacy: Privacy): Differences {
  const sums = new Map<string, CodeSum>();
  const people: Person[] = [];
  const unreadable = new Set<string>();
  let count = 0;
  let shown = 0;
  for (const finding of result.store.findings()) {
    count += 1;
    addSum(sums, finding);
    if (finding.kind === 'unreadable')
      unreadable.add(personKey(finding.organisation, finding.source, finding.workload));
    const last = people.at(-1);
    const isSame = last?.source === finding.source && last.organisation === finding.organisation;
    if (shown >= MAX_PAGE_ROWS && !isSame) continue;
    const person = isSame ? last : newPerson(finding, people);
    person.count += 1;
    if (shown >= MAX_PAGE_ROWS || person.shown >= MAX_PERSON_ROWS) continue;
    addRow(person, finding, result, privacy);
    shown += 1;
  }
  return {
    sums: codeSums(sums),
    sections: html`<section aria-labelledby="differences"><h2 id="differences">Differences, person by person</h2>
${
  count === 0
    ? html`<p>No difference was found.</p>`
    : html`<p>${NAMING[privacy]}</p>
<p>To accept differences by name, put their ids into <code>acceptances.jsonl</code>, one line each time:
<code>{"by":"…","reason":"…","at":"…","findings":["…"]}</code>, and check again.</p>`
}
${overflow(shown, count, 'differences', 'findings.csv')}
${people.map(personSection)}</section>`,
    anchors: new Map(
      people.map(({ organisation, source, anchor }) => [personKey(organisation, source), anchor]),
    ),
    unreadable,
  };
}

export function personKey(organisation: string, source: string, workload = ''): string {
  return JSON.stringify([organisation, source, workload]);
}

/** How the rows name items at each privacy level. */
const NAMING: Readonly<Record<Privacy, string>> = {
  counts:
    'Folders and items are not named (privacy: counts); the id of a finding is the same in every check.',
  hashed:
    'An item is named by the first 12 digits of the SHA-256 (in hex) of its Message-ID without angle brackets or its iCalendar UID, so that whoever has the item can find its row (privacy: hashed).',
  full: 'An item is named by its Message-ID, iCalendar UID or address (privacy: full).',
};

function newPerson({ organisation, source, target }: StoredFinding, people: Person[]): Person {
  const anchor = `person-${people.length + 1}`;
  const person: Person = { organisation, source, target, anchor, groups: new Map(), count: 0, shown: 0 };
  people.push(person);
  return person;
}

function addSum(sums: Map<string, CodeSum>, finding: StoredFinding): void {
  const key = `${finding.workload} ${finding.code}`;
  const sum = sums.get(key) ?? { workload: finding.workload, finding, units: 0, accepted: 0 };
  sum.units += finding.units;
  if (finding.accepted) sum.accepted += finding.units;
  sums.set(key, sum);
}

function addRow(person: Person, finding: StoredFinding, { store }: CheckResult, privacy: Privacy): void {
  const claims = claimsAbout(store, finding.findingId);
  const advice = adviseOn(finding, claims);
  const key = JSON.stringify([finding.workload, finding.code, advice]);
  const group = person.groups.get(key) ?? { finding, advice, rows: [] };
  group.rows.push(findingCells(finding, claimWords(claims), privacy));
  person.groups.set(key, group);
  person.shown += 1;
}

function codeSums(sums: ReadonlyMap<string, CodeSum>): Fragment {
  if (sums.size === 0) return '';
  const rows = [...sums.entries()].sort(byWorkload).map(([, { finding, units, accepted }]) => {
    const { sentence, actor } = adviseOn(finding, []);
    return html`<tr><td>${WORKLOAD_WORDS[finding.workload]}</td><td>${finding.kind}</td><th scope="row" class="what">${sentence}<br><span class="dim">${finding.code}</span></th><td>${actor}</td><td class="n">${groupDigits(units)}</td><td class="n">${groupDigits(accepted)}</td></tr>`;
  });
  const heads = [texts('Kind', 'Difference', 'Meaning', 'Who acts'), numbers('Items', 'Accepted')];
  return html`<section aria-labelledby="codes"><h2 id="codes">What differs</h2>
${table('All differences, summed by what they are', heads, [body(rows)])}</section>`;
}

function personSection({ organisation, source, target, anchor, groups, count, shown }: Person): Markup {
  const name =
    source === organisation
      ? html`Directory of ${source}`
      : html`${address(source)} <span class="new">now ${address(target)}, organisation ${organisation}</span>`;
  return html`<section><h3 id="${anchor}">${name}</h3>
${overflow(shown, count, 'differences here', 'findings.csv')}
${[...groups.values()].map(groupSection)}</section>
`;
}

const HEADS = ['Where', 'Item', 'Difference (old → new)', 'The migration says', 'Finding'];

/** One table of what calls for the same; a column in which nothing stands is left out. */
function groupSection({ finding, advice, rows }: Group): Markup {
  const { sentence, actor, again, tellUser } = advice;
  const columns = HEADS.map((_, place) => place).filter((place) => rows.some((cells) => cells[place] !== ''));
  const lines = rows.map(
    (cells) => html`<tr>${columns.map((place) => html`<td>${cells[place] ?? ''}</td>`)}</tr>`,
  );
  return html`<h4>${WORKLOAD_WORDS[finding.workload]}: ${sentence}</h4>
<ul class="advice"><li><b>Who acts:</b> ${actor}</li><li><b>Run again?</b> ${again}</li><li><b>Tell the user:</b> ${tellUser}</li></ul>
${table(`${finding.code}: ${rows.length}`, [texts(...columns.map((place) => HEADS[place] ?? ''))], [body(lines)])}`;
}

function findingCells(finding: StoredFinding, claimed: string, privacy: Privacy): Fragment[] {
  const { container, item } = showAt(privacy, finding);
  const units = finding.units > 1 ? `${groupDigits(finding.units)} items` : '';
  const named = item === container ? units : [item, units].filter((part) => part !== '').join(', ');
  const accepted = finding.accepted ? html` <strong>accepted</strong>` : '';
  const id = html`<code>${finding.findingId}</code>${accepted}`;
  return [container, named, values(finding, privacy), claimed, id];
}

/** `field: old → new`; an end that could not be read has an error's code alone. */
function values(finding: StoredFinding, privacy: Privacy): Fragment {
  const { sourceValue, targetValue } = showAt(privacy, finding);
  const isUnreadable = finding.kind === 'unreadable';
  if (isUnreadable) return sourceValue || targetValue;
  if (sourceValue === '' && targetValue === '') return finding.field;
  const field = finding.field === '' ? '' : `${finding.field}: `;
  return html`${field}<bdi>${sourceValue || 'nothing'}</bdi> → <bdi>${targetValue || 'nothing'}</bdi>`;
}
