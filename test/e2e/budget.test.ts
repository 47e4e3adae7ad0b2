import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './harness.ts';

describe('a daily budget', { timeout: 240_000 }, () => {
  let rehearsal: Rehearsal;
  let yaml = '';

  beforeAll(async () => {
    rehearsal = await startRehearsal({ estate: { people: 2, messages: 40, events: 4 } });
    expect((await rehearsal.ferry(['discover'])).exit).toBe(0);
    expect((await rehearsal.ferry(['map'])).exit).toBe(0);
    yaml = readFileSync(join(rehearsal.dir, 'ferry.yaml'), 'utf8');
  }, 60_000);
  afterAll(() => rehearsal.stop());

  const imports = async () => {
    const { requests } = (await rehearsal.stats()).google;
    return Object.entries(requests).reduce((sum, [name, n]) => sum + (/import/.test(name) ? n : 0), 0);
  };

  it('stops the pass with exit 5 and says when it starts again, holds over runs and the check, and can be raised', async () => {
    appendFileSync(join(rehearsal.dir, 'ferry.yaml'), 'quota: { dailyBudget: { gmailUnits: 400 } }\n');
    const first = await rehearsal.ferry(['migrate']);
    const written = await imports();
    const second = await rehearsal.ferry(['migrate']);
    const check = await rehearsal.ferry(['reconcile']);

    expect([first.exit, second.exit, check.exit]).toEqual([5, 5, 5]);
    expect(first.stdout).toMatch(
      /daily budget of 400 Gmail quota units .* starts again at \d{4}-\d\d-\d\dT/i,
    );
    expect(written).toBeGreaterThan(0);
    expect(written).toBeLessThanOrEqual(16);
    expect(await imports()).toBe(written);

    writeFileSync(join(rehearsal.dir, 'ferry.yaml'), yaml);
    const third = await rehearsal.ferry(['migrate']);
    expect([0, 4]).toContain(third.exit);
    expect(third.stdout).not.toContain('items are still open');
  });
});
