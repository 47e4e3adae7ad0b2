import type { Resource } from '../estate/types.ts';
import { type Filter, parseFilter } from './filter.ts';
import type { ResourceType } from './properties.ts';
import { badRequest } from './refusal.ts';

/** One `$expand` item with its nested options (`$select`, `$filter` …). */
export interface Expansion {
  name: string;
  options: Readonly<Record<string, string>>;
}

export interface Ordering {
  property: string;
  isDescending: boolean;
}

/** The query of a request as OData means it. */
export interface Query {
  /** Canonical property names in the order of the request; null without `$select`. */
  select: readonly string[] | null;
  expand: readonly Expansion[];
  filter: Filter | null;
  orderBy: readonly Ordering[];
  top: number | null;
  skip: number;
  wantsCount: boolean;
  skipToken: string | null;
  deltaToken: string | null;
  /** Options without `$`, e.g. `startDateTime`; names in lower case. */
  custom: Readonly<Record<string, string>>;
}

/** What a route accepts besides the options that every route has. */
export interface QueryRules {
  type: ResourceType;
  /** `$`-options beyond `$select` and `$expand`, e.g. `$top`. */
  options: readonly string[];
  /** Options without `$`. */
  custom?: readonly string[];
}

const SYSTEM = new Set(
  'select expand filter orderby top skip count search skiptoken deltatoken format'
    .split(' ')
    .map((name) => `$${name}`),
);

/**
 * Reads a query as Graph does: the `$` of a system option may be left out; unknown options and properties are
 * refused with 400. Source: Graph, query-parameters page.
 */
export function readQuery(search: URLSearchParams, rules: QueryRules): Query {
  const options = new Map<string, string>();
  const custom: Record<string, string> = {};
  for (const [name, value] of search) {
    const folded = name.toLowerCase();
    const system = folded.startsWith('$') ? folded : `$${folded}`;
    if (SYSTEM.has(system)) options.set(system, value);
    else if (rules.custom?.some((known) => known.toLowerCase() === folded)) custom[folded] = value;
    else throw badRequest(`Unrecognized query argument specified: '${name}'.`);
  }
  for (const name of options.keys()) {
    if (name === '$select' || name === '$expand' || name === '$format' || rules.options.includes(name))
      continue;
    throw badRequest(`The query option '${name}' is not supported by the service.`);
  }
  const filter = options.get('$filter');
  return {
    select: readSelect(options.get('$select'), rules.type),
    expand: readExpand(options.get('$expand'), rules.type),
    filter: filter === undefined ? null : parseFilter(filter),
    orderBy: readOrder(options.get('$orderby'), rules.type),
    top: readNumber('$top', options.get('$top')),
    skip: readNumber('$skip', options.get('$skip')) ?? 0,
    wantsCount: options.get('$count') === 'true',
    skipToken: options.get('$skiptoken') ?? null,
    deltaToken: options.get('$deltatoken') ?? null,
    custom,
  };
}

/** The canonical names of a `$select` list; a 400 for a name that the type does not have. */
export function readSelect(list: string | undefined, type: ResourceType): string[] | null {
  if (list === undefined || list.trim() === '' || list.trim() === '*') return null;
  return list.split(',').map((item) => propertyOf(item.trim(), type));
}

/** A resource cut to the selected properties (or the type's defaults), absent ones as null or `[]`. */
export function shape(resource: Resource, type: ResourceType, select: readonly string[] | null): Resource {
  const shaped: Resource = {};
  for (const name of select ?? type.defaults) {
    const property = type.properties.get(name.toLowerCase());
    // Navigation properties may be selected too, but come only by `$expand`.
    if (property) shaped[name] = resource[name] ?? (property.isCollection ? [] : null);
  }
  if (select && !select.includes('id') && 'id' in resource) shaped['id'] = resource['id'];
  return shaped;
}

function propertyOf(name: string, type: ResourceType): string {
  const [first = ''] = name.split('/');
  const known = type.properties.get(first.toLowerCase());
  if (known) return known.name;
  if (type.expandable.includes(first)) return first;
  throw badRequest(
    `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${type.name}'.`,
  );
}

function readExpand(text: string | undefined, type: ResourceType): Expansion[] {
  if (text === undefined || text.trim() === '') return [];
  return splitOutside(text, ',').map((item) => {
    const open = item.indexOf('(');
    const name = (open < 0 ? item : item.slice(0, open)).trim();
    if (!type.expandable.includes(name)) {
      throw badRequest(
        `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${type.name}'.`,
      );
    }
    return { name, options: open < 0 ? {} : readNested(item.slice(open + 1, item.lastIndexOf(')'))) };
  });
}

function readNested(text: string): Record<string, string> {
  const pairs = splitOutside(text, ';').map((option) => {
    const equals = option.indexOf('=');
    return [option.slice(0, equals).trim().toLowerCase(), option.slice(equals + 1).trim()] as const;
  });
  return Object.fromEntries(pairs);
}

/** Splits at a character outside parentheses and quotes. */
function splitOutside(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === "'") isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (letter === '(') depth++;
    else if (letter === ')') depth--;
    else if (letter === separator && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function readOrder(text: string | undefined, type: ResourceType): Ordering[] {
  if (text === undefined) return [];
  return text.split(',').map((item) => {
    const [path = '', direction = 'asc'] = item.trim().split(/\s+/);
    const [first = '', ...rest] = path.split('/');
    return {
      property: [propertyOf(first, type), ...rest].join('/'),
      isDescending: direction.toLowerCase() === 'desc',
    };
  });
}

function readNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  if (!/^\d+$/.test(text))
    throw badRequest(`Invalid value '${text}' for $${name.slice(1)} query option found.`);
  return Number(text);
}
