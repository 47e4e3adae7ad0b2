import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';

/**
 * Reads Microsoft's service metadata of Graph v1.0 (`../shared/contracts/graph/v1.0.csdl`, beside the project) and
 * holds requests and answers against it. Only what the project needs: entity and complex types with their bases,
 * enums, bound functions, sets and singletons.
 */

const FILE = join(import.meta.dirname, '../../../shared/contracts/graph/v1.0.csdl');

interface StructuredType {
  base: string | null;
  properties: Map<string, string>;
  navigations: Map<string, string>;
}

interface BoundOperation {
  name: string;
  binding: string;
  returns: string | null;
}

/** The metadata as maps by qualified name (`microsoft.graph.user`). */
export interface Csdl {
  types: ReadonlyMap<string, StructuredType>;
  enums: ReadonlyMap<string, ReadonlySet<string>>;
  operations: readonly BoundOperation[];
  /** Entity sets as `Collection(…)`, singletons as their type. */
  roots: ReadonlyMap<string, string>;
}

let loaded: Csdl | null | undefined;

/** The metadata, read once per process; null where the file is not there. */
export function loadCsdl(): Csdl | null {
  loaded ??= existsSync(FILE) ? parseCsdl(readFileSync(FILE, 'utf8')) : null;
  return loaded;
}

type Node = Record<string, unknown>;

function parseCsdl(xml: string): Csdl {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', removeNSPrefix: true });
  const document = parser.parse(xml) as { Edmx: { DataServices: { Schema: unknown } } };
  const csdl = {
    types: new Map<string, StructuredType>(),
    enums: new Map<string, ReadonlySet<string>>(),
    operations: [] as BoundOperation[],
    roots: new Map<string, string>(),
  };
  for (const schema of nodes(document.Edmx.DataServices.Schema)) {
    const name = (each: Node) => `${schema['Namespace']}.${each['Name']}`;
    for (const type of [...nodes(schema['EntityType']), ...nodes(schema['ComplexType'])]) {
      csdl.types.set(name(type), structured(type));
    }
    for (const each of nodes(schema['EnumType'])) {
      csdl.enums.set(name(each), new Set(nodes(each['Member']).map((member) => String(member['Name']))));
    }
    for (const each of [...nodes(schema['Function']), ...nodes(schema['Action'])]) {
      const operation = boundOperation(each);
      if (operation) csdl.operations.push(operation);
    }
    for (const container of nodes(schema['EntityContainer'])) {
      for (const set of nodes(container['EntitySet'])) {
        csdl.roots.set(String(set['Name']), `Collection(${qualified(set['EntityType'])})`);
      }
      for (const single of nodes(container['Singleton'])) {
        csdl.roots.set(String(single['Name']), qualified(single['Type']));
      }
    }
  }
  return csdl;
}

function structured(node: Node): StructuredType {
  const byName = (each: Node): [string, string] => [String(each['Name']), qualified(each['Type'])];
  return {
    base: node['BaseType'] === undefined ? null : qualified(node['BaseType']),
    properties: new Map(nodes(node['Property']).map(byName)),
    navigations: new Map(nodes(node['NavigationProperty']).map(byName)),
  };
}

function boundOperation(node: Node): BoundOperation | null {
  const [binding] = nodes(node['Parameter']);
  if (node['IsBound'] !== 'true' || !binding) return null;
  const [returns] = nodes(node['ReturnType']);
  return {
    name: String(node['Name']),
    binding: qualified(binding['Type']),
    returns: returns ? qualified(returns['Type']) : null,
  };
}

function nodes(value: unknown): Node[] {
  if (value === undefined || value === null || value === '') return [];
  return (Array.isArray(value) ? value : [value]) as Node[];
}

/** `graph.` is the schema's alias of `microsoft.graph.`. */
function qualified(type: unknown): string {
  return String(type).replace(/(^|\()graph\./, '$1microsoft.graph.');
}

function elementOf(type: string): string | null {
  return /^Collection\((.*)\)$/.exec(type)?.[1] ?? null;
}

function longName(name: string): string {
  return name.replace(/^#/, '').replace(/^(?!microsoft\.graph\.)(?!Edm\.)(?!Collection)/, 'microsoft.graph.');
}

function baseChain(csdl: Csdl, type: string): string[] {
  const chain: string[] = [];
  for (let name: string | null = type; name !== null; name = csdl.types.get(name)?.base ?? null)
    chain.push(name);
  return chain;
}

function memberType(csdl: Csdl, type: string, name: string): string | null {
  for (const each of baseChain(csdl, type)) {
    const found = csdl.types.get(each);
    const member = found?.properties.get(name) ?? found?.navigations.get(name);
    if (member) return member;
  }
  return null;
}

/** Like `memberType`, also in types derived from this one, which a collection of the base type may hold. */
function memberTypeBelow(csdl: Csdl, type: string, name: string): string | null {
  const own = memberType(csdl, type, name);
  if (own) return own;
  for (const derived of csdl.types.keys()) {
    if (derived === type || !baseChain(csdl, derived).includes(type)) continue;
    const member = memberType(csdl, derived, name);
    if (member) return member;
  }
  return null;
}

/**
 * What of a resource Graph v1.0 does not know: unknown properties (open types are held to what they declare), wrong
 * kinds of values, unknown enum members. `typeName` with or without namespace. Empty where all is well.
 */
export function validateResource(typeName: string, json: unknown): string[] {
  const csdl = loadCsdl();
  if (csdl === null) return [];
  const type = longName(typeName);
  if (!csdl.types.has(type)) return [`no type ${type}`];
  return checkValue(csdl, type, json, typeName);
}

function checkValue(csdl: Csdl, type: string, value: unknown, at: string): string[] {
  if (value === null || value === undefined) return [];
  const element = elementOf(type);
  if (element !== null) {
    if (!Array.isArray(value)) return [`${at}: no list`];
    return value.flatMap((each, index) => checkValue(csdl, element, each, `${at}[${index}]`));
  }
  const members = csdl.enums.get(type);
  if (members) {
    return members.has(String(value)) ? [] : [`${at}: ${JSON.stringify(value)} is no ${type}`];
  }
  if (csdl.types.has(type)) return checkObject(csdl, type, value, at);
  return isPrimitive(type, value) ? [] : [`${at}: ${typeof value} is no ${type}`];
}

function checkObject(csdl: Csdl, declared: string, value: unknown, at: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at}: no object`];
  const named = (value as Node)['@odata.type'];
  const type = typeof named === 'string' ? longName(named) : declared;
  if (!baseChain(csdl, type).includes(declared)) return [`${at}: ${type} is no ${declared}`];
  return Object.entries(value).flatMap(([name, member]) => {
    if (name.includes('@')) return [];
    const memberOf = memberType(csdl, type, name);
    return memberOf ? checkValue(csdl, memberOf, member, `${at}.${name}`) : [`${at}: no property ${name}`];
  });
}

function isPrimitive(type: string, value: unknown): boolean {
  switch (type) {
    case 'Edm.Boolean':
      return typeof value === 'boolean';
    case 'Edm.Byte':
    case 'Edm.Int16':
    case 'Edm.Int32':
    case 'Edm.Int64':
    case 'Edm.Double':
    case 'Edm.Single':
    case 'Edm.Decimal':
      return typeof value === 'number';
    case 'Edm.DateTimeOffset':
      return (
        typeof value === 'string' &&
        /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(value)
      );
    case 'Edm.Date':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);
    default:
      return typeof value === 'string' || type === 'Edm.Untyped';
  }
}

const OPTIONS: ReadonlySet<string> = new Set([
  '$select',
  '$expand',
  '$filter',
  '$orderby',
  '$top',
  '$skip',
  '$count',
  '$search',
  '$skiptoken',
  '$skipToken',
  '$deltatoken',
  'changeType',
  'startDateTime',
  'endDateTime',
  'includeHiddenFolders',
]);

/**
 * What of a request's path and query Graph v1.0 does not know: segments, `$select` and `$expand` properties, query
 * options. `path` begins after the host (`/v1.0/users/…` or `/users/…`). Empty where all is well.
 */
export function validatePath(path: string): string[] {
  const csdl = loadCsdl();
  if (csdl === null) return [];
  const url = new URL(path, 'https://graph.invalid');
  const segments = url.pathname
    .split('/')
    .filter((each) => each !== '' && each !== 'v1.0')
    .map(decodeURIComponent);
  const walked = walk(csdl, segments);
  if (walked.fault !== null) return [walked.fault];
  const type = elementOf(walked.type) ?? walked.type;
  return [...url.searchParams].flatMap(([name, value]) => {
    if (!OPTIONS.has(name)) return [`no query option ${name}`];
    if (name === '$select') return checkSelect(csdl, type, value);
    return name === '$expand' ? checkExpand(csdl, type, value) : [];
  });
}

/**
 * What of an answer Graph v1.0 does not know, judged by the type that its request's path leads to; collections are
 * judged element by element. Empty where all is well, and for answers that are no JSON objects.
 */
export function validateAnswer(path: string, answer: unknown): string[] {
  const csdl = loadCsdl();
  if (csdl === null || typeof answer !== 'object' || answer === null) return [];
  const { pathname } = new URL(path, 'https://graph.invalid');
  const segments = pathname
    .split('/')
    .filter((each) => each !== '' && each !== 'v1.0')
    .map(decodeURIComponent);
  const { type, fault } = walk(csdl, segments);
  if (fault !== null) return [fault];
  const element = elementOf(type);
  if (element === null) return checkValue(csdl, type, answer, type);
  const { value } = answer as { value?: unknown };
  if (!Array.isArray(value)) return checkValue(csdl, element, answer, element);
  return value.flatMap((each, index) => {
    const isRemoval = typeof each === 'object' && each !== null && '@removed' in each;
    return isRemoval ? [] : checkValue(csdl, element, each, `value[${index}]`);
  });
}

function walk(csdl: Csdl, segments: readonly string[]): { type: string; fault: string | null } {
  const [root = '', ...rest] = segments;
  let type = csdl.roots.get(root);
  if (type === undefined) return { type: '', fault: `no root ${root}` };
  for (const segment of rest) {
    const next = step(csdl, type, segment);
    if (next === null) return { type, fault: `${type} has no ${segment}` };
    type = next;
  }
  return { type, fault: null };
}

function step(csdl: Csdl, type: string, segment: string): string | null {
  const bare = segment.replace(/\(.*\)$/, '');
  if (bare === '$value' || bare === '$count' || bare === '$ref') return 'Edm.Stream';
  const operation = csdl.operations.find(
    (each) => each.name === bare.replace(/^.*\./, '') && isBoundTo(csdl, each.binding, type),
  );
  const element = elementOf(type);
  if (element === null) return memberType(csdl, type, bare) ?? operation?.returns ?? null;
  if (csdl.types.has(bare)) return `Collection(${bare})`;
  return operation?.returns ?? element;
}

function isBoundTo(csdl: Csdl, binding: string, type: string): boolean {
  const [boundElement, element] = [elementOf(binding), elementOf(type)];
  if ((boundElement === null) !== (element === null)) return false;
  return baseChain(csdl, element ?? type).includes(boundElement ?? binding);
}

function checkSelect(csdl: Csdl, type: string, value: string): string[] {
  return value.split(',').flatMap((name) => {
    return memberTypeBelow(csdl, type, name.trim()) ? [] : [`$select: ${type} has no ${name.trim()}`];
  });
}

function checkExpand(csdl: Csdl, type: string, value: string): string[] {
  return splitOutside(value, ',').flatMap((item) => {
    const [, name = '', inner = ''] = /^([^(]+)(?:\((.*)\))?$/.exec(item.trim()) ?? [];
    const member = memberTypeBelow(csdl, type, name);
    if (member === null) return [`$expand: ${type} has no ${name}`];
    return splitOutside(inner, ';').flatMap((option) => {
      const [key, ...words] = option.split('=');
      if (key === '$select') return checkSelect(csdl, elementOf(member) ?? member, words.join('='));
      return key === '' || OPTIONS.has(key ?? '') || key === '$levels' ? [] : [`$expand: no option ${key}`];
    });
  });
}

/** Splits at separators that lie outside of brackets. */
function splitOutside(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (character === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}
