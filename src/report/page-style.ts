/**
 * Style of the report page: no font, image or script from anywhere. Colours hold a contrast of at least 4.5 : 1
 * against their grounds in both schemes (WCAG 2.2, 1.4.3); verdicts are told by words, colours only repeat them.
 * Paper gets the light colours and tables small enough for A4 across.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b1f24; --dim: #4d5661; --line: #c5ccd3;
  --panel: #f3f5f7; --good: #0b5c2b; --open: #8a3b00; --bad: #9b1c1c; --link: #0a4fa0; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #14181d; --text: #e8ebee; --dim: #b0b9c3;
  --line: #3c4652; --panel: #1e242b; --good: #7fd6a0; --open: #f2b279; --bad: #ff9d94; --link: #8cbcff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 96rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
p { max-width: 75ch; }
a { color: var(--link); } a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.3rem; margin-top: 2.5rem; }
h3 { font-size: 1.1rem; margin-top: 2rem; border-top: 2px solid var(--line); padding-top: 1rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
dd, td, th { overflow-wrap: anywhere; } thead th, .kind, .n { overflow-wrap: normal; }
td code { white-space: nowrap; }
.run, .new { display: block; font-size: 1rem; font-weight: normal; color: var(--dim); }
.verdict { background: var(--panel); border-left: .4rem solid var(--dim); padding: .8rem 1rem; font-size: 1.1rem; }
.verdict.matches, .verdict.matches-with-agreed-differences { border-color: var(--good); }
.verdict.needs-a-decision, .verdict.incomplete { border-color: var(--open); }
.verdict.could-not-check { border-color: var(--bad); }
.word { display: block; margin-top: .2rem; } .word a { color: inherit; }
.word.matches, .word.matches-with-agreed-differences { color: var(--good); }
.word.needs-a-decision, .word.incomplete { color: var(--open); } .word.could-not-check { color: var(--bad); }
.dim { color: var(--dim); }
dl > div { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1rem; margin: .2rem 0; }
dt { color: var(--dim); } dd { margin: 0; min-width: 0; }
.overview { display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: .75rem 1.5rem; }
.overview > div { display: flex; flex-direction: column; justify-content: space-between; margin: 0; }
.overview dt { font-size: .875rem; line-height: 1.3; } .overview dd { font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .5rem 1.2rem; padding: 0; list-style: none; }
.advice { margin: 0; padding: 0; list-style: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .875rem; line-height: 1.4; }
caption { text-align: left; color: var(--dim); padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .4rem; text-align: left; vertical-align: top; }
tbody { border-bottom: 2px solid var(--line); }
td { min-width: 7.5rem; } tbody th { min-width: 5rem; } th[scope=rowgroup] { min-width: 15rem; }
.what { min-width: 14rem; }
tbody th .dim { font-weight: normal; } th .new { font-size: 1em; } .stays { position: sticky; left: 0; background: var(--ground); }
thead th { background: var(--panel); font-size: .75rem; vertical-align: bottom; }
th[scope=colgroup] { border-left: 2px solid var(--line); }
.n { text-align: right; font-variant-numeric: tabular-nums; min-width: 2.5rem; padding: .3rem .25rem; }
.rules { display: block; min-width: 5.5rem; font-size: .85em; color: var(--dim); }
@media (max-width: 40rem) { body { padding: .6rem; } dl > div { grid-template-columns: 1fr; margin-bottom: .5rem; }
  .overview { grid-template-columns: 1fr 1fr; } th[scope=rowgroup] { min-width: 9rem; } }
@media print { @page { size: A4 landscape; margin: 12mm; } body { font-size: 9pt; max-width: none; padding: 0; }
  nav { display: none; } .scroll { overflow: visible; } table { font-size: 7pt; } thead th { font-size: 6.5pt; }
  h1 { font-size: 15pt; } h2 { font-size: 12pt; margin-top: 14pt; } h3 { font-size: 10.5pt; } h4 { font-size: 9pt; }
  .verdict { font-size: 11pt; } .run, .new, .overview dt { font-size: 8pt; } .rules { min-width: 0; }
  td code { white-space: normal; } th, td, .n { padding: 1.5pt 2.5pt; min-width: 0 !important; } th[scope=rowgroup] { width: 22%; } .stays { position: static; }
  tr, tbody:has(> tr:nth-child(-n+3):last-child), .advice, .verdict { break-inside: avoid; }
  h2, h3, h4, caption, .advice { break-after: avoid; } }
`;
