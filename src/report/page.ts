import { createHash } from 'node:crypto';
import type { CheckResult } from '../reconcile/check-result.ts';
import { VERDICT_WORDS, VERDICTS } from '../reconcile/verdict.ts';
import { type Differences, personKey, renderDifferences } from './page-differences.ts';
import { PAGE_STYLE } from './page-style.ts';
import { leftOut, organisationSections, totalSums } from './page-sums.ts';
import type { Privacy } from './privacy.ts';
import type { QuotaUse } from './summary.ts';
import { isoTime } from './tables.ts';
import { type Fragment, html, Markup } from './text.ts';
import { groupDigits, verdictSentence } from './words.ts';

export interface PageOptions {
  privacy: Privacy;
  quota: QuotaUse;
}

/**
 * The report as one page that needs nothing else: no script, no style sheet, no host. The Content Security Policy
 * allows its own style, by hash, and nothing more (CSP level 3; a `meta` element knows no `frame-ancestors`).
 */
export function renderPage(result: CheckResult, options: PageOptions): string {
  const differences = renderDifferences(result, options.privacy);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${new Markup(contentPolicy())}">
<meta name="referrer" content="no-referrer">
<title>${VERDICT_WORDS[result.verdict]} – check ${result.run}</title>
<style>${new Markup(PAGE_STYLE)}</style>
</head>
<body>
<header>
<h1>What arrived <span class="run">check ${result.run}</span></h1>
<p class="verdict ${result.verdict}"><strong>${verdictSentence(result)}</strong></p>
${overview(result)}
</header>
${contents(result, differences)}
<main>
${totalSums(result)}
${differences.sums}
${leftOut(result)}
${organisationSections(result, {
  anchorOf: (...person) => differences.anchors.get(personKey(...person)) ?? null,
  isUnreadable: (...workload) => differences.unreadable.has(personKey(...workload)),
})}
${differences.sections}
${basis(result, options)}
</main>
</body>
</html>
`;
  return page.text;
}

function contentPolicy(): string {
  const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/** The numbers that a service desk asks for first. */
function overview({ principals, asOf, unexplainedDifferences }: CheckResult): Markup {
  const verdicts = VERDICTS.map((verdict): [string, Fragment] => [
    VERDICT_WORDS[verdict],
    groupDigits(principals.filter((one) => one.verdict === verdict).length),
  ]);
  const directories = principals.filter(({ principal }) => principal.kind === 'organisation').length;
  return html`<dl class="overview">${terms([
    ['Mailboxes and rooms', groupDigits(principals.length - directories)],
    ['Directories', groupDigits(directories)],
    ...verdicts,
    ['Differences neither accepted nor explained', groupDigits(unexplainedDifferences)],
    ['Checked as of', time(asOf)],
  ])}</dl>`;
}

function contents({ organisations }: CheckResult, { sums }: Differences): Markup {
  const links: [string, string][] = [
    ['sums', 'Does it add up?'],
    ...(sums === '' ? [] : [['codes', 'What differs'] as [string, string]]),
    ...organisations.map(({ id }, place): [string, string] => [`organisation-${place + 1}`, id]),
    ['differences', 'Differences, person by person'],
    ['basis', 'How this was checked'],
  ];
  return html`<nav aria-label="On this page"><ul>${links.map(([id, words]) => html`<li><a href="#${id}">${words}</a></li>`)}</ul></nav>`;
}

const DEPTH_WORDS: Readonly<Record<CheckResult['depth'], string>> = {
  counts: 'counts: the services’ own counters',
  items: 'items: every item, by an identity that survives the move',
  content: 'content: every item, and the content of messages on both sides',
};

function basis(result: CheckResult, { privacy, quota }: PageOptions): Markup {
  const except = result.claimsApplied
    ? ', except what stands under “The migration says” and “reason given”'
    : '';
  const rows: [string, Fragment][] = [
    ['Checked as of', time(result.asOf)],
    ['Read', html`${time(result.startedAt)} to ${time(result.finishedAt)}`],
    ['Depth', DEPTH_WORDS[result.depth]],
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
<p>Both tenants were read again with readers of their own; nothing here rests on what the migration says it did${except}.
All rows: <a href="people.csv">people.csv</a> (sums), <a href="findings.csv">findings.csv</a> (differences),
<a href="claims.csv">claims.csv</a> (what the migration says), <a href="items.csv">items.csv</a> (every item),
<a href="summary.json">summary.json</a>.</p>
<dl>${terms(rows)}</dl></section>`;
}

function terms(rows: readonly [string, Fragment][]): Markup[] {
  return rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`);
}

/** A time for reading, to the second, with its zone. */
function time(ms: number): Markup {
  const iso = isoTime(ms);
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
