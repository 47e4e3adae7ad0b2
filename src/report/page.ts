import type { WorkloadName } from '../core/types.ts';
import { catalogueEntry, RULES } from '../reconcile/catalogue.ts';
import type {
  CheckResult,
  OrganisationResult,
  PrincipalResult,
  WorkloadNumbers,
} from '../reconcile/check-result.ts';
import type { StoredFinding } from '../reconcile/check-store.ts';
import { FATES, type Numbers } from '../reconcile/equation.ts';
import { VERDICT_WORDS } from '../reconcile/verdict.ts';
import { PAGE_STYLE } from './page-style.ts';
import { type Privacy, showAt } from './privacy.ts';
import type { QuotaUse } from './summary.ts';
import { isoTime } from './tables.ts';
import { type Fragment, html, Markup } from './text.ts';
import { groupDigits, NUMBER_WORDS, verdictSentence, WORKLOAD_WORDS } from './words.ts';

/** Rows of a kind that a page shows at most; the files beside it hold all of them. */
export const MAX_PAGE_ROWS = 2000;

export interface PageOptions {
  privacy: Privacy;
  quota: QuotaUse;
}

/** The report as one page that needs nothing else: no script, no style sheet, no host. */
export function renderPage(result: CheckResult, options: PageOptions): string {
  const sentence = verdictSentence(result);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${VERDICT_WORDS[result.verdict]} – check ${result.run}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>What arrived: check ${result.run}</h1>
<p class="verdict ${result.verdict}"><strong>${sentence}</strong></p>
</header>
<main>
${basis(result, options)}
${totals(result)}
${leftOut(result)}
${result.organisations.map((organisation) => organisationSection(result, organisation))}
${differences(result, options.privacy)}
</main>
</body>
</html>
`;
  return page.text;
}

function basis(result: CheckResult, { privacy, quota }: PageOptions): Markup {
  const rows: [string, Fragment][] = [
    ['Checked as of', isoTime(result.asOf)],
    ['Read', `${isoTime(result.startedAt)} to ${isoTime(result.finishedAt)}`],
    ['Depth', result.depth],
    ['Rules', `version ${result.ruleVersion}`],
    ['Privacy', privacy],
    ['Notifications sent', `${groupDigits(result.notifications.count)} (${result.notifications.how})`],
    ['Unexplained differences', groupDigits(result.unexplainedDifferences)],
    ...Object.entries(quota).map(([meter, units]): [string, Fragment] => [
      `Quota: ${meter}`,
      groupDigits(units),
    ]),
  ];
  return html`<section aria-labelledby="basis"><h2 id="basis">How this was checked</h2>
<p>Both tenants were read again with readers of their own; nothing here rests on what the migration says it did${
    result.claimsApplied ? ', except the reasons marked as claimed' : ''
  }. All rows: <a href="findings.csv">findings.csv</a>, <a href="people.csv">people.csv</a>,
<a href="items.csv">items.csv</a>, <a href="claims.csv">claims.csv</a>, <a href="summary.json">summary.json</a>.</p>
<dl>${rows.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl></section>`;
}

function totals(result: CheckResult): Markup {
  return html`<section aria-labelledby="totals"><h2 id="totals">The sum for each kind</h2>
<p>Each row adds up: what was at the source equals arrived + merged + left out + not supported + too large + changed
since + missing; and missing equals failed + unexplained. Mail is counted in copies in folders.</p>
${equationTable(result.totals, 'Everything that was checked')}</section>`;
}

function equationTable(numbers: WorkloadNumbers, caption: string): Markup {
  const entries = Object.entries(numbers) as [WorkloadName, Numbers][];
  const columns = ['source', ...FATES, 'failed', 'unexplained', 'extra', 'duplicate', 'differ'] as const;
  return table(
    caption,
    ['Kind', ...columns.map((column) => NUMBER_WORDS[column])],
    entries.map(
      ([workload, row]) =>
        html`<tr><th scope="row">${WORKLOAD_WORDS[workload]}</th>${columns.map(
          (column) => html`<td class="n">${groupDigits(row[column])}</td>`,
        )}</tr>`,
    ),
  );
}

function table(caption: string, head: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${head.map((word) => html`<th scope="col">${word}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`${row}
`,
)}</tbody></table></div>`;
}

/** What rules left out, summed over everybody. */
function leftOut(result: CheckResult): Markup {
  const sums = new Map<string, { workload: WorkloadName; rule: string; units: number }>();
  for (const { workload, rule, units } of result.store.exclusions()) {
    const key = `${workload} ${rule}`;
    sums.set(key, { workload, rule, units: units + (sums.get(key)?.units ?? 0) });
  }
  if (sums.size === 0) return html``;
  const rows = [...sums.values()].map(
    ({ workload, rule, units }) =>
      html`<tr><td>${WORKLOAD_WORDS[workload]}</td><td>${rule}</td><td>${RULES[rule] ?? ''}</td><td class="n">${groupDigits(units)}</td></tr>`,
  );
  return html`<section aria-labelledby="rules"><h2 id="rules">What was left out, and by which rule</h2>
${table('Items left out on purpose or not supported', ['Kind', 'Rule', 'Meaning', 'Items'], rows)}</section>`;
}

function organisationSection(result: CheckResult, organisation: OrganisationResult): Markup {
  const own = result.principals.filter(({ principal }) => principal.organisation === organisation.id);
  const shown = own.slice(0, MAX_PAGE_ROWS);
  const sentence = VERDICT_WORDS[organisation.verdict];
  return html`<section><h2>Organisation ${organisation.id}: ${sentence}</h2>
${equationTable(organisation.totals, `The sums of ${organisation.id}`)}
${table(
  `People, shared mailboxes and rooms of ${organisation.id}`,
  [
    'Old address',
    'New address',
    'Wave',
    'Verdict',
    'At the source',
    'Arrived',
    'Missing',
    'Other differences',
  ],
  shown.map(personRow),
)}
${own.length > shown.length ? overflow(own.length, shown.length, 'people.csv') : ''}</section>`;
}

function personRow({ principal, verdict, workloads }: PrincipalResult): Markup {
  const sum = (...fields: (keyof Numbers)[]) =>
    groupDigits(
      Object.values(workloads).reduce(
        (total, numbers) => total + fields.reduce((part, field) => part + numbers[field], 0),
        0,
      ),
    );
  const name = principal.kind === 'organisation' ? `${principal.source} (directory)` : principal.source;
  return html`<tr><th scope="row">${name}</th><td>${principal.target}</td><td>${principal.wave}</td><td class="${verdict}">${VERDICT_WORDS[verdict]}</td><td class="n">${sum('source')}</td><td class="n">${sum('arrived', 'merged')}</td><td class="n">${sum('missing')}</td><td class="n">${sum('extra', 'duplicate', 'differ')}</td></tr>`;
}

function overflow(all: number, shown: number, file: string): Markup {
  return html`<p>This page shows ${groupDigits(shown)} of ${groupDigits(all)} rows; all of them are in <a href="${file}">${file}</a>.</p>`;
}

function differences(result: CheckResult, privacy: Privacy): Markup {
  const sections: Markup[] = [];
  let person = '';
  let rows: Markup[] = [];
  let count = 0;
  const close = () => {
    if (rows.length > 0) sections.push(personDifferences(person, rows));
    rows = [];
  };
  for (const finding of result.store.findings()) {
    count += 1;
    if (count > MAX_PAGE_ROWS) continue;
    const heading = `${finding.source} (${finding.organisation})`;
    if (heading !== person) close();
    person = heading;
    rows.push(findingRow(result, finding, privacy));
  }
  close();
  const none = html`<p>No difference was found.</p>`;
  return html`<section aria-labelledby="differences"><h2 id="differences">Differences</h2>
${count === 0 ? none : sections}
${count > MAX_PAGE_ROWS ? overflow(count, MAX_PAGE_ROWS, 'findings.csv') : ''}</section>`;
}

function personDifferences(person: string, rows: readonly Markup[]): Markup {
  return html`<h3>${person}</h3>
${table(
  `Differences of ${person}`,
  [
    'Kind',
    'Where',
    'Item',
    'What',
    'Source → target',
    'Who acts',
    'Tell the user',
    'Claimed reason',
    'Finding',
  ],
  rows,
)}`;
}

function findingRow(result: CheckResult, finding: StoredFinding, privacy: Privacy): Markup {
  const entry = catalogueEntry(finding.code);
  const { container, item, sourceValue, targetValue } = showAt(privacy, finding);
  const values =
    sourceValue === '' && targetValue === '' ? '' : `${sourceValue || '–'} → ${targetValue || '–'}`;
  const what = `${entry?.sentence ?? finding.code}${finding.units > 1 ? ` (${groupDigits(finding.units)} items)` : ''}`;
  const again = entry?.rerunHelps ? 'Running the migration again can help.' : 'Running again does not help.';
  const accepted = finding.accepted ? html` <strong>Accepted.</strong>` : '';
  return html`<tr><td>${WORKLOAD_WORDS[finding.workload]}</td><td>${container}</td><td>${item}</td><td>${what}${accepted}<br><span class="dim">${finding.code}${finding.field === '' ? '' : ` · ${finding.field}`}</span></td><td>${values}</td><td>${entry?.actor ?? ''}<br><span class="dim">${again}</span></td><td>${entry?.tellUser ?? ''}</td><td>${result.store.claimedReason(finding.findingId)}</td><td>${finding.findingId}</td></tr>`;
}
