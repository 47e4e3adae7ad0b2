import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, newestReport, type Rehearsal, startRehearsal } from './harness.ts';

describe('a migration of a small estate under light faults', { timeout: 240_000 }, () => {
  let rehearsal: Rehearsal;
  const steps: Record<string, Finished> = {};

  beforeAll(async () => {
    rehearsal = await startRehearsal({ faults: 'light', estate: { people: 6, messages: 160, events: 60 } });
    for (const step of ['discover', 'map', 'plan', 'migrate', 'status', 'reconcile']) {
      steps[step] = await rehearsal.ferry([step]);
    }
  }, 240_000);
  afterAll(() => rehearsal.stop());

  it.each([
    ['discover', [0]],
    ['map', [0]],
    ['plan', [0]],
    ['migrate', [0, 4]],
    ['status', [0, 4]],
    ['reconcile', [0]],
  ])('%s ends with %j', (step, allowed) => {
    expect(steps[step]?.stderr ?? '').not.toMatch(/unexpected/);
    expect(allowed).toContain(steps[step]?.exit);
  });

  it('begins each command with its run id and ends it with one sentence', () => {
    for (const { stdout } of Object.values(steps)) {
      const lines = stdout.trim().split('\n');

      expect(lines[0]).toMatch(/^run \d{8}T\d{6}Z-[0-9a-f]{4} {2}ferry /);
      expect(lines.at(-1)).toMatch(/[.]$/);
    }
  });

  it('closes the equation with nothing unexplained', () => {
    const { totals } = rehearsal.summary();

    for (const equation of Object.values(totals)) {
      const { source, arrived, merged, excluded, unsupported, tooLarge, changedSince, missing } = equation;
      expect(arrived + merged + excluded + unsupported + tooLarge + changedSince + missing).toBe(source);
      expect(equation).toMatchObject({ unexplained: 0, extra: 0, duplicate: 0, differ: 0 });
    }
    expect(totals.mail?.arrived).toBeGreaterThan(100);
    expect(totals.calendar?.arrived).toBeGreaterThan(30);
  });

  it('obeys every Retry-After, stays within four requests a mailbox, knows every route and notifies nobody', async () => {
    const { microsoft, google } = await rehearsal.stats();

    expect(microsoft.retryAfterViolations + google.retryAfterViolations).toBe(0);
    expect(google.notifications).toBe(0);
    expect(microsoft.unknownRoutes).toEqual([]);
    expect(google.unknownRoutes).toEqual([]);
    const mailboxes = Object.entries(microsoft.maxInFlight).filter(([bucket]) => bucket.includes('mailbox'));
    for (const [, most] of mailboxes) expect(most).toBeLessThanOrEqual(4);
  });

  it('writes a report that needs nothing else', () => {
    const html = readFileSync(join(newestReport(rehearsal.dir), 'index.html'), 'utf8');

    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).not.toMatch(/(?:src|href)="https?:/i);
    expect(html).not.toContain('<script');
  });

  it('writes nothing when it is run again, and says so', async () => {
    const before = writes((await rehearsal.stats()).google.requests);

    const again = await rehearsal.ferry(['migrate']);

    const after = writes((await rehearsal.stats()).google.requests);
    expect(again.stdout).toContain('Nothing was left to write');
    expect(after).toEqual(before);
  });
});

/** Requests to Google that change something. */
function writes(requests: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(requests).filter(([route]) =>
      /import|insert|create|patch|update|modify|delete/i.test(route),
    ),
  );
}
