import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { googleLimits } from '../../../adapters/google/limits.ts';
import { graphLimits } from '../../../adapters/graph/limits.ts';
import { Config } from '../../../src/core/errors.ts';
import { QUOTA_BUCKETS } from '../../../src/core/quota.ts';
import { overrideLimits } from '../../../src/transport/overrides.ts';

/** A method as it is handed to `call` or `send`: a literal that names an API and a method. */
const CALLED = /'((?:gmail|calendar|directory|groupssettings|oauth|iam)\.[A-Za-z.]*[A-Za-z])'/g;

describe('the limits of Google', () => {
  it.each([
    ['gmail.messages.get', 20, 5],
    ['gmail.messages.attachments.get', 20, 5],
    ['gmail.messages.trash', 20, 5],
    ['gmail.threads.get', 40, 10],
    ['gmail.messages.list', 5, 5],
    ['gmail.messages.batchModify', 50, 50],
    ['gmail.labels.create', 5, 5],
    ['gmail.settings.delegates.create', 100, 100],
    ['gmail.history.list', 2, 2],
  ])('charge %s %d units in the table of 2026 and %d before', (method, units, legacy) => {
    const costOf = (profile: '2026' | 'legacy') =>
      googleLimits(profile)
        .methods.find((row) => row.method === method)
        ?.costs.map((cost) => cost.units);

    expect([costOf('2026'), costOf('legacy')]).toEqual([
      [units, units],
      [legacy, legacy],
    ]);
  });

  it.each(['gmail.messages.send', 'gmail.drafts.send', 'gmail.settings.sendAs.verify'])(
    'have no row for %s, which would mail somebody',
    (method) => {
      expect(googleLimits().methods.map((row) => row.method)).not.toContain(method);
    },
  );

  it('have a row for every method that the adapter names', () => {
    const folder = join(import.meta.dirname, '../../../adapters/google');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name.endsWith('.ts') && !name.startsWith('limits'),
    );
    const rows = new Set(googleLimits().methods.map(({ method }) => method));

    const named = files.flatMap((name) =>
      [...readFileSync(join(folder, name), 'utf8').matchAll(CALLED)].map((match) => match[1] ?? ''),
    );

    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((method) => !rows.has(method))).toEqual([]);
  });

  it('name every quota that the configuration may override, and no other', () => {
    const names = [...googleLimits().buckets, ...graphLimits.buckets].map(({ bucket }) => bucket);

    expect(names.sort()).toEqual([...QUOTA_BUCKETS].sort());
  });
});

describe('overrides', () => {
  it('replace what they name and keep the rest of the row', () => {
    const { buckets } = overrideLimits(googleLimits('2026'), {
      'gmail:user': { units: 15_000 },
      'calendar:user': { concurrency: null },
      'calendar:creation': { units: 10, windowMs: 60_000 },
      'graph:mailbox': { concurrency: 1 },
    });
    const row = (name: string) => buckets.find(({ bucket }) => bucket === name);

    expect(row('gmail:user')).toMatchObject({ rate: { units: 15_000, windowMs: 60_000 }, concurrency: 4 });
    expect(row('calendar:user')).toMatchObject({ rate: { units: 600 }, concurrency: null });
    expect(row('calendar:creation')).toMatchObject({ rate: { units: 10, windowMs: 60_000 }, concurrency: 1 });
    expect(row('gmail:project')).toEqual(
      googleLimits().buckets.find(({ bucket }) => bucket === 'gmail:project'),
    );
  });

  it('are refused where they give half a rate to a bucket that has none', () => {
    expect(() => overrideLimits(googleLimits(), { 'calendar:creation': { units: 10 } })).toThrow(Config);
  });
});
