import type { Loss } from '../src/core/types.ts';
import { type HtmlToken, htmlTokens } from './html-tokens.ts';
import { cutAtGrapheme } from './text.ts';

/** What stands at the end of a text that was cut. */
export const SHORTENED = '…(shortened)';

const INLINE: Readonly<Record<string, string>> = { b: 'b', strong: 'strong', i: 'i', em: 'em', u: 'u' };
const HEADING = /^h[1-6]$/;
const PARAGRAPH = new Set(['p', 'blockquote', 'table', 'pre']);
const LINE = new Set([
  'div',
  'tr',
  'section',
  'article',
  'header',
  'footer',
  'hr',
  'dl',
  'dt',
  'dd',
  'center',
]);
const LIST = new Set(['ul', 'ol']);
const SAFE_LINK = /^(?:https?:|mailto:|tel:)/i;
const BREAK = '<br>';
const MAX_DEPTH = 40;
const MAX_BREAKS = 2;

/** Valid HTML within a limit, and what was given up for it. */
export interface ReducedHtml {
  html: string;
  losses: Loss[];
}

/**
 * HTML reduced to what Calendar's description shows: `b strong i em u br ul ol li a[href]`. Paragraphs and other
 * blocks become line breaks (at most two in a row), headings bold, table rows lines with ` | `, images `[image]`.
 * Never longer than `maxUnits` UTF-16 units; what is cut ends in `…(shortened)`, and every tag is closed.
 */
export function reduceHtml(source: string, maxUnits: number): ReducedHtml {
  const losses: Loss[] = [];
  const whole = write(source, maxUnits);
  const html = whole.isCut ? write(source, maxUnits - SHORTENED.length).html + SHORTENED : whole.html;
  if (whole.isCut) losses.push({ field: 'body', kind: 'changed', reason: `limit-${maxUnits}` });
  if (whole.hasLostForm) losses.push({ field: 'body', kind: 'changed', reason: 'html-reduced' });
  return { html, losses };
}

/** Text as HTML that shows the same. */
export function escapeText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

function write(source: string, budget: number): { html: string; isCut: boolean; hasLostForm: boolean } {
  const writer = new HtmlWriter(budget);
  for (const token of htmlTokens(source)) {
    writer.take(token);
    if (writer.isCut) break;
  }
  return { html: writer.finish(), isCut: writer.isCut, hasLostForm: writer.hasLostForm };
}

/** Builds valid HTML piece by piece and stops before the budget is spent, closing tags counted in. */
class HtmlWriter {
  isCut = false;
  hasLostForm = false;
  readonly #budget: number;
  readonly #open: string[] = [];
  #html = '';
  #closing = 0;
  #breaks = 0;
  #isBlank = true;
  #isRowBegun = false;

  constructor(budget: number) {
    this.#budget = budget;
  }

  take(token: HtmlToken): void {
    if (token.kind === 'text') this.#text(token.text);
    else if (token.kind === 'open') this.#start(token.tag, token.attributes);
    else this.#end(token.tag);
  }

  finish(): string {
    while (this.#open.length > 0) this.#closeOne();
    return this.#html.trimEnd();
  }

  #start(tag: string, attributes: string): void {
    const inline = HEADING.test(tag) ? 'b' : INLINE[tag];
    if (HEADING.test(tag)) this.#break(2);
    if (tag === 'br') this.#break(1, true);
    else if (inline) this.#openTag(inline, `<${inline}>`);
    else if (tag === 'a') this.#link(attributes);
    else if (LIST.has(tag)) this.#list(tag);
    else if (tag === 'li') this.#listItem();
    else if (tag === 'img') this.#lostForm('[image]');
    else if (tag === 'td' || tag === 'th') this.#cell();
    else if (PARAGRAPH.has(tag)) this.#break(2);
    else if (LINE.has(tag)) this.#break(1);
    if (tag === 'tr') this.#isRowBegun = false;
    if (tag === 'table') this.hasLostForm = true;
  }

  #end(tag: string): void {
    const name = HEADING.test(tag) ? 'b' : (INLINE[tag] ?? tag);
    const at = this.#open.lastIndexOf(name);
    if (at >= 0) while (this.#open.length > at) this.#closeOne();
    if (HEADING.test(tag) || PARAGRAPH.has(tag)) this.#break(2);
    else if (LINE.has(tag)) this.#break(1);
  }

  #lostForm(text: string): void {
    this.hasLostForm = true;
    this.#text(text);
  }

  #cell(): void {
    if (this.#isRowBegun) this.#lostForm(' | ');
    this.#isRowBegun = true;
  }

  #link(attributes: string): void {
    const match = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/i.exec(attributes);
    const href = (match?.[1] ?? match?.[2] ?? match?.[3] ?? '').trim();
    this.#end('a');
    if (!SAFE_LINK.test(href)) return;
    this.#openTag('a', `<a href="${escapeEntities(href).replace(/"/g, '&quot;')}">`);
  }

  #list(tag: string): void {
    this.#isBlank = true;
    this.#breaks = 0;
    this.#openTag(tag, `<${tag}>`);
  }

  #listItem(): void {
    const list = this.#open.findLastIndex((tag) => LIST.has(tag));
    if (list < 0) {
      this.#break(1);
      this.#text('- ');
      return;
    }
    while (this.#open.length > list + 1) this.#closeOne();
    this.#openTag('li', '<li>');
    this.#isBlank = true;
  }

  #openTag(tag: string, html: string): void {
    const closing = `</${tag}>`.length;
    if (this.#open.length >= MAX_DEPTH) return;
    if (!this.#fits(html.length + closing + BREAK.length * this.#breaks)) return;
    this.#flushBreaks();
    this.#html += html;
    this.#open.push(tag);
    this.#closing += closing;
  }

  #closeOne(): void {
    const tag = this.#open.pop() ?? '';
    this.#html += `</${tag}>`;
    this.#closing -= `</${tag}>`.length;
    if (LIST.has(tag) || tag === 'li') this.#isBlank = true;
  }

  /** Breaks are remembered and written before the next text, so that none stands at the beginning or the end. */
  #break(count: number, isExtra = false): void {
    if (this.#isBlank) return;
    this.#breaks = Math.min(MAX_BREAKS, isExtra ? this.#breaks + count : Math.max(this.#breaks, count));
  }

  #flushBreaks(): void {
    if (this.#breaks === 0) return;
    const html = BREAK.repeat(this.#breaks);
    this.#breaks = 0;
    this.#isBlank = true;
    if (this.#fits(html.length)) this.#html += html;
  }

  #text(raw: string): void {
    const text = raw.replace(/&nbsp;|&#160;|&#xa0;/gi, ' ').replace(/[\s\u00a0]+/g, ' ');
    const trimmed = this.#isBlank || this.#breaks > 0 ? text.trimStart() : text;
    if (trimmed === '') return;
    this.#flushBreaks();
    const escaped = escapeEntities(trimmed);
    if (this.#fits(escaped.length)) this.#html += escaped;
    else this.#html += this.#cut(escaped);
    this.#isBlank = false;
  }

  #cut(escaped: string): string {
    const room = Math.max(0, this.#budget - this.#html.length - this.#closing);
    return cutAtGrapheme(escaped, room).replace(/&[^;\s]{0,9}$/, '');
  }

  #fits(length: number): boolean {
    const isFitting = this.#html.length + this.#closing + length <= this.#budget;
    if (!isFitting) this.isCut = true;
    return isFitting;
  }
}

/** Entities stay, everything else that could be read as markup is escaped. */
function escapeEntities(text: string): string {
  return text
    .replace(/&(?!(?:[a-z][a-z0-9]{1,30}|#\d{1,7}|#x[0-9a-f]{1,6});)/gi, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;');
}
