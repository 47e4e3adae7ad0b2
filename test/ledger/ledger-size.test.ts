import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type IdForm, messageItem, settlementOf } from '../../scripts/bench/ledger-mailbox.ts';
import { systemClock } from '../../src/core/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { job, page } from '../support/jobs.ts';

const MESSAGES = 20_000;
const A_PAGE = 500;
const ANN = job();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Lists a whole mailbox folder by folder, then begins and settles its messages oldest first, as a pass does. */
async function settleMailbox(form: IdForm): Promise<number> {
  const ledger = openLedger({ path: join(folder, 'ledger.db'), clock: systemClock() });
  await ledger.openJob(ANN);
  const numbered = Array.from({ length: MESSAGES }, (_, n) => ({ n, item: messageItem('ann', n, form) }));
  for (const [container, own] of Map.groupBy(numbered, ({ item }) => item.container)) {
    for (let from = 0; from < own.length; from += A_PAGE) {
      const items = own.slice(from, from + A_PAGE).map(({ item }) => item);
      const last = from + A_PAGE >= own.length;
      const facts = { stream: `folder:${container}`, mode: 'full', first: from === 0, last } as const;
      await ledger.commitPage(ANN, page(items, facts));
    }
  }
  for (let from = 0; from < MESSAGES; from += A_PAGE) {
    const some = numbered.slice(from, from + A_PAGE);
    await ledger.begin(
      ANN,
      some.map(({ item }) => item.key),
      1_700_000_000_000,
    );
    await ledger.settle(
      ANN,
      some.map(({ item, n }) => settlementOf(item, n)),
    );
  }
  await ledger.close();
  const bytes = readdirSync(folder).map((file) => statSync(join(folder, file)).size);
  return bytes.reduce((sum, size) => sum + size) / MESSAGES;
}

it.each<[IdForm, number]>([
  ['shared', 250],
  // 114 bytes of chance in each id, which no vendor's ids have: the ids alone are half of it.
  ['random', 300],
])(
  'keeps a settled message with ids in the form %s in at most %i bytes',
  async (form, most) => {
    expect(await settleMailbox(form)).toBeLessThanOrEqual(most);
  },
  60_000,
);
