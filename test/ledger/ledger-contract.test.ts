import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { FastLedger } from '../support/fast-ledger.ts';
import { ledgerContract } from '../support/ledger-contract.ts';

const clock = systemClock();
const folder = mkdtempSync(join(tmpdir(), 'ferry-ledger-'));
let opened = 0;

afterAll(() => rmSync(folder, { recursive: true }));

ledgerContract('SQLite in memory', async () => openLedger({ path: ':memory:', clock }));
ledgerContract('SQLite in a file', async () => {
  opened += 1;
  return openLedger({ path: join(folder, String(opened), 'ledger.db'), clock });
});
ledgerContract('the fast ledger of the tests', async () => new FastLedger());
