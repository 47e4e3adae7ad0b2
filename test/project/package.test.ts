import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['src', 'adapters', 'mappings', 'scripts', 'docs'];
const FILES = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  '.npmrc',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
];
/** Time for an installation from the registry or its cache; beyond it the package is linked instead. */
const INSTALL_MS = 60_000;

interface Run {
  exit: number;
  stdout: string;
  stderr: string;
}

/** The environment without what a surrounding `npm test` says of its own project, the right Node first. */
function environment(): NodeJS.ProcessEnv {
  const foreign = /^npm_(package|lifecycle|config_local_prefix|execpath|node_execpath)|^INIT_CWD$/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  return { ...Object.fromEntries(own), PATH: path };
}

function run(command: string, args: readonly string[], cwd: string, timeout = 120_000): Promise<Run> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env: environment(), timeout }, (error, stdout, stderr) => {
      const code = error?.code;
      resolve({ exit: error === null ? 0 : typeof code === 'number' ? code : -1, stdout, stderr });
    });
  });
}

const dir = mkdtempSync(join(tmpdir(), 'ferry-package-'));
const app = join(dir, 'app');
const unpacked = join(dir, 'unpacked', 'package');
const bin = join(unpacked, 'dist/src/cli/bin.cjs');

/** Packs a copy of the project, since other tests plant files in its tree, and installs it into an empty folder. */
beforeAll(async () => {
  const tarball = await pack();
  mkdirSync(join(dir, 'unpacked'));
  expect(await run('tar', ['-xzf', tarball, '-C', join(dir, 'unpacked')], dir)).toMatchObject({ exit: 0 });
  await install(tarball);
}, 240_000);

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function pack(): Promise<string> {
  const copy = join(dir, 'project');
  const filter = (path: string) => !basename(path).startsWith('planted-');
  mkdirSync(copy);
  for (const name of SOURCES) cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  for (const name of FILES) cpSync(join(root, name), join(copy, name));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', dir], copy);
  expect(packed, 'npm pack').toMatchObject({ exit: 0 });
  const [tarball = ''] = readdirSync(dir).filter((name) => name.endsWith('.tgz'));
  return join(dir, tarball);
}

async function install(tarball: string): Promise<void> {
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true }));
  const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball];
  const { exit } = await run('npm', args, app, INSTALL_MS);
  if (exit !== 0) link();
}

/** Stands in for an installation where there is no registry: the unpacked package beside the project's own packages. */
function link(): void {
  rmSync(join(app, 'node_modules'), { recursive: true, force: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'unpacked', 'node_modules'));
  mkdirSync(join(app, 'node_modules/.bin'), { recursive: true });
  symlinkSync(unpacked, join(app, 'node_modules/tenant-ferry'));
  symlinkSync(bin, join(app, 'node_modules/.bin/ferry'));
}

/** The first Node on this machine that is too old for ferry. */
async function olderNode(): Promise<string | null> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  for (const node of new Set(folders.map((folder) => join(folder, 'node')))) {
    if (!existsSync(node)) continue;
    const { stdout } = await run(node, ['--version'], dir);
    if (/^v\d+\./.test(stdout) && Number(/^v(\d+)/.exec(stdout)?.[1]) < 24) return node;
  }
  return null;
}

const old = await olderNode();

describe('the packed program', () => {
  it('runs from an installed package and prints its help', async () => {
    const help = await run('npx', ['--no', '--', 'ferry', '--help'], app);

    expect(help).toMatchObject({ exit: 0 });
    for (const command of ['discover', 'map', 'migrate', 'reconcile', 'rehearse'])
      expect(help.stdout).toContain(command);
  });

  it('writes a configuration where there is none', async () => {
    expect(await run('npx', ['--no', '--', 'ferry', 'init'], app)).toMatchObject({ exit: 0 });
    expect(existsSync(join(app, 'ferry.yaml'))).toBe(true);
  });

  it('holds every file that package.json names, the rehearsal tenants, and no TypeScript to run', () => {
    const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
      exports: Record<string, Record<string, string>>;
    };
    const named = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap(Object.values)];
    const wanted = [...named, 'dist/adapters/rehearsal/main.js', 'LICENSE', 'README.md'];
    const all = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });

    expect(wanted.filter((path) => !existsSync(join(unpacked, String(path))))).toEqual([]);
    expect(
      all.filter((path) => /(?<!\.d)\.ts$/.test(path) || /^(test|node_modules|scripts)\b/.test(path)),
    ).toEqual([]);
  });

  it.skipIf(old === null)(
    'names the Node it needs and exits 2 on an older one (needs one on this machine)',
    async () => {
      const refused = await run(old ?? '', [bin, '--help'], app);

      expect(refused).toMatchObject({ exit: 2, stdout: '' });
      expect(refused.stderr).toMatch(/needs Node 24 or newer; this is Node \d+\.\d+/);
    },
  );

  it.each(['18.19.0', '22.22.1', '9.0.0'])(
    'names the Node it needs and exits 2 where Node says it is %s',
    async (version) => {
      const preload = join(dir, `node-${version}.cjs`);
      const versions = `{ ...process.versions, node: '${version}' }`;
      writeFileSync(preload, `Object.defineProperty(process, 'versions', { value: ${versions} });\n`);

      const refused = await run(process.execPath, ['--require', preload, bin, '--help'], app);

      expect(refused).toMatchObject({ exit: 2, stdout: '' });
      expect(refused.stderr).toContain(`needs Node 24 or newer; this is Node ${version}`);
    },
  );
});
