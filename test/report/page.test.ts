import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/core/types.ts';
import { applyClaims } from '../../src/reconcile/claims.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import { renderPage } from '../../src/report/page.ts';
import { MAX_PERSON_ROWS } from '../../src/report/page-differences.ts';
import { MAX_PAGE_ROWS } from '../../src/report/page-sums.ts';
import { verdictSentence } from '../../src/report/words.ts';
import { type CheckEstate, checkOptions, cleanEstate } from '../support/check-estate.ts';
import { ANN, folder, message } from '../support/fact-builders.ts';

async function render(estate: CheckEstate, said?: { status: string; reason: string }) {
  const checked = await reconcile(checkOptions(estate));
  const claim = { organisation: 'regulator', source: ANN, container: 'f-inbox', itemKey: 'm1' };
  const claims = said === undefined ? [] : [{ ...claim, workload: 'mail' as const, identity: null, ...said }];
  const result = await applyClaims(checked, claims);
  const page = renderPage(result, { privacy: 'hashed', quota: {} });
  result.store.close();
  return { result, page };
}

function withoutFirstMessage(): CheckEstate {
  const estate = cleanEstate();
  estate.target.account(ANN).messages.splice(0, 1);
  return estate;
}

function missingMessages(count: number) {
  return Array.from({ length: count }, (_, index) => message(`more${index}`, ['f-inbox']));
}

/** Cells of the rows that hold numbers, as numbers; what stands beside a number is left out. */
function numberRows(page: string): number[][] {
  const rows = page.match(/<tr>.*?<\/tr>/gs) ?? [];
  return rows
    .map((row) =>
      [...row.matchAll(/<td class="n[^"]*">([\d,]+)/g)].map(([, text]) => Number(text?.replace(',', ''))),
    )
    .filter((numbers) => numbers.length === 13);
}

describe('the page', () => {
  it('needs nothing but itself and lets in nothing but its own style', async () => {
    const { page } = await render(withoutFirstMessage());

    expect(page).not.toMatch(/<script|<link|@import|url\(|https?:\/\/|style="|\son\w+=/);
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(page).toContain(
      `content="default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'"`,
    );
    expect(style).toContain('prefers-color-scheme: dark');
  });

  it('is in order for a screen reader: one h1, no level left out, captions, and links that lead somewhere', async () => {
    const { page } = await render(withoutFirstMessage());

    expect(page).toContain('<html lang="en">');
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [place, level] of levels.entries())
      expect(level - (levels[place - 1] ?? 0)).toBeLessThanOrEqual(1);
    const tables = page.match(/<table>/g)?.length ?? 0;
    expect(tables).toBeGreaterThan(3);
    expect(page.match(/<table><caption>[^<]+<\/caption>/g)).toHaveLength(tables);
    expect(page).not.toMatch(/<th(?![^>]*scope=)[ >]/);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
  });

  it('shows sums that add up for everybody and every kind', async () => {
    const { page, result } = await render(withoutFirstMessage());

    const rows = numberRows(page);
    const ofPeople = result.principals.flatMap(({ workloads }) => Object.keys(workloads));
    expect(rows).toHaveLength(Object.keys(result.totals).length + ofPeople.length);
    for (const row of rows) {
      const [source, ...rest] = row;
      expect(rest.slice(0, 7).reduce((sum, units) => sum + units, 0)).toBe(source);
      expect((row[8] ?? 0) + (row[9] ?? 0)).toBe(row[7]);
    }
    expect(page).toContain('= arrived'.replace(' ', '\u00a0'));
    expect(page).toMatch(/<span class="rules">[^<]*junk\u00a01/);
  });

  it('puts people with differences first and links them to these', async () => {
    const estate = cleanEstate();
    estate.source.account('bob@old.example').containers.push(folder('f-bob', ['Bob']));
    estate.source.account('bob@old.example').messages.push(message('b1', ['f-bob']));
    const { page } = await render(estate);

    const people = [...page.matchAll(/<th scope="rowgroup".*?<\/th>/gs)].map(([head]) => head);
    expect(people[0]).toContain('<a href="#person-1">Needs a decision</a>');
    expect(people[0]).toContain('bob@');
    expect(people.slice(1).join()).not.toContain('href');
    expect(page).toMatch(/<h3 id="person-1"><bdi>bob@/);
  });

  it('says of what could not be read that it is in no sum', async () => {
    const estate = cleanEstate();
    estate.target.broken.set(ANN, new Error('down'));
    const { page } = await render(estate);

    expect(page).toContain('could not be read</td>');
    expect(page).toContain('What could not be read is in no sum');
    expect(page).toContain('run ferry reconcile again');
  });

  it('marks accepted differences', async () => {
    const first = await render(withoutFirstMessage());
    const id = /<code>([0-9a-f]{24})<\/code>/.exec(first.page)?.[1] ?? '';
    const options = { ...checkOptions(withoutFirstMessage()), acceptances: new Set([id]) };
    const result = await reconcile(options);
    const page = renderPage(result, { privacy: 'hashed', quota: {} });
    result.store.close();

    expect(page).toContain(`<code>${id}</code> <strong>accepted</strong>`);
  });

  it.each([
    [undefined, 'Running the migration again can help', 'we will move it'],
    [{ status: 'failed', reason: 'invalid-message' }, 'ferry retry tries it again', 'we will move it'],
    [{ status: 'unsupported', reason: 'mime' }, 'again does not help', 'It cannot be moved'],
    [{ status: 'written', reason: '' }, 'The migration has it as written', 'did you delete it'],
  ])('advises by what the migration says: %j', async (said, again, tell) => {
    const { page } = await render(withoutFirstMessage(), said);

    expect(page).toMatch(new RegExp(`<b>Run again\\?</b> [^<]*${again}`));
    expect(page).toMatch(new RegExp(`<b>Tell the user:</b> [^<]*${tell}`));
    if (said !== undefined)
      expect(page).toContain(
        `<td>${[said.status, said.reason].filter((word) => word !== '').join(': ')}</td>`,
      );
  });
});

describe('a huge estate', () => {
  it('shows so much of one mailbox, and says where the rest is', async () => {
    const estate = cleanEstate();
    estate.source.account(ANN).messages.push(...missingMessages(MAX_PERSON_ROWS + 1000));

    const { page, result } = await render(estate);

    expect(page).toContain(
      'This page shows 200 of 1,200 differences here; all of them are in <a href="findings.csv">',
    );
    expect(page.match(/<code>[0-9a-f]{24}<\/code>/g)).toHaveLength(MAX_PERSON_ROWS);
    expect(verdictSentence(result)).toMatch(/^Needs a decision: 1,200 differences in 1,\d{3} items/);
  });

  it('shows so many differences of everybody', async () => {
    const estate = cleanEstate();
    const crowd = Array.from({ length: MAX_PAGE_ROWS / MAX_PERSON_ROWS + 2 }, (_, index): Principal => {
      const source = `crowd${index}@old.example`;
      estate.source.account(source).containers.push(folder('f-inbox', ['Inbox']));
      estate.source.account(source).messages.push(...missingMessages(MAX_PERSON_ROWS));
      return {
        ...(estate.principals[0] as Principal),
        id: source,
        source,
        target: `crowd${index}@new.example`,
      };
    });
    estate.principals.push(...crowd);

    const { page } = await render(estate);

    expect(page).toMatch(
      /This page shows 2,000 of [\d,]+ differences; all of them are in <a href="findings.csv">/,
    );
    expect(page.match(/<code>[0-9a-f]{24}<\/code>/g)).toHaveLength(MAX_PAGE_ROWS);
  });
});

describe('an empty estate', () => {
  it('is said to be one', async () => {
    const estate = cleanEstate();
    for (const list of [estate.principals, estate.groups, estate.rooms]) list.length = 0;
    for (const side of [estate.source, estate.target]) side.directoryFacts.length = 0;

    const { page, result } = await render(estate);

    expect(verdictSentence(result)).toBe('Matches: nothing was in scope, so there was nothing to compare.');
    expect(page).toContain('No difference was found.');
  });
});
