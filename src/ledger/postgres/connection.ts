import {
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { escapeIdentifier, Pool, type PoolClient, type PoolConfig, types } from 'pg';
import { postgresFailure } from './failures.ts';
import type { PostgresTables } from './schema.ts';
import { restored, storable } from './stored-text.ts';

/** Lanes that commit, and the reads beside them. */
const CONNECTIONS = 8;
const CONNECT_MS = 10_000;
/** A statement that takes longer is given up at both ends, so that a dead network cannot hold a pass for ever. */
const STATEMENT_MS = 120_000;
const KEEP_ALIVE_MS = 10_000;

/** Type ids of PostgreSQL's catalogue; fixed since its first versions (pg_type.dat). */
const INT8 = 20;
const TEXT = 25;
const NUMERIC = 1700;

export interface PostgresAddress {
  /** `postgres://…`, password included: never shown. */
  url: string;
  /** The schema that holds this programme's ledger. */
  schema: string;
}

/** The address as it may be shown: host, port and database. */
export function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `postgres://${host}${pathname}`;
}

/**
 * Kysely over a pool of connections, each set to the programme's schema. Whatever fails at the server or on the way
 * comes out as one of our error classes; connects at the first query.
 */
export function connect(
  { url, schema }: PostgresAddress,
  { readOnly }: { readOnly: boolean },
): Kysely<PostgresTables> {
  return new Kysely<PostgresTables>({
    dialect: new PostgresDialect({
      pool: new GuardedPool(poolOf(url), placeOf(url), settings(schema, readOnly)),
    }),
  });
}

function poolOf(url: string): Pool {
  const config: PoolConfig = {
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: STATEMENT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    application_name: 'ferry',
    types: { getTypeParser: parserOf },
  };
  return new Pool(config);
}

/** A cluster that answers commits before they are on its disk would break the ledger's promise, so that is overruled. */
function settings(schema: string, readOnly: boolean): string {
  return [
    `SET search_path TO ${escapeIdentifier(schema)}`,
    `SET statement_timeout TO ${STATEMENT_MS}`,
    `SET default_transaction_read_only TO ${readOnly ? 'on' : 'off'}`,
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
  ].join('; ');
}

/** Counts and sums fit a number here; `pg` gives them as text by default. */
const parserOf: typeof types.getTypeParser = (id: number, format?: 'text' | 'binary') => {
  if (id === INT8 || id === NUMERIC) return Number;
  if (id === TEXT) return restored;
  return types.getTypeParser(id, format as 'text');
};

/** The pool as Kysely sees it; the one place where an error of `pg` becomes one of ours. */
class GuardedPool implements PostgresPool {
  readonly options = {};
  readonly #pool: Pool;
  readonly #place: string;
  readonly #settings: string;
  readonly #prepared = new WeakSet<PoolClient>();
  #wasReached = false;

  constructor(pool: Pool, place: string, settings: string) {
    this.#pool = pool;
    this.#place = place;
    this.#settings = settings;
    // An idle connection that the server closes is replaced at the next query; nobody waits for it.
    pool.on('error', () => {});
    // The failure of one in use reaches whoever queries; without a listener it would end the process besides.
    pool.on('connect', (client) => client.on('error', () => {}));
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw this.#failure(error);
    });
    const guarded = this.#guard(client);
    if (this.#prepared.has(client)) return guarded;
    try {
      await guarded.query(this.#settings, []);
    } catch (error) {
      guarded.release();
      throw error;
    }
    this.#prepared.add(client);
    this.#wasReached = true;
    return guarded;
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  #guard(client: PoolClient): PostgresPoolClient {
    let isBroken = false;
    const query = async <R>(text: unknown, values: readonly unknown[] = []) => {
      try {
        return (await client.query(
          String(text),
          values.map(toParameter),
        )) as unknown as PostgresQueryResult<R>;
      } catch (error) {
        const failure = this.#failure(error);
        isBroken ||= failure !== error;
        throw failure;
      }
    };
    // Kysely asks for cursors only where its dialect was given a cursor class.
    return { query: query as PostgresPoolClient['query'], release: () => client.release(isBroken) };
  }

  #failure(error: unknown): unknown {
    return postgresFailure(error, this.#place, this.#wasReached);
  }
}

function toParameter(value: unknown): unknown {
  if (typeof value === 'string') return storable(value);
  return Array.isArray(value) ? value.map(toParameter) : value;
}
