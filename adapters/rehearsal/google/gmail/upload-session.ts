import { randomBytes } from 'node:crypto';
import type { TenantAnswer, TenantRequest } from '../../service/types.ts';
import type { Call } from '../api.ts';
import type { Json } from '../json.ts';
import { badRequest, refuse } from '../refusal.ts';

/** What is done with a message once its bytes are all there. */
export type Accept = (call: Call, metadata: Json, media: Buffer) => TenantAnswer;

/** A resumable upload between its first request and its last chunk. */
export interface UploadSession {
  id: string;
  call: Call;
  metadata: Json;
  accept: Accept;
  limit: number;
  chunks: Buffer[];
  received: number;
  /** Null until a chunk or the first request names it. */
  total: number | null;
  /** Kept, so that asking again after a lost answer gives it again. */
  answer: TenantAnswer | null;
}

/** The server keeps whole multiples of this from a chunk that is not the last (256 KiB). */
const GRAIN = 262_144;
/** Sessions live about a week at Google; here the oldest give way to new ones. */
const MAX_SESSIONS = 500;

/**
 * Opens a resumable session: 200 with the session URI in `Location`.
 * Source: developers.google.com/workspace/gmail/api/guides/uploads#resumable.
 */
export function openSession(call: Call, metadata: Json, limit: number, accept: Accept): TenantAnswer {
  const { uploads } = call.tenant.mail;
  const declared = call.request.headers.get('x-upload-content-length');
  if (declared !== null && Number(declared) > limit) throw tooLarge();
  const type = call.request.headers.get('x-upload-content-type');
  if (type !== null && !type.startsWith('message/')) throw unsupportedMedia(type);
  const session: UploadSession = {
    id: `${call.grant.userId ?? 'unknown'}-${randomBytes(24).toString('base64url')}`,
    call,
    metadata,
    accept,
    limit,
    chunks: [],
    received: 0,
    total: declared === null ? null : Number(declared),
    answer: null,
  };
  uploads.set(session.id, session);
  const [oldest] = uploads.keys();
  if (uploads.size > MAX_SESSIONS && oldest !== undefined) uploads.delete(oldest);
  const query = new URLSearchParams({ uploadType: 'resumable', upload_id: session.id });
  const location = `${call.request.origin}${call.request.path}?${query.toString()}`;
  return { status: 200, headers: { location, 'x-guploader-uploadid': session.id } };
}

/** Takes a chunk of a session, or answers how far it has come (`Content-Range: bytes * /total`). */
export function continueSession(session: UploadSession, request: TenantRequest): TenantAnswer {
  if (session.answer) return session.answer;
  const body = Buffer.from(request.body);
  const range = request.headers.get('content-range');
  if (range === null) return finish(session, body);
  const asked = /^bytes \*\/(\d+|\*)$/.exec(range);
  if (asked) {
    if (asked[1] !== '*') session.total = Number(asked[1]);
    return session.total === session.received ? finish(session, null) : incomplete(session);
  }
  const [, from, to, total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
  if (from === undefined || Number(to) - Number(from) + 1 !== body.length) {
    throw badRequest('Failed to parse Content-Range header.');
  }
  if (total !== '*') session.total = Number(total);
  return keep(session, body, Number(from));
}

function keep(session: UploadSession, body: Buffer, from: number): TenantAnswer {
  if (from > session.received) return incomplete(session);
  const fresh = body.subarray(session.received - from);
  const reached = session.received + fresh.length;
  if (reached > session.limit) throw tooLarge();
  const isLast = session.total !== null && reached >= session.total;
  const kept = isLast
    ? fresh
    : fresh.subarray(0, Math.max(0, reached - (reached % GRAIN) - session.received));
  session.chunks.push(kept);
  session.received += kept.length;
  return isLast ? finish(session, null) : incomplete(session);
}

/** The message is complete: `whole`, or what the chunks make together. */
function finish(session: UploadSession, whole: Buffer | null): TenantAnswer {
  const media = whole ?? Buffer.concat(session.chunks);
  if (media.length > session.limit) throw tooLarge();
  session.chunks = [];
  session.answer = session.accept(session.call, session.metadata, media);
  return session.answer;
}

function incomplete(session: UploadSession): TenantAnswer {
  const headers: Record<string, string> = { 'x-guploader-uploadid': session.id };
  if (session.received > 0) headers['range'] = `bytes=0-${session.received - 1}`;
  return { status: 308, headers };
}

/** 413 for a message above the method's limit. */
export function tooLarge() {
  return refuse(413, 'uploadTooLarge', 'Request Too Large');
}

/** 400 for media that is no message. */
export function unsupportedMedia(type: string) {
  return refuse(400, 'badContent', `Media type '${type}' is not supported. Valid media types: [message/*]`);
}
