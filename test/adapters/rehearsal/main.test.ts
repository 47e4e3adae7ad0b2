import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const ENTRY = join(import.meta.dirname, '../../../adapters/rehearsal/main.ts');

interface Ready {
  microsoft: { origin: string; tenantId: string; clientId: string; secret: string };
  google: { origin: string; customer: string; admin: string; serviceAccount: Record<string, string> };
  organisations: { id: string }[];
  corpus: unknown[];
}

let child: ChildProcess | null = null;
let folder: string | null = null;

afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
  if (folder) rmSync(folder, { recursive: true });
  folder = null;
});

async function start(options: object): Promise<{ ready: Ready; ended: Promise<number | null> }> {
  const estate = { people: 3, messages: 20, events: 5 };
  const started = spawn(process.execPath, [ENTRY, JSON.stringify({ estate, ...options })], {
    env: { ...process.env, FERRY_TIME_SCALE: '50' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child = started;
  const ended = new Promise<number | null>((resolve) => started.once('exit', (code) => resolve(code)));
  const line = await new Promise<string>((resolve) =>
    createInterface({ input: started.stdout }).once('line', resolve),
  );
  return { ready: JSON.parse(line), ended };
}

async function fetchToken({ microsoft }: Ready): Promise<string> {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: microsoft.clientId,
    client_secret: microsoft.secret,
    scope: `${microsoft.origin}/.default`,
  });
  const answer = await fetch(`${microsoft.origin}/${microsoft.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body,
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

describe('the process of the rehearsal tenants', () => {
  it('says where it listens, answers there, writes down what it answered and ends with its parent', async () => {
    folder = mkdtempSync(join(tmpdir(), 'ferry-test-'));
    const recordFile = join(folder, 'exchanges.jsonl');
    const { ready, ended } = await start({ followParent: true, recordFile });
    const token = await fetchToken(ready);

    const answer = await fetch(`${ready.microsoft.origin}/v1.0/users?$select=id`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const stats = (await (await fetch(`${ready.google.origin}/_rehearsal/stats`)).json()) as object;
    child?.stdin?.end();

    expect(((await answer.json()) as { value: object[] }).value.length).toBeGreaterThanOrEqual(3);
    expect(stats).toMatchObject({ requests: {}, retryAfterViolations: 0 });
    expect(ready.google.serviceAccount).toMatchObject({ token_uri: `${ready.google.origin}/token` });
    expect(ready.organisations.length).toBeGreaterThan(0);
    expect(await ended).toBe(0);
    const routes = readFileSync(recordFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).route);
    expect(routes).toEqual(['identity.token', 'graph.users.list']);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends cleanly on %s and keeps a state folder that it was given',
    async (signal) => {
      folder = mkdtempSync(join(tmpdir(), 'ferry-test-'));
      const { ended } = await start({ stateDir: folder });

      child?.kill(signal);

      expect(await ended).toBe(0);
      expect(existsSync(folder)).toBe(true);
    },
  );
});
