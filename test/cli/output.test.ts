import { describe, expect, it } from 'vitest';
import { createOutput, stepOutput } from '../../src/cli/output.ts';
import { fakeStreams } from './streams.ts';

const ESCAPE = '\u001b';

describe('the output of a command', () => {
  it('is plain text without colour or live lines when it is piped', () => {
    const streams = fakeStreams();
    let now = 0;
    const output = createOutput(false, streams, () => now);
    output.run('plan', 'r1');
    now = 6_000;
    output.progress(
      () => 'half',
      () => ({}),
    );
    output.table('plan', ['workload', 'items'], [['mail', 3]]);
    output.verdict('Done.', 0);

    expect(streams.stdoutText()).toBe('run r1  ferry plan\nworkload  items\nmail          3\nDone.\n');
    expect(streams.stderrText()).toBe('half\n');
  });

  it('prints a piped progress line no sooner and no more often than every five seconds', () => {
    const streams = fakeStreams();
    let now = 0;
    const output = createOutput(false, streams, () => now);
    for (now = 0; now <= 12_000; now += 500) {
      output.progress(
        () => `at ${now}`,
        () => ({}),
      );
    }
    expect(streams.stderrText()).toBe('at 5000\nat 10000\n');
  });

  it('cuts the live line to the window and takes it away before anything else is printed', () => {
    const streams = fakeStreams(10);
    let now = 0;
    const output = createOutput(false, streams, () => now);
    now = 1_000;
    output.progress(
      () => 'x'.repeat(40),
      () => ({}),
    );
    output.note('said');
    expect(streams.stderrText()).toBe(`${'x'.repeat(9)}\r${ESCAPE}[2Ksaid\n`);
  });

  it('takes the live line away before a line of the log', () => {
    const streams = fakeStreams(20);
    let now = 0;
    const output = createOutput(false, streams, () => now);
    now = 1_000;
    output.progress(
      () => 'half',
      () => ({}),
    );
    output.log('{"msg":"x"}\n');
    expect(streams.stderrText()).toBe(`half\r${ESCAPE}[2K{"msg":"x"}\n`);
  });

  it('is nothing but JSON lines with --json', () => {
    const streams = fakeStreams();
    let now = 0;
    const output = createOutput(true, streams, () => now);
    output.run('plan', 'r1');
    output.table('plan', ['workload', 'items'], [['mail', 3]]);
    output.result('fine', { places: 1 });
    output.note('two\nlines');
    now = 9_000;
    output.progress(
      () => 'half',
      () => ({ settled: 1 }),
    );
    output.faults([{ file: 'ferry.yaml', line: 3, found: 'x', allowed: 'y' }]);
    output.verdict('Done.', 0);

    const types = (text: string) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types(streams.stdoutText())).toEqual(['run', 'plan', 'result', 'verdict']);
    expect(types(streams.stderrText())).toEqual(['note', 'progress', 'fault']);
  });

  it.each(['result', 'note', 'verdict'] as const)('a %s shows no control or bidi characters', (kind) => {
    const streams = fakeStreams();
    const output = createOutput(false, streams, () => 0);
    const hostile = `a${ESCAPE}[2Jb\u202ec`;
    if (kind === 'verdict') output.verdict(hostile, 0);
    else output[kind](hostile);
    expect(streams.stdoutText() + streams.stderrText()).toBe('a\ufffd[2Jb\ufffdc\n');
  });

  it('of a step has no verdict of its own', () => {
    const streams = fakeStreams();
    stepOutput(createOutput(true, streams, () => 0)).verdict('Step done.', 0, { changed: 2 });
    expect(JSON.parse(streams.stdoutText())).toEqual({ type: 'result', text: 'Step done.', changed: 2 });
  });
});
