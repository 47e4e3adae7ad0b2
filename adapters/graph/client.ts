import type { Clock } from '../../src/core/clock.ts';
import type { SourceConnection } from '../../src/core/connections.ts';
import type { Log } from '../../src/core/log.ts';
import type { Quota } from '../../src/core/quota.ts';
import { twinsOf } from '../../src/transport/origins.ts';
import { overrideLimits } from '../../src/transport/overrides.ts';
import { createTransport } from '../../src/transport/transport.ts';
import type { LimitTable, Meter, Transport } from '../../src/transport/types.ts';
import { classify } from './failures.ts';
import { createGraphClient, type GraphClient } from './graph-client.ts';
import { graphLimits } from './limits.ts';
import { checkSignIn, type SignInReport } from './preflight.ts';
import { createSignIn } from './sign-in.ts';

export {
  createGraphClient,
  type GraphClient,
  type GraphClientOptions,
  type GraphPage,
  type GraphRequest,
} from './graph-client.ts';

/** A source tenant, ready to be read: client, sign-in and their common transport. */
export interface GraphConnection {
  readonly client: GraphClient;
  /** Requests, units and throttles since start. */
  readonly meter: Meter;
  readonly transport: Transport;
  /**
   * Signs in and tries what the workloads need; throws `Auth` that names what is missing and what to do. `mailboxes`
   * are tried for mail where the token names no mail role (RBAC for Applications); default: the first users.
   */
  checkSignIn(signal: AbortSignal, mailboxes?: readonly string[]): Promise<SignInReport>;
}

export interface GraphConnectionOptions {
  clock: Clock;
  log: Log;
  /** What `ferry.yaml` overrides; default: nothing. */
  quota?: Pick<Quota, 'overrides'>;
  /** Default: `graphLimits` with what `quota` overrides. */
  limits?: LimitTable;
  /** Sends one request; for tests. */
  fetch?: typeof globalThis.fetch;
}

/** Builds the transport, the sign-in and the client of one connection. Nothing is sent until it is used. */
export function createGraphConnection(
  connection: SourceConnection,
  options: GraphConnectionOptions,
): GraphConnection {
  const { clock, log } = options;
  const origins = [connection.authority, connection.endpoint];
  const transport = createTransport({
    limits: options.limits ?? overrideLimits(graphLimits, options.quota?.overrides ?? {}),
    classify,
    origins,
    twins: twinsOf(origins),
    clock,
    log,
    ...(options.fetch ? { fetch: options.fetch } : {}),
    onUnauthorized: () => signIn.forget(),
  });
  const signIn = createSignIn(connection, { transport, clock });
  const token = (signal: AbortSignal) => signIn.token(signal);
  const client = createGraphClient(connection, { transport, token, clock, log });
  return {
    client,
    transport,
    meter: transport.meter,
    checkSignIn: (signal, mailboxes = []) => checkSignIn({ client, token, mailboxes }, signal),
  };
}
