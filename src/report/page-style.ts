/**
 * Style of the report page: no font, image or script from anywhere. Colours hold a contrast of at least 4.5 : 1
 * against their ground in both schemes (WCAG 2.2, 1.4.3); verdicts are told by words, colours only repeat them.
 */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --text: #1b1f24; --dim: #4d5661; --line: #c5ccd3;
  --panel: #f3f5f7; --good: #0b5c2b; --open: #8a3b00; --bad: #9b1c1c; --link: #0a4fa0; }
@media (prefers-color-scheme: dark) { :root { --ground: #14181d; --text: #e8ebee; --dim: #b0b9c3; --line: #3c4652;
  --panel: #1e242b; --good: #7fd6a0; --open: #f2b279; --bad: #ff9d94; --link: #8cbcff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 78rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.3rem; margin-top: 2.5rem; }
h3 { font-size: 1.05rem; margin-top: 1.5rem; overflow-wrap: anywhere; }
.verdict { background: var(--panel); border-left: .4rem solid var(--dim); padding: .8rem 1rem; font-size: 1.1rem; }
.matches, .matches-with-agreed-differences { border-color: var(--good); }
.needs-a-decision, .incomplete { border-color: var(--open); }
.could-not-check { border-color: var(--bad); }
td.matches, td.matches-with-agreed-differences { color: var(--good); }
td.needs-a-decision, td.incomplete { color: var(--open); } td.could-not-check { color: var(--bad); }
.dim { color: var(--dim); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .scroll:focus { outline: 3px solid var(--link); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
caption { text-align: left; color: var(--dim); padding: .3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 4rem; } thead th { background: var(--panel); }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; min-width: 0; }
details > summary { cursor: pointer; padding: .3rem 0; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } body { padding: .6rem; } }
@media print { .scroll { overflow: visible; } }
`;
