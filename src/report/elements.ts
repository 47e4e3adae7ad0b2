import { type Fragment, html, type Markup } from './text.ts';
import { groupDigits } from './words.ts';

/** A column head, or several under one. */
export interface HeadGroup {
  /** Empty where the columns stand for themselves. */
  over: string;
  columns: readonly string[];
  /** True for numbers, which stand to the right. */
  numeric?: boolean;
}

/**
 * A table with a caption, in a frame that scrolls sideways by keyboard. The frame is a group and no landmark, since a
 * page holds many. `bodies` are whole `tbody` elements.
 */
export function table(caption: string, groups: readonly HeadGroup[], bodies: readonly Markup[]): Markup {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table><caption>${caption}</caption>
<thead>${head(groups)}</thead>
${lines(bodies)}</table></div>`;
}

/** One `tbody` of rows. */
export function body(rows: readonly Markup[]): Markup {
  return html`<tbody>
${lines(rows)}</tbody>`;
}

/** Columns of text that stand under no common head. */
export function texts(...columns: string[]): HeadGroup {
  return { over: '', columns };
}

/** Columns of numbers that stand under no common head. */
export function numbers(...columns: string[]): HeadGroup {
  return { over: '', columns, numeric: true };
}

/** An address that may break after its @. */
export function address(text: string): Markup {
  const place = text.lastIndexOf('@') + 1;
  return html`<bdi>${text.slice(0, place)}<wbr>${text.slice(place)}</bdi>`;
}

/** Says that a page shows only a part, and where the whole is. */
export function overflow(shown: number, all: number, what: string, file: string): Fragment {
  if (shown >= all) return '';
  return html`<p>This page shows ${groupDigits(shown)} of ${groupDigits(all)} ${what}; all of them are in <a href="${file}">${file}</a>.</p>`;
}

function head(groups: readonly HeadGroup[]): Markup {
  const names = (group: HeadGroup, rowspan: Fragment) =>
    group.columns.map(
      (name) => html`<th scope="col"${group.numeric ? html` class="n"` : ''}${rowspan}>${name}</th>`,
    );
  if (groups.every(({ over }) => over === ''))
    return html`<tr>${groups.map((group) => names(group, ''))}</tr>`;
  const upper = groups.map((group) =>
    group.over === ''
      ? names(group, html` rowspan="2"`)
      : html`<th scope="colgroup" colspan="${group.columns.length}">${group.over}</th>`,
  );
  const lower = groups.filter(({ over }) => over !== '').map((group) => names(group, ''));
  return html`<tr>${upper}</tr>
<tr>${lower}</tr>`;
}

function lines(parts: readonly Markup[]): Fragment {
  return parts.map(
    (part) => html`${part}
`,
  );
}
