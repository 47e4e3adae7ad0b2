/** Messages as a ledger meets them, for measuring what they cost. */
import { createHash } from 'node:crypto';
import type { Settlement } from '../../src/core/ports.ts';
import type { JsonObject, SourceItem } from '../../src/core/types.ts';

/** `shared`: ids of one mailbox begin alike, as Exchange makes them; `random`: they have nothing in common. */
export type IdForm = 'shared' | 'random';

const FOLDERS = 12;
const SENDERS = 400;
const FIRST_RECEIVED_MS = Date.UTC(2015, 0, 5, 8);
const MINUTES_APART = 7;
/** An immutable id of 152 characters holds 114 bytes. */
const ID_BYTES = 114;
const OWN_BYTES = 28;

function bytesOf(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, block) =>
    createHash('sha512').update(`${seed}/${block}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function immutableId(mailbox: string, name: string, form: IdForm): string {
  const own = bytesOf(`${mailbox}/${name}`, form === 'shared' ? OWN_BYTES : ID_BYTES);
  const shared = bytesOf(mailbox, ID_BYTES - own.length);
  return Buffer.concat([shared, own]).toString('base64url');
}

/** The folder of a message by its number. */
export function folderOf(mailbox: string, n: number, form: IdForm): string {
  return immutableId(mailbox, `folder ${n % FOLDERS}`, form);
}

/** A message with ids of 152 characters, a Message-ID of 60, and the facts that the Graph source lists. */
export function messageItem(mailbox: string, n: number, form: IdForm): SourceItem {
  const container = folderOf(mailbox, n, form);
  const digest = bytesOf(`${mailbox} message ${n}`, 32).toString('hex');
  const identity = `${digest.slice(0, 32).toUpperCase()}@mail-${n % SENDERS}.correspondent.example`.padEnd(
    60,
    'e',
  );
  const receivedMs = FIRST_RECEIVED_MS + n * MINUTES_APART * 60_000 + (n % 60) * 1_000;
  return {
    key: immutableId(mailbox, `message ${n}`, form),
    version: digest.slice(0, 32),
    container,
    identity,
    rank: 100,
    after: `folder:${container}`,
    order: receivedMs,
    state: stateOf(n, container, identity, receivedMs),
    inline: null,
    bytes: 4_000 + ((n * 7_919) % 90_000),
  };
}

function stateOf(n: number, folderId: string, identity: string, receivedMs: number): JsonObject {
  return {
    kind: 'message',
    isRead: n % 5 !== 0,
    isDraft: false,
    flagStatus: n % 31 === 0 ? 'flagged' : 'notFlagged',
    importance: n % 17 === 0 ? 'high' : 'normal',
    categories: n % 23 === 0 ? ['Red category'] : [],
    receivedDateTime: timeText(receivedMs),
    sentDateTime: timeText(receivedMs - (n % 9) * 1_000),
    internetMessageId: `<${identity}>`,
    fromAddress: `person.${(n * 31) % SENDERS}@correspondent-${n % 40}.example`,
    isReadReceiptRequested: false,
    messageClass: 'IPM.Note',
    folderId,
  };
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

/** The outcome of a message: most are written with an id of Gmail, some left out by a rule. */
export function settlementOf({ key, version }: SourceItem, n: number): Settlement {
  if (n % 40 === 39) return { key, version, outcome: 'excluded', reason: 'junk', receipt: null, losses: [] };
  const wrote = { labelIds: n % 5 === 0 ? ['INBOX', 'UNREAD'] : [`Label_${n % FOLDERS}`] };
  const losses =
    n % 11 === 0 ? [{ field: 'flag', kind: 'dropped', reason: 'complete-no-equivalent' } as const] : [];
  const targetId = bytesOf(`gmail ${key}`, 8).toString('hex');
  return { key, version, outcome: 'written', reason: null, receipt: { targetId, wrote }, losses };
}
