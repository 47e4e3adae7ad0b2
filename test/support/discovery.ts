import { existsSync, readFileSync } from 'node:fs';

export type DiscoveryName =
  | 'admin.directory_v1'
  | 'calendar.v3'
  | 'gmail.v1'
  | 'groupssettings.v1'
  | 'licensing.v1'
  | 'people.v1'
  | 'groupsmigration.v1';

/** A request as it was sent; `path` begins with `/` and holds no query. `body` is the parsed JSON, if there was any. */
export interface DiscoveryRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  body?: unknown;
}

/** A vendor's own description, as a judge of requests and answers: each fault is one sentence. */
export interface Discovery {
  /** Id of the method that a request means, null when there is none, e.g. `gmail.users.messages.import`. */
  methodOf(request: Pick<DiscoveryRequest, 'method' | 'path'>): string | null;
  validateRequest(request: DiscoveryRequest): string[];
  validateResponse(methodId: string, answer: unknown): string[];
}

interface Schema {
  id?: string;
  type?: string;
  $ref?: string;
  enum?: string[];
  readOnly?: boolean;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
}

interface Parameter extends Schema {
  location?: string;
  required?: boolean;
  repeated?: boolean;
}

interface Method {
  id: string;
  httpMethod: string;
  path: string;
  parameters?: Record<string, Parameter>;
  request?: { $ref: string };
  response?: { $ref: string };
  mediaUpload?: { protocols: Record<string, { path: string }> };
}

interface Resource {
  methods?: Record<string, Method>;
  resources?: Record<string, Resource>;
}

interface Document extends Resource {
  servicePath: string;
  parameters: Record<string, Parameter>;
  schemas: Record<string, Schema>;
}

const FOLDER = new URL('../../../shared/contracts/google/', import.meta.url);

/** Reads a discovery document from `../shared/contracts/google`; null where that folder is absent: skip the test. */
export function loadDiscovery(name: DiscoveryName): Discovery | null {
  const file = new URL(`${name}.json`, FOLDER);
  if (!existsSync(file)) return null;
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  const routes = routesOf(document);
  const find = ({ method, path }: Pick<DiscoveryRequest, 'method' | 'path'>) =>
    routes.find((route) => route.verb === method && route.pattern.test(path));
  return {
    methodOf: (request) => find(request)?.method.id ?? null,
    validateRequest: (request) => {
      const route = find(request);
      if (!route) return [`no method answers ${request.method} ${request.path}`];
      return [
        ...queryFaults(document, route, request.query),
        ...bodyFaults(document, route.method.request, request.body),
      ];
    },
    validateResponse: (methodId, answer) => {
      const method = routes.find((route) => route.method.id === methodId)?.method;
      if (!method) return [`there is no method ${methodId}`];
      if (!method.response) return answer === '' || answer == null ? [] : ['the method answers with nothing'];
      return schemaFaults(document, { $ref: method.response.$ref }, answer, 'answer', false);
    },
  };
}

interface Route {
  verb: string;
  pattern: RegExp;
  method: Method;
  isUpload: boolean;
  order: number;
}

function routesOf(document: Document): Route[] {
  const routes = methodsOf(document).flatMap((method) => {
    const plain = `/${document.servicePath}${method.path}`;
    const uploads = Object.values(method.mediaUpload?.protocols ?? {}).map(({ path }) => path);
    return [plain, ...uploads].map((path, at) => ({
      verb: method.httpMethod,
      pattern: patternOf(path),
      method,
      isUpload: at > 0,
      // `{+name}` takes any number of segments, so such routes come after all others, the longest of them first.
      order: (path.includes('{+') ? 1_000 : 0) - path.replace(/\{[^}]*\}/g, '').length,
    }));
  });
  return routes.sort((one, other) => one.order - other.order);
}

function methodsOf({ methods = {}, resources = {} }: Resource): Method[] {
  return [...Object.values(methods), ...Object.values(resources).flatMap(methodsOf)];
}

function patternOf(path: string): RegExp {
  const source = path
    .split(/(\{\+?\w+\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      return part.startsWith('{+') ? '.+' : '[^/]+';
    })
    .join('');
  return new RegExp(`^${source}$`);
}

function queryFaults(document: Document, { method, isUpload }: Route, query: URLSearchParams): string[] {
  const known: Record<string, Parameter> = { ...document.parameters, ...method.parameters };
  const faults = Object.entries(method.parameters ?? {})
    .filter(([name, { required, location }]) => required && location === 'query' && !query.has(name))
    .map(([name]) => `${method.id}: the query lacks ${name}`);
  for (const [name, value] of query) {
    const parameter = known[name];
    const isUploadType = isUpload && (name === 'uploadType' || name === 'upload_id');
    if (!parameter && !isUploadType) faults.push(`${method.id}: unknown query name ${name}`);
    else if (parameter && !isText(parameter, value)) faults.push(`${method.id}: ${name} cannot be ${value}`);
    if (!parameter?.repeated && query.getAll(name).length > 1) faults.push(`${method.id}: ${name} twice`);
  }
  return faults;
}

function isText({ type, enum: allowed }: Parameter, value: string): boolean {
  if (allowed) return allowed.includes(value);
  if (type === 'boolean') return value === 'true' || value === 'false';
  return type === 'integer' ? /^-?\d+$/.test(value) : true;
}

function bodyFaults(document: Document, request: Method['request'], body: unknown): string[] {
  if (body === undefined || body === null) return [];
  if (!request) return ['the method takes no body'];
  return schemaFaults(document, { $ref: request.$ref }, body, request.$ref, true);
}

/** Null clears a field in a request and is tolerated in an answer, so it fits every type. */
function schemaFaults(
  document: Document,
  given: Schema,
  value: unknown,
  at: string,
  isRequest: boolean,
): string[] {
  const schema = given.$ref ? document.schemas[given.$ref] : given;
  if (!schema) return [`${at}: no schema ${given.$ref}`];
  if (value === null || value === undefined || schema.type === 'any') return [];
  if (isRequest && given.readOnly) return [`${at} is read-only`];
  if (schema.type === 'array') {
    if (!Array.isArray(value)) return [`${at} is no list`];
    const items = schema.items ?? { type: 'any' };
    return value.flatMap((item, index) => schemaFaults(document, items, item, `${at}[${index}]`, isRequest));
  }
  if (schema.type === 'object' || schema.properties) {
    return objectFaults(document, schema, value, at, isRequest);
  }
  return isScalar(schema, value) ? [] : [`${at} cannot be ${JSON.stringify(value)}`];
}

function objectFaults(
  document: Document,
  schema: Schema,
  value: unknown,
  at: string,
  isRequest: boolean,
): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${at} is no object`];
  return Object.entries(value).flatMap(([name, field]) => {
    const property = schema.properties?.[name] ?? schema.additionalProperties;
    if (property) return schemaFaults(document, property, field, `${at}.${name}`, isRequest);
    return [`${at}.${name} is unknown`];
  });
}

function isScalar({ type, enum: allowed }: Schema, value: unknown): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return typeof value === 'number';
  if (type === 'string') return typeof value === 'string' && (!allowed || allowed.includes(value));
  return false;
}
