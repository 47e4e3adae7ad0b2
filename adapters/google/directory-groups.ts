import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/directory_v1.js';
import { Rejected } from '../../src/core/errors.ts';
import type { DirectoryAction } from '../../src/core/google.ts';
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
import { covers, type Fields, mergeFields } from './directory-merge.ts';

type GroupAction = Extract<DirectoryAction, { action: 'group' }>;
type AliasAction = Extract<DirectoryAction, { action: 'alias' }>;
type MemberAction = Extract<DirectoryAction, { action: 'member' }>;

/** Directory allows 4,096 characters, Groups Settings 300; which of them holds differs between tenants. */
const SHORT_DESCRIPTION = 300;

/** Groups by address; their settings, aliases and members are actions of their own. */
export const groupWriter: ActionWriter<GroupAction> = {
  put: async (context, action, prior, signal) => {
    if (prior === null) {
      const created = await insertGroup(context, action, signal);
      if (created) return created;
    }
    const current = await readGroup(context, action.email, signal);
    if (current === null && prior !== null) {
      const message = 'the group was deleted at Google after it had been created';
      throw new Rejected({ code: 'deleted-at-target', message });
    }
    if (current === null || !sameAddress(current.email, action.email)) throw addressTaken(undefined);
    return updateGroup(context, action, current, prior, signal);
  },
  find: async (context, action, signal) => {
    const current = await readGroup(context, action.email, signal);
    if (current === null || !sameAddress(current.email, action.email)) return null;
    const wanted = groupFields(action);
    context.fresh.created(action.email);
    return covers(normalGroup(current), wanted) ? { targetId: action.email, wrote: wanted } : null;
  },
};

function groupFields({ name, description }: GroupAction): JsonObject {
  return { name, description };
}

function normalGroup(group: admin_directory_v1.Schema$Group): Fields {
  return { name: group.name ?? '', description: group.description ?? '' };
}

function readGroup(
  context: DirectoryContext,
  groupKey: string,
  signal: AbortSignal,
): Promise<admin_directory_v1.Schema$Group | null> {
  return orNull(
    context.call(
      'directory.groups.get',
      (options) => context.apis.directory.groups.get({ groupKey }, options),
      signal,
    ),
  );
}

/** Null when the address is taken. */
async function insertGroup(
  context: DirectoryContext,
  action: GroupAction,
  signal: AbortSignal,
): Promise<Receipt | null> {
  const { email, name } = action;
  try {
    const losses = await withShortDescription(action.description, (description) =>
      context.call(
        'directory.groups.insert',
        (options) =>
          context.apis.directory.groups.insert({ requestBody: { email, name, description } }, options),
        signal,
      ),
    );
    return { targetId: email, wrote: groupFields(action), losses };
  } catch (error) {
    if (isDuplicate(error)) return null;
    throw error;
  } finally {
    // Even after a 409: it may answer the repeat of a creation whose own answer was lost.
    context.fresh.created(email);
  }
}

async function withShortDescription(
  description: string,
  write: (description: string) => Promise<unknown>,
): Promise<Loss[]> {
  try {
    await write(description);
    return [];
  } catch (error) {
    const long = description.length > SHORT_DESCRIPTION;
    if (!long || !(error instanceof Rejected) || error.status !== 400) throw error;
  }
  await write(description.slice(0, SHORT_DESCRIPTION));
  return [{ field: 'description', kind: 'changed', reason: `limit-${SHORT_DESCRIPTION}` }];
}

/** A group without a receipt that differs was made by hand: adopted, and what it says is kept. */
async function updateGroup(
  context: DirectoryContext,
  action: GroupAction,
  current: admin_directory_v1.Schema$Group,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  const merge = mergeFields(groupFields(action), normalGroup(current), wroteBefore(prior));
  const losses = [...merge.losses];
  if (prior === null && losses.length > 0) {
    losses.push({ field: 'group', kind: 'changed', reason: 'adopted-existing' });
  }
  if (Object.keys(merge.patch).length > 0) {
    const { description, ...rest } = merge.patch;
    const write = (text: string | undefined) =>
      context.call(
        'directory.groups.patch',
        (options) =>
          context.apis.directory.groups.patch(
            {
              groupKey: action.email,
              requestBody: { ...rest, ...(text === undefined ? {} : { description: text }) },
            },
            options,
          ),
        signal,
      );
    if (typeof description === 'string') losses.push(...(await withShortDescription(description, write)));
    else await write(undefined);
  }
  return { targetId: action.email, wrote: merge.wrote, losses };
}

/** Further addresses of users and groups. */
export const aliasWriter: ActionWriter<AliasAction> = {
  put: async (context, action, _prior, signal) => {
    try {
      await context.fresh.patient(action.primary, () => insertAlias(context, action, signal), signal);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      if (!(await holdsAlias(context, action, signal))) throw addressTaken(error);
    }
    return { targetId: action.alias, wrote: { alias: action.alias } };
  },
  find: async (context, action, signal) =>
    (await holdsAlias(context, action, signal))
      ? { targetId: action.alias, wrote: { alias: action.alias } }
      : null,
};

async function insertAlias(
  context: DirectoryContext,
  { owner, primary, alias }: AliasAction,
  signal: AbortSignal,
): Promise<void> {
  const { directory } = context.apis;
  const requestBody = { alias };
  if (owner === 'user') {
    await context.call(
      'directory.users.aliases.insert',
      (options) => directory.users.aliases.insert({ userKey: primary, requestBody }, options),
      signal,
    );
  } else {
    await context.call(
      'directory.groups.aliases.insert',
      (options) => directory.groups.aliases.insert({ groupKey: primary, requestBody }, options),
      signal,
    );
  }
}

async function holdsAlias(
  context: DirectoryContext,
  { owner, primary, alias }: AliasAction,
  signal: AbortSignal,
): Promise<boolean> {
  const { directory } = context.apis;
  const holder =
    owner === 'group'
      ? await readGroup(context, primary, signal)
      : await orNull(
          context.call(
            'directory.users.get',
            (options) => directory.users.get({ userKey: primary, projection: 'full' }, options),
            signal,
          ),
        );
  const held = [...(holder?.aliases ?? []), ...(holder?.nonEditableAliases ?? [])];
  return held.some((address) => sameAddress(address, alias));
}

/** What Google gives a member who was added by hand; an upgrade from it overrides nobody's choice. */
const MEMBER_DEFAULTS = { role: 'MEMBER', delivery_settings: 'ALL_MAIL' };

/** One edge of the membership graph. The API adds without asking and notifies nobody. */
export const memberWriter: ActionWriter<MemberAction> = {
  put: async (context, action, prior, signal) => {
    const { group, member } = action;
    const wanted = memberFields(action);
    try {
      await context.fresh.patient(
        group,
        () =>
          context.call(
            'directory.members.insert',
            (options) =>
              context.apis.directory.members.insert(
                { groupKey: group, requestBody: { email: member, ...wanted } },
                options,
              ),
            signal,
          ),
        signal,
      );
      return { targetId: `${group}/${member}`, wrote: wanted };
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    return updateMember(context, action, prior, signal);
  },
  find: async (context, action, signal) => {
    const current = await readMember(context, action, signal);
    const wanted = memberFields(action);
    return current !== null && covers(current, wanted)
      ? { targetId: `${action.group}/${action.member}`, wrote: wanted }
      : null;
  },
};

function memberFields({ role, delivery }: MemberAction): { role: string; delivery_settings: string } {
  return { role, delivery_settings: delivery };
}

async function readMember(
  context: DirectoryContext,
  { group, member }: MemberAction,
  signal: AbortSignal,
): Promise<Fields | null> {
  const current = await orNull(
    context.call(
      'directory.members.get',
      (options) => context.apis.directory.members.get({ groupKey: group, memberKey: member }, options),
      signal,
    ),
  );
  if (current === null) return null;
  return { role: current.role ?? 'MEMBER', delivery_settings: current.delivery_settings ?? 'ALL_MAIL' };
}

/** `delivery_settings` is taken by update alone, the role by patch as well. */
async function updateMember(
  context: DirectoryContext,
  action: MemberAction,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  const { group, member } = action;
  const key = { groupKey: group, memberKey: member };
  const current = (await readMember(context, action, signal)) ?? {};
  const merge = mergeFields(memberFields(action), current, wroteBefore(prior), MEMBER_DEFAULTS);
  const { members } = context.apis.directory;
  if ('delivery_settings' in merge.patch) {
    const requestBody = { email: member, ...current, ...merge.patch };
    await context.call(
      'directory.members.update',
      (options) => members.update({ ...key, requestBody }, options),
      signal,
    );
  } else if ('role' in merge.patch) {
    await context.call(
      'directory.members.patch',
      (options) => members.patch({ ...key, requestBody: { role: action.role } }, options),
      signal,
    );
  }
  return { targetId: `${group}/${member}`, wrote: merge.wrote, losses: merge.losses };
}
