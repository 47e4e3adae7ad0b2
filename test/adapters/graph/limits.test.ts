import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { graphLimits, isMailboxMethod } from '../../../adapters/graph/limits.ts';

const FOLDER = join(import.meta.dirname, '../../../adapters/graph');
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
const texts = files.map((name) => ({ name, text: readFileSync(join(FOLDER, name), 'utf8') }));

describe('the limits of Microsoft Graph', () => {
  it('have a row for every method that the adapter names', () => {
    const rows = new Set(graphLimits.methods.map((row) => row.method));
    const named = texts.flatMap(({ text }) =>
      [...text.matchAll(/method: ['`]([\w$.{}]+)['`]/g)].map((match) => match[1] ?? ''),
    );

    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => name.includes('.') && !name.includes('${') && !rows.has(name))).toEqual([]);
  });

  it('name the buckets of each method with its own first, so that a throttle closes the narrowest', () => {
    const firsts = new Set(graphLimits.methods.map((row) => row.costs[0]?.bucket));

    expect([...firsts].sort()).toEqual(['entra:token', 'graph:identity', 'graph:mailbox', 'graph:places']);
  });

  it('hold a mailbox to 10,000 requests in ten minutes, four at once', () => {
    const row = graphLimits.buckets.find((each) => each.bucket === 'graph:mailbox');

    expect(row).toMatchObject({ rate: { units: 10_000, windowMs: 600_000 }, concurrency: 4 });
    expect(isMailboxMethod('messages.mime')).toBe(true);
    expect(isMailboxMethod('users.list')).toBe(false);
  });

  it('are the limits of reads alone', () => {
    expect(graphLimits.methods.filter((row) => row.write !== 'no')).toEqual([]);
  });
});

describe('the Graph adapter', () => {
  it('has no call that writes to Microsoft 365: its SDK requests end in get, and only sign-in posts', () => {
    const writing = /\.(post|put|patch|del|putStream)\(|'(PUT|PATCH|DELETE)'/;
    const calls = texts.filter(({ text }) => writing.test(text));
    const posting = texts.filter(({ text }) => text.includes("'POST'")).map(({ name }) => name);

    expect(calls.map(({ name }) => name)).toEqual([]);
    expect(posting).toEqual(['sign-in.ts']);
  });
});
