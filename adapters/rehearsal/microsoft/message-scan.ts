import type { EstateMessage } from '../estate/types.ts';
import type { Filter } from './filter.ts';
import type { MailboxView, ViewPosition } from './mailbox-view.ts';

/** Where a scan over one or more folders stands. */
export interface ScanPosition extends ViewPosition {
  /** Index of the folder. */
  folder: number;
}

export interface ScanRequest {
  folderIds: readonly string[];
  from: ScanPosition;
  skip: number;
  count: number;
  filter: Filter | null;
  isAscending: boolean;
}

/** Messages that one request looks at; a page may come empty, with a link to go on. */
const MAX_LOOKED_AT = 5_000;
const CHUNK = 200;

/** The next messages that pass the filter, and where to go on; `next` is null at the end. */
export function scanMessages(
  view: MailboxView,
  request: ScanRequest,
): { messages: EstateMessage[]; next: ScanPosition | null } {
  const { folderIds, count, filter, isAscending } = request;
  const messages: EstateMessage[] = [];
  let { skip, from } = request;
  let lookedAt = 0;
  while (messages.length < count && lookedAt < MAX_LOOKED_AT) {
    const folderId = folderIds[from.folder];
    if (folderId === undefined) return { messages, next: null };
    const size =
      filter || skip > 0 ? Math.min(CHUNK, count - messages.length + skip) : count - messages.length;
    const page = view.page(folderId, from, size, isAscending);
    lookedAt += page.messages.length;
    const kept = page.messages.filter((message) => filter?.accepts(message.resource) ?? true);
    messages.push(...kept.slice(skip));
    skip = Math.max(0, skip - kept.length);
    from = page.next ? { ...from, ...page.next } : { folder: from.folder + 1, base: 0, extra: 0 };
  }
  return { messages, next: folderIds[from.folder] === undefined ? null : from };
}
