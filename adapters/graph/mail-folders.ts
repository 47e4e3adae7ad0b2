import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { GraphMailFolder } from '../../src/core/microsoft.ts';
import { type FolderAnswer, folderSelect, isSearchFolderType, parseFolder } from './mail-schemas.ts';
import type { Mailbox } from './mailbox.ts';
import { mapParallel } from './parallel.ts';

/** Names that stand for folders in every language. Source: https://learn.microsoft.com/graph/api/resources/mailfolder. */
const WELL_KNOWN = [
  'archive',
  'clutter',
  'conflicts',
  'conversationhistory',
  'deleteditems',
  'drafts',
  'inbox',
  'junkemail',
  'localfailures',
  'outbox',
  'recoverableitemsdeletions',
  'scheduled',
  'searchfolders',
  'sentitems',
  'serverfailures',
  'syncissues',
] as const;

const NAMES_AT_ONCE = 4;
const PAGE_SIZE = '250';
/** Exchange nests at most 300 deep; anything deeper is a loop. */
const DEEPEST = 300;

interface Walk {
  mailbox: Mailbox;
  signal: AbortSignal;
  wellKnown: ReadonlyMap<string, string>;
  seen: Set<string>;
}

/**
 * The mailbox's folders, parents before children: all below `msgfolderroot`, hidden ones too, then well-known folders
 * that lie elsewhere. Both, because the two views have been seen to differ. Throws `NotFound` where there is no mailbox.
 */
export async function* mailFolders(mailbox: Mailbox, signal: AbortSignal): AsyncIterable<GraphMailFolder> {
  const named = await namedFolders(mailbox, signal);
  const wellKnown = new Map(named.map(({ name, answer }) => [answer.id, name]));
  const walk: Walk = { mailbox, signal, wellKnown, seen: new Set() };
  const places = new Map<string, GraphMailFolder>();
  for await (const folder of descend(walk, 'msgfolderroot', null)) {
    places.set(folder.id, folder);
    yield folder;
  }
  for (const { answer } of named) {
    if (walk.seen.has(answer.id)) continue;
    yield* branch(walk, answer, places.get(answer.parentFolderId ?? '') ?? null);
  }
}

async function namedFolders(
  mailbox: Mailbox,
  signal: AbortSignal,
): Promise<{ name: string; answer: FolderAnswer }[]> {
  const answers = await mapParallel(WELL_KNOWN, NAMES_AT_ONCE, (name) => namedFolder(mailbox, name, signal));
  return WELL_KNOWN.flatMap((name, index) => {
    const answer = answers[index];
    return answer ? [{ name, answer }] : [];
  });
}

/** Null where the mailbox has no such folder; a name that the service does not know is refused with 400. */
async function namedFolder(
  mailbox: Mailbox,
  name: string,
  signal: AbortSignal,
): Promise<FolderAnswer | null> {
  const query = { $select: folderSelect };
  try {
    return parseFolder(
      await mailbox.get({ method: 'mailFolders.get', path: `/mailFolders/${name}`, query }, signal),
    );
  } catch (error) {
    const isAbsent = error instanceof NotFound && error.scope === 'item';
    if (isAbsent || (error instanceof Rejected && error.status === 400)) return null;
    throw error;
  }
}

async function* descend(
  walk: Walk,
  id: string,
  parent: GraphMailFolder | null,
): AsyncIterable<GraphMailFolder> {
  const request = {
    method: 'mailFolders.childFolders',
    path: `/mailFolders/${encodeURIComponent(id)}/childFolders`,
    query: { includeHiddenFolders: 'true', $select: folderSelect, $top: PAGE_SIZE },
  };
  for await (const page of walk.mailbox.pages(request, walk.signal)) {
    for (const json of page.value) {
      const answer = parseFolder(json);
      if (answer !== null && !walk.seen.has(answer.id)) yield* branch(walk, answer, parent);
    }
  }
}

async function* branch(
  walk: Walk,
  answer: FolderAnswer,
  parent: GraphMailFolder | null,
): AsyncIterable<GraphMailFolder> {
  walk.seen.add(answer.id);
  const folder = place(answer, walk.wellKnown.get(answer.id) ?? null, parent);
  yield folder;
  if (isSearchFolderType(answer) || folder.ids.length >= DEEPEST) return;
  try {
    yield* descend(walk, folder.id, folder);
  } catch (error) {
    // Deleted while the tree was walked: its parent's next listing tells.
    if (!(error instanceof NotFound) || error.scope !== 'item') throw error;
  }
}

function place(
  answer: FolderAnswer,
  wellKnown: string | null,
  parent: GraphMailFolder | null,
): GraphMailFolder {
  return {
    kind: 'folder',
    id: answer.id,
    displayName: answer.displayName,
    path: [...(parent?.path ?? []), answer.displayName],
    ids: [...(parent?.ids ?? []), answer.id],
    wellKnown,
    root: wellKnown ?? parent?.root ?? null,
    isHidden: answer.isHidden,
    isSearchFolder: isSearchFolderType(answer) || wellKnown === 'searchfolders',
    totalItemCount: answer.totalItemCount,
  };
}
