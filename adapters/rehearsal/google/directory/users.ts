import { type ApiRoute, type Call, demandAdmin, noContent, ok, pageOf, scopes } from '../api.ts';
import { addPrimaryCalendar } from '../calendar/state.ts';
import { childOf, compact, type Json, textOf } from '../json.ts';
import { badRequest, refuse, resourceNotFound } from '../refusal.ts';
import { pageSize } from '../shapes.ts';
import {
  addressOf,
  addUser,
  claim,
  type Directory,
  type DirectoryUser,
  etagOf,
  findUser,
  isOwnCustomer,
  mirroredOf,
} from './directory.ts';
import { USER } from './schemas.ts';
import { checkAddress, checkUserFields } from './user-fields.ts';
import { matchesQuery } from './user-query.ts';

const BASE = '/admin/directory/v1/users';
const READ = scopes('admin.directory.user admin.directory.user.readonly');
const WRITE = scopes('admin.directory.user');

/** Members of a body that an administrator cannot set. */
const READ_ONLY = [
  ...['agreedToTerms', 'aliases', 'creationTime', 'customerId', 'deletionTime', 'etag', 'id', 'isAdmin'],
  ...['isDelegatedAdmin', 'isEnforcedIn2Sv', 'isEnrolledIn2Sv', 'isMailboxSetup', 'kind', 'lastLoginTime'],
  ...['nonEditableAliases', 'suspensionReason', 'suspensionTime', 'thumbnailPhotoEtag', 'thumbnailPhotoUrl'],
  ...['archivalTime', 'password', 'hashFunction'],
];

/** Directory v1 `users`: insert, get, list, patch, update, delete. */
export const USER_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.users.list',
    method: 'GET',
    path: BASE,
    scopes: [...READ, ...scopes('cloud-platform')],
    query:
      'customFieldMask customer domain event=add|delete|makeAdmin|undelete|update maxResults:i ' +
      'orderBy=email|familyName|givenName pageToken projection=basic|custom|full query showDeleted ' +
      'sortOrder=ASCENDING|DESCENDING viewType=admin_view|domain_public',
    handle: listUsers,
  },
  {
    name: 'directory.users.insert',
    method: 'POST',
    path: BASE,
    scopes: WRITE,
    query: 'resolveConflictAccount:b',
    body: USER,
    writes: true,
    handle: insertUser,
  },
  {
    name: 'directory.users.get',
    method: 'GET',
    path: `${BASE}/{userKey}`,
    scopes: READ,
    query: 'customFieldMask projection=basic|custom|full viewType=admin_view|domain_public',
    handle: (call) => ok(describeUser(call.tenant.directory, demandUser(call), call.query)),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'directory.users.patch' : 'directory.users.update',
      method,
      path: `${BASE}/{userKey}`,
      scopes: WRITE,
      body: USER,
      writes: true,
      handle: changeUser,
    }),
  ),
  {
    name: 'directory.users.delete',
    method: 'DELETE',
    path: `${BASE}/{userKey}`,
    scopes: WRITE,
    writes: true,
    handle: (call) => {
      removeUser(demandUser(call));
      return noContent();
    },
  },
];

/** The user that `userKey` names (id, address or alias), for an administrator; 404 for none. */
export function demandUser(call: Call): DirectoryUser {
  demandAdmin(call);
  const user = findUser(call.tenant.directory, call.params['userKey'] ?? '');
  if (!user) throw resourceNotFound('userKey');
  return user;
}

/** Throws what Google answers now and then while a new user is still being made. */
export function demandCreationComplete(call: Call, user: DirectoryUser): void {
  const { clock, settings, random } = call.tenant.directory;
  const isFresh = clock.ticks() < user.createdAt + settings.delays.creationMs;
  if (isFresh && random.chance(0.5)) throw refuse(412, 'conditionNotMet', 'User creation is not complete.');
}

/** Marks a user deleted; its addresses stay taken for the 20 days in which it can be restored. */
export function removeUser(user: DirectoryUser): void {
  user.deleted = true;
}

function insertUser(call: Call) {
  demandAdmin(call);
  const { directory, clock, random, settings } = call.tenant;
  const name = childOf(call.body['name']);
  checkAddress(directory, textOf(call.body['primaryEmail']), 'primary_user_email');
  if (!name['givenName']) throw refuse(400, 'invalid', 'Invalid Given/Family Name: GivenName');
  if (!name['familyName']) throw refuse(400, 'invalid', 'Invalid Given/Family Name: FamilyName');
  if (!call.body['password']) throw refuse(400, 'invalid', 'Invalid Password');
  checkUserFields(directory, call.body);
  const now = clock.ticks();
  const mailboxAt = now + settings.delays.mailboxMs * (1 + random.next());
  const user = addUser(directory, {
    resource: mergeUser({ orgUnitPath: '/', isAdmin: false }, call.body),
    createdAt: now,
    mailboxAt,
    mailServiceAt: mailboxAt + settings.delays.mailServiceMs,
  });
  addPrimaryCalendar(call.tenant.calendars, user.id, settings.timeZone);
  return ok(describeUser(directory, user, new URLSearchParams('projection=full')));
}

/** `users.update` has patch semantics; lists are replaced as a whole. */
function changeUser(call: Call) {
  const user = demandUser(call);
  const { directory } = call.tenant;
  demandCreationComplete(call, user);
  const next = call.body['primaryEmail'];
  if (typeof next === 'string' && next.toLowerCase() !== addressOf(user)) renameUser(directory, user, next);
  checkUserFields(directory, call.body);
  user.resource = { ...mergeUser(user.resource, call.body), etag: etagOf(directory) };
  return ok(describeUser(directory, user, new URLSearchParams('projection=full')));
}

/** The old primary address becomes an alias. */
function renameUser(directory: Directory, user: DirectoryUser, next: string): void {
  checkAddress(directory, next, 'primary_user_email');
  const old = addressOf(user);
  const held = directory.addresses.get(next.toLowerCase());
  if (held?.kind === 'user-alias' && held.id === user.id) directory.addresses.delete(next.toLowerCase());
  claim(directory, next, { kind: 'user', id: user.id });
  directory.addresses.set(old, { kind: 'user-alias', id: user.id, until: 0 });
  user.aliases = [...user.aliases.filter((alias) => alias !== next.toLowerCase()), old];
}

function mergeUser(before: Json, body: Json): Json {
  const after = { ...before };
  for (const [name, value] of Object.entries(body)) {
    if (READ_ONLY.includes(name)) continue;
    if (value === null) delete after[name];
    else if (name === 'name' || name === 'customSchemas')
      after[name] = { ...childOf(before[name]), ...childOf(value) };
    else if (name === 'primaryEmail') after[name] = textOf(value).toLowerCase();
    else after[name] = value;
  }
  return after;
}

/** Schema `User` as an administrator reads it. */
export function describeUser(directory: Directory, user: DirectoryUser, query: URLSearchParams): Json {
  const primary = addressOf(user);
  const name = childOf(user.resource['name']);
  const fullName = `${textOf(name['givenName'])} ${textOf(name['familyName'])}`;
  const { customSchemas, emails, ...rest } = user.resource;
  const given = Array.isArray(emails) ? emails : [];
  const mirrored = mirroredOf(directory, [primary, ...user.aliases]);
  return compact({
    kind: 'admin#directory#user',
    etag: `"${user.id}"`,
    suspended: false,
    archived: false,
    includeInGlobalAddressList: true,
    changePasswordAtNextLogin: false,
    agreedToTerms: false,
    isDelegatedAdmin: false,
    ipWhitelisted: false,
    isEnrolledIn2Sv: false,
    isEnforcedIn2Sv: false,
    lastLoginTime: '1970-01-01T00:00:00.000Z',
    ...rest,
    name: { ...name, fullName },
    emails: [
      { address: primary, primary: true },
      ...user.aliases.map((address) => ({ address })),
      ...given.filter((one) => childOf(one)['primary'] !== true),
    ],
    aliases: user.aliases.length > 0 ? user.aliases : undefined,
    nonEditableAliases: mirrored.length > 0 ? mirrored : undefined,
    customerId: directory.settings.customer,
    isMailboxSetup: directory.clock.ticks() >= user.mailboxAt,
    customSchemas: query.get('projection') === 'full' ? customSchemas : undefined,
  });
}

/** The list lags behind get: a new user shows only after a while. */
function listUsers(call: Call) {
  demandAdmin(call);
  const { directory, clock, settings } = call.tenant;
  const customer = call.query.get('customer');
  const domain = call.query.get('domain')?.toLowerCase();
  if (customer === null && domain === undefined) throw badRequest('Bad Request');
  if (customer !== null && !isOwnCustomer(directory, customer)) throw badRequest('Bad Request');
  const wantsDeleted = call.query.get('showDeleted') === 'true';
  const text = call.query.get('query') ?? '';
  const found = [...directory.users.values()]
    .filter((user) => user.deleted === wantsDeleted)
    .filter((user) => clock.ticks() >= user.createdAt + settings.delays.listMs)
    .filter((user) => domain === undefined || addressOf(user).endsWith(`@${domain}`))
    .filter((user) => matchesQuery(describeUser(directory, user, call.query), text))
    .sort((one, other) => (addressOf(one) < addressOf(other) ? -1 : 1));
  if (call.query.get('sortOrder') === 'DESCENDING') found.reverse();
  const page = pageOf(found, call.query, pageSize(call.query, 100, 500));
  return ok(
    compact({
      kind: 'admin#directory#users',
      etag: etagOf(directory),
      users:
        page.items.length > 0
          ? page.items.map((user) => describeUser(directory, user, call.query))
          : undefined,
      nextPageToken: page.next,
    }),
  );
}
