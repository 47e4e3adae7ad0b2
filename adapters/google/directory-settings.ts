import type { groupssettings_v1 } from 'googleapis/build/src/apis/groupssettings/v1.js';
import { Rejected } from '../../src/core/errors.ts';
import type { DirectoryAction } from '../../src/core/google.ts';
import type { Json, Loss, Receipt } from '../../src/core/types.ts';
import { type ActionWriter, type DirectoryContext, orNull, wroteBefore } from './directory-context.ts';
import { mergeFields } from './directory-merge.ts';

type SettingsAction = Extract<DirectoryAction, { action: 'settings' }>;
type Settings = Readonly<Record<string, string>>;

/**
 * Settings of a group, all of them strings. The organisation's own sharing settings may cap them, so what was stored
 * is read back and compared. A set that is refused as a whole is written one by one.
 * Source: https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups, read 2026-11.
 */
export const settingsWriter: ActionWriter<SettingsAction> = {
  put: async (context, { group, settings }, prior, signal) => {
    const before = wroteBefore(prior);
    const current = before === null ? {} : await readSettings(context, group, signal);
    const merge = mergeFields(settings, current, before);
    const wanted = textsOf(merge.patch);
    const refused = await patchSettings(context, group, wanted, signal);
    const stored = await readSettings(context, group, signal);
    return settingsReceipt(group, merge.wrote, [
      ...merge.losses,
      ...refused,
      ...changedLosses(wanted, stored, refused),
    ]);
  },
  find: async (context, { group, settings }, signal) => {
    const stored = await orNull(readSettings(context, group, signal));
    const holds =
      stored !== null && Object.entries(settings).every(([name, value]) => stored[name] === value);
    return holds ? settingsReceipt(group, { ...settings }, []) : null;
  },
};

function settingsReceipt(group: string, wrote: Json, losses: readonly Loss[]): Receipt {
  return { targetId: group, wrote, losses };
}

function textsOf(patch: Readonly<Record<string, Json>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(patch)) if (typeof value === 'string') texts[name] = value;
  return texts;
}

async function readSettings(
  context: DirectoryContext,
  group: string,
  signal: AbortSignal,
): Promise<Settings> {
  const answer = await context.fresh.patient(
    group,
    () =>
      context.call(
        'groupssettings.groups.get',
        (options) => context.apis.settings.groups.get({ groupUniqueId: group, alt: 'json' }, options),
        signal,
      ),
    signal,
  );
  return normalSettings(answer);
}

/** Booleans come as the strings "true" and "false"; real ones are taken for the same. */
function normalSettings(answer: groupssettings_v1.Schema$Groups): Settings {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer)) {
    if (value !== null && value !== undefined) settings[name] = String(value);
  }
  return settings;
}

/** Returns a loss for each setting that Google refuses. */
async function patchSettings(
  context: DirectoryContext,
  group: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<Loss[]> {
  const names = Object.keys(settings);
  if (names.length === 0) return [];
  try {
    await patchOnce(context, group, settings, signal);
    return [];
  } catch (error) {
    if (!(error instanceof Rejected) || error.status !== 400) throw error;
    if (names.length === 1) return names.map((field) => ({ field, kind: 'dropped', reason: 'refused' }));
  }
  const losses: Loss[] = [];
  for (const [name, value] of Object.entries(settings)) {
    losses.push(...(await patchSettings(context, group, { [name]: value }, signal)));
  }
  return losses;
}

async function patchOnce(
  context: DirectoryContext,
  group: string,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  await context.fresh.patient(
    group,
    () =>
      context.call(
        'groupssettings.groups.patch',
        (options) =>
          context.apis.settings.groups.patch(
            { groupUniqueId: group, alt: 'json', requestBody: settings },
            options,
          ),
        signal,
      ),
    signal,
  );
}

function changedLosses(wanted: Settings, stored: Settings, refused: readonly Loss[]): Loss[] {
  return Object.entries(wanted)
    .filter(([name, value]) => stored[name] !== value && !refused.some(({ field }) => field === name))
    .map(([field]) => ({ field, kind: 'changed', reason: 'stored-differently' }));
}
