import type { RouteMatch } from './types.ts';

/**
 * One route of a vendor's description. `path` holds `{parameter}` segments, also with text around them
 * (`/v1/people/{id}:updateContact`); names are those of the vendor.
 */
export interface Route {
  name: string;
  method: string;
  path: string;
  writes?: boolean;
}

/** What a method and path lead to: a route; a known path with another method; or nothing the vendor knows. */
export type Routing<R extends Route> =
  | { kind: 'found'; route: R; match: RouteMatch }
  | { kind: 'wrong-method'; allowed: readonly string[] }
  | { kind: 'unknown' };

interface Compiled<R extends Route> {
  route: R;
  pattern: RegExp;
  names: readonly string[];
}

/** Compiles routes, most literal first, into a function of method and raw path. Parameters come percent-decoded. */
export function createRouter<R extends Route>(
  routes: readonly R[],
): (method: string, path: string) => Routing<R> {
  const compiled = routes
    .map((route) => compile(route))
    .sort((one, other) => one.names.length - other.names.length);
  return (method, path) => {
    const allowed: string[] = [];
    for (const { route, pattern, names } of compiled) {
      const values = pattern.exec(path);
      if (!values) continue;
      const params = decodeParams(names, values);
      if (!params) continue;
      if (route.method === method) {
        return { kind: 'found', route, match: { route: route.name, params, writes: route.writes ?? false } };
      }
      allowed.push(route.method);
    }
    return allowed.length > 0 ? { kind: 'wrong-method', allowed } : { kind: 'unknown' };
  };
}

function compile<R extends Route>(route: R): Compiled<R> {
  const names: string[] = [];
  const source = route.path
    .split(/(\{[^}]+\})/)
    .map((piece) => {
      if (!piece.startsWith('{')) return piece.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      names.push(piece.slice(1, -1));
      return '([^/]+?)';
    })
    .join('');
  return { route, pattern: new RegExp(`^${source}/?$`), names };
}

function decodeParams(names: readonly string[], values: RegExpExecArray): Record<string, string> | null {
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at + 1] ?? '')]));
  } catch {
    // A malformed percent escape names nothing.
    return null;
  }
}
