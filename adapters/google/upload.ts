import { randomUUID } from 'node:crypto';
import type { MimeRest } from '../../src/core/microsoft.ts';
import type { GoogleConnection, SignedWire } from './client.ts';
import { MESSAGE_BYTES_MAX, SINGLE_UPLOAD_BYTES } from './limits.ts';
import { uploadInChunks } from './upload-chunks.ts';
import {
  type MessageUpload,
  readStored,
  refusal,
  type StoredMessage,
  sizeOf,
  tooLarge,
  type UploadMethod,
  verified,
} from './upload-source.ts';

export type { MessageUpload, StoredMessage, UploadMethod } from './upload-source.ts';

type Body = NonNullable<RequestInit['body']>;

const PATHS: Readonly<Record<UploadMethod, string>> = {
  'gmail.messages.import': '/gmail/v1/users/me/messages/import',
  'gmail.messages.insert': '/gmail/v1/users/me/messages',
  'gmail.drafts.create': '/gmail/v1/users/me/drafts',
};

/**
 * Stores one message, bytes unchanged. Up to 5 MiB of known length go in one multipart request, everything else in a
 * resumable one. The SDK's own upload is not used: it closes a body that broke off with a valid boundary, so that
 * half a message is accepted. Here the closing boundary, or the last chunk, is sent only after the source ended well
 * and with the right length; otherwise the request is aborted. May throw what `rest` throws.
 * Source: https://developers.google.com/workspace/gmail/api/guides/uploads, read 2026-11.
 */
export async function uploadMessage(
  google: GoogleConnection,
  subject: string,
  upload: MessageUpload,
  signal: AbortSignal,
): Promise<StoredMessage> {
  const size = sizeOf(upload);
  if (size !== null && size > MESSAGE_BYTES_MAX) throw tooLarge();
  if (size === null || size > SINGLE_UPLOAD_BYTES) {
    const path = PATHS[upload.method];
    return uploadInChunks(google, subject, { ...upload, path, size }, signal);
  }
  const watched = watchSource(upload.rest);
  try {
    return await google.send(
      upload.method,
      subject,
      (wire) => sendMultipart(wire, upload, watched.rest),
      signal,
    );
  } catch (error) {
    // The source's own failure says more than the request that it broke.
    throw watched.failure() ?? refusal(error);
  }
}

async function sendMultipart(
  wire: SignedWire,
  upload: MessageUpload,
  rest: MimeRest,
): Promise<StoredMessage> {
  const boundary = randomUUID();
  const query = new URLSearchParams({
    uploadType: 'multipart',
    ...upload.query,
    quotaUser: wire.quotaUser,
  });
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: {
      authorization: wire.authorization,
      'content-type': `multipart/related; boundary=${boundary}`,
    },
    body: multipartBody(upload, rest, boundary, wire.signal),
    signal: wire.signal,
    duplex: 'half',
  };
  const response = await wire.fetch(`${wire.root}/upload${PATHS[upload.method]}?${query}`, init);
  return readStored(await response.text());
}

/** Whole messages as bytes with a length; others as a stream whose last piece depends on how the source ended. */
function multipartBody(upload: MessageUpload, rest: MimeRest, boundary: string, signal: AbortSignal): Body {
  const opening = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(upload.metadata)}\r\n` +
      `--${boundary}\r\nContent-Type: message/rfc822\r\n\r\n`,
  );
  const closing = Buffer.from(`\r\n--${boundary}--\r\n`);
  if (rest.whole !== null) return Buffer.concat([opening, upload.header, rest.whole, closing]);
  return asBody(streamParts(opening, upload.header, rest, closing, signal));
}

/** Async iterables are valid request bodies for undici, which the DOM's types do not say. */
function asBody(parts: AsyncIterable<Uint8Array>): Body {
  return parts as unknown as Body;
}

async function* streamParts(
  opening: Uint8Array,
  header: Uint8Array,
  rest: MimeRest,
  closing: Uint8Array,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield opening;
  yield header;
  yield* rest.open(signal);
  yield closing;
}

/** Remembers the error with which the source failed, whatever the request then makes of it. */
function watchSource(rest: MimeRest): { rest: MimeRest; failure(): unknown } {
  let failure: unknown;
  return {
    failure: () => failure,
    rest: {
      ...rest,
      async *open(signal) {
        failure = undefined;
        try {
          yield* verified(rest, signal);
        } catch (error) {
          if (!signal.aborted) failure = error;
          throw error;
        }
      },
    },
  };
}
