import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where the bytes of one message lie. */
export interface MessagePlace {
  at: number;
  bytes: number;
}

/** The bytes of all messages of a tenant, one after the other in one file, so that memory holds metadata alone. */
export interface MessageFile {
  append(bytes: Uint8Array): MessagePlace;
  /** All bytes of a message, or its first `limit` of them. */
  read(place: MessagePlace, limit?: number): Buffer;
  close(): void;
}

/** Opens an empty file in the folder; one of an earlier run is overwritten. */
export function openMessageFile(stateDir: string): MessageFile {
  mkdirSync(stateDir, { recursive: true });
  const file = openSync(join(stateDir, 'google-messages.bin'), 'w+');
  let end = 0;
  return {
    append(bytes) {
      const place = { at: end, bytes: bytes.length };
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(file, bytes, done, bytes.length - done, end + done);
      }
      end += bytes.length;
      return place;
    },
    read({ at, bytes }, limit = bytes) {
      const buffer = Buffer.alloc(Math.min(bytes, limit));
      let done = 0;
      while (done < buffer.length) {
        const count = readSync(file, buffer, done, buffer.length - done, at + done);
        if (count === 0) break;
        done += count;
      }
      return buffer;
    },
    close: () => closeSync(file),
  };
}
