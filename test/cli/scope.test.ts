import { describe, expect, it } from 'vitest';
import { type ScopeOptions, select } from '../../src/cli/scope.ts';
import { DEFAULT_POLICY } from '../../src/config/policy.ts';
import { DEFAULT_QUOTA } from '../../src/config/quota.ts';
import type { Body, EstateFiles, Workspace } from '../../src/config/workspace.ts';
import { addressBook } from '../../src/core/address-book.ts';
import { Config } from '../../src/core/errors.ts';
import type { PersonRow } from '../../src/core/estate-rows.ts';

const person = (name: string, over: Partial<PersonRow> = {}): PersonRow => ({
  source: `${name}@old.example`,
  target: `${name}@new.example`,
  organisation: 'board',
  wave: '1',
  kind: 'person',
  include: true,
  orgUnit: '/',
  licence: '',
  note: '',
  ...over,
});

const organisation = {
  id: 'board',
  domains: { 'old.example': 'new.example' },
  orgUnit: '/',
  policy: DEFAULT_POLICY,
};
const workspace = {
  dir: '',
  timeScale: 1,
  privacy: 'hashed',
  quota: DEFAULT_QUOTA,
  ledger: { kind: 'file', path: '' },
  bodies: [{ organisation } as unknown as Body],
} as Workspace;
const files: EstateFiles = {
  people: [person('ann'), person('bea', { wave: '2' }), person('cyd', { include: false })],
  groups: [],
  rooms: [],
  addressRows: [],
  addresses: addressBook([]),
  recognised: {},
};
const jobsOf = (options: ScopeOptions) => select(workspace, files, options).jobs.map(({ id }) => id);

describe('the jobs that options select', () => {
  it('--only takes a source or a target address and leaves the directory out', () => {
    const expected = ['mail:board:ann@old.example', 'calendar:board:ann@old.example'];
    expect(jobsOf({ only: ['ann@old.example'] })).toEqual(expected);
    expect(jobsOf({ only: ['ann@new.example'] })).toEqual(expected);
  });

  it('--workload brings the directory back in beside --only', () => {
    const jobs = select(workspace, files, { only: ['ann@old.example'], workload: ['directory'] }).jobs;
    expect(jobs.map(({ workload }) => workload)).toEqual(['directory']);
  });

  it('every name that is not there is named at once', () => {
    const options = { only: ['x@y'], wave: ['9'], organisation: ['zz'] };
    const refused = (() => {
      try {
        return jobsOf(options);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(Config);
    expect((refused as Config).faults.map(({ file, found }) => [file, found])).toEqual([
      ['--organisation', 'zz'],
      ['--wave', '9'],
      ['--only', 'x@y'],
    ]);
  });

  it.each<[string, ScopeOptions]>([
    ['somebody who is not included', { only: ['cyd@old.example'] }],
    ['a person outside the named wave', { only: ['ann@old.example'], wave: ['2'] }],
  ])('a selection of %s is refused, not empty', (_, options) => {
    expect(() => jobsOf(options)).toThrow(Config);
  });
});
