import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rehearsal, startRehearsal } from './harness.ts';

describe('what is refused before anything is written', { timeout: 120_000 }, () => {
  let rehearsal: Rehearsal;
  let yaml = '';

  beforeAll(async () => {
    rehearsal = await startRehearsal({ estate: { people: 2, messages: 10, events: 4 } });
    expect((await rehearsal.ferry(['discover'])).exit).toBe(0);
    expect((await rehearsal.ferry(['map'])).exit).toBe(0);
    yaml = readFileSync(join(rehearsal.dir, 'ferry.yaml'), 'utf8');
  }, 60_000);
  afterAll(() => rehearsal.stop());

  const withYaml = async (change: (text: string) => string, args: string[], env: NodeJS.ProcessEnv = {}) => {
    writeFileSync(join(rehearsal.dir, 'ferry.yaml'), change(yaml));
    try {
      return await rehearsal.ferry(args, env);
    } finally {
      writeFileSync(join(rehearsal.dir, 'ferry.yaml'), yaml);
    }
  };
  const writes = async () => {
    const { requests } = (await rehearsal.stats()).google;
    return Object.entries(requests).filter(([route]) =>
      /import|insert|create|patch|update|modify|delete/i.test(route),
    );
  };

  it.each([
    ['an unknown command', ['migarte']],
    ['an unknown option', ['migrate', '--evrything']],
    ['an unknown workload', ['migrate', '--workload', 'files']],
    ['a person who is not in people.csv', ['migrate', '--only', 'nobody@nowhere.example']],
    ['an organisation that is not in ferry.yaml', ['migrate', '--organisation', 'nobody']],
    ['a depth that does not exist', ['reconcile', '--depth', 'deep']],
  ])('%s ends with exit 2', async (_, args) => {
    expect((await rehearsal.ferry(args)).exit).toBe(2);
    expect(await writes()).toEqual([]);
  });

  it('a broken ferry.yaml lists all its faults with their lines', async () => {
    const broken = await withYaml(
      (text) => `${text.replace(/^ {2}admin: .*$/m, '  admin: nobody')}colour: blue\n`,
      ['migrate'],
    );

    expect(broken.exit).toBe(2);
    expect(broken.stderr).toMatch(/ferry\.yaml:\d+: target\.admin: "nobody"/);
    expect(broken.stderr).toMatch(/ferry\.yaml:\d+: colour: an unknown key/);
    expect(await writes()).toEqual([]);
  });

  it('a broken CSV file lists all its faults with their lines', async () => {
    const path = join(rehearsal.dir, 'people.csv');
    const people = readFileSync(path, 'utf8');
    writeFileSync(path, `${people}nobody,,nowhere,1,robot,perhaps,,,\r\n`);

    const broken = await rehearsal.ferry(['migrate']);
    writeFileSync(path, people);

    expect(broken.exit).toBe(2);
    const line = people.trim().split('\n').length + 1;
    for (const fault of ['source "nobody"', 'organisation "nowhere"', 'kind "robot"', 'include "perhaps"']) {
      expect(broken.stderr).toContain(`people.csv:${line}: ${fault}`);
    }
    expect(await writes()).toEqual([]);
  });

  it.each([
    ['a wrong client secret', (text: string) => text, { FERRY_REHEARSAL_SECRET: 'wrong' }, /7000215|secret/i],
    [
      'an unknown client',
      (text: string) => text.replace(/client: .*/, 'client: 00000000-0000-0000-0000-000000000000'),
      {},
      /700016|application/i,
    ],
    [
      'an administrator who does not exist',
      (text: string) => text.replace(/admin: .*/, 'admin: ghost@nowhere.example'),
      {},
      /ghost|administrator|subject|user/i,
    ],
  ])('%s ends with exit 3 and says what to do', async (_, change, env, words) => {
    const refused = await withYaml(change, ['migrate'], env);

    expect(refused.exit, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toMatch(words);
    expect(refused.stdout + refused.stderr).not.toContain('wrong"');
    expect(await writes()).toEqual([]);
  });

  it('a missing role is named with exit 3', async () => {
    await rehearsal.control('microsoft', 'source', { op: 'revoke-roles', roles: ['User.Read.All'] });

    const refused = await rehearsal.ferry(['migrate']);

    expect(refused.exit, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toContain('User.Read.All');
    expect(await writes()).toEqual([]);
  });

  it('a missing Google scope is named with exit 3', async () => {
    await rehearsal.control('microsoft', 'source', { op: 'grant-roles', roles: ['User.Read.All'] });
    const scope = 'https://www.googleapis.com/auth/gmail.labels';
    await rehearsal.control('google', 'scopes', { revoke: [scope] });

    const refused = await rehearsal.ferry(['migrate']);

    expect(refused.exit, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toContain('gmail.labels');
    expect(refused.stdout).not.toContain('gmail.insert');
    expect(await writes()).toEqual([]);
  });

  it('missing consent on the Microsoft side is said with exit 3', async () => {
    await rehearsal.control('microsoft', 'source', { op: 'revoke-roles' });

    const refused = await rehearsal.ferry(['migrate']);

    expect(refused.exit, refused.stdout + refused.stderr).toBe(3);
    expect(refused.stdout).toMatch(/consent/i);
    expect(await writes()).toEqual([]);
  });
});
