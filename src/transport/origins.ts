import { Rejected } from '../core/errors.ts';

/** An `https` origin that an SDK is given → the `http` origin that is really meant. */
export type Twins = Readonly<Record<string, string>>;

/**
 * The twins of those origins that are plain http: the same host and port under `https`. Origins are taken with or
 * without a path, which is ignored.
 */
export function twinsOf(origins: readonly string[]): Twins {
  const twins: Record<string, string> = {};
  for (const text of origins) {
    const url = new URL(text);
    if (url.protocol === 'http:') twins[`https://${url.host}`] = url.origin;
  }
  return twins;
}

/** Turns a real `http` URL (a next link, a discovered endpoint) into its `https` twin; others stay as they are. */
export function toTwinUrl(url: string, twins: Twins): string {
  for (const [twin, real] of Object.entries(twins)) {
    const rest = restAfter(url, real);
    if (rest !== null) return originOf(twin) + rest;
  }
  return url;
}

/** Turns the URL of a twin into the real one; others stay as they are. */
export function toRealUrl(url: string, twins: Twins): string {
  for (const [twin, real] of Object.entries(twins)) {
    const rest = restAfter(url, twin);
    if (rest !== null) return originOf(real) + rest;
  }
  return url;
}

/** What follows the origin, byte for byte (a cursor in a query must not be re-encoded); null for another origin. */
function restAfter(url: string, origin: string): string | null {
  if (!URL.canParse(url) || new URL(url).origin !== originOf(origin)) return null;
  const match = /^[a-z]+:\/\/[^/?#]*/i.exec(url.trim());
  return match ? url.trim().slice(match[0].length) : null;
}

function originOf(text: string): string {
  return new URL(text).origin;
}

/** The origins that requests may go to, and the rewriting of twins. */
export interface Origins {
  /** The real URL of a request. Throws `Rejected` (`foreign-origin`) for every origin that is not named. */
  admit(url: string): string;
}

export function createOrigins(origins: readonly string[], twins: Twins = {}): Origins {
  const allowed = new Set([...origins, ...Object.values(twins)].map(originOf));
  return {
    admit(url) {
      const real = toRealUrl(url, twins);
      const parsed = URL.canParse(real) ? new URL(real) : null;
      if (!parsed || !allowed.has(parsed.origin) || parsed.username || parsed.password) throw foreign(parsed);
      return real;
    },
  };
}

function foreign(url: URL | null): Rejected {
  const named = url ? url.origin : 'something that is no absolute URL';
  return new Rejected({
    code: 'foreign-origin',
    message: `a request to ${named} was refused: the configuration does not name this origin`,
    scope: 'job',
  });
}
