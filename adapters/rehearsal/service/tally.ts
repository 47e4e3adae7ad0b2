import type { Quotas } from './quota.ts';
import type { RouteMatch, ServiceStats, TenantRequest, TenantService } from './types.ts';

/** Unknown routes that are listed by name; more of them only repeat the same defect of a client. */
const MAX_UNKNOWN = 200;

/** Counts what one service has seen since it started. */
export interface Tally {
  noteRequest(request: TenantRequest, match: RouteMatch | null): void;
  noteFault(kind: string): void;
  noteThrottle(): void;
  noteViolation(): void;
  stats(): ServiceStats;
}

/** Creates the counts of one service. */
export function createTally(service: TenantService, quotas: Quotas): Tally {
  const requests = new Map<string, number>();
  const faults = new Map<string, number>();
  const unknown = new Set<string>();
  let throttled = 0;
  let violations = 0;
  return {
    noteRequest(request, match) {
      count(requests, match?.route ?? 'unknown');
      if (!match && unknown.size < MAX_UNKNOWN) unknown.add(`${request.method} ${request.path}`);
    },
    noteFault(kind) {
      count(faults, kind);
      if (kind.startsWith('throttle')) throttled++;
    },
    noteThrottle: () => {
      throttled++;
    },
    noteViolation: () => {
      violations++;
    },
    stats: () => ({
      requests: Object.fromEntries(requests),
      throttled,
      faults: Object.fromEntries(faults),
      retryAfterViolations: violations,
      maxInFlight: quotas.maxInFlight(),
      notifications: service.notifications?.() ?? 0,
      unknownRoutes: [...unknown],
    }),
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
