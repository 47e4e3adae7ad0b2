import type { ContainerFact, Depth, Inventory, MessageFact } from '../core/facts.ts';
import type { Policy } from '../core/types.ts';
import type { CheckStore } from './check-store.ts';
import { changedAfter, messageRule } from './mail-rules.ts';
import { readEnd } from './reading.ts';

/** One message as it lies in the scratch table, with what the rules say about it. */
export interface MailRow {
  side: typeof SOURCE | typeof TARGET;
  identity: string;
  id: string;
  /** Empty, `excluded` or `unsupported`. */
  rule: string;
  fate: '' | 'excluded' | 'unsupported';
  fact: MessageFact;
}

export const SOURCE = 0;
export const TARGET = 1;
/** The first reading of the source, which tells which Message-IDs occur more than once. */
const CENSUS = 2;

/** Rows per transaction while a mailbox is being read. */
const BATCH_ROWS = 500;

/** Domain of the Message-IDs that ferry gives to messages without one (design §3); such an id identifies nothing. */
const ADDED_ID = /@migrated\.invalid$/i;

export interface MailReading {
  store: CheckStore;
  job: number;
  depth: Depth;
  policy: Policy;
  asOfMs: number;
  /** Folders of the source by id. */
  folders: ReadonlyMap<string, ContainerFact>;
  signal: AbortSignal;
  /** Lists one end's messages. */
  list(
    side: Inventory['side'],
    needsContent: (messageId: string | null) => boolean,
  ): AsyncIterable<MessageFact>;
}

/**
 * Reads both ends of a mailbox into the scratch table. The source is read a second time only where some message
 * needs its content to be told apart and the depth does not read all content anyway.
 */
export async function readMailbox(reading: MailReading): Promise<void> {
  const { store, job } = reading;
  const everyBody = reading.depth === 'content';
  await load(reading, 'source', everyBody ? SOURCE : CENSUS, () => false);
  const counted = everyBody ? SOURCE : CENSUS;
  const needsContent = (messageId: string | null) => isAmbiguous(reading, counted, messageId);
  if (!everyBody && someAmbiguous(reading)) await load(reading, 'source', SOURCE, needsContent);
  else if (!everyBody) store.run('UPDATE facts SET side = ? WHERE job = ? AND side = ?', SOURCE, job, CENSUS);
  await load(reading, 'target', TARGET, (messageId) =>
    isAmbiguous(reading, hasCensus(reading) ? CENSUS : SOURCE, messageId),
  );
  store.run('DELETE FROM facts WHERE job = ? AND side = ?', job, CENSUS);
}

export function forgetMailbox(store: CheckStore, job: number): void {
  store.run('DELETE FROM facts WHERE job = ?', job);
}

/** All rows of a mailbox, those of one identity together, the source before the target, in a stable order. */
export function* rowsByIdentity(store: CheckStore, job: number): Generator<MailRow[]> {
  const statement = store.freshStatement(
    'SELECT side, identity, id, fate, rule, fact FROM facts WHERE job = ? ORDER BY identity, side, id',
  );
  let bucket: MailRow[] = [];
  for (const raw of statement.iterate(job)) {
    const row = { ...raw, fact: JSON.parse(String(raw['fact'])) } as unknown as MailRow;
    if (bucket.length > 0 && bucket[0]?.identity !== row.identity) {
      yield bucket;
      bucket = [];
    }
    bucket.push(row);
  }
  if (bucket.length > 0) yield bucket;
}

/**
 * How many messages of a folder are under a label, by identity. `CROSS JOIN` keeps SQLite from reading the whole
 * target for each folder.
 */
export function sharedMessages(
  store: CheckStore,
  job: number,
): (folderId: string, labelId: string) => number {
  const statement = store.statement(`
    SELECT count(*) AS shared FROM facts s CROSS JOIN facts t ON t.job = s.job AND t.identity = s.identity AND t.side = ${TARGET}
    WHERE s.job = ? AND s.side = ${SOURCE} AND s.container = ?
      AND EXISTS (SELECT 1 FROM json_each(t.fact, '$.containers') l WHERE l.value = ?)`);
  return (folderId, labelId) => Number(statement.get(job, folderId, labelId)?.['shared'] ?? 0);
}

async function load(
  reading: MailReading,
  side: Inventory['side'],
  place: number,
  needsContent: (messageId: string | null) => boolean,
): Promise<void> {
  let batch: MessageFact[] = [];
  const flush = () => {
    reading.store.transaction(() => {
      for (const fact of batch) insert(reading, place, fact);
    });
    batch = [];
  };
  for await (const fact of readEnd(side, reading.list(side, needsContent), reading.signal)) {
    batch.push(fact);
    if (batch.length >= BATCH_ROWS) flush();
  }
  flush();
}

function insert(reading: MailReading, place: number, fact: MessageFact): void {
  const { store, job, folders, policy, asOfMs } = reading;
  const folder = folders.get(fact.containers[0] ?? '');
  if (place !== TARGET && folder?.virtual) return;
  const left = place === TARGET ? null : messageRule(fact, folder, policy, asOfMs);
  store.run(
    'INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    job,
    place,
    identityOf(fact),
    fact.id,
    fact.messageId,
    left?.fate ?? '',
    left?.rule ?? '',
    fact.containers[0] ?? '',
    JSON.stringify(fact),
  );
}

/** The Message-ID where it identifies, else the content; a message whose content was not read stands alone. */
function identityOf(fact: MessageFact): string {
  const messageId = fact.messageId?.replace(/[<>\s]/g, '') ?? '';
  if (messageId !== '' && !ADDED_ID.test(messageId)) return `id:${messageId}`;
  return fact.bodyHash === null ? `unread:${fact.id}` : `body:${fact.bodyHash}`;
}

export function hasOwnIdentity(identity: string): boolean {
  return identity.startsWith('id:');
}

function isAmbiguous(reading: MailReading, place: number, messageId: string | null): boolean {
  if (messageId === null || messageId === '' || ADDED_ID.test(messageId)) return true;
  const found = reading.store
    .statement(
      'SELECT count(*) AS copies FROM (SELECT 1 FROM facts WHERE job = ? AND side = ? AND message_id = ? LIMIT 2)',
    )
    .get(reading.job, place, messageId);
  return Number(found?.['copies']) > 1;
}

function someAmbiguous(reading: MailReading): boolean {
  const found = reading.store
    .statement(`SELECT 1 FROM facts WHERE job = ? AND side = ${CENSUS}
      AND (message_id IS NULL OR message_id = '' OR message_id LIKE '%@migrated.invalid') LIMIT 1`)
    .get(reading.job);
  if (found !== undefined) return true;
  const twice = reading.store
    .statement(
      `SELECT 1 FROM facts WHERE job = ? AND side = ${CENSUS} GROUP BY message_id HAVING count(*) > 1 LIMIT 1`,
    )
    .get(reading.job);
  return twice !== undefined;
}

function hasCensus(reading: MailReading): boolean {
  const found = reading.store
    .statement(`SELECT 1 FROM facts WHERE job = ? AND side = ${CENSUS} LIMIT 1`)
    .get(reading.job);
  return found !== undefined;
}

/** Whether a source row changed after the instant that the check speaks of. */
export function isLater(row: MailRow, asOfMs: number): boolean {
  return changedAfter(row.fact, asOfMs);
}
