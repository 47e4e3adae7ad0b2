import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TenantAnswer, TenantRequest } from './types.ts';

/** No vendor takes a larger request: Gmail's ceiling is 150 MiB of message in one upload. */
const MAX_BODY_BYTES = 200 * 1024 * 1024;
/** Answers up to this size leave in one write, so that the request is over before the client can see its answer. */
const ONE_WRITE_BYTES = 64 * 1024;

/** Raised where a client's request breaks off or exceeds 200 MB: there is nobody to answer. */
export class BrokenRequest extends Error {}

/** Reads a request whole. Rejects with `BrokenRequest` where it ends early or is too large. */
export async function readRequest(incoming: IncomingMessage, scheme: string): Promise<TenantRequest> {
  const host = incoming.headers.host ?? 'localhost';
  const url = incoming.url ?? '/';
  const question = url.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: question < 0 ? url : url.slice(0, question),
    query: new URLSearchParams(question < 0 ? '' : url.slice(question + 1)),
    headers: headersOf(incoming),
    body: await readBody(incoming),
    origin: `${scheme}://${host}`,
  };
}

/** A JSON body as a value; null for anything else. */
export function parseJson(body: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}

/** The bytes and headers of an answer as they are sent. */
export function encodeAnswer(answer: TenantAnswer): { bytes: Uint8Array; headers: Record<string, string> } {
  const headers = { ...answer.headers };
  const { body } = answer;
  if (body === undefined) return { bytes: new Uint8Array(), headers };
  if (body instanceof Uint8Array) return { bytes: body, headers };
  if (typeof body === 'string') return { bytes: Buffer.from(body), headers };
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (!named) headers['Content-Type'] = 'application/json; charset=utf-8';
  return { bytes: Buffer.from(JSON.stringify(body)), headers };
}

/** Sends an answer; `onSent` runs once, when the request no longer occupies the service. */
export function sendAnswer(outgoing: ServerResponse, answer: TenantAnswer, onSent: () => void): void {
  const { bytes, headers } = encodeAnswer(answer);
  writeHead(outgoing, answer, headers, bytes.length);
  if (bytes.length <= ONE_WRITE_BYTES) {
    onSent();
    outgoing.end(bytes);
    return;
  }
  outgoing.once('close', onSent);
  outgoing.end(bytes, onSent);
}

/** Resets the connection without an answer. A TLS socket cannot send a reset and just closes. */
export function resetConnection(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  if (!socket) return;
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Announces the whole answer, sends half of it and closes the connection. */
export function cutAnswer(outgoing: ServerResponse, answer: TenantAnswer, onSent: () => void): void {
  const { bytes, headers } = encodeAnswer(answer);
  writeHead(outgoing, answer, headers, Math.max(2, bytes.length));
  onSent();
  outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
}

function writeHead(
  outgoing: ServerResponse,
  answer: TenantAnswer,
  headers: Record<string, string>,
  length: number,
): void {
  const isChunked = headers['Transfer-Encoding'] === 'chunked';
  const hasLength = answer.status !== 204 && answer.status !== 304 && !isChunked;
  outgoing.writeHead(answer.status, hasLength ? { ...headers, 'Content-Length': String(length) } : headers);
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw new BrokenRequest('request above 200 MB');
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new BrokenRequest('request broke off', { cause });
  }
  return Buffer.concat(chunks);
}
