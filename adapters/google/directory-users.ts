import { createHash, randomBytes } from 'node:crypto';
import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/directory_v1.js';
import { Rejected } from '../../src/core/errors.ts';
import type { DirectoryAction, GoogleUser } from '../../src/core/google.ts';
import type { JsonObject, Loss, Receipt } from '../../src/core/types.ts';
import {
  type ActionWriter,
  addressTaken,
  type DirectoryContext,
  isDuplicate,
  orNull,
  sameAddress,
  wroteBefore,
} from './directory-context.ts';
import { type Fields, keptTargetChange, mergeFields } from './directory-merge.ts';

type UserAction = Extract<DirectoryAction, { action: 'user' }>;
type SuspendAction = Extract<DirectoryAction, { action: 'suspend' }>;
type ManagerAction = Extract<DirectoryAction, { action: 'manager' }>;
type ExternalId = NonNullable<GoogleUser['externalIds']>[number];

/** The external id that holds the Entra object id: it tells ferry's users from others. */
const OBJECT_ID = 'm365_oid';
/** What Google fills in by itself, so that it is nobody's choice. */
const USER_DEFAULTS = { orgUnitPath: '/', includeInGlobalAddressList: true };

/** Users: created active with a password nobody knows, later only filled where nobody has changed them since. */
export const userWriter: ActionWriter<UserAction> = {
  put: async (context, { user }, prior, signal) => {
    if (prior === null) {
      const created = await insertUser(context, user, signal);
      if (created) return created;
    } else if (!sameAddress(prior.targetId, user.primaryEmail)) {
      throw unusable('address-changed', 'the user was created under another address: rename it at Google');
    }
    const current = await readUser(context, user.primaryEmail, signal);
    if (current === null && prior !== null) {
      throw unusable('deleted-at-target', 'the user was deleted at Google after it had been created');
    }
    // After a 409 on insert, a user under another primary address holds ours as an alias.
    if (current === null || !sameAddress(current.primaryEmail, user.primaryEmail)) {
      throw addressTaken(undefined);
    }
    return updateUser(context, user, current, prior, signal);
  },
  find: async (context, { user }, signal) => {
    const current = await readUser(context, user.primaryEmail, signal);
    if (current === null || !sameAddress(current.primaryEmail, user.primaryEmail)) return null;
    const ours = objectIdOf(user.externalIds);
    if (ours === null || objectIdOf(externalIdsOf(current)) !== ours) return null;
    context.fresh.created(user.primaryEmail);
    return updateUser(context, user, current, null, signal);
  },
};

function unusable(code: string, message: string): Rejected {
  return new Rejected({ code, message });
}

async function readUser(
  context: DirectoryContext,
  userKey: string,
  signal: AbortSignal,
): Promise<admin_directory_v1.Schema$User | null> {
  return orNull(
    context.call(
      'directory.users.get',
      (options) => context.apis.directory.users.get({ userKey, projection: 'full' }, options),
      signal,
    ),
  );
}

/** Null when the address is taken. */
async function insertUser(
  context: DirectoryContext,
  user: GoogleUser,
  signal: AbortSignal,
): Promise<Receipt | null> {
  try {
    await context.call(
      'directory.users.insert',
      (options) =>
        context.apis.directory.users.insert({ requestBody: { ...user, ...freshPassword() } }, options),
      signal,
    );
  } catch (error) {
    if (isDuplicate(error)) return null;
    throw error;
  } finally {
    // Even after a 409: it may answer the repeat of a creation whose own answer was lost.
    context.fresh.created(user.primaryEmail);
  }
  return { targetId: user.primaryEmail, wrote: wantedFields(user) };
}

/**
 * Source hashes cannot be read, so the user starts with 32 random bytes that nobody has seen; Google takes them as
 * unsalted SHA-1 in hex, and asks for a new password at the first sign-in.
 */
function freshPassword(): { password: string; hashFunction: string; changePasswordAtNextLogin: boolean } {
  const password = createHash('sha1').update(randomBytes(32).toString('base64url')).digest('hex');
  return { password, hashFunction: 'SHA-1', changePasswordAtNextLogin: true };
}

function wantedFields(user: GoogleUser): JsonObject {
  const { primaryEmail: _key, ...fields } = user;
  return fields as unknown as JsonObject;
}

async function updateUser(
  context: DirectoryContext,
  user: GoogleUser,
  current: admin_directory_v1.Schema$User,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  const before = wroteBefore(prior);
  const { externalIds: idsBefore, ...fieldsBefore } = before ?? {};
  const held = externalIdsOf(current);
  const adopted = adoption(user, held);
  const { externalIds: _ids, ...wanted } = wantedFields(user);
  const merge = mergeFields(wanted, current as Fields, before === null ? null : fieldsBefore, USER_DEFAULTS);
  const ids = mergeIds(user.externalIds ?? [], held, readIds(idsBefore));
  const patch = { ...merge.patch, ...(ids.changed ? { externalIds: ids.merged } : {}) };
  if (Object.keys(patch).length > 0) {
    await context.call(
      'directory.users.patch',
      (options) =>
        context.apis.directory.users.patch({ userKey: user.primaryEmail, requestBody: patch }, options),
      signal,
    );
  }
  const wrote = { ...merge.wrote, externalIds: ids.wrote as unknown as JsonObject[] };
  return {
    targetId: user.primaryEmail,
    wrote,
    losses: [...adopted, ...merge.losses, ...ids.losses],
  };
}

/** A user of ours, one created by hand (adopted, with a loss), or somebody else's: `address-taken`. */
function adoption(user: GoogleUser, held: readonly ExternalId[]): Loss[] {
  const theirs = objectIdOf(held);
  if (theirs === objectIdOf(user.externalIds)) return [];
  if (theirs !== null) throw addressTaken(undefined);
  return [{ field: 'user', kind: 'changed', reason: 'adopted-existing' }];
}

function objectIdOf(ids: readonly ExternalId[] | undefined): string | null {
  return ids?.find(({ customType }) => customType === OBJECT_ID)?.value ?? null;
}

function externalIdsOf(user: admin_directory_v1.Schema$User): ExternalId[] {
  return readIds(user.externalIds);
}

function readIds(ids: unknown): ExternalId[] {
  if (!Array.isArray(ids)) return [];
  return ids.filter((id): id is ExternalId => typeof id === 'object' && id !== null && 'value' in id);
}

/** External ids are replaced as a whole, so those of others are sent along. */
function mergeIds(
  wanted: readonly ExternalId[],
  held: readonly ExternalId[],
  before: readonly ExternalId[],
): { merged: ExternalId[]; changed: boolean; wrote: ExternalId[]; losses: Loss[] } {
  const merged = [...held];
  const wrote: ExternalId[] = [];
  const losses: Loss[] = [];
  let changed = false;
  for (const id of wanted) {
    const at = merged.findIndex((other) => isSameKind(other, id));
    const theirs = merged[at];
    const ours = before.find((other) => isSameKind(other, id));
    if (theirs && theirs.value !== id.value && theirs.value !== ours?.value) {
      losses.push(keptTargetChange('externalIds'));
      continue;
    }
    wrote.push(id);
    if (theirs?.value === id.value) continue;
    changed = true;
    merged.splice(at < 0 ? merged.length : at, at < 0 ? 0 : 1, id);
  }
  return { merged, changed, wrote, losses };
}

function isSameKind(one: ExternalId, other: ExternalId): boolean {
  return one.type === other.type && one.customType === other.customType;
}

/** Leavers: created active so that their mail can be written, suspended last. */
export const suspendWriter: ActionWriter<SuspendAction> = {
  put: async (context, { user }, prior, signal) => {
    const current = await context.fresh.patient(user, () => getUser(context, user, signal), signal);
    const receipt = { targetId: user, wrote: { suspended: true } };
    if (current.suspended === true) return { ...receipt, untouched: true };
    if (wroteBefore(prior)?.['suspended'] === true) {
      return { ...receipt, losses: [keptTargetChange('suspended')] };
    }
    await patchUser(context, user, { suspended: true }, signal);
    return receipt;
  },
  find: async (context, { user }, signal) => {
    const current = await readUser(context, user, signal);
    return current?.suspended === true ? { targetId: user, wrote: { suspended: true } } : null;
  },
};

/** The manager is one of a user's relations; the others stay. */
export const managerWriter: ActionWriter<ManagerAction> = {
  put: async (context, { user, manager }, prior, signal) => {
    const current = await context.fresh.patient(user, () => getUser(context, user, signal), signal);
    const relations = relationsOf(current);
    const held = relations.find(isManager)?.value;
    const receipt = { targetId: user, wrote: { manager } };
    if (sameAddress(held, manager)) return receipt;
    const before = wroteBefore(prior)?.['manager'];
    if (held !== undefined && !(typeof before === 'string' && sameAddress(held, before))) {
      return { ...receipt, wrote: { manager: before ?? null }, losses: [keptTargetChange('manager')] };
    }
    const others = relations.filter((relation) => !isManager(relation));
    await patchUser(context, user, { relations: [...others, { type: 'manager', value: manager }] }, signal);
    return receipt;
  },
  find: async (context, { user, manager }, signal) => {
    const current = await readUser(context, user, signal);
    const held = current === null ? undefined : relationsOf(current).find(isManager)?.value;
    return sameAddress(held, manager) ? { targetId: user, wrote: { manager } } : null;
  },
};

interface Relation {
  type?: string;
  value?: string;
}

function relationsOf(user: admin_directory_v1.Schema$User): Relation[] {
  const relations: unknown = user.relations;
  if (!Array.isArray(relations)) return [];
  return relations.filter(
    (relation): relation is Relation => typeof relation === 'object' && relation !== null,
  );
}

function isManager(relation: Relation): boolean {
  return relation.type === 'manager';
}

function getUser(
  context: DirectoryContext,
  userKey: string,
  signal: AbortSignal,
): Promise<admin_directory_v1.Schema$User> {
  return context.call(
    'directory.users.get',
    (options) => context.apis.directory.users.get({ userKey, projection: 'full' }, options),
    signal,
  );
}

async function patchUser(
  context: DirectoryContext,
  userKey: string,
  requestBody: admin_directory_v1.Schema$User,
  signal: AbortSignal,
): Promise<void> {
  await context.fresh.patient(
    userKey,
    () =>
      context.call(
        'directory.users.patch',
        (options) => context.apis.directory.users.patch({ userKey, requestBody }, options),
        signal,
      ),
    signal,
  );
}
