import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const biome = join(root, 'node_modules/.bin/biome');
interface Breach {
  file: string;
  text: string;
}

const breaches: readonly [folder: string, target: string][] = [
  ['src/core', '../ledger/ledger.ts'],
  ['src/core', '../../mappings/users.ts'],
  ['src/transport', '../engine/pass.ts'],
  ['src/transport', '../../adapters/graph/client.ts'],
  ['src/config', '../engine/pass.ts'],
  ['src/ledger', '../engine/pass.ts'],
  ['src/ledger', '../transport/transport.ts'],
  ['src/engine', '../ledger/ledger.ts'],
  ['src/engine', '../../adapters/google/mail.ts'],
  ['src/engine', '../../mappings/users.ts'],
  ['src/reconcile', '../ledger/ledger.ts'],
  ['src/reconcile', '../engine/pass.ts'],
  ['src/reconcile', '../../mappings/users.ts'],
  ['src/report', '../ledger/ledger.ts'],
  ['src/report', '../../mappings/users.ts'],
  ['mappings', '../src/ledger/ledger.ts'],
  ['mappings', '../adapters/graph/client.ts'],
  ['adapters/graph', '../../mappings/users.ts'],
  ['adapters/graph', '../google/client.ts'],
  ['adapters/graph', '../../src/engine/pass.ts'],
  ['adapters/google', '../../mappings/users.ts'],
  ['adapters/google', '../graph/client.ts'],
  ['adapters/google', '../../src/ledger/ledger.ts'],
  ['adapters/graph/inventory', '../mail.ts'],
  ['adapters/graph/inventory', '../calendar.ts'],
  ['adapters/graph/inventory', '../directory.ts'],
  ['adapters/graph/inventory', '../../../mappings/users.ts'],
  ['adapters/google/inventory', '../mail.ts'],
  ['adapters/google/inventory', '../upload.ts'],
  ['adapters/google/inventory', '../calendar.ts'],
  ['adapters/google/inventory', '../../../src/ledger/ledger.ts'],
  ['adapters/rehearsal', '../graph/client.ts'],
  ['adapters/rehearsal/google', '../../google/limits.ts'],
  ['adapters/rehearsal/microsoft', '../../../mappings/recurrence.ts'],
];
const importing = breaches.map(([folder, target], index): Breach & { name: string } => ({
  name: `${folder} may not import ${target}`,
  file: `${folder}/planted-breach-${index}.ts`,
  text: `import * as breach from '${target}';\nexport const used = breach;\n`,
}));

const long = Array.from({ length: 401 }, (_, index) => `export const value${index} = ${index};`).join('\n');
const body = Array.from({ length: 61 }, (_, index) => `  console.log(${index});`).join('\n');
const rules: readonly [name: string, rule: string, breach: Breach][] = [
  [
    'a file of more than 400 lines',
    'noExcessiveLinesPerFile',
    { file: 'src/core/planted-length.ts', text: `${long}\n` },
  ],
  [
    'a function of more than 60 lines',
    'noExcessiveLinesPerFunction',
    { file: 'src/core/planted-function.ts', text: `export function long(): void {\n${body}\n}\n` },
  ],
  [
    'a floating promise',
    'noFloatingPromises',
    {
      file: 'src/core/planted-promise.ts',
      text: 'export function start(): void {\n  Promise.resolve(1);\n}\n',
    },
  ],
  [
    'any',
    'noExplicitAny',
    { file: 'src/core/planted-any.ts', text: 'export const wide = (value: any) => value;\n' },
  ],
  [
    'a default export',
    'noDefaultExport',
    { file: 'src/core/planted-default.ts', text: 'const one = 1;\nexport default one;\n' },
  ],
];
const sound: Breach = { file: 'src/core/planted-sound.ts', text: 'export const one = 1;\n' };
const planted = [...importing, ...rules.map(([, , breach]) => breach), sound];
let complaints = new Map<string, string[]>();

const ground = mkdtempSync(join(tmpdir(), 'ferry-breaches-'));

/** Plants every breach in a folder that has our rules and nothing else, and lints them in one run. */
beforeAll(() => {
  const rules = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as Record<string, unknown>;
  const { $schema: _schema, ...own } = rules;
  writeFileSync(join(ground, 'biome.json'), JSON.stringify({ ...own, vcs: { enabled: false } }));
  for (const { file, text } of planted) {
    mkdirSync(dirname(join(ground, file)), { recursive: true });
    writeFileSync(join(ground, file), text);
  }
  const run = spawnSync(
    biome,
    ['lint', '--reporter=json', '--max-diagnostics=none', ...planted.map(({ file }) => file)],
    { cwd: ground, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const { diagnostics } = JSON.parse(run.stdout) as Report;
  complaints = new Map(planted.map(({ file }) => [file, []]));
  for (const { category, location } of diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    complaints.get(path)?.push(category);
  }
});

interface Report {
  diagnostics: { category: string; location: { path: string | { file: string } } }[];
}

afterAll(() => rmSync(ground, { recursive: true }));

describe('import boundaries', () => {
  it.each(importing)('$name', ({ file }) => {
    expect(complaints.get(file)).toContain('lint/style/noRestrictedImports');
  });
});

describe('rules of the house', () => {
  it('let only the entries of processes end one', () => {
    const folders = ['src', 'adapters', 'mappings'].map((folder) => join(root, folder));
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
    );
    const ending = files
      .filter((path) => path.endsWith('.ts'))
      .filter((path) => /process\.(?:exit\(|exitCode)/.test(readFileSync(path, 'utf8')));

    expect(ending.map((path) => relative(root, path)).sort()).toEqual([
      'adapters/rehearsal/main.ts',
      'src/cli/main.ts',
    ]);
  });

  it.each(rules)('refuse %s', (_, rule, { file }) => {
    expect(complaints.get(file)?.join()).toContain(rule);
  });

  it('pass a sound file', () => {
    expect(complaints.get(sound.file)).toEqual([]);
  });
});
