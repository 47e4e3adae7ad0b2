import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { fakeStreams } from './streams.ts';

describe('the command line', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ferry-cli-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const ferry = async (argv: string[], env: NodeJS.ProcessEnv = {}) => {
    const streams = fakeStreams();
    const exit = await runCli({ argv, env, cwd: dir, streams, signal: new AbortController().signal });
    return { exit, stdout: streams.stdoutText(), stderr: streams.stderrText() };
  };

  it.each([
    ['an unknown command', ['migarte'], 'Did you mean migrate?'],
    ['an unknown option', ['migrate', '--evrything'], '--evrything'],
    ['an unknown workload', ['reconcile', '--workload', 'files'], 'directory, mail, calendar'],
    ['an argument too many', ['status', 'now'], 'too many arguments'],
    ['a number of people that no rehearsal holds', ['rehearse', '--people', '99999999'], '0 to 10000'],
    ['a time that is none', ['reconcile', '--as-of', 'yesterdaz'], '2026-11-22T08:00:00Z'],
  ])('%s is refused with what is allowed, as text and as JSON', async (_, argv, words) => {
    const text = await ferry(argv);
    expect(text).toMatchObject({ exit: 2, stdout: '' });
    expect(text.stderr).toContain(words);
    expect(text.stderr).toContain('ferry --help');

    const json = await ferry([...argv, '--json']);
    expect(json).toMatchObject({ exit: 2, stdout: '' });
    expect(JSON.parse(json.stderr)).toMatchObject({ type: 'error', exit: 2 });
  });

  it.each([[['--help']], [['migrate', '--help']], [['rehearse', '--help']]])(
    'the help of %j ends with the exit codes',
    async (argv) => {
      const { exit, stdout } = await ferry(argv);
      expect(exit).toBe(0);
      expect(stdout.trimEnd()).toMatch(
        /Exit codes:\n {4}0 {2}done\n[\s\S]*\n {2}130 {2}interrupted, resumable$/,
      );
    },
  );

  it('prints its version', async () => {
    expect(await ferry(['--version'])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });

  it.each([
    ['before', (there: string) => ['-C', there, 'init']],
    ['after', (there: string) => ['init', '-C', there]],
  ])('-C works %s the command', async (_, argv) => {
    expect((await ferry(argv('inner'))).exit).toBe(0);
    expect(existsSync(join(dir, 'inner', 'ferry.yaml'))).toBe(true);
  });

  it('works in the folder that npm run was called from', async () => {
    mkdirSync(join(dir, 'sub'));
    await ferry(['init'], { npm_lifecycle_event: 'ferry', INIT_CWD: join(dir, 'sub') });
    expect(existsSync(join(dir, 'sub', 'ferry.yaml'))).toBe(true);
  });

  it('says its run id first and one verdict last, also when it refuses', async () => {
    const { exit, stdout, stderr } = await ferry(['status']);
    const lines = stdout.trimEnd().split('\n');
    expect(exit).toBe(2);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^run \d{8}T\d{6}Z-[0-9a-f]{4} {2}ferry status$/);
    expect(lines[1]).toBe('There is no ferry.yaml here. Nothing was written.');
    expect(stderr).toContain('ferry.yaml: no such file');
  });

  it.each([
    ['a file where the folder should be', ['init', '-C', 'taken'], 'taken'],
    ['a corpus that is not there', ['rehearse', '--corpus', 'nowhere'], 'nowhere'],
    ['a corpus that is a file', ['rehearse', '--corpus', 'taken'], 'taken'],
    ['a corpus without messages', ['rehearse', '--corpus', '.'], 'no .eml file'],
  ])('%s is a bad path, not a crash, and starts nothing', async (_, argv, words) => {
    writeFileSync(join(dir, 'taken'), '');
    const { exit, stderr } = await ferry(argv);
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain('    at ');
    expect(readdirSync(dir)).toEqual(['taken']);
  });

  it('a folder named ferry.yaml is a bad path', async () => {
    mkdirSync(join(dir, 'ferry.yaml'));
    const { exit, stderr } = await ferry(['status']);
    expect(exit).toBe(2);
    expect(stderr).toContain('a folder where a file is needed');
  });
});
