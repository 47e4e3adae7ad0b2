import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { newestReport, type Rehearsal, SHARED, startRehearsal } from './harness.ts';

const CORPUS = join(SHARED, 'corpus');

describe.skipIf(!existsSync(CORPUS))(
  'real messages (skipped where ../shared/corpus is absent)',
  { timeout: 240_000 },
  () => {
    let rehearsal: Rehearsal;
    const files = existsSync(CORPUS) ? readdirSync(CORPUS).filter((file) => file.endsWith('.eml')) : [];

    beforeAll(async () => {
      rehearsal = await startRehearsal({
        faults: 'heavy',
        estate: { seed: 7, people: 4, messages: 20, events: 4, corpusDir: CORPUS },
      });
      for (const step of ['discover', 'map', 'migrate']) await rehearsal.ferry([step]);
      await rehearsal.ferry(['reconcile', '--depth', 'content']);
    }, 240_000);
    afterAll(() => rehearsal.stop());

    it('are all there, none missing, swallowed or doubled', () => {
      const { totals } = rehearsal.summary();

      expect(files.length).toBeGreaterThan(50);
      expect(totals.mail).toMatchObject({ unexplained: 0, extra: 0, duplicate: 0, differ: 0 });
      expect(totals.mail?.arrived).toBeGreaterThanOrEqual(files.length);
    });

    it('are reported item by item, each with what was added to it', () => {
      const items = readFileSync(join(newestReport(rehearsal.dir), 'items.csv'), 'utf8')
        .trim()
        .split(/\r?\n/);

      expect(items.length).toBeGreaterThan(files.length);
      expect(items.filter((line) => /added: message-id/i.test(line)).length).toBeGreaterThanOrEqual(13);
    });

    it('have each alteration recorded as a loss by the mover, as many as the checker finds', async () => {
      const items = readFileSync(join(newestReport(rehearsal.dir), 'items.csv'), 'utf8');
      const path = join(rehearsal.dir, '.ferry', 'ledger.db');
      const ledger = openLedger({ path, clock: systemClock(), readOnly: true });
      const losses = await ledger.losses();
      await ledger.close();

      for (const field of ['Message-ID', 'Date', 'From']) {
        const recorded = losses.filter(({ loss }) => loss.field === field && loss.kind === 'added');
        const found = items.match(new RegExp(`added: ${field}\\b`, 'gi')) ?? [];
        expect(recorded.reduce((sum, { count }) => sum + count, 0)).toBe(found.length);
        expect(found.length).toBeGreaterThan(0);
      }
    });
  },
);
