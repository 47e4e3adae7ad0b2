import { createGoogleConnection, type GoogleConnection } from '../../adapters/google/client.ts';
import { CHECK_SCOPES } from '../../adapters/google/inventory/scopes.ts';
import type { GoogleScopes } from '../../adapters/google/scopes.ts';
import { createGraphConnection, type GraphConnection } from '../../adapters/graph/client.ts';
import type { Body, Workspace } from '../config/workspace.ts';
import type { Clock } from '../core/clock.ts';
import type { SourceConnection, TargetConnection } from '../core/connections.ts';
import type { Log } from '../core/log.ts';
import { type Budget, createDayBudget, type DayLimit } from '../transport/budget.ts';
import { createDaySpending } from './day-spending.ts';

/** Both ends of one organisation. Organisations that share a tenant share the connection and so its quotas. */
export interface Ends {
  body: Body;
  source: GraphConnection;
  target: GoogleConnection;
  /** What the target's project may spend in a day. */
  budget: Budget;
}

/** Opens the mover's ends of every organisation. */
export function openEnds(workspace: Workspace, clock: Clock, log: Log): Ends[] {
  const { graph, google, budget } = pools(workspace, clock, log);
  return workspace.bodies.map((body) => ({
    ...{ body, source: graph(body.source), target: google(body.target), budget: budget(body.target) },
  }));
}

/** Opens the checker's ends: its own credentials where `reconcile:` names some. */
export function openCheckEnds(workspace: Workspace, clock: Clock, log: Log): Ends[] {
  const { graph, google, budget } = pools(workspace, clock, log);
  return workspace.bodies.map((body) => {
    const ownTarget = body.checkTarget !== body.target;
    return {
      body,
      source: graph(body.checkSource),
      target: google(body.checkTarget, ownTarget ? CHECK_SCOPES : undefined),
      budget: budget(body.checkTarget),
    };
  });
}

/** Gives back what the day's budget had set aside; after the last request. */
export async function closeEnds(ends: readonly Ends[]): Promise<void> {
  for (const budget of new Set(ends.map((end) => end.budget))) await budget.close();
}

/** Runs `work` with these ends and closes them whatever happens. */
export async function withEnds<T>(ends: readonly Ends[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await closeEnds(ends);
  }
}

/** Signs in on every end that is in use; throws `Auth` that says which side, what is missing and what to do. */
export async function checkSignIns(ends: readonly Ends[], signal: AbortSignal): Promise<void> {
  for (const source of new Set(ends.map((end) => end.source))) await source.checkSignIn(signal);
  for (const target of new Set(ends.map((end) => end.target))) await target.checkSignIn(signal);
}

function pools(workspace: Workspace, clock: Clock, log: Log) {
  const { quota } = workspace;
  const graphs = new Map<SourceConnection, GraphConnection>();
  const googles = new Map<TargetConnection, GoogleConnection>();
  const budgets = new Map<string, Budget>();
  const budget = (connection: TargetConnection) => {
    const project = projectOf(connection);
    return pooled(budgets, project, () => openBudget(workspace, project, clock, log));
  };
  return {
    budget,
    graph: (connection: SourceConnection) =>
      pooled(graphs, connection, () => createGraphConnection(connection, { clock, log, quota })),
    google: (connection: TargetConnection, scopes?: GoogleScopes) =>
      pooled(googles, connection, () => {
        const own = { clock, log, quota, budget: budget(connection) };
        return createGoogleConnection(connection, { ...own, ...(scopes ? { scopes } : {}) });
      }),
  };
}

/** The Cloud project that a service account belongs to; quotas and days are counted per project. */
function projectOf({ credential }: TargetConnection): string {
  const address = credential.kind === 'key' ? credential.clientEmail : credential.serviceAccount;
  return /@([^.]+)\.iam\.gserviceaccount\.com$/i.exec(address)?.[1] ?? address;
}

function openBudget({ dir, quota }: Workspace, project: string, clock: Clock, log: Log): Budget {
  const { gmailUnits, calendarRequests, atLimit, zone } = quota.dailyBudget;
  const limits: DayLimit[] = [];
  if (gmailUnits !== null)
    limits.push({ bucket: 'gmail:project', name: 'Gmail quota units', units: gmailUnits });
  if (calendarRequests !== null)
    limits.push({ bucket: 'calendar:project', name: 'Calendar requests', units: calendarRequests });
  return createDayBudget({
    ...{ limits, clock, log, zone, atLimit },
    spending: createDaySpending(dir, project),
  });
}

function pooled<K, V>(pool: Map<K, V>, key: K, open: () => V): V {
  const known = pool.get(key);
  if (known !== undefined) return known;
  const opened = open();
  pool.set(key, opened);
  return opened;
}
