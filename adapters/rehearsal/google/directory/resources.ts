import { createHash } from 'node:crypto';
import { type ApiRoute, type Call, demandAdmin, noContent, ok, pageOf, scopes } from '../api.ts';
import { addResourceCalendar } from '../calendar/state.ts';
import { childOf, compact, type Json, objectsOf, textOf, textsOf } from '../json.ts';
import { alreadyExists, invalidInput, refuse } from '../refusal.ts';
import { pageSize, type Shape } from '../shapes.ts';
import { claim, type Directory, etagOf, isOwnCustomer } from './directory.ts';
import { BUILDING, CALENDAR_RESOURCE, FEATURE } from './schemas.ts';

const READ = scopes('admin.directory.resource.calendar admin.directory.resource.calendar.readonly');
const WRITE = scopes('admin.directory.resource.calendar');

/** One kind of room resource: how it is stored, checked and listed. */
interface Kind {
  name: 'buildings' | 'features' | 'calendars';
  parameter: string;
  keyField: string;
  body: Shape;
  kind: string;
  listKind: string;
  listField: string;
  listQuery: string;
  writeQuery: string;
  store(directory: Directory): Map<string, Json>;
  check(directory: Directory, resource: Json): void;
  complete(call: Call, resource: Json): Json;
}

const KINDS: readonly Kind[] = [
  {
    name: 'buildings',
    parameter: 'buildingId',
    keyField: 'buildingId',
    body: BUILDING,
    kind: 'admin#directory#resources#buildings#Building',
    listKind: 'admin#directory#resources#buildings#buildingsList',
    listField: 'buildings',
    listQuery: 'maxResults:i pageToken',
    writeQuery: 'coordinatesSource=CLIENT_SPECIFIED|RESOLVED_FROM_ADDRESS|SOURCE_UNSPECIFIED',
    store: (directory) => directory.buildings,
    check: checkBuilding,
    complete: (_call, resource) => resource,
  },
  {
    name: 'features',
    parameter: 'featureKey',
    keyField: 'name',
    body: FEATURE,
    kind: 'admin#directory#resources#features#Feature',
    listKind: 'admin#directory#resources#features#featuresList',
    listField: 'features',
    listQuery: 'maxResults:i pageToken',
    writeQuery: '',
    store: (directory) => directory.features,
    check: () => undefined,
    complete: (_call, resource) => resource,
  },
  {
    name: 'calendars',
    parameter: 'calendarResourceId',
    keyField: 'resourceId',
    body: CALENDAR_RESOURCE,
    kind: 'admin#directory#resources#calendars#CalendarResource',
    listKind: 'admin#directory#resources#calendars#calendarResourcesList',
    listField: 'items',
    listQuery: 'maxResults:i orderBy pageToken query',
    writeQuery: '',
    store: (directory) => directory.rooms,
    check: checkRoom,
    complete: completeRoom,
  },
];

/** Directory v1 `resources.buildings`, `resources.features`, `resources.calendars`. */
export const RESOURCE_ROUTES: readonly ApiRoute[] = KINDS.flatMap((kind) => routesOf(kind));

function routesOf(kind: Kind): ApiRoute[] {
  const path = `/admin/directory/v1/customer/{customer}/resources/${kind.name}`;
  const one = `${path}/{${kind.parameter}}`;
  const name = `directory.resources.${kind.name}`;
  const write = { scopes: WRITE, writes: true };
  const change = { ...write, path: one, body: kind.body, query: kind.writeQuery };
  return [
    {
      name: `${name}.list`,
      method: 'GET',
      path,
      scopes: READ,
      query: kind.listQuery,
      handle: (call) => list(call, kind),
    },
    { ...change, name: `${name}.insert`, method: 'POST', path, handle: (call) => insert(call, kind) },
    {
      name: `${name}.get`,
      method: 'GET',
      path: one,
      scopes: READ,
      handle: (call) => ok(demand(call, kind)),
    },
    { ...change, name: `${name}.patch`, method: 'PATCH', handle: (call) => replace(call, kind) },
    { ...change, name: `${name}.update`, method: 'PUT', handle: (call) => replace(call, kind) },
    {
      ...write,
      name: `${name}.delete`,
      method: 'DELETE',
      path: one,
      handle: (call) => {
        kind.store(call.tenant.directory).delete(textOf(demand(call, kind)[kind.keyField]));
        return noContent();
      },
    },
  ];
}

function demandCustomer(call: Call): void {
  demandAdmin(call);
  if (!isOwnCustomer(call.tenant.directory, call.params['customer'] ?? '')) {
    throw refuse(400, 'badRequest', 'Bad Request');
  }
}

function demand(call: Call, kind: Kind): Json {
  demandCustomer(call);
  const found = kind.store(call.tenant.directory).get(call.params[kind.parameter] ?? '');
  if (!found) throw refuse(404, 'notFound', `Resource Not Found: ${kind.parameter}`);
  return found;
}

function list(call: Call, kind: Kind) {
  demandCustomer(call);
  const { directory } = call.tenant;
  const page = pageOf([...kind.store(directory).values()], call.query, pageSize(call.query, 100, 500));
  return ok(
    compact({
      kind: kind.listKind,
      etag: etagOf(directory),
      [kind.listField]: page.items.length > 0 ? page.items : undefined,
      nextPageToken: page.next,
    }),
  );
}

function insert(call: Call, kind: Kind) {
  demandCustomer(call);
  const { directory } = call.tenant;
  const key = textOf(call.body[kind.keyField]);
  if (key === '' || key.length > 100) throw invalidInput(kind.keyField);
  if (kind.store(directory).has(key)) throw alreadyExists();
  kind.check(directory, call.body);
  const added = kind.complete(call, { ...call.body, kind: kind.kind, etags: etagOf(directory) });
  kind.store(directory).set(key, added);
  return ok(added);
}

function replace(call: Call, kind: Kind) {
  const before = demand(call, kind);
  const { directory } = call.tenant;
  const key = before[kind.keyField];
  const fixed = compact({ [kind.keyField]: key, kind: kind.kind, resourceEmail: before['resourceEmail'] });
  const after = { ...before, ...call.body, ...fixed, etags: etagOf(directory) };
  kind.check(directory, after);
  kind.store(directory).set(textOf(key), after);
  return ok(after);
}

/** A building needs a name and at least one floor; ids and names have at most 100 characters. */
function checkBuilding(_directory: Directory, resource: Json): void {
  const name = textOf(resource['buildingName']);
  if (name === '' || name.length > 100) throw invalidInput('buildingName');
  if (textsOf(resource['floorNames']).length === 0) throw invalidInput('floorNames');
}

function checkRoom(directory: Directory, resource: Json): void {
  if (textOf(resource['resourceName']) === '') throw invalidInput('resourceName');
  const category = resource['resourceCategory'];
  if (
    category !== undefined &&
    !['CONFERENCE_ROOM', 'OTHER', 'CATEGORY_UNKNOWN'].includes(textOf(category))
  ) {
    throw invalidInput('resourceCategory');
  }
  const buildingId = resource['buildingId'];
  if (buildingId !== undefined)
    checkFloor(directory.buildings.get(textOf(buildingId)), resource['floorName']);
  const features = objectsOf(resource['featureInstances']).map((one) =>
    textOf(childOf(one['feature'])['name']),
  );
  if (features.some((name) => !directory.features.has(name))) throw invalidInput('featureInstances');
}

function checkFloor(building: Json | undefined, floorName: unknown): void {
  if (!building) throw invalidInput('buildingId');
  if (floorName !== undefined && !textsOf(building['floorNames']).includes(textOf(floorName))) {
    throw invalidInput('floorName');
  }
}

/** The address of a room's calendar is generated; the one it had elsewhere cannot be kept. */
function completeRoom(call: Call, resource: Json): Json {
  const { directory, calendars, settings } = call.tenant;
  const id = textOf(resource['resourceId']);
  const local = createHash('sha256').update(`${settings.seed}/${id}`).digest('hex').slice(0, 32);
  const resourceEmail = `c_${local}@resource.calendar.google.com`;
  claim(directory, resourceEmail, { kind: 'resource', id });
  addResourceCalendar(calendars, resourceEmail, textOf(resource['resourceName']), settings.timeZone);
  return {
    resourceCategory: 'CATEGORY_UNKNOWN',
    ...resource,
    resourceEmail,
    generatedResourceName: textOf(resource['resourceName']),
  };
}
