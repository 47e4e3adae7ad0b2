import { createRandom, type Random } from './random.ts';
import type { Fault, FaultProfile, RouteMatch, TenantService } from './types.ts';

export interface FaultOptions {
  profile: FaultProfile;
  seed: number;
  /** Decides which vendor's forms occur: `throttle-403` is Google's alone. */
  service?: TenantService['name'];
}

/** A fault that tests ask for: the next `times` requests (after `skip`) of a route get it, whatever the profile. */
export interface ScriptedFault {
  /** Route name, or `*` for any. */
  route: string;
  fault: Fault;
  times: number;
  skip?: number;
}

/** The weather of one service. */
export interface Faults {
  /** The fault of the request that matched, or null for none. At most three in a row hit the same route and key. */
  next(match: RouteMatch): Fault | null;
  /** What `Retry-After` an injected throttle announces: 1 to 3 scaled seconds. */
  retryAfterSeconds(): number;
  setProfile(profile: FaultProfile): void;
  script(faults: readonly ScriptedFault[]): void;
}

type FaultName = Fault['kind'];

/** Share of requests that meet a fault, and how often each kind comes among them. */
const PROFILES: Record<FaultProfile, { share: number; kinds: readonly (readonly [FaultName, number])[] }> = {
  none: { share: 0, kinds: [] },
  light: {
    share: 0.02,
    kinds: [
      ['throttle', 4],
      ['unavailable', 3],
      ['reset-before', 2],
      ['reset-after', 2],
    ],
  },
  heavy: {
    share: 0.12,
    kinds: [
      ['throttle', 5],
      ['throttle-silent', 3],
      ['throttle-403', 3],
      ['server-error', 2],
      ['unavailable', 3],
      ['gateway-timeout', 2],
      ['reset-before', 3],
      ['reset-after', 3],
      ['cut-body', 3],
      ['stall', 2],
      ['unauthorized', 2],
    ],
  },
};

const MAX_IN_A_ROW = 3;
const MAX_STALL_MS = 1_500;
/** A sign-in is repeated far less often by SDKs than an API call, so it fails less often. */
const TOKEN_SHARE = 0.25;

interface Streak {
  length: number;
  unauthorized: boolean;
}

/** Creates the weather of a seed. The same requests in the same order meet the same faults. */
export function createFaults(options: FaultOptions): Faults {
  const random = createRandom(options.seed);
  const streaks = new Map<string, Streak>();
  let profile = options.profile;
  let scripted: ScriptedFault[] = [];
  const byProfile = (match: RouteMatch): Fault | null => {
    const { share, kinds } = PROFILES[profile];
    const isToken = match.route.includes('token');
    const key = `${match.route} ${JSON.stringify(match.params)}`;
    const streak = streaks.get(key) ?? { length: 0, unauthorized: false };
    const strikes = random.chance(isToken ? share * TOKEN_SHARE : share);
    if (!strikes || streak.length >= MAX_IN_A_ROW) {
      streaks.delete(key);
      return null;
    }
    const kind = choose(kinds, random, options.service);
    // A second 401 in a row means to every client that its credential is refused.
    const fault = faultOf(
      kind === 'unauthorized' && (streak.unauthorized || isToken) ? 'unavailable' : kind,
      random,
    );
    streaks.set(key, {
      length: streak.length + 1,
      unauthorized: streak.unauthorized || fault.kind === 'unauthorized',
    });
    return fault;
  };
  return {
    next: (match) => takeScripted(scripted, match.route) ?? byProfile(match),
    retryAfterSeconds: () => 1 + random.int(3),
    setProfile: (next) => {
      profile = next;
    },
    script: (faults) => {
      scripted = faults.map((fault) => ({ ...fault }));
    },
  };
}

function takeScripted(scripted: readonly ScriptedFault[], route: string): Fault | null {
  const found = scripted.find((one) => one.times > 0 && (one.route === '*' || one.route === route));
  if (!found) return null;
  if (found.skip) {
    found.skip--;
    return null;
  }
  found.times--;
  return found.fault;
}

function choose(
  kinds: readonly (readonly [FaultName, number])[],
  random: Random,
  service: TenantService['name'] | undefined,
): FaultName {
  const total = kinds.reduce((sum, [, weight]) => sum + weight, 0);
  let at = random.next() * total;
  let chosen: FaultName = 'throttle';
  for (const [kind, weight] of kinds) {
    if (at < 0) break;
    at -= weight;
    chosen = kind;
  }
  return chosen === 'throttle-403' && service !== 'google' ? 'throttle' : chosen;
}

function faultOf(kind: FaultName, random: Random): Fault {
  return kind === 'stall' ? { kind, ms: 100 + random.int(MAX_STALL_MS - 100) } : { kind };
}
