import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { finish, type Rehearsal, startRehearsal } from './harness.ts';

let rehearsal: Rehearsal;
let server: PostgresServer;

beforeAll(async () => {
  [server, rehearsal] = await Promise.all([startPostgres(), startRehearsal({ faults: 'light' })]);
});

afterAll(async () => {
  await rehearsal?.stop();
  await server?.remove();
});

const PATIENCE_MS = 240_000;

describe('a working folder whose ledger is in PostgreSQL', () => {
  it('is refused with the reason while its address is wrong', async () => {
    const at = (url: string) => rehearsal.ferry(['discover'], { FERRY_LEDGER: url });

    const scheme = await at('mysql://root:of-the-tests@127.0.0.1/ferry');
    const password = await at(server.url.replace('of-the-tests', 'mistaken'));
    const away = await at(`postgres://ferry:of-the-tests@127.0.0.1:${await freePort()}/postgres`);

    expect([scheme.exit, password.exit, away.exit]).toEqual([2, 2, 5]);
    expect(scheme.stderr + scheme.stdout).toContain('postgres://USER:PASSWORD@HOST:PORT/DATABASE');
    expect(password.stderr + password.stdout).toContain('refuses this user or password');
    expect(away.stderr + away.stdout).toContain('is not available (ECONNREFUSED)');
    for (const { stdout, stderr } of [scheme, password, away])
      expect(stdout + stderr).not.toMatch(/of-the-tests|mistaken/);
    expect(existsSync(join(rehearsal.dir, '.ferry'))).toBe(false);
  });

  it(
    'moves everything once while the server restarts, and proves it',
    async () => {
      rehearsal.env.LEDGER_OF_THE_TESTS = server.url;
      appendFileSync(
        join(rehearsal.dir, 'ferry.yaml'),
        'ledger: { env: LEDGER_OF_THE_TESTS }\nprogramme: rehearsed\n',
      );

      const discovered = await rehearsal.ferry(['discover']);
      const mapped = await rehearsal.ferry(['map']);
      const migrated = finish(rehearsal.start(['migrate']));
      await begun(server);
      await server.stop();
      await server.start();
      const first = await migrated;
      const again = await rehearsal.ferry(['migrate']);
      const status = await rehearsal.ferry(['status']);
      const checked = await rehearsal.ferry(['reconcile']);

      expect([discovered.exit, mapped.exit, first.exit]).toEqual([0, 0, 0]);
      expect(again.stdout).toContain('Nothing was left to write');
      expect(status.exit).toBe(0);
      expect(checked.exit).toBe(0);
      expect(existsSync(join(rehearsal.dir, '.ferry', 'ledger.db'))).toBe(false);
      const [held] = await server.query(
        "SELECT count(*) AS items FROM ferry_rehearsed.item WHERE status = 'written'",
      );
      expect(Number(held?.items)).toBeGreaterThan(80);
    },
    PATIENCE_MS,
  );
});

/** Resolves as soon as something was written, so that what follows falls into the middle of the pass. */
async function begun(postgres: PostgresServer): Promise<void> {
  for (;;) {
    const [row] = await postgres.query(
      "SELECT count(*) AS n FROM ferry_rehearsed.item WHERE status = 'written'",
    );
    if (Number(row?.n) > 30) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
