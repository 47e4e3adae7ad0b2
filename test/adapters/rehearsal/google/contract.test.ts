import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ApiRoute } from '../../../../adapters/rehearsal/google/api.ts';
import type { Shape } from '../../../../adapters/rehearsal/google/shapes.ts';
import { GOOGLE_ROUTES } from '../../../../adapters/rehearsal/google/tenant.ts';

interface Schema {
  type?: string;
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
}

interface Method {
  id: string;
  httpMethod: string;
  path: string;
  parameters?: Record<string, { location: string }>;
  scopes?: string[];
  request?: { $ref: string };
}

interface Document {
  servicePath: string;
  schemas: Record<string, Schema>;
  methods?: Record<string, Method>;
  resources?: Record<string, Document>;
}

const FOLDER = new URL('../../../../../shared/contracts/google/', import.meta.url);
const FILES = ['admin.directory_v1', 'calendar.v3', 'gmail.v1', 'groupssettings.v1'];
const isPresent = existsSync(FOLDER);

const documents: Document[] = isPresent
  ? FILES.map((name) => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')))
  : [];

function methodsOf(node: Pick<Document, 'methods' | 'resources'>): Method[] {
  return [...Object.values(node.methods ?? {}), ...Object.values(node.resources ?? {}).flatMap(methodsOf)];
}

function find(name: string): { document: Document; method: Method } {
  for (const document of documents) {
    const method = methodsOf(document).find((one) => one.id === name);
    if (method) return { document, method };
  }
  throw new Error(`no method ${name}`);
}

const plain = GOOGLE_ROUTES.filter((route) => route.upload === undefined);

/** Names and kinds of a schema, nested ones to the given depth. */
function namesOf(document: Document, given: Schema, depth: number): unknown {
  const schema = given.$ref ? (document.schemas[given.$ref] ?? {}) : given;
  if (schema.type === 'array') return [namesOf(document, schema.items ?? {}, depth)];
  if (schema.properties && depth > 0) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, below]) => [name, namesOf(document, below, depth - 1)]),
    );
  }
  return schema.additionalProperties ? 'map' : (schema.type ?? 'object');
}

function isCovered(shape: Shape, wanted: unknown): boolean {
  if (shape === 'any') return true;
  if (shape === 'texts') return wanted === 'map';
  if (typeof shape === 'string') return shape === wanted;
  if ('list' in shape) return Array.isArray(wanted) && isCovered(shape.list, wanted[0]);
  if (typeof wanted !== 'object' || wanted === null) return false;
  const members = Object.entries(wanted);
  const same =
    Object.keys(shape.fields).sort().join() ===
    members
      .map(([name]) => name)
      .sort()
      .join();
  return same && members.every(([name, below]) => isCovered(shape.fields[name] ?? 'any', below));
}

function queryNames(route: ApiRoute): string[] {
  return (route.query ?? '')
    .split(' ')
    .filter(Boolean)
    .map((word) => /^[^:=]+/.exec(word)?.[0] ?? '')
    .sort();
}

describe.skipIf(!isPresent)(
  'routes against the discovery documents (skipped where ../shared is absent)',
  () => {
    it.each(plain.map((route) => [`${route.method} ${route.name}`, route] as const))(
      '%s is described',
      (_name, route) => {
        const { document, method } = find(route.name);
        const base = document.servicePath === '' ? '/' : `/${document.servicePath}`;

        expect(route.method).toBe(method.httpMethod);
        expect(route.path).toBe(`${base}${method.path.replaceAll('{+', '{')}`);
      },
    );

    it.each(plain.map((route) => [route.name, route] as const))(
      '%s takes the documented query names',
      (_name, route) => {
        const { method } = find(route.name);
        const documented = Object.entries(method.parameters ?? {})
          .filter(([, parameter]) => parameter.location === 'query')
          .map(([name]) => name);

        expect(queryNames(route)).toEqual(documented.sort());
      },
    );

    it.each(plain.map((route) => [route.name, route] as const))(
      '%s opens to documented scopes alone',
      (_name, route) => {
        const { method } = find(route.name);

        expect(route.scopes.filter((scope) => !method.scopes?.includes(scope))).toEqual([]);
        expect(route.scopes.length).toBeGreaterThan(0);
      },
    );

    it.each(plain.filter((route) => route.body !== undefined).map((route) => [route.name, route] as const))(
      '%s knows every documented body field and no other',
      (_name, route) => {
        const { document, method } = find(route.name);
        const wanted = namesOf(document, { $ref: method.request?.$ref ?? '' }, 6);

        expect(isCovered(route.body ?? 'any', wanted)).toBe(true);
      },
    );

    it.each(plain.filter((route) => route.body === undefined).map((route) => [route.name] as const))(
      '%s takes no body',
      (name) => {
        expect(find(name).method.request).toBeUndefined();
      },
    );
  },
);
