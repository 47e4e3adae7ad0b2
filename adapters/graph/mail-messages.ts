import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { GraphMessageState } from '../../src/core/microsoft.ts';
import type { JsonObject, RemovedItem, SourceItem } from '../../src/core/types.ts';
import { type MessageAnswer, messageExpand, messageSelect, parseMessage } from './mail-schemas.ts';
import type { Mailbox } from './mailbox.ts';
import { mapParallel } from './parallel.ts';
import { versionOf } from './versions.ts';

/** As many as one mailbox answers at once. */
const READS_AT_ONCE = 4;

/** Failures to render a page or a message after which they are taken as lasting. */
export const PATIENCE = 4;

/** The row of one copy of a message in one folder. */
export function messageItem(answer: MessageAnswer, folderId: string): SourceItem {
  const { changeKey, ...facts } = answer.state;
  const state: GraphMessageState = { ...facts, folderId };
  const receivedAt = Date.parse(state.receivedDateTime ?? state.sentDateTime ?? '');
  return {
    key: answer.id,
    version: versionOf(changeKey, folderId),
    container: folderId,
    identity: identityOf(state.internetMessageId),
    rank: 100,
    after: `folder:${folderId}`,
    order: Number.isNaN(receivedAt) ? 0 : receivedAt,
    state: state as unknown as JsonObject,
    inline: null,
    bytes: answer.bytes,
  };
}

/** A Message-ID without blanks and angle brackets; null where nothing is left. */
function identityOf(messageId: string | null): string | null {
  const bare = messageId?.replace(/\s+/g, '').replace(/^<+|>+$/g, '') ?? '';
  return bare === '' ? null : bare;
}

export interface MessageReading {
  items: SourceItem[];
  removed: RemovedItem[];
}

/**
 * Reads the named messages again, one by one, as they are at this moment in this folder. One that has gone, or moved to
 * another of `folders`, is a removal. One that cannot be read for good is listed by its id alone, so that it counts.
 */
export async function readMessages(
  mailbox: Mailbox,
  ids: readonly string[],
  place: { folderId: string; folders: ReadonlySet<string> },
  signal: AbortSignal,
): Promise<MessageReading> {
  const readings = await mapParallel(ids, READS_AT_ONCE, (id) => readMessage(mailbox, id, signal));
  const reading: MessageReading = { items: [], removed: [] };
  for (const [index, answer] of readings.entries()) {
    const key = ids[index] ?? '';
    if (answer === null || isElsewhere(answer, place))
      reading.removed.push({ key, container: place.folderId });
    else reading.items.push({ ...messageItem(answer, place.folderId), key });
  }
  return reading;
}

function isElsewhere(
  answer: MessageAnswer,
  place: { folderId: string; folders: ReadonlySet<string> },
): boolean {
  const parent = answer.parentFolderId;
  return parent !== null && parent !== place.folderId && place.folders.has(parent);
}

/** Null where the message has gone. */
async function readMessage(mailbox: Mailbox, id: string, signal: AbortSignal): Promise<MessageAnswer | null> {
  const path = `/messages/${encodeURIComponent(id)}`;
  try {
    const query = { $select: messageSelect, $expand: messageExpand };
    return (
      parseMessage(
        await mailbox.get({ method: 'messages.get', path, query, unrenderableAfter: PATIENCE }, signal),
      ) ?? unreadable(id)
    );
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    if (!isUnreadable(error)) throw error;
    return readWithoutProperties(mailbox, id, signal);
  }
}

async function readWithoutProperties(
  mailbox: Mailbox,
  id: string,
  signal: AbortSignal,
): Promise<MessageAnswer | null> {
  const path = `/messages/${encodeURIComponent(id)}`;
  try {
    const query = { $select: messageSelect };
    return (
      parseMessage(
        await mailbox.get({ method: 'messages.get', path, query, unrenderableAfter: PATIENCE }, signal),
      ) ?? unreadable(id)
    );
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    if (!isUnreadable(error)) throw error;
    return unreadable(id);
  }
}

/** True for answers that say: this item, or this page with the item in it, cannot be rendered. */
export function isUnreadable(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status;
  if (error instanceof Rejected) return status === 400 || isRenderingStatus(status);
  return isRenderingStatus(status);
}

/** A 503 speaks of the service, not of an item. Source: limits 1.2. */
function isRenderingStatus(status: unknown): boolean {
  return status === 500 || status === 504;
}

function unreadable(id: string): MessageAnswer {
  const answer = parseMessage({ id });
  if (answer === null) throw new NotFound({ code: 'no-id', message: 'a message without an id was listed' });
  return answer;
}
