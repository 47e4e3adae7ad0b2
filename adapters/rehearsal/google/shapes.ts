import { isJson, type Json } from './json.ts';
import { badRequest, type Refusal } from './refusal.ts';

/** What a JSON member may hold; `texts` is a map of strings. */
export type Shape =
  | 'string'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'any'
  | 'texts'
  | { list: Shape }
  | { fields: Readonly<Record<string, Shape>> };

/** An object shape: the words are its string members, `more` the others. */
export function fields(
  words: string,
  more: Readonly<Record<string, Shape>> = {},
): { fields: Record<string, Shape> } {
  const named: Record<string, Shape> = {};
  for (const word of words.split(' ').filter(Boolean)) named[word] = 'string';
  return { fields: { ...named, ...more } };
}

/** Members of one shape. */
export function each(shape: Shape, words: string): Record<string, Shape> {
  return Object.fromEntries(words.split(' ').map((word) => [word, shape]));
}

/**
 * Throws Google's 400 where a body has a member that the shape does not know or a value of another type. Null counts
 * as absent, as in the JSON mapping of protocol buffers.
 */
export function checkShape(value: unknown, shape: Shape, path = ''): void {
  if (value === null || value === undefined || shape === 'any') return;
  if (typeof shape === 'string') {
    if (!isScalar(value, shape)) throw wrongType(path, shape);
    return;
  }
  if ('list' in shape) {
    if (!Array.isArray(value)) throw wrongType(path, 'list');
    for (const [at, one] of value.entries()) checkShape(one, shape.list, `${path}[${at}]`);
    return;
  }
  if (!isJson(value)) throw wrongType(path, 'object');
  checkMembers(value, shape.fields, path);
}

function checkMembers(value: Json, known: Readonly<Record<string, Shape>>, path: string): void {
  for (const [name, member] of Object.entries(value)) {
    const shape = Object.hasOwn(known, name) ? known[name] : undefined;
    if (shape === undefined) {
      const at = path === '' ? '' : ` at '${path}'`;
      throw badRequest(`Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
    }
    checkShape(member, shape, path === '' ? name : `${path}.${name}`);
  }
}

function isScalar(value: unknown, shape: 'string' | 'boolean' | 'integer' | 'number' | 'texts'): boolean {
  switch (shape) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value));
    case 'number':
      return typeof value === 'number';
    case 'texts':
      return isJson(value) && Object.values(value).every((one) => one === null || typeof one === 'string');
  }
}

function wrongType(path: string, shape: string): Refusal {
  return badRequest(`Invalid value at '${path}' (TYPE_${shape.toUpperCase()})`);
}

/** Names that every Google API takes in a query. */
const COMMON_NAMES = [
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'fields',
  'key',
  'oauth_token',
  'prettyPrint',
  'quotaUser',
  'userIp',
  'uploadType',
  'upload_protocol',
  'upload_id',
];

/**
 * Checks a query against a line of words: `name` (text), `name:b` (boolean), `name:i` (whole number),
 * `name=one|other` (a closed set).
 */
export function checkQuery(query: URLSearchParams, line: string): void {
  const specs = new Map(
    line
      .split(' ')
      .filter(Boolean)
      .map((word) => [/^[^:=]+/.exec(word)?.[0] ?? '', word]),
  );
  for (const [name, value] of query) {
    if (COMMON_NAMES.includes(name)) continue;
    const spec = specs.get(name);
    if (spec === undefined) {
      throw badRequest(
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. ` +
          `Field '${name}' could not be found in request message.`,
      );
    }
    if (!isQueryValue(value, spec)) throw badRequest(`Invalid value at '${name}', "${value}"`);
  }
}

function isQueryValue(value: string, spec: string): boolean {
  if (spec.endsWith(':b')) return /^(true|false|1|0)$/i.test(value);
  if (spec.endsWith(':i')) return /^-?\d+$/.test(value);
  const set = /=(.+)$/.exec(spec)?.[1];
  return set === undefined || set.split('|').includes(value);
}

/** A boolean of the query, with the vendor's default. */
export function flag(query: URLSearchParams, name: string, whenAbsent = false): boolean {
  const value = query.get(name);
  return value === null ? whenAbsent : /^(true|1)$/i.test(value);
}

/** A page size of the query: the vendor's default, never above its maximum. */
export function pageSize(query: URLSearchParams, whenAbsent: number, maximum: number): number {
  const asked = Number(query.get('maxResults') ?? whenAbsent);
  return asked > 0 ? Math.min(asked, maximum) : whenAbsent;
}
