import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { applyClaims } from '../../src/reconcile/claims.ts';
import { NUMBER_FIELDS } from '../../src/reconcile/equation.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import type { Privacy } from '../../src/report/privacy.ts';
import { writeReports } from '../../src/report/report.ts';
import { escapeHtml, safeCell } from '../../src/report/text.ts';
import { type CheckEstate, checkOptions, cleanEstate } from '../support/check-estate.ts';
import { ANN, folder, message } from '../support/fact-builders.ts';

type Rows = Record<string, string>[];

async function report(estate: CheckEstate, privacy?: Privacy) {
  const options = checkOptions(estate);
  const result = await applyClaims(await reconcile(options), [
    {
      organisation: 'regulator',
      source: ANN,
      workload: 'mail',
      container: 'f-inbox',
      itemKey: 'm1',
      identity: null,
      status: 'failed',
      reason: 'invalid-message',
    },
  ]);
  const { outDir } = options;
  writeReports(result, {
    outDir,
    ...(privacy === undefined ? {} : { privacy }),
    quota: { gmailUnits: 1234 },
  });
  result.store.close();
  const read = (name: string) => readFileSync(join(outDir, name), 'utf8');
  const rows = (name: string) => parse(read(name), { columns: true }) as Rows;
  return { result, read, rows, summary: JSON.parse(read('summary.json')), page: read('index.html') };
}

function damagedEstate(): CheckEstate {
  const estate = cleanEstate();
  const { messages, occurrences } = estate.target.account(ANN);
  messages.splice(0, 1);
  messages[0]!.read = false;
  messages.push(message('x1', ['INBOX'], { messageId: '=HYPERLINK("http://evil.example")' }));
  occurrences[0]!.summary = 'A secret subject';
  return estate;
}

describe('the files of a check', () => {
  it('show the same numbers everywhere', async () => {
    const { rows, summary, page } = await report(damagedEstate());

    const ann = summary.principals.find((one: { source: string }) => one.source === ANN);
    expect(ann.workloads.mail).toMatchObject({ missing: 1, failed: 1, unexplained: 0, extra: 1, differ: 1 });
    for (const workload of ['directory', 'mail', 'calendar']) {
      const people = rows('people.csv').filter((row) => row['workload'] === workload);
      const found = rows('findings.csv').filter((row) => row['workload'] === workload);
      for (const field of NUMBER_FIELDS) {
        const column =
          field === 'source' ? 'source_units' : field.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`);
        const sum = people.reduce((total, row) => total + Number(row[column]), 0);
        expect([field, sum]).toEqual([field, summary.totals[workload][field]]);
      }
      for (const kind of ['missing', 'extra', 'duplicate', 'differ'])
        expect(found.filter((row) => row['kind'] === kind).length).toBe(summary.totals[workload][kind]);
    }
    expect(
      rows('items.csv').filter((row) => row['workload'] === 'mail' && row['kind'] === 'missing'),
    ).toHaveLength(1);
    expect(summary.unexplainedDifferences).toBe(3);
    expect(page).toContain('<dt>Unexplained differences</dt><dd>3</dd>');
    expect(page).toMatch(
      /Needs a decision: 4 differences in \d+ items of 2 mailboxes and rooms, 3 of them unexplained/,
    );
  });

  it('keep the schema of the summary', async () => {
    const { summary } = await report(damagedEstate());

    expect(Object.keys(summary)).toEqual([
      'schema',
      'run',
      'ruleVersion',
      'depth',
      'asOf',
      'startedAt',
      'finishedAt',
      'verdict',
      'notifications',
      'notificationsHow',
      'quota',
      'privacy',
      'unexplainedDifferences',
      'unreadable',
      'totals',
      'organisations',
      'principals',
    ]);
    expect(summary).toMatchObject({
      schema: 1,
      run: 'check-1',
      asOf: '2027-01-15T12:00:00.000Z',
      verdict: 'needs-a-decision',
      notifications: 0,
      quota: { gmailUnits: 1234 },
      privacy: 'hashed',
    });
    expect(Object.keys(summary.principals[1])).toEqual([
      'kind',
      'source',
      'target',
      'organisation',
      'wave',
      'verdict',
      'workloads',
    ]);
  });

  it('carry the columns of the design, the run and the claimed reason', async () => {
    const { read, rows, page } = await report(damagedEstate());

    expect(read('findings.csv').split('\r\n')[0]).toBe(
      'run,rule_version,finding_id,organisation,wave,source,target,workload,container,item,kind,code,field,source_value,target_value,as_of',
    );
    expect(rows('findings.csv').every((row) => row['run'] === 'check-1' && row['rule_version'] === '1')).toBe(
      true,
    );
    const [claim] = rows('claims.csv');
    const missing = rows('findings.csv').find((row) => row['kind'] === 'missing');
    expect(claim).toMatchObject({
      finding_id: missing?.['finding_id'],
      reason: 'invalid-message',
      explains: 'yes',
    });
    expect(page).toContain('failed: invalid-message');
  });

  it('are the same bytes when rendered again', async () => {
    const [first, second] = [await report(damagedEstate()), await report(damagedEstate())];

    for (const name of ['people.csv', 'findings.csv', 'claims.csv', 'items.csv'])
      expect(first.read(name)).toBe(second.read(name));
  });
});

describe('privacy', () => {
  it.each<[Privacy, boolean, boolean]>([
    ['counts', false, false],
    ['hashed', false, true],
    ['full', true, true],
  ])('at %s shows identities %s and folders %s', async (privacy, identities, folders) => {
    const estate = damagedEstate();
    estate.policy.privacy = privacy;

    const { read, page } = await report(estate, privacy);

    const all = ['findings.csv', 'items.csv', 'claims.csv'].map(read).join('') + page;
    expect(all.includes('m1@mail.example')).toBe(identities);
    expect(all.includes('A secret subject')).toBe(identities);
    expect(all.includes('Posteingang')).toBe(folders);
    expect(all).toContain(ANN);
  });

  it('keeps subjects out of check.db unless the policy shows them', async () => {
    const estate = damagedEstate();
    const options = checkOptions(estate);
    const result = await reconcile(options);
    result.store.close();

    const bytes = readFileSync(join(options.outDir, 'check.db'), 'latin1');
    expect(bytes).not.toContain('A secret subject');
    expect(bytes).not.toContain('summary of e1');
  });
});

describe('hostile names', () => {
  const evil = '<script>alert(1)</script>"\u202egpj.exe';

  it('reach no page as markup and no table as formula', async () => {
    const estate = cleanEstate();
    estate.source.account(ANN).containers.push(folder('f-evil', [evil]), folder('f-formula', ['=1+1']));
    estate.source.account(ANN).messages.push(message('e1', ['f-evil']), message('e2', ['f-formula']));

    const { page, read } = await report(estate, 'full');

    expect(page).not.toContain('<script');
    expect(page).not.toContain('\u202e');
    expect(page).toContain('&lt;script&gt;');
    expect(read('findings.csv')).toContain(",'=1+1,");
    expect(read('findings.csv')).not.toContain('\u202e');
  });

  it.each([
    ['=1', "'=1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['\t=1', "'\\u0009=1"],
    ['\r=1', "'\\u000d=1"],
    ['a\nb', 'a\\u000ab'],
    ['\uff1d1', "'\uff1d1"],
    ['a\u{e0041}b', 'a\\u{e0041}b'],
    ['plain', 'plain'],
  ])('the cell %j is written as %j', (given, written) => {
    expect(safeCell(given)).toBe(written);
  });

  it('escapes all of markup', () => {
    expect(escapeHtml(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
  });
});
