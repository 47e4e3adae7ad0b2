import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { job, page, sourceItem } from '../support/jobs.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-cli-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

async function ferry(...argv: string[]): Promise<{ exit: number; lines: Record<string, unknown>[] }> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  streams.stderr.resume();
  const signal = new AbortController().signal;
  const exit = await runCli({ argv: [...argv, '--json'], env: {}, cwd: folder, streams, signal });
  streams.stdout.end();
  const written = await text(streams.stdout);
  return {
    exit,
    lines: written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function ledgerPath(): string {
  return join(folder, '.ferry', 'ledger.db');
}

async function fill(): Promise<void> {
  const ledger = openLedger({ path: ledgerPath(), clock: systemClock() });
  await ledger.commitPage(job(), page([sourceItem('m1'), sourceItem('m2')]));
  await ledger.close();
}

describe('ferry ledger', () => {
  it('check says that a ledger is sound', async () => {
    await fill();

    const { exit, lines } = await ferry('ledger', 'check');

    expect(exit).toBe(0);
    expect(lines[0]).toMatchObject({ command: 'ledger check' });
    expect(lines.at(-1)).toMatchObject({ items: 2, open: 2, faults: 0 });
  });

  it('check names what is wrong and exits 2', async () => {
    await fill();
    const file = new DatabaseSync(ledgerPath());
    file.exec('DELETE FROM key_hash WHERE item = 2');
    file.close();

    const { exit, lines } = await ferry('ledger', 'check');

    expect(exit).toBe(2);
    expect(lines).toContainEqual(expect.objectContaining({ fault: 'item 2 is not found by its key' }));
  });

  it('backup copies the ledger while another works with it, and replaces nothing', async () => {
    await fill();
    const working = openLedger({ path: ledgerPath(), clock: systemClock() });

    const first = await ferry('ledger', 'backup', 'copies/one.db');
    const second = await ferry('ledger', 'backup', 'copies/one.db');
    await working.close();

    expect(first.exit).toBe(0);
    expect(existsSync(join(folder, 'copies', 'one.db'))).toBe(true);
    expect(second.exit).toBe(2);
  });

  it.each([['check'], ['backup', 'copy.db']])('%s says that there is no ledger yet', async (...argv) => {
    const { exit, lines } = await ferry('ledger', ...argv);

    expect(exit).toBe(2);
    expect(lines.at(-1)).toMatchObject({ exit: 2 });
  });
});
