import { describe, expect, it } from 'vitest';
import { followTargets } from '../../src/config/chosen-targets.ts';
import type { AddressRow } from '../../src/core/estate-rows.ts';

const row = (old: string, target: string, rule = 'alias'): AddressRow => ({
  old,
  new: target,
  kind: 'smtp',
  rule,
});
const ROWS = [
  row('ann.alias@old', 'ann@new'),
  row('ann@old', 'ann@new', 'primary'),
  row('ann.private@old', 'elsewhere@partner'),
  row('ann.gone@old', ''),
  row('bea@old', 'bea@new', 'primary'),
];
const newsOf = (rows: readonly AddressRow[]) => rows.map((one) => one.new);

describe('addresses and the targets that people.csv names', () => {
  it('an edited target takes along the rows that led where the person was', () => {
    const followed = followTargets(ROWS, [
      { source: 'ann@old', target: 'a.n@new' },
      { source: 'bea@old', target: 'bea@new' },
    ]);
    expect(newsOf(followed)).toEqual(['a.n@new', 'a.n@new', 'elsewhere@partner', '', 'bea@new']);
  });

  it('nothing changes where the files agree or name no target', () => {
    const chosen = [
      { source: 'ann@old', target: 'ann@new' },
      { source: 'bea@old', target: '' },
    ];
    expect(followTargets(ROWS, chosen)).toEqual(ROWS);
  });

  it('two people who change places take their other addresses along', () => {
    const followed = followTargets(ROWS, [
      { source: 'ann@old', target: 'bea@new' },
      { source: 'bea@old', target: 'ann@new' },
    ]);
    expect(newsOf(followed)).toEqual(['bea@new', 'bea@new', 'elsewhere@partner', '', 'ann@new']);
  });
});
