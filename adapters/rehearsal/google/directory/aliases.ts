import { type ApiRoute, type Call, demandAdmin, noContent, ok, scopes } from '../api.ts';
import { compact, type Json, textOf } from '../json.ts';
import { invalidInput, refuse, resourceNotFound } from '../refusal.ts';
import { addressOf, claim, etagOf, findGroup, release } from './directory.ts';
import { ALIAS, PHOTO } from './schemas.ts';
import { checkAddress } from './user-fields.ts';
import { demandCreationComplete, demandUser } from './users.ts';

/** An account holds at most 30 aliases (support.google.com/a/answer/33327). */
const MAX_ALIASES = 30;
/** Words that cannot be aliases of a group (reserved for administrators). */
const RESERVED_GROUP_ALIASES =
  'abuse admin administrator hostmaster majordomo postmaster root ssl-admin webmaster'.split(' ');

interface Owner {
  kind: 'user-alias' | 'group-alias';
  id: string;
  primary: string;
  aliases: string[];
  setAliases(aliases: string[]): void;
}

function routesOf(
  owner: 'users' | 'groups',
  key: string,
  scope: string,
  find: (call: Call) => Owner,
): ApiRoute[] {
  const path = `/admin/directory/v1/${owner}/{${key}}/aliases`;
  const name = `directory.${owner}.aliases`;
  return [
    {
      name: `${name}.list`,
      method: 'GET',
      path,
      scopes: scopes(
        `${scope} ${scope
          .split(' ')
          .map((one) => `${one}.readonly`)
          .join(' ')}`,
      ),
      query: owner === 'users' ? 'event=add|delete' : '',
      handle: (call) => listAliases(call, find(call)),
    },
    {
      name: `${name}.insert`,
      method: 'POST',
      path,
      scopes: scopes(scope),
      body: ALIAS,
      writes: true,
      handle: (call) => insertAlias(call, find(call)),
    },
    {
      name: `${name}.delete`,
      method: 'DELETE',
      path: `${path}/{alias}`,
      scopes: scopes(scope),
      writes: true,
      handle: (call) => deleteAlias(call, find(call)),
    },
  ];
}

/** Directory v1 `users.aliases` and `groups.aliases`. */
export const ALIAS_ROUTES: readonly ApiRoute[] = [
  ...routesOf('users', 'userKey', 'admin.directory.user admin.directory.user.alias', ownerUser),
  ...routesOf('groups', 'groupKey', 'admin.directory.group', ownerGroup),
];

function ownerUser(call: Call): Owner {
  const user = demandUser(call);
  if (call.request.method === 'POST') demandCreationComplete(call, user);
  return {
    kind: 'user-alias',
    id: user.id,
    primary: addressOf(user),
    aliases: user.aliases,
    setAliases: (aliases) => {
      user.aliases = aliases;
    },
  };
}

function ownerGroup(call: Call): Owner {
  demandAdmin(call);
  const group = findGroup(call.tenant.directory, call.params['groupKey'] ?? '');
  if (!group) throw resourceNotFound('groupKey');
  return {
    kind: 'group-alias',
    id: group.id,
    primary: group.email,
    aliases: group.aliases,
    setAliases: (aliases) => {
      group.aliases = aliases;
    },
  };
}

function listAliases(call: Call, owner: Owner) {
  const aliases = owner.aliases.map((alias) => describeAlias(owner, alias));
  return ok(
    compact({
      kind: 'admin#directory#aliases',
      etag: etagOf(call.tenant.directory),
      aliases: aliases.length > 0 ? aliases : undefined,
    }),
  );
}

function insertAlias(call: Call, owner: Owner) {
  const { directory } = call.tenant;
  const alias = textOf(call.body['alias']).toLowerCase();
  checkAddress(directory, alias, 'alias');
  const local = alias.split('@')[0] ?? '';
  if (owner.kind === 'group-alias' && RESERVED_GROUP_ALIASES.includes(local)) throw invalidInput('alias');
  if (owner.aliases.length >= MAX_ALIASES) throw refuse(412, 'limitExceeded', 'Alias limit exceeded.');
  claim(directory, alias, { kind: owner.kind, id: owner.id });
  owner.setAliases([...owner.aliases, alias]);
  return ok(describeAlias(owner, alias));
}

function deleteAlias(call: Call, owner: Owner) {
  const { directory, settings } = call.tenant;
  const alias = (call.params['alias'] ?? '').toLowerCase();
  if (!owner.aliases.includes(alias)) throw resourceNotFound('alias');
  owner.setAliases(owner.aliases.filter((one) => one !== alias));
  release(directory, alias, settings.delays.aliasHoldMs);
  return noContent();
}

function describeAlias(owner: Owner, alias: string): Json {
  return { kind: 'admin#directory#alias', id: owner.id, primaryEmail: owner.primary, alias };
}

const PHOTO_PATH = '/admin/directory/v1/users/{userKey}/photos/thumbnail';

/** Directory v1 `users.photos`: update, patch, get, delete. */
export const PHOTO_ROUTES: readonly ApiRoute[] = [
  {
    name: 'directory.users.photos.get',
    method: 'GET',
    path: PHOTO_PATH,
    scopes: scopes('admin.directory.user admin.directory.user.readonly'),
    handle: (call) => {
      const photo = demandUser(call).photo;
      if (!photo) throw refuse(404, 'notFound', 'Resource Not Found: photo');
      return ok(photo);
    },
  },
  ...(['PUT', 'PATCH'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PUT' ? 'directory.users.photos.update' : 'directory.users.photos.patch',
      method,
      path: PHOTO_PATH,
      scopes: scopes('admin.directory.user'),
      body: PHOTO,
      writes: true,
      handle: changePhoto,
    }),
  ),
  {
    name: 'directory.users.photos.delete',
    method: 'DELETE',
    path: PHOTO_PATH,
    scopes: scopes('admin.directory.user'),
    writes: true,
    handle: (call) => {
      demandUser(call).photo = null;
      return noContent();
    },
  },
];

/** Photo bytes come in web-safe base64 (`_ - * .` for `/ + = =`). */
function changePhoto(call: Call) {
  const user = demandUser(call);
  const photoData = textOf(call.body['photoData']);
  if (!/^[A-Za-z0-9_\-*.=]+$/.test(photoData)) throw invalidInput('photoData');
  user.photo = {
    kind: 'admin#directory#user#photo',
    id: user.id,
    etag: etagOf(call.tenant.directory),
    primaryEmail: addressOf(user),
    mimeType: 'image/jpeg',
    height: 96,
    width: 96,
    photoData,
  };
  return ok(user.photo);
}
