import { afterAll, beforeAll } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { openPostgresLedger } from '../../../src/ledger/postgres/ledger.ts';
import { ledgerContract } from '../../support/ledger-contract.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.ts';

const clock = systemClock();
let server: PostgresServer;
let opened = 0;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(() => server.remove());

ledgerContract('PostgreSQL', async () => {
  opened += 1;
  return openPostgresLedger({ url: server.url, schema: `ferry_${opened}`, clock });
});
