import { createGoogleConnection, type GoogleConnection } from '../../adapters/google/client.ts';
import { CHECK_SCOPES } from '../../adapters/google/inventory/scopes.ts';
import type { GoogleScopes } from '../../adapters/google/scopes.ts';
import { createGraphConnection, type GraphConnection } from '../../adapters/graph/client.ts';
import type { Body, Workspace } from '../config/workspace.ts';
import type { Clock } from '../core/clock.ts';
import type { SourceConnection, TargetConnection } from '../core/connections.ts';
import type { Log } from '../core/log.ts';

/** Both ends of one organisation. Organisations that share a tenant share the connection and so its quotas. */
export interface Ends {
  body: Body;
  source: GraphConnection;
  target: GoogleConnection;
}

/** Opens the mover's ends of every organisation. */
export function openEnds(workspace: Workspace, clock: Clock, log: Log): Ends[] {
  const { graph, google } = pools(clock, log);
  return workspace.bodies.map((body) => ({ body, source: graph(body.source), target: google(body.target) }));
}

/** Opens the checker's ends: its own credentials where `reconcile:` names some. */
export function openCheckEnds(workspace: Workspace, clock: Clock, log: Log): Ends[] {
  const { graph, google } = pools(clock, log);
  return workspace.bodies.map((body) => {
    const ownTarget = body.checkTarget !== body.target;
    return {
      body,
      source: graph(body.checkSource),
      target: google(body.checkTarget, ownTarget ? CHECK_SCOPES : undefined),
    };
  });
}

/** Signs in on every end that is in use; throws `Auth` that says which side, what is missing and what to do. */
export async function checkSignIns(ends: readonly Ends[], signal: AbortSignal): Promise<void> {
  for (const source of new Set(ends.map((end) => end.source))) await source.checkSignIn(signal);
  for (const target of new Set(ends.map((end) => end.target))) await target.checkSignIn(signal);
}

function pools(clock: Clock, log: Log) {
  const graphs = new Map<SourceConnection, GraphConnection>();
  const googles = new Map<TargetConnection, GoogleConnection>();
  return {
    graph: (connection: SourceConnection) =>
      pooled(graphs, connection, () => createGraphConnection(connection, { clock, log })),
    google: (connection: TargetConnection, scopes?: GoogleScopes) =>
      pooled(googles, connection, () =>
        createGoogleConnection(connection, { clock, log, ...(scopes ? { scopes } : {}) }),
      ),
  };
}

function pooled<K, V>(pool: Map<K, V>, key: K, open: () => V): V {
  const known = pool.get(key);
  if (known !== undefined) return known;
  const opened = open();
  pool.set(key, opened);
  return opened;
}
