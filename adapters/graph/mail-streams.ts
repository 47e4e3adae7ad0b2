import { CursorExpired, type MigrationError, Rejected } from '../../src/core/errors.ts';
import type { Page, RemovedItem, SourceItem } from '../../src/core/types.ts';
import type { GraphPage } from './graph-client.ts';
import {
  advance,
  type Cursor,
  type ListCursor,
  lighter,
  parseCursor,
  start,
  startList,
  writeCursor,
} from './mail-cursor.ts';
import { isUnreadable, messageItem, PATIENCE, readMessages } from './mail-messages.ts';
import { idOf, isRemoval, messageExpand, messageSelect, parseMessage } from './mail-schemas.ts';
import type { Mailbox, MailboxRequest } from './mailbox.ts';

/** Restarts of one stream in one round before delta is given up for it. */
const MOST_RESTARTS = 2;
const DELTA_PAGE_SIZE = 500;

/** One folder's stream of messages. */
export interface FolderStream {
  mailbox: Mailbox;
  folderId: string;
  /** Ids of all folders of the mailbox, to tell a move from a foreign id. */
  folders: ReadonlySet<string>;
}

/**
 * Reads one folder from a cursor on, up to the end of the round. The first round walks the delta (for its link, and so
 * that nothing is missed) and then a plain list, which alone shows class and size; the same rows come twice, the
 * second time complete. Later rounds follow the delta link and read each changed message again by its id, since a
 * delta may carry changed properties alone. Source: https://learn.microsoft.com/graph/delta-query-messages.
 */
export async function* folderPages(
  stream: FolderStream,
  from: string | undefined,
  signal: AbortSignal,
): AsyncIterable<Page> {
  let cursor = parseCursor(from) ?? start();
  let restarts = 0;
  let isFirst = cursor.walk === 'delta' && cursor.next === null;
  for (;;) {
    const outcome = await tryStep(stream, cursor, restarts, signal);
    if ('detour' in outcome) {
      restarts += outcome.isExpired ? 1 : 0;
      isFirst ||= outcome.isAnew;
      cursor = outcome.detour;
      continue;
    }
    yield pageOf(stream, cursor, outcome, isFirst);
    if (outcome.isLast) return;
    isFirst = false;
    cursor = outcome.cursor;
  }
}

/** Another place to go on at, without a page. */
interface Detour {
  detour: Cursor;
  /** The stream starts over: what is not seen from here on is gone. */
  isAnew: boolean;
  isExpired: boolean;
}

interface Step {
  items: readonly SourceItem[];
  removed: readonly RemovedItem[];
  /** Where to go on. */
  cursor: Cursor;
  isLast: boolean;
}

function pageOf(stream: FolderStream, at: Cursor, step: Step, isFirst: boolean): Page {
  return {
    stream: `folder:${stream.folderId}`,
    items: step.items,
    removed: step.removed,
    cursor: writeCursor(step.cursor),
    mode: at.walk === 'changes' ? 'delta' : 'full',
    first: isFirst,
    last: step.isLast,
  };
}

async function tryStep(
  stream: FolderStream,
  cursor: Cursor,
  restarts: number,
  signal: AbortSignal,
): Promise<Step | Detour> {
  try {
    return await takeStep(stream, cursor, signal);
  } catch (error) {
    const detour = cursor.walk === 'list' ? aroundList(error, cursor) : aroundDelta(error, restarts);
    if (detour === null) throw error;
    return detour;
  }
}

function takeStep(stream: FolderStream, cursor: Cursor, signal: AbortSignal): Promise<Step> {
  if (cursor.walk === 'delta') return stepDelta(stream, cursor, signal);
  if (cursor.walk === 'list') return stepList(stream, cursor, signal);
  return stepChanges(stream, cursor, signal);
}

async function stepDelta(
  stream: FolderStream,
  cursor: Cursor & { walk: 'delta' },
  signal: AbortSignal,
): Promise<Step> {
  const page = await stream.mailbox.page(deltaRequest(stream.folderId, cursor.next), signal);
  const items = page.value
    .filter((json) => !isRemoval(json))
    .flatMap((json) => parseMessage(json) ?? [])
    .map((answer) => messageItem(answer, stream.folderId));
  const next: Cursor =
    page.nextLink === null ? startList(page.deltaLink) : { walk: 'delta', next: page.nextLink };
  return { items, removed: [], cursor: next, isLast: false };
}

async function stepList(stream: FolderStream, cursor: ListCursor, signal: AbortSignal): Promise<Step> {
  const page = await stream.mailbox.page(listRequest(stream.folderId, cursor), signal);
  const isByIds = cursor.top === 0 && cursor.next === null;
  const reading = isByIds
    ? await readMessages(stream.mailbox, idsOf(page), stream, signal)
    : { items: rowsOf(stream, page), removed: [] };
  if (page.nextLink !== null) {
    return { ...reading, cursor: advance(cursor, page.value.length, page.nextLink), isLast: false };
  }
  const { delta } = cursor;
  return { ...reading, cursor: delta === null ? start() : { walk: 'changes', link: delta }, isLast: true };
}

async function stepChanges(
  stream: FolderStream,
  cursor: Cursor & { walk: 'changes' },
  signal: AbortSignal,
): Promise<Step> {
  const page = await stream.mailbox.page(deltaRequest(stream.folderId, cursor.link), signal);
  const removedKeys = page.value.filter(isRemoval).flatMap((json) => idOf(json) ?? []);
  const changed = page.value.filter((json) => !isRemoval(json)).flatMap((json) => idOf(json) ?? []);
  const reading = await readMessages(stream.mailbox, [...new Set(changed)], stream, signal);
  const listed = new Set(reading.items.map((item) => item.key));
  const removed = removedKeys
    .filter((key) => !listed.has(key))
    .map((key) => ({ key, container: stream.folderId }));
  return {
    items: reading.items,
    removed: [...removed, ...reading.removed],
    cursor: { walk: 'changes', link: page.nextLink ?? page.deltaLink ?? cursor.link },
    isLast: page.nextLink === null,
  };
}

/**
 * Around an error of a delta: an expired one starts over; a folder whose delta is refused, keeps expiring or holds an
 * item that no delta page can carry is listed in full instead, in this round and in the next ones anew.
 */
function aroundDelta(error: unknown, restarts: number): Detour | null {
  if (error instanceof CursorExpired && restarts < MOST_RESTARTS) {
    return { detour: start(), isAnew: true, isExpired: true };
  }
  const isRefused = error instanceof Rejected && error.scope === 'item';
  if (!isRefused && !(error instanceof CursorExpired)) return null;
  return { detour: startList(null), isAnew: true, isExpired: false };
}

/** Around an error of a list: lighter pages at the same place, or pages without class and size. */
function aroundList(error: unknown, cursor: ListCursor): Detour | null {
  if (error instanceof CursorExpired && cursor.next !== null) {
    return { detour: { ...cursor, next: null }, isAnew: false, isExpired: false };
  }
  const isPoisoned = isUnreadable(error);
  if (isPoisoned && (error as MigrationError).status === 400) {
    return cursor.plain ? null : { detour: { ...cursor, plain: true }, isAnew: false, isExpired: false };
  }
  const detour = isPoisoned ? lighter(cursor) : null;
  return detour && { detour, isAnew: false, isExpired: false };
}

function deltaRequest(folderId: string, link: string | null): MailboxRequest {
  const prefer = `odata.maxpagesize=${DELTA_PAGE_SIZE}`;
  if (link !== null) return { method: 'messages.delta', path: link, prefer, unrenderableAfter: PATIENCE };
  const path = `/mailFolders/${encodeURIComponent(folderId)}/messages/delta`;
  return {
    method: 'messages.delta',
    path,
    query: { $select: messageSelect },
    prefer,
    unrenderableAfter: PATIENCE,
  };
}

function listRequest(folderId: string, cursor: ListCursor): MailboxRequest {
  if (cursor.next !== null)
    return { method: 'messages.list', path: cursor.next, unrenderableAfter: PATIENCE };
  const path = `/mailFolders/${encodeURIComponent(folderId)}/messages`;
  const query: Record<string, string> = {
    $select: cursor.top === 0 ? 'id' : messageSelect,
    $top: String(Math.max(1, cursor.top)),
  };
  if (cursor.skip > 0) query['$skip'] = String(cursor.skip);
  if (cursor.top > 0 && !cursor.plain) query['$expand'] = messageExpand;
  return { method: 'messages.list', path, query, unrenderableAfter: PATIENCE };
}

function idsOf(page: GraphPage): string[] {
  return [...new Set(page.value.flatMap((json) => idOf(json) ?? []))];
}

function rowsOf(stream: FolderStream, page: GraphPage): SourceItem[] {
  const rows = new Map<string, SourceItem>();
  for (const json of page.value) {
    const answer = parseMessage(json);
    if (answer !== null) rows.set(answer.id, messageItem(answer, stream.folderId));
  }
  return [...rows.values()];
}
