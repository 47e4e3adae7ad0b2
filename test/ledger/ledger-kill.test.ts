import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { checkLedger } from '../../src/ledger/checks.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { job } from '../support/jobs.ts';

const KILLS = 6;
const href = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Lists, begins and settles without end, and tells each message whose settlement has resolved. */
function program(path: string, life: number): string {
  return `
    import { writeSync } from 'node:fs';
    import { openLedger } from ${href('../../src/ledger/ledger.ts')};
    import { systemClock } from ${href('../../src/core/clock.ts')};
    import { job, page } from ${href('../support/jobs.ts')};
    import { messageItem, settlementOf } from ${href('../../scripts/bench/ledger-mailbox.ts')};
    const ledger = openLedger({ path: ${JSON.stringify(path)}, clock: systemClock() });
    for (let from = ${life} * 1e6; ; from += 50) {
      const items = Array.from({ length: 50 }, (_, n) => messageItem('ann', from + n, 'shared'));
      await ledger.commitPage(job(), page(items));
      await Promise.all(items.map(async (item, n) => {
        await ledger.begin(job(), [item.key], 1);
        await ledger.settle(job(), [settlementOf(item, from + n)]);
        writeSync(1, item.key + '\\n');
      }));
    }`;
}

it('holds everything that was told to be settled, and is sound, whenever its process is killed', async () => {
  const path = join(folder, 'ledger.db');
  const settled: string[] = [];
  for (let life = 0; life < KILLS; life += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(path, life)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const told = text(child.stdout);
    await once(child.stdout, 'data');
    setTimeout(() => child.kill('SIGKILL'), 40 + 37 * life);
    await once(child, 'exit');
    settled.push(...(await told).split('\n').slice(0, -1));

    expect(checkLedger(path).faults).toEqual([]);
  }
  const ledger = openLedger({ path, clock: systemClock() });
  const found = await Promise.all(settled.map((key) => ledger.item(job(), key)));
  await ledger.close();

  expect(settled.length).toBeGreaterThan(KILLS);
  expect(found.filter((item) => item?.settledVersion == null)).toEqual([]);
}, 60_000);
