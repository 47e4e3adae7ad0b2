/** Control characters, and those that turn the direction of text or cannot be seen. */
const TREACHEROUS =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u115f\u1160\u3164\uffa0\u{e0000}-\u{e007f}\p{Cs}]/gu;
/** First characters that a spreadsheet takes for a formula, their full-width forms too (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** The text with every control, bidirectional and invisible character written out as `\u202e`. */
export function writeOut(text: string): string {
  return text.replace(TREACHEROUS, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return code.length > 4 ? `\\u{${code}}` : `\\u${code}`;
  });
}

/** A CSV cell that no spreadsheet takes for a formula and that shows what it holds. */
export function safeCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return writeOut(FORMULA.test(value) ? `'${value}` : value);
}

/** Markup that may stand in a page as it is; everything else is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Fragment = Markup | string | number | readonly Fragment[];

/** Builds markup from a template; every value is escaped unless it is markup itself. */
export function html(parts: TemplateStringsArray, ...values: Fragment[]): Markup {
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (parts[index + 1] ?? '');
  return new Markup(text);
}

function render(value: Fragment): string {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  return escapeHtml(String(value));
}

export function escapeHtml(text: string): string {
  return writeOut(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}
