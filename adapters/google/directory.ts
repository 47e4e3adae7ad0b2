import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { DirectoryAction } from '../../src/core/google.ts';
import type { Target } from '../../src/core/ports.ts';
import type { Receipt } from '../../src/core/types.ts';
import type { GoogleConnection } from './client.ts';
import { type ActionWriter, createDirectoryContext, type DirectoryContext } from './directory-context.ts';
import { aliasWriter, groupWriter, memberWriter } from './directory-groups.ts';
import { buildingWriter, orgUnitWriter, roomWriter } from './directory-places.ts';
import { settingsWriter } from './directory-settings.ts';
import { managerWriter, suspendWriter, userWriter } from './directory-users.ts';

type Writers = {
  [A in DirectoryAction['action']]: ActionWriter<Extract<DirectoryAction, { action: A }>>;
};

const WRITERS: Writers = {
  'org-unit': orgUnitWriter,
  building: buildingWriter,
  user: userWriter,
  alias: aliasWriter,
  group: groupWriter,
  settings: settingsWriter,
  member: memberWriter,
  manager: managerWriter,
  room: roomWriter,
  suspend: suspendWriter,
};

/**
 * Writes directory actions as the administrator: each is read, compared and written under its key, so that a repeat
 * changes nothing. What an administrator changed at Google since stays and is reported as loss `kept-target-change`.
 * Target ids are addresses (`<group>/<member>` for members, the resource's address for rooms, the path for org
 * units). `Rejected` codes: `address-taken`, `target-not-found`, else the vendor's.
 */
export function createDirectoryTarget(google: GoogleConnection): Target<DirectoryAction> {
  const context = createDirectoryContext(google);
  return {
    put: (_job, _key, action, prior, signal) =>
      refuseNotFound(writerOf(action).put(context, action, prior, signal)),
    find: (_job, _key, action, _settled, signal) =>
      refuseNotFound(writerOf(action).find(context, action, signal)),
    visibleAfterMs: () => 0,
  };
}

interface AnyWriter {
  put(
    context: DirectoryContext,
    action: DirectoryAction,
    prior: Receipt | null,
    signal: AbortSignal,
  ): Promise<Receipt>;
  find(context: DirectoryContext, action: DirectoryAction, signal: AbortSignal): Promise<Receipt | null>;
}

/** The table ties each action to its own writer; TypeScript cannot follow that through the lookup. */
function writerOf(action: DirectoryAction): AnyWriter {
  return WRITERS[action.action] as AnyWriter;
}

/** `NotFound` means "gone at the source" to the engine; here it names something that is missing at Google. */
async function refuseNotFound<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new Rejected({
      code: 'target-not-found',
      message: error.message,
      status: 404,
      cause: error,
    });
  }
}
