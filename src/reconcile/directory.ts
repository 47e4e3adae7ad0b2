import type { AddressBook, Principal, PrincipalKind } from '../core/types.ts';
import { compareGroups } from './directory-groups.ts';
import { comparePeople } from './directory-people.ts';
import { compareRooms } from './directory-rooms.ts';
import { type DirectoryScope, type GroupRow, type RoomRow, readDirectory } from './directory-scope.ts';
import type { JobCheck } from './job-check.ts';
import type { EndsOf } from './mail.ts';

/** The files that say who and what belongs to the organisations. */
export interface DirectoryFiles {
  principals: readonly Principal[];
  groups: readonly GroupRow[];
  rooms: readonly RoomRow[];
  addresses: AddressBook;
}

/** Kinds of principals that stand for a user account. */
const HAS_ACCOUNT: ReadonlySet<PrincipalKind> = new Set(['person', 'shared', 'account']);

/**
 * Compares the directory of one organisation. Units are actions: account, address, manager, suspension, group,
 * member and room. What else lies in the target's directory is none of the organisation's and is left alone.
 */
export async function compareDirectory(check: JobCheck, ends: EndsOf, files: DirectoryFiles): Promise<void> {
  const { organisation, signal } = ends;
  const own = files.principals.filter((principal) => principal.organisation === organisation.id);
  const source = await readDirectory(ends.source, organisation, own, signal);
  const target = await readDirectory(ends.target, organisation, own, signal);
  const scope: DirectoryScope = {
    check,
    organisation,
    principals: own.filter(({ kind }) => HAS_ACCOUNT.has(kind)),
    groups: files.groups.filter((row) => row.organisation === organisation.id),
    rooms: files.rooms,
    addresses: files.addresses,
    source,
    target,
  };
  check.store.transaction(() => {
    comparePeople(scope);
    compareGroups(scope);
    compareRooms(scope);
  });
}
