import { afterAll, beforeAll, beforeEach } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { openPostgresLedger, type PostgresLedgerOptions } from '../../src/ledger/postgres/ledger.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

/** A server for the tests of a file, and a schema for each of them. */
export function postgresLedgers() {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.remove());
  beforeEach(() => {
    schemas += 1;
  });
  const options = (): PostgresLedgerOptions => ({
    url: server.url,
    schema: `ferry_${schemas}`,
    clock: systemClock(),
  });
  return {
    server: () => server,
    options,
    open: (facts: Partial<PostgresLedgerOptions> = {}) => openPostgresLedger({ ...options(), ...facts }),
  };
}
