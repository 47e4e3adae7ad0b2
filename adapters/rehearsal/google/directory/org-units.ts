import { type ApiRoute, type Call, demandAdmin, noContent, ok, scopes } from '../api.ts';
import { compact, type Json, textOf } from '../json.ts';
import { alreadyExists, invalidInput, refuse } from '../refusal.ts';
import { type Directory, digits, etagOf, isOwnCustomer, type OrgUnit } from './directory.ts';
import { ORG_UNIT } from './schemas.ts';

const BASE = '/admin/directory/v1/customer/{customerId}/orgunits';
const READ = scopes('admin.directory.orgunit admin.directory.orgunit.readonly');
const WRITE = scopes('admin.directory.orgunit');

/** Directory v1 `orgunits`: list, get, insert, patch, update, delete. */
export const ORG_UNIT_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.orgunits.list',
    method: 'GET',
    path: BASE,
    scopes: READ,
    query: 'orgUnitPath type=all|children|allIncludingParent',
    handle: listOrgUnits,
  },
  {
    name: 'directory.orgunits.insert',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    body: ORG_UNIT,
    writes: true,
    handle: insertOrgUnit,
  },
  {
    name: 'directory.orgunits.get',
    method: 'GET',
    path: `${BASE}/{orgUnitPath}`,
    scopes: READ,
    handle: (call) => ok(describeOrgUnit(call.tenant.directory, demandOrgUnit(call))),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'directory.orgunits.patch' : 'directory.orgunits.update',
      method,
      path: `${BASE}/{orgUnitPath}`,
      scopes: WRITE,
      body: ORG_UNIT,
      writes: true,
      handle: changeOrgUnit,
    }),
  ),
  {
    name: 'directory.orgunits.delete',
    method: 'DELETE',
    path: `${BASE}/{orgUnitPath}`,
    scopes: WRITE,
    writes: true,
    handle: deleteOrgUnit,
  },
];

function demandCustomer(call: Call): void {
  demandAdmin(call);
  if (!isOwnCustomer(call.tenant.directory, call.params['customerId'] ?? '')) throw badCustomer();
}

function badCustomer() {
  return refuse(400, 'invalid', 'Bad Request');
}

/** A unit by path (without its leading slash in the URL) or `id:…`. */
function demandOrgUnit(call: Call): OrgUnit {
  demandCustomer(call);
  const unit = findOrgUnit(call.tenant.directory, call.params['orgUnitPath'] ?? '');
  if (!unit) throw refuse(404, 'notFound', 'Org unit not found');
  return unit;
}

function findOrgUnit(directory: Directory, key: string): OrgUnit | undefined {
  if (key.startsWith('id:')) return [...directory.orgUnits.values()].find((unit) => unit.id === key);
  return directory.orgUnits.get(key.startsWith('/') ? key : `/${key}`);
}

function listOrgUnits(call: Call) {
  demandCustomer(call);
  const { directory } = call.tenant;
  const below = findOrgUnit(directory, call.query.get('orgUnitPath') || '/');
  if (!below) throw refuse(404, 'notFound', 'Org unit not found');
  const type = call.query.get('type') ?? 'children';
  const prefix = below.path === '/' ? '/' : `${below.path}/`;
  const units = [...directory.orgUnits.values()]
    .filter((unit) => unit.path.startsWith(prefix) && unit.path !== '/' && unit !== below)
    .filter((unit) => type !== 'children' || parentOf(unit.path) === below.path);
  const listed = type === 'allIncludingParent' ? [below, ...units] : units;
  return ok(
    compact({
      kind: 'admin#directory#orgUnits',
      etag: etagOf(directory),
      organizationUnits:
        listed.length > 0 ? listed.map((unit) => describeOrgUnit(directory, unit)) : undefined,
    }),
  );
}

function insertOrgUnit(call: Call) {
  demandCustomer(call);
  const { directory, random } = call.tenant;
  const name = textOf(call.body['name']);
  if (name === '' || name.includes('/')) throw invalidInput('INVALID_OU_NAME');
  const parentKey = textOf(call.body['parentOrgUnitId']) || textOf(call.body['parentOrgUnitPath']);
  if (parentKey === '') throw invalidInput('INVALID_PARENT_ORGUNIT');
  const parent = findOrgUnit(directory, parentKey);
  if (!parent) throw invalidInput('INVALID_OU_ID');
  const path = parent.path === '/' ? `/${name}` : `${parent.path}/${name}`;
  if (directory.orgUnits.has(path)) throw alreadyExists();
  const unit: OrgUnit = {
    id: `id:${digits(random, 12)}`,
    path,
    description: textOf(call.body['description']),
    blockInheritance: call.body['blockInheritance'] === true,
  };
  directory.orgUnits.set(path, unit);
  return ok(describeOrgUnit(directory, unit));
}

/** Description alone can change here; a new name or parent would move every user below. */
function changeOrgUnit(call: Call) {
  const unit = demandOrgUnit(call);
  const name = call.body['name'];
  if (name !== undefined && name !== unit.path.split('/').at(-1)) throw invalidInput('INVALID_OU_NAME');
  if (call.body['description'] !== undefined) unit.description = textOf(call.body['description']);
  return ok(describeOrgUnit(call.tenant.directory, unit));
}

function deleteOrgUnit(call: Call) {
  const unit = demandOrgUnit(call);
  const { directory } = call.tenant;
  const isUsed =
    [...directory.orgUnits.keys()].some((path) => parentOf(path) === unit.path && path !== unit.path) ||
    [...directory.users.values()].some((user) => !user.deleted && user.resource['orgUnitPath'] === unit.path);
  if (unit.path === '/' || isUsed) throw refuse(412, 'conditionNotMet', 'Org unit is not empty.');
  directory.orgUnits.delete(unit.path);
  return noContent();
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function describeOrgUnit(directory: Directory, unit: OrgUnit): Json {
  const isRoot = unit.path === '/';
  return compact({
    kind: 'admin#directory#orgUnit',
    etag: `"${unit.id}"`,
    name: isRoot ? directory.settings.adminDomain : unit.path.split('/').at(-1),
    description: unit.description,
    orgUnitPath: unit.path,
    orgUnitId: unit.id,
    parentOrgUnitPath: isRoot ? undefined : parentOf(unit.path),
    parentOrgUnitId: isRoot ? undefined : directory.orgUnits.get(parentOf(unit.path))?.id,
  });
}
