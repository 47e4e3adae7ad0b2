import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageSeed } from './message.ts';

export interface CorpusMessage {
  file: string;
  seed: MessageSeed;
}

/**
 * Loads every `.eml` of a folder as it is; the bytes are never re-encoded. Graph fields are read from the header block
 * where it has them, as Exchange does when it delivers.
 */
export function loadCorpus(dir: string, today: number): CorpusMessage[] {
  const files = readdirSync(dir)
    .filter((file) => file.toLowerCase().endsWith('.eml'))
    .sort();
  return files.map((file, index) => ({
    file,
    seed: corpusSeed(readFileSync(join(dir, file)), today - index * 3_600_000),
  }));
}

function corpusSeed(bytes: Uint8Array, receivedAt: number): MessageSeed {
  const header = headerOf(bytes);
  const sentAt = Date.parse(header('date') ?? '');
  const id = header('message-id');
  const address = /<?([^\s<>"]+@[^\s<>"]+)>?\s*$/.exec(header('from') ?? '')?.[1] ?? null;
  const sent = Number.isNaN(sentAt) ? receivedAt : sentAt;
  const from = address === null ? null : { emailAddress: { name: '', address } };
  return {
    bytes: () => bytes,
    messageClass: 'IPM.Note',
    sizeBytes: bytes.length,
    resource: {
      changeKey: `CQ${bytes.length.toString(36)}`,
      internetMessageId: id,
      subject: header('subject') ?? '',
      isRead: receivedAt % 2 === 0,
      isDraft: false,
      importance: 'normal',
      flag: { flagStatus: 'notFlagged' },
      categories: [],
      from,
      sender: from,
      receivedDateTime: new Date(receivedAt).toISOString(),
      sentDateTime: new Date(sent).toISOString(),
      createdDateTime: new Date(receivedAt).toISOString(),
      lastModifiedDateTime: new Date(receivedAt).toISOString(),
      isReadReceiptRequested: header('disposition-notification-to') !== null,
      isDeliveryReceiptRequested: false,
      hasAttachments: false,
      inferenceClassification: 'focused',
    },
  };
}

/** Reads single header fields of raw bytes: first one of a name, unfolded. */
function headerOf(bytes: Uint8Array): (name: string) => string | null {
  const text = Buffer.from(bytes.subarray(0, 65_536)).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const unfolded = text.slice(0, end).replace(/\r?\n[ \t]+/g, ' ');
  return (name) => {
    const line = unfolded.split(/\r?\n/).find((each) => each.toLowerCase().startsWith(`${name}:`));
    const value = line?.slice(name.length + 1).trim();
    return value ? value : null;
  };
}
