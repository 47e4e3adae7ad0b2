import { describe, expect, it } from 'vitest';
import { ledgerPlace, programmeSchema } from '../../src/config/ledger-place.ts';
import type { ConfigFault } from '../../src/core/errors.ts';

type Yaml = Parameters<typeof ledgerPlace>[0];

const URL_OF_YAML = 'postgres://ferry:s3cret@db.example:5432/ferry';
const URL_OF_ENV = 'postgresql://ferry:s3cret@other.example/ferry';

function place(yaml: Partial<Yaml>, env: Record<string, string> = {}) {
  const faults: ConfigFault[] = [];
  const context = { dir: '/srv/pilot', file: 'ferry.yaml', line: 9, env, faults };
  return { place: ledgerPlace({ ledger: undefined, programme: undefined, ...yaml }, context), faults };
}

describe('the place of the ledger', () => {
  it.each<[string, Partial<Yaml>, Record<string, string>, object]>([
    ['a file of the folder', {}, {}, { kind: 'file', path: '/srv/pilot/.ferry/ledger.db' }],
    ['a file where the variable is empty', {}, { FERRY_LEDGER: '' }, { kind: 'file' }],
    ['what ferry.yaml says', { ledger: URL_OF_YAML }, {}, { url: URL_OF_YAML, schema: 'ferry_pilot' }],
    [
      'what the variable says that ferry.yaml names',
      { ledger: { env: 'DB' } },
      { DB: URL_OF_YAML },
      { url: URL_OF_YAML },
    ],
    [
      'FERRY_LEDGER before ferry.yaml',
      { ledger: URL_OF_YAML },
      { FERRY_LEDGER: URL_OF_ENV },
      { url: URL_OF_ENV },
    ],
    [
      'the schema of a named programme',
      { ledger: URL_OF_YAML, programme: 'one' },
      {},
      { schema: 'ferry_one' },
    ],
  ])('is %s', (_name, yaml, env, expected) => {
    const found = place(yaml, env);

    expect(found.faults).toEqual([]);
    expect(found.place).toMatchObject(expected);
  });

  it.each<[string, Partial<Yaml>, Record<string, string>, string, string]>([
    ['no address', { ledger: 'ledger s3cret' }, {}, 'ferry.yaml:9', 'no address'],
    ['another database', { ledger: 'mysql://root:s3cret@h/d' }, {}, 'ferry.yaml:9', 'starts with mysql:'],
    [
      'a variable that is not set',
      { ledger: { env: 'DB' } },
      {},
      'ferry.yaml:9',
      'the variable DB is not set',
    ],
    ['a FERRY_LEDGER that is a file', {}, { FERRY_LEDGER: './s3cret.db' }, 'FERRY_LEDGER:0', 'no address'],
  ])('is refused without being shown: %s', (_name, yaml, env, at, words) => {
    const { faults } = place(yaml, env);

    expect(faults.map(({ file, line }) => `${file}:${line}`)).toEqual([at]);
    expect(faults[0]?.found).toContain(words);
    expect(JSON.stringify(faults)).not.toContain('s3cret');
  });
});

describe('the schema of a programme', () => {
  it.each([
    'health-regulator',
    'health_regulator',
    'Health Regulator',
    'Bürger & Söhne',
    '',
    'x'.repeat(200),
  ])('is a short name of letters, digits and underscores: %s', (name) => {
    expect(programmeSchema(name)).toMatch(/^ferry_[a-z0-9_]{0,50}$/);
  });

  it('is never shared by two names', () => {
    const names = ['a-b', 'a_b', 'A-b', 'a b', 'x'.repeat(41), 'x'.repeat(42)];

    expect(new Set(names.map(programmeSchema)).size).toBe(names.length);
  });
});
