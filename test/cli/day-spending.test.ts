import { appendFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDaySpending } from '../../src/cli/day-spending.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ferry-spending-'));
});

describe('what was spent in a day', () => {
  it('is kept in the working folder, by day, project and bucket', async () => {
    await createDaySpending(dir, 'one').claim('2026-11-22', 'gmail:project', 500);
    await createDaySpending(dir, 'one').claim('2026-11-22', 'gmail:project', -100);
    await createDaySpending(dir, 'two').claim('2026-11-22', 'gmail:project', 7);
    await createDaySpending(dir, 'one').claim('2026-11-23', 'gmail:project', 3);

    const later = createDaySpending(dir, 'one');

    expect(later.claimed('2026-11-22', 'gmail:project')).toBe(400);
    expect(later.claimed('2026-11-22', 'calendar:project')).toBe(0);
    expect(later.claimed('2026-11-24', 'gmail:project')).toBe(0);
    expect(readdirSync(join(dir, '.ferry', 'spent'))).toEqual(['2026-11-22.jsonl', '2026-11-23.jsonl']);
  });

  it('survives a line that a crash cut short', async () => {
    const spending = createDaySpending(dir, 'one');
    await spending.claim('2026-11-22', 'gmail:project', 500);
    appendFileSync(join(dir, '.ferry', 'spent', '2026-11-22.jsonl'), '\n{"project":"one","buck');

    await spending.claim('2026-11-22', 'gmail:project', 20);

    expect(spending.claimed('2026-11-22', 'gmail:project')).toBe(520);
  });
});
