import { describe, expect, it } from 'vitest';
import { passWords } from '../../src/cli/commands/migrate.ts';
import { callOf, createLog, workingFolder } from '../../src/cli/context.ts';
import { createOutput } from '../../src/cli/output.ts';
import { fakeStreams } from './streams.ts';

describe('where and how ferry was called', () => {
  it.each([
    [{}, 'ferry'],
    [{ npm_command: 'exec' }, 'npx ferry'],
    [{ npm_command: 'run-script', npm_lifecycle_event: 'ferry' }, 'npm run ferry --'],
    [{ npm_command: 'start', npm_lifecycle_event: 'start' }, 'npm run ferry --'],
  ])('%j is called as "%s"', (env, call) => {
    expect(callOf(env)).toBe(call);
  });

  it('INIT_CWD counts inside npm scripts of ferry alone', () => {
    const env = { INIT_CWD: '/home/ann' };
    expect(workingFolder({}, { ...env, npm_lifecycle_event: 'ferry' }, '/repo')).toBe('/home/ann');
    expect(workingFolder({}, env, '/repo')).toBe('/repo');
    expect(workingFolder({ directory: 'x' }, { ...env, npm_lifecycle_event: 'ferry' }, '/repo')).toBe(
      '/home/ann/x',
    );
  });
});

describe('the log', () => {
  const logged = (debug: boolean, json = false) => {
    const streams = fakeStreams();
    const log = createLog(
      debug,
      createOutput(json, streams, () => 0),
    );
    log('warn', 'rooms-not-listed', { code: 'x', token: 'secret-token' });
    log('warn', 'job-stopped', { code: 'y' });
    log('debug', 'request-retried', { attempt: 1 });
    return streams.stderrText().trimEnd().split('\n');
  };

  it('shows a person warnings as text and what progress has said already not again', () => {
    expect(logged(false)).toEqual(['warning: rooms-not-listed code=x token=***']);
  });

  it('is JSON with --json and everything with --debug, without a secret', () => {
    expect(logged(false, true).map((line) => JSON.parse(line).type)).toEqual(['note']);
    const all = logged(true);
    expect(all.map((line) => JSON.parse(line).msg)).toEqual([
      'rooms-not-listed',
      'job-stopped',
      'request-retried',
    ]);
    expect(all.join('')).not.toContain('secret-token');
  });
});

describe('how a pass ended', () => {
  it.each([
    [
      { changed: 0, open: 0, failed: 0, stopped: 0 },
      'Nothing was left to write: no request changed the target.',
    ],
    [{ changed: 1, open: 0, failed: 0, stopped: 0 }, '1 write.'],
    [
      { changed: 2, open: 1, failed: 3, stopped: 1 },
      '2 writes. 1 job stopped, for the reasons above. Still open: 1 item; run it again. Failed: 3 items, for the reasons above.',
    ],
    [
      { changed: 0, open: 0, failed: 0, stopped: 1 },
      'Nothing was written. 1 job stopped, for the reasons above.',
    ],
  ])('%j', (ended, words) => {
    expect(passWords(ended)).toBe(words);
  });
});
