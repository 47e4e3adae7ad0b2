import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/config/policy.ts';
import { jobsOf, loadEstateFiles, loadWorkspace, principalsOf } from '../../src/config/workspace.ts';
import { Config } from '../../src/core/errors.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

const SOUND = `source:
  tenant: 11111111-2222-3333-4444-555555555555
  client: 66666666-7777-8888-9999-000000000000
  credential: { secretEnv: GRAPH_SECRET }
target:
  admin: Migration-Admin@new.example
  credential: { keyFile: ./key.json }
organisations:
  - id: regulator
    domains: { regulator.example.org: new.example }
    orgUnit: /Regulator
  - id: museums
    domains: { museums.example.org: new.example }
    policy: { mail: { junk: move } }
`;

let dir = '';
const env = { GRAPH_SECRET: 's3cret' };

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ferry-config-'));
  writeFileSync(join(dir, 'key.json'), JSON.stringify({ client_email: 'sa@p.iam', private_key: privateKey }));
});
afterEach(() => rmSync(dir, { recursive: true }));

function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof Config)
      return error.faults.map(({ file, line, found }) => `${file}:${line} ${found}`);
    throw error;
  }
  return [];
}

describe('ferry.yaml', () => {
  it('shows no password of a ledger’s address that it refuses', () => {
    writeFileSync(
      join(dir, 'ferry.yaml'),
      `${SOUND}ledger: { url: 'postgres://ferry:s3cret@db.example/x' }\n`,
    );

    const [fault] = faultsOf(() => loadWorkspace(dir, env));

    expect(fault).toContain('ferry.yaml:15 ledger: ');
    expect(fault).toContain('db.example');
    expect(fault).not.toContain('s3cret');
  });

  it('fills in defaults and lays an organisation’s policy over the programme’s', () => {
    writeFileSync(join(dir, 'ferry.yaml'), SOUND);

    const { bodies, timeScale } = loadWorkspace(dir, env);

    expect(timeScale).toBe(1);
    expect(bodies.map(({ organisation }) => organisation.id)).toEqual(['regulator', 'museums']);
    expect(bodies[0]?.organisation.policy).toEqual(DEFAULT_POLICY);
    expect(bodies[1]?.organisation.policy.mail).toEqual({ ...DEFAULT_POLICY.mail, junk: 'move' });
    expect(bodies[0]?.source.endpoint).toBe('https://graph.microsoft.com');
    expect(bodies[0]?.target).toMatchObject({
      customer: 'my_customer',
      admin: 'migration-admin@new.example',
      endpoint: null,
    });
    expect(bodies[0]?.source).toBe(bodies[1]?.source);
  });

  it('reports every fault at once, each with its line', () => {
    const broken = SOUND.replace('secretEnv: GRAPH_SECRET', 'secret: oops')
      .replace('admin: Migration-Admin@new.example', 'admin: nobody')
      .replace('junk: move', 'junk: burn')
      .replace('orgUnit: /Regulator', 'orgUnit: Regulator\n    colour: blue');
    writeFileSync(join(dir, 'ferry.yaml'), broken);

    const faults = faultsOf(() => loadWorkspace(dir, env));

    expect(faults).toEqual([
      'ferry.yaml:4 source.credential: {"secret":"oops"}',
      'ferry.yaml:6 target.admin: "nobody"',
      'ferry.yaml:11 organisations.0.orgUnit: "Regulator"',
      'ferry.yaml:12 organisations.0.colour: an unknown key',
    ]);
  });

  it.each([
    [
      'a policy that an organisation gets wrong',
      'junk: move',
      'junk: burn',
      'ferry.yaml:14 organisations.1.policy.mail.junk: "burn"',
    ],
    [
      'one source domain in two organisations',
      'museums.example.org: new',
      'regulator.example.org: new',
      'ferry.yaml:13 regulator.example.org belongs to regulator too',
    ],
    ['an id that occurs twice', 'id: museums', 'id: regulator', 'ferry.yaml:12 organisation regulator again'],
    [
      'a secret that is not set',
      'GRAPH_SECRET',
      'OTHER_SECRET',
      'ferry.yaml:4 the variable OTHER_SECRET is not set',
    ],
    [
      'a key file that is not there',
      './key.json',
      './no-key.json',
      'ferry.yaml:7 the file ./no-key.json cannot be read',
    ],
    [
      'plain http beyond this machine',
      'client: 666',
      'endpoint: http://graph.example\n  client: 666',
      'ferry.yaml:3 source.endpoint: "http://graph.example"',
    ],
    ['a file that is no YAML', 'source:', 'source: [', 'ferry.yaml:2'],
  ])('names %s', (_, from, to, expected) => {
    writeFileSync(join(dir, 'ferry.yaml'), SOUND.replace(from, to));

    expect(faultsOf(() => loadWorkspace(dir, env)).join('\n')).toContain(expected);
  });

  it('takes the published quotas where it says nothing of them', () => {
    writeFileSync(join(dir, 'ferry.yaml'), SOUND);

    expect(loadWorkspace(dir, env).quota).toEqual({
      gmail: '2026',
      overrides: {},
      dailyBudget: {
        gmailUnits: 80_000_000,
        calendarRequests: 1_000_000,
        atLimit: 'stop',
        zone: 'America/Los_Angeles',
      },
    });
  });

  it('reads a quota profile, overrides by bucket and a daily budget', () => {
    const quota = `quota:
  gmail: legacy
  overrides:
    gmail:user: { units: 12000 }
    graph:mailbox: { concurrency: 2, windowMs: 300000 }
  dailyBudget: { gmailUnits: 5, calendarRequests: null, atLimit: continue, zone: Europe/London }
`;
    writeFileSync(join(dir, 'ferry.yaml'), SOUND + quota);

    expect(loadWorkspace(dir, env).quota).toEqual({
      gmail: 'legacy',
      overrides: { 'gmail:user': { units: 12_000 }, 'graph:mailbox': { concurrency: 2, windowMs: 300_000 } },
      dailyBudget: { gmailUnits: 5, calendarRequests: null, atLimit: 'continue', zone: 'Europe/London' },
    });
  });

  it.each([
    ['gmail: 2025', '16 quota.gmail: 2025'],
    ['overrides: { gmail:usr: { units: 1 } }', '16 quota.overrides.gmail:usr: an unknown key'],
    ['overrides: { "gmail:user": { units: 0 } }', '16 quota.overrides.gmail:user.units: 0'],
    [
      'overrides: { "gmail:user": { perMinute: 1 } }',
      '16 quota.overrides.gmail:user.perMinute: an unknown key',
    ],
    ['dailyBudget: { zone: Mars/Olympus }', '16 quota.dailyBudget.zone: "Mars/Olympus"'],
    ['dailyBudget: { atLimit: pause }', '16 quota.dailyBudget.atLimit: "pause"'],
    ['speed: 11', '16 quota.speed: an unknown key'],
  ])('names the fault and its line in quota: %s', (line, found) => {
    writeFileSync(join(dir, 'ferry.yaml'), `${SOUND}quota:\n  ${line}\n`);

    expect(faultsOf(() => loadWorkspace(dir, env))).toEqual([`ferry.yaml:${found}`]);
  });

  it('takes the profile as a number too, as people write it', () => {
    writeFileSync(join(dir, 'ferry.yaml'), `${SOUND}quota: { gmail: 2026 }\n`);

    expect(loadWorkspace(dir, env).quota.gmail).toBe('2026');
  });

  it('refuses a time scale as soon as one host is not on this machine', () => {
    writeFileSync(join(dir, 'ferry.yaml'), SOUND);

    expect(faultsOf(() => loadWorkspace(dir, { ...env, FERRY_TIME_SCALE: '20' }))).toEqual([
      'FERRY_TIME_SCALE:0 20',
    ]);
  });

  it('accepts a time scale where every host is loopback', () => {
    const local = SOUND.replace(
      'credential: { secretEnv',
      'authority: http://localhost:1\n  endpoint: http://127.0.0.1:1\n  credential: { secretEnv',
    ).replace('admin:', 'endpoint: http://localhost:2\n  admin:');
    writeFileSync(join(dir, 'ferry.yaml'), local);

    expect(loadWorkspace(dir, { ...env, FERRY_TIME_SCALE: '20' }).timeScale).toBe(20);
  });

  it('says so where there is no file', () => {
    expect(faultsOf(() => loadWorkspace(dir, env))).toEqual([`ferry.yaml:0 no such file in ${dir}`]);
  });
});

describe('the CSV files', () => {
  const write = (files: Record<string, string>) => {
    const sound = {
      'ferry.yaml': SOUND,
      'people.csv':
        'source,target,organisation,wave,kind,include,org_unit,licence,note\nann@regulator.example.org,ann@new.example,regulator,pilot,person,yes,,,\n',
      'groups.csv': 'source,target,organisation,type,include,note\n',
      'rooms.csv': 'source,resource_id,name,building,capacity,include\n',
      'addresses.csv': 'old,new,kind,rule\n',
    };
    for (const [name, text] of Object.entries({ ...sound, ...files })) writeFileSync(join(dir, name), text);
    return loadWorkspace(dir, env);
  };

  it('give one principal a row and one directory job an organisation', () => {
    const workspace = write({});

    const principals = principalsOf(workspace, loadEstateFiles(workspace));

    expect(principals).toEqual([
      {
        kind: 'person',
        id: 'ann@regulator.example.org',
        source: 'ann@regulator.example.org',
        target: 'ann@new.example',
        organisation: 'regulator',
        wave: 'pilot',
      },
    ]);
    expect(jobsOf(workspace, principals, ['directory', 'mail']).map(({ id }) => id)).toEqual([
      'directory:regulator:regulator',
      'mail:regulator:ann@regulator.example.org',
      'directory:museums:museums',
    ]);
  });

  it('give a person without a mailbox no job of their own', () => {
    const workspace = write({
      'people.csv':
        'source,target,organisation,kind,include\nann@x.example,ann@new.example,regulator,Account,yes\n',
    });

    const principals = principalsOf(workspace, loadEstateFiles(workspace));

    expect(principals.map(({ kind }) => kind)).toEqual(['account']);
    expect(jobsOf(workspace, principals, ['directory', 'mail', 'calendar']).map(({ id }) => id)).toEqual([
      'directory:regulator:regulator',
      'directory:museums:museums',
    ]);
  });

  it('report the faults of all files at once', () => {
    const workspace = write({
      'people.csv':
        'source,target,organisation,include\nann@x.example,ann@new.example,regulator,yes\nANN@x.example,bob@new.example,nobody,maybe\nbob@x.example,ann@new.example,regulator,\nbroken,,regulator,yes\n',
      'groups.csv': 'source,organisation\nteam@x.example,regulator\n',
      'addresses.csv': 'old,new\na@x.example,b@new.example\nA@x.example,c@new.example\n',
    });

    expect(faultsOf(() => loadEstateFiles(workspace))).toEqual([
      'people.csv:3 organisation "nobody"',
      'people.csv:3 include "maybe"',
      'people.csv:5 source "broken"',
      'people.csv:5 target ""',
      'people.csv:3 source ann@x.example again (line 2)',
      'people.csv:4 target ann@new.example again (line 2)',
      'groups.csv:1 no column "target"',
      'groups.csv:2 target ""',
      'addresses.csv:3 "a@x.example" leads to c@new.example and to b@new.example',
    ]);
  });

  it('are read in the dialects and under the names that other tools write', () => {
    const workspace = write({
      'people.csv':
        '\ufeffSource Exchange Email;Target Email;Organization;BatchName\r\n"Ann@Regulator.example.org";ann@new.example;regulator;pilot\r\n',
    });

    const files = loadEstateFiles(workspace);

    expect(files.people[0]).toMatchObject({
      source: 'ann@regulator.example.org',
      wave: 'pilot',
      include: true,
      kind: 'person',
    });
    expect(files.recognised['people.csv']).toEqual({
      'Source Exchange Email': 'source',
      'Target Email': 'target',
      Organization: 'organisation',
      BatchName: 'wave',
    });
  });

  it('may not hold passwords', () => {
    const workspace = write({
      'people.csv': 'source,target,Password\nann@x.example,ann@new.example,hunter2\n',
    });

    expect(faultsOf(() => loadEstateFiles(workspace)).join()).toContain('a column "Password"');
  });
});
