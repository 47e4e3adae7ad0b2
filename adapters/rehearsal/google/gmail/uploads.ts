import type { TenantAnswer } from '../../service/types.ts';
import { type ApiRoute, type Call, readJson } from '../api.ts';
import { type Json, textOf } from '../json.ts';
import { badRequest, entityNotFound, invalidArgument, refuse } from '../refusal.ts';
import { checkShape, type Shape } from '../shapes.ts';
import type { Tenant } from '../state.ts';
import { type Accept, continueSession, openSession, tooLarge, unsupportedMedia } from './upload-session.ts';

/** A method that takes a message, in JSON or as media. */
export interface UploadMethod extends Omit<ApiRoute, 'handle' | 'upload' | 'body'> {
  body: Shape;
  limit(tenant: Tenant): number;
  /** Where the JSON body holds the bytes: `raw`, or `message.raw` of a draft. */
  rawOf(metadata: Json): unknown;
  accept: Accept;
}

/**
 * The routes of a method with media upload: JSON with `raw` on its own path; `uploadType=media|multipart|resumable` below
 * `/upload` and `/resumable/upload`; the sessions of the latter.
 */
export function uploadRoutes(method: UploadMethod): ApiRoute[] {
  const { limit: _limit, rawOf: _rawOf, accept: _accept, ...route } = method;
  const { body: _body, ...media } = route;
  const roots = ['/upload', '/resumable/upload'];
  return [
    { ...route, handle: (call) => acceptJson(call, method) },
    ...roots.map(
      (root): ApiRoute => ({
        ...media,
        path: `${root}${method.path}`,
        upload: 'media',
        handle: (call) => acceptMedia(call, method),
      }),
    ),
    // The session URI has the path of the first request; a method that is a PUT itself has no room for sessions.
    ...(method.method === 'PUT' ? [] : roots).map(
      (root): ApiRoute => ({
        name: method.name,
        method: 'PUT',
        path: `${root}${method.path}`,
        scopes: [],
        writes: true,
        upload: 'session',
        handle: handleSession,
      }),
    ),
  ];
}

function acceptJson(call: Call, method: UploadMethod): TenantAnswer {
  const raw = textOf(method.rawOf(call.body));
  if (raw === '') {
    throw invalidArgument(
      "'raw' RFC822 payload message string or uploading message via /upload/* URL required",
    );
  }
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(raw))
    throw badRequest("Invalid value at 'raw' (TYPE_BYTES), Base64 decoding failed");
  return acceptWithin(call, method, call.body, Buffer.from(raw, 'base64url'));
}

function acceptWithin(call: Call, method: UploadMethod, metadata: Json, media: Buffer): TenantAnswer {
  if (media.length > method.limit(call.tenant)) throw tooLarge();
  return method.accept(call, metadata, media);
}

function acceptMedia(call: Call, method: UploadMethod): TenantAnswer {
  const type = call.request.headers.get('content-type') ?? '';
  switch (call.query.get('uploadType')) {
    case 'media': {
      if (!type.startsWith('message/')) throw unsupportedMedia(type);
      return acceptWithin(call, method, {}, Buffer.from(call.request.body));
    }
    case 'multipart': {
      const { metadata, media } = readMultipart(type, Buffer.from(call.request.body));
      checkShape(metadata, method.body);
      return acceptWithin(call, method, metadata, media);
    }
    case 'resumable': {
      const metadata = readJson(call.request.body);
      checkShape(metadata, method.body);
      return openSession(call, metadata, method.limit(call.tenant), method.accept);
    }
    default:
      throw refuse(400, 'badRequest', 'Upload type is not supported.');
  }
}

function handleSession(call: Call): TenantAnswer {
  const session = call.tenant.mail.uploads.get(call.query.get('upload_id') ?? '');
  if (!session) throw entityNotFound();
  return continueSession(session, call.request);
}

/** Splits `multipart/related`: JSON metadata first, the message second; a body without its closing delimiter is refused. */
function readMultipart(type: string, body: Buffer): { metadata: Json; media: Buffer } {
  const match = /^multipart\/related;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary === undefined) throw malformed('Missing boundary.');
  const [first, second, ...rest] = splitParts(body, boundary);
  if (!first || !second || rest.length > 0) throw malformed('Malformed multipart body.');
  if (!first.type.startsWith('application/json')) throw malformed('Metadata part is not JSON.');
  if (!second.type.startsWith('message/')) throw unsupportedMedia(second.type);
  return { metadata: readJson(first.content), media: second.content };
}

function splitParts(body: Buffer, boundary: string): { type: string; content: Buffer }[] {
  const delimiter = `--${boundary}`;
  const parts: { type: string; content: Buffer }[] = [];
  let at = body.indexOf(delimiter);
  while (at !== -1) {
    const after = at + Buffer.byteLength(delimiter);
    if (body.subarray(after, after + 2).toString('latin1') === '--') return parts;
    const next = body.indexOf(`\r\n${delimiter}`, after);
    if (next === -1) break;
    parts.push(readPart(body.subarray(after + 2, next)));
    at = next + 2;
  }
  throw malformed('Malformed multipart body.');
}

function readPart(part: Buffer): { type: string; content: Buffer } {
  const gap = part.indexOf('\r\n\r\n');
  if (gap === -1) throw malformed('Malformed multipart body.');
  const head = part.subarray(0, gap).toString('latin1');
  const content = part.subarray(gap + 4);
  const isBase64 = /^content-transfer-encoding:\s*base64/im.test(head);
  return {
    type: /^content-type:\s*(\S+)/im.exec(head)?.[1]?.toLowerCase() ?? '',
    content: isBase64 ? Buffer.from(content.toString('latin1'), 'base64') : content,
  };
}

function malformed(message: string) {
  return refuse(400, 'badContent', message);
}
