import { Interrupted, MigrationError, NotFound } from '../../src/core/errors.ts';
import type { GraphGroup, GraphMember } from '../../src/core/microsoft.ts';
import {
  groupSelect,
  groupSettingsSelect,
  memberSelect,
  parseGroup,
  parseGroupSettings,
  parseMember,
} from './directory-schemas.ts';
import type { GraphClient } from './graph-client.ts';

const PAGE_SIZE = '999';

/** The group with its direct members, its owners and, for Microsoft 365 groups, its settings. */
export async function completeGroup(
  client: GraphClient,
  group: GraphGroup,
  signal: AbortSignal,
): Promise<GraphGroup> {
  const isUnified = group.groupTypes.includes('Unified');
  return {
    ...group,
    ...(isUnified ? await readSettings(client, group.id, signal) : {}),
    members: await readMembers(client, group.id, 'members', signal),
    owners: await readMembers(client, group.id, 'owners', signal),
  };
}

/** One group again. Throws `NotFound` when it has gone. */
export async function readGroup(client: GraphClient, id: string, signal: AbortSignal): Promise<GraphGroup> {
  const query = { $select: groupSelect };
  const group = parseGroup(await client.get({ method: 'groups.get', path: pathOf(id), query }, signal));
  if (group === null) throw new NotFound({ code: 'unreadable-group', message: `group ${id} cannot be read` });
  return completeGroup(client, group, signal);
}

async function readMembers(
  client: GraphClient,
  id: string,
  role: 'members' | 'owners',
  signal: AbortSignal,
): Promise<GraphMember[]> {
  const path = `${pathOf(id)}/${role}`;
  const query = { $select: memberSelect, $top: PAGE_SIZE };
  const members: GraphMember[] = [];
  for await (const page of client.pages({ method: `groups.${role}`, path, query }, signal)) {
    members.push(...page.value.flatMap((json) => parseMember(json) ?? []));
  }
  return members;
}

/** Settings are often out of reach for applications: what cannot be read stays null. */
async function readSettings(
  client: GraphClient,
  id: string,
  signal: AbortSignal,
): Promise<Partial<GraphGroup>> {
  try {
    const query = { $select: groupSettingsSelect };
    return parseGroupSettings(await client.get({ method: 'groups.get', path: pathOf(id), query }, signal));
  } catch (error) {
    if (!(error instanceof MigrationError) || error instanceof Interrupted) throw error;
    client.log('debug', 'group-settings-unreadable', { group: id, code: error.code });
    return {};
  }
}

function pathOf(id: string): string {
  return `/groups/${encodeURIComponent(id)}`;
}
