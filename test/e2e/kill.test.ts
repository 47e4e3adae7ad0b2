import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../adapters/rehearsal/service/random.ts';
import { finish, type Rehearsal, startRehearsal } from './harness.ts';

const KILLS = 20;

describe('a pass that is killed twenty times under heavy faults', { timeout: 300_000 }, () => {
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    rehearsal = await startRehearsal({
      faults: 'heavy',
      estate: { seed: 11, people: 8, messages: 400, events: 120 },
    });
    expect((await rehearsal.ferry(['discover'])).exit).toBe(0);
    expect((await rehearsal.ferry(['map'])).exit).toBe(0);
  }, 120_000);
  afterAll(() => rehearsal.stop());

  it('ends with nothing missing, doubled or unexplained', async () => {
    const random = createRandom(20261122);
    let killed = 0;
    while (killed < KILLS) {
      const child = rehearsal.start(['migrate']);
      const done = finish(child);
      const timer = setTimeout(() => child.kill('SIGKILL'), 700 + random.int(1_800));
      await done;
      clearTimeout(timer);
      killed += 1;
    }

    let exit: number | null = 4;
    for (let round = 0; round < 5 && exit !== 0; round++) exit = (await rehearsal.ferry(['migrate'])).exit;
    const check = await rehearsal.ferry(['reconcile', '--depth', 'content']);
    const { microsoft, google } = await rehearsal.stats();

    expect(check.exit, check.stdout + check.stderr).toBe(0);
    for (const equation of Object.values(rehearsal.summary().totals)) {
      expect(equation).toMatchObject({ unexplained: 0, extra: 0, duplicate: 0, differ: 0 });
      expect(equation.missing).toBe(equation.failed);
    }
    expect(microsoft.retryAfterViolations + google.retryAfterViolations).toBe(0);
    expect(google.notifications).toBe(0);
  });
});
