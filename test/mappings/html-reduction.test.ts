import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_DESCRIPTION, mapDescription } from '../../mappings/event-content.ts';
import { reduceHtml, SHORTENED } from '../../mappings/html-reduction.ts';
import { event, POLICY } from './samples.ts';

/** Names of elements that are opened and not closed, or the first tag that closes what is not open. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  for (const [, slash, tag = ''] of html.matchAll(/<(\/?)([a-z]+)[^>]*>/g)) {
    if (tag === 'br') continue;
    if (!slash) open.push(tag);
    else if (open.pop() !== tag) return [tag];
  }
  return open;
}

describe('reduceHtml', () => {
  it.each([
    [
      'inline marks stay',
      '<b>a</b> <i>b</i> <u>c</u> <strong>d</strong> <em>e</em>',
      '<b>a</b> <i>b</i> <u>c</u> <strong>d</strong> <em>e</em>',
    ],
    ['paragraphs become breaks', '<p>a</p><p>b</p>', 'a<br><br>b'],
    ['blocks become lines', '<div>a</div><div>b</div>', 'a<br>b'],
    ['at most two breaks', 'a<br><br><br><br>b', 'a<br><br>b'],
    ['headings become bold', '<h1>Title</h1>text', '<b>Title</b><br><br>text'],
    ['lists stay', '<ul><li>a</li><li>b</li></ul>', '<ul><li>a</li><li>b</li></ul>'],
    [
      'rows of a table',
      '<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>',
      'a | b<br>c | d',
    ],
    ['images are named', 'a<img src="x">b', 'a[image]b'],
    [
      'links to pages and mail',
      '<a href="https://x.example/?a=1&b=2">x</a>',
      '<a href="https://x.example/?a=1&amp;b=2">x</a>',
    ],
    ['other links lose their target', '<a href="javascript:alert(1)">x</a>', 'x'],
    [
      'styles, scripts and comments go',
      '<style>p{}</style>a<script>b</script><!-- c --><title>d</title>e',
      'ae',
    ],
    ['attributes go', '<b style="color:red" onclick="x()">a</b>', '<b>a</b>'],
    ['what is open is closed', '<b><i>a', '<b><i>a</i></b>'],
    ['what was not open is not closed', 'a</b></div>b', 'a<br>b'],
    ['a lonely bracket is text', 'a < b & c', 'a &lt; b &amp; c'],
    ['entities stay', 'a&amp;b&nbsp;c&eacute;', 'a&amp;b c&eacute;'],
    ['blanks collapse', '<p>  a \n b  </p>', 'a b'],
    ['an unfinished comment ends the text', 'a<!-- b', 'a'],
    ['a list item without list', '<li>a</li>', '- a'],
    ['nothing', '<html><body></body></html>', ''],
  ])('%s', (_, source, expected) => {
    expect(reduceHtml(source, 8192).html).toBe(expected);
  });

  it('case 82: 60 KB with tables become at most 8,192 characters of valid tags', () => {
    const row = '<tr><td><b>Some text</b></td><td><a href="https://x.example">link</a> &amp; more</td></tr>';
    const { html, losses } = reduceHtml(`<table>${row.repeat(700)}</table>`, 8192);

    expect(html.length).toBeLessThanOrEqual(8192);
    expect(html.length).toBeGreaterThan(7900);
    expect(html.endsWith(SHORTENED)).toBe(true);
    expect(unbalanced(html)).toEqual([]);
    expect(losses.map(({ reason }) => reason)).toEqual(['limit-8192', 'html-reduced']);
  });

  it('gives valid tags and keeps the limit for any input', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '<b>',
        '</b>',
        '<ul>',
        '<li>',
        '</ul>',
        '<a href="https://x">',
        '</a>',
        '<p>',
        '<td>',
        '<tr>',
        '<!--',
        '-->',
        '<',
        '>',
        '&',
        '&amp;',
        '<h2>',
        '</h2>',
        '<script>',
        '👩‍💻',
        '<a href=x>',
        '<img>',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.integer({ min: 20, max: 300 }), (pieces, limit) => {
        const { html } = reduceHtml(pieces.join(''), limit);

        expect(html.length).toBeLessThanOrEqual(limit);
        expect(unbalanced(html)).toEqual([]);
        expect(html).not.toMatch(/<(?!\/?(?:b|strong|i|em|u|br|ul|ol|li|a)[ >])/);
      }),
    );
  });

  it('takes hostile input in one pass', () => {
    const hostile = '<!--'.repeat(100_000) + '<a '.repeat(100_000);

    expect(reduceHtml(hostile, 8192).html).toBe('');
  });
});

describe('mapDescription', () => {
  const calendar = POLICY.calendar;

  it('keeps plain text, and escapes it only where it looks like markup', () => {
    const text = (content: string) =>
      mapDescription(event({ body: { contentType: 'text', content } }), [], calendar).text;

    expect(text('a\r\nb & c')).toBe('a\nb & c');
    expect(text('see <b>')).toBe('see &lt;b&gt;');
  });

  it('keeps everything together below the limit', () => {
    const body = { contentType: 'html' as const, content: '<p>word</p>'.repeat(9000) };
    const people = `Attendees: ${Array.from({ length: 400 }, (_, index) => `p${index}@out.example`).join('; ')}`;

    const { text } = mapDescription(
      event({ body, onlineMeetingUrl: 'https://teams.example/x' }),
      [people],
      calendar,
    );

    expect(text.length).toBeLessThanOrEqual(MAX_DESCRIPTION);
    expect(text).toContain('Join: https://teams.example/x');
    expect(text.endsWith(SHORTENED)).toBe(true);
  });

  it('tells of attachments that stay behind', () => {
    expect(mapDescription(event({ hasAttachments: true }), [], calendar).losses).toEqual([
      { field: 'attachments', kind: 'dropped', reason: 'not-moved' },
    ]);
  });
});
