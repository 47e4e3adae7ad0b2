import { NotFound } from '../../src/core/errors.ts';
import type { GraphMailFolder, MailResource } from '../../src/core/microsoft.ts';
import type { Cursors, ListedItem, Source } from '../../src/core/ports.ts';
import type { Job, JsonObject, Page, SourceItem } from '../../src/core/types.ts';
import type { GraphClient } from './graph-client.ts';
import { mailFolders } from './mail-folders.ts';
import { folderPages } from './mail-streams.ts';
import { openMailbox } from './mailbox.ts';
import { createMimeReader, type MimeReader } from './mime.ts';
import { versionOf } from './versions.ts';

const FOLDERS = 'folders';
const FOLDER_PREFIX = 'folder:';

/**
 * Reads the mail of one mailbox: stream `folders` with the whole tree, then one stream `folder:<id>` per folder that
 * holds messages of its own. The cursor of a folder survives a crash between any two pages.
 */
export function createMailSource(client: GraphClient): Source<MailResource> {
  const reader = createMimeReader();
  return {
    pages: (job, from, signal) => mailPages(client, job, from, signal),
    get: (job, item, signal) => readItem(client, reader, job, item, signal),
  };
}

async function* mailPages(
  client: GraphClient,
  job: Job,
  from: Cursors,
  signal: AbortSignal,
): AsyncIterable<Page> {
  const mailbox = openMailbox(client, job.principal);
  const folders: GraphMailFolder[] = [];
  for await (const folder of mailFolders(mailbox, signal)) folders.push(folder);
  yield fullPage(FOLDERS, folders.map(folderItem));
  const ids = new Set(folders.map((folder) => folder.id));
  for (const folder of folders) {
    if (folder.isSearchFolder) continue;
    const stream = { mailbox, folderId: folder.id, folders: ids };
    yield* present(folderPages(stream, from.get(FOLDER_PREFIX + folder.id), signal), folder.id);
  }
  // Last, so that messages which moved out of a folder before it was deleted are listed where they are first.
  for (const [stream, cursor] of from) {
    const isGone = stream.startsWith(FOLDER_PREFIX) && !ids.has(stream.slice(FOLDER_PREFIX.length));
    if (isGone && cursor !== '') yield fullPage(stream, []);
  }
}

/** The pages of a folder; one that is deleted while it is read holds nothing any more. */
async function* present(pages: AsyncIterable<Page>, folderId: string): AsyncIterable<Page> {
  try {
    yield* pages;
  } catch (error) {
    if (!(error instanceof NotFound) || error.scope !== 'item') throw error;
    yield fullPage(FOLDER_PREFIX + folderId, []);
  }
}

/** A whole reading in one page. */
function fullPage(stream: string, items: readonly SourceItem[]): Page {
  return { stream, items, removed: [], cursor: '', mode: 'full', first: true, last: true };
}

function folderItem(folder: GraphMailFolder): SourceItem {
  const { path, ids, wellKnown, isHidden, isSearchFolder } = folder;
  return {
    key: FOLDER_PREFIX + folder.id,
    version: versionOf(path, wellKnown, isHidden, isSearchFolder),
    container: ids.at(-2) ?? '',
    identity: null,
    rank: Math.min(ids.length - 1, DEEPEST_RANK),
    after: null,
    order: 0,
    state: folder as unknown as JsonObject,
    inline: null,
    bytes: null,
  };
}

/** Folders rank below messages, which have rank 100; parents before children as far down as anything nests. */
const DEEPEST_RANK = 99;

async function readItem(
  client: GraphClient,
  reader: MimeReader,
  job: Job,
  item: ListedItem,
  signal: AbortSignal,
): Promise<MailResource> {
  if (item.key.startsWith(FOLDER_PREFIX)) return item.state as unknown as GraphMailFolder;
  return reader.read(openMailbox(client, job.principal), item.key, signal);
}
