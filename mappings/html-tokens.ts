/** One piece of HTML as far as a description needs it. */
export type HtmlToken =
  | { kind: 'text'; text: string }
  | { kind: 'open'; tag: string; attributes: string }
  | { kind: 'close'; tag: string };

/** Elements whose content is no text. */
const SILENT = ['style', 'script', 'head', 'title', 'xml', 'template'];
/** HTML beyond this many characters is not looked at; a description holds 8,192. */
const MAX_INPUT = 1_000_000;

/**
 * Splits HTML into tags and text in one pass, comments and the content of `style`, `script` and the like left out.
 * Takes anything: a `<` that begins no tag is text, an unfinished tag or comment ends the input.
 */
export function* htmlTokens(source: string): Generator<HtmlToken> {
  const html = source.slice(0, MAX_INPUT);
  const lower = html.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0 || open > at) yield { kind: 'text', text: html.slice(at, open < 0 ? html.length : open) };
    if (open < 0) return;
    if (html.startsWith('<!--', open)) at = after(html, '-->', open + 4);
    else if (!/[a-z/!?]/.test(lower[open + 1] ?? '')) {
      yield { kind: 'text', text: '<' };
      at = open + 1;
    } else {
      const end = after(html, '>', open);
      const token = tagToken(html.slice(open + 1, end - 1), lower.slice(open + 1, end - 1));
      if (token !== null) yield token;
      at = token?.kind === 'open' && SILENT.includes(token.tag) ? contentEnd(lower, token.tag, end) : end;
    }
  }
}

function tagToken(tag: string, lower: string): HtmlToken | null {
  const match = /^(\/?)([a-z][a-z0-9]*)/.exec(lower);
  if (!match?.[2]) return null;
  if (match[1] === '/') return { kind: 'close', tag: match[2] };
  return { kind: 'open', tag: match[2], attributes: tag.slice(match[0].length) };
}

/** Index behind the next `mark`, or the end. */
function after(html: string, mark: string, from: number): number {
  const found = html.indexOf(mark, from);
  return found < 0 ? html.length : found + mark.length;
}

function contentEnd(lower: string, tag: string, from: number): number {
  const found = lower.indexOf(`</${tag}`, from);
  return found < 0 ? lower.length : found;
}
