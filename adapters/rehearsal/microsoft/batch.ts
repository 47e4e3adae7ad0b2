import { randomUUID } from 'node:crypto';
import type { QuotaCharge, TenantAnswer, TenantRequest } from '../service/types.ts';
import { encodeAnswer, parseJson } from '../service/wire.ts';
import { MAILBOX_BUCKET } from './quotas.ts';
import { badRequest } from './refusal.ts';

/** Graph, json-batching page: at most 20 requests. */
const MAX_PARTS = 20;
/** The same page: at most 4 unordered Outlook parts run at a time; chained ones run one by one. */
const PARALLEL_PARTS = 4;

interface Part {
  id: string;
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: unknown;
  dependsOn?: string[];
}

/** Runs one request as if it had come by itself; quotas and faults included. */
export type RunPart = (request: TenantRequest) => Promise<TenantAnswer>;

/** `POST /v1.0/$batch`: parts answered one by one, each with a status of its own inside the outer 200. */
export async function answerBatch(request: TenantRequest, run: RunPart): Promise<TenantAnswer> {
  const parts = readParts(request);
  const statuses = new Map<string, number>();
  const responses: object[] = [];
  for (const part of parts) {
    const failedParent = part.dependsOn?.some((id) => (statuses.get(id) ?? 424) >= 400) ?? false;
    const answer = failedParent ? failedDependency() : await run(partRequest(request, part));
    statuses.set(part.id, answer.status);
    responses.push(presentPart(part.id, answer));
  }
  return { status: 200, body: { responses: inAnyOrder(parts, responses) } };
}

/** What a batch takes of the mailboxes' concurrency; units are charged part by part. */
export function batchCharges(
  request: TenantRequest,
  chargesOfPart: (request: TenantRequest) => readonly QuotaCharge[],
): QuotaCharge[] {
  const slots = new Map<string, number>();
  for (const part of tolerantParts(request)) {
    for (const { bucket, key } of chargesOfPart(partRequest(request, part))) {
      if (bucket !== MAILBOX_BUCKET) continue;
      const limit = part.dependsOn?.length ? 1 : PARALLEL_PARTS;
      slots.set(key, Math.max(slots.get(key) ?? 0, Math.min(limit, (slots.get(key) ?? 0) + 1)));
    }
  }
  return [...slots].map(([key, count]) => ({ bucket: MAILBOX_BUCKET, key, units: 0, slots: count }));
}

function readParts(request: TenantRequest): Part[] {
  const asked = parseJson(request.body) as { requests?: unknown } | null;
  if (!Array.isArray(asked?.requests)) throw badRequest("The 'requests' property of the batch is missing.");
  const parts = asked.requests.filter(isPart);
  if (parts.length !== asked.requests.length)
    throw badRequest('A request of the batch lacks id, method or url.');
  if (parts.length > MAX_PARTS)
    throw badRequest(`The number of batch requests exceeds the limit of ${MAX_PARTS}.`);
  if (new Set(parts.map((part) => part.id)).size < parts.length) {
    throw badRequest('The ids of the requests of a batch must be unique.');
  }
  for (const part of parts) {
    const names = Object.keys(part.headers ?? {}).map((name) => name.toLowerCase());
    if (part.body !== undefined && !names.includes('content-type')) {
      throw badRequest('A request with a body needs a Content-Type header.');
    }
  }
  return parts;
}

function tolerantParts(request: TenantRequest): Part[] {
  const asked = parseJson(request.body) as { requests?: unknown } | null;
  return Array.isArray(asked?.requests) ? asked.requests.filter(isPart).slice(0, MAX_PARTS) : [];
}

function isPart(value: unknown): value is Part {
  const part = value as Partial<Part> | null;
  return typeof part?.id === 'string' && typeof part.method === 'string' && typeof part.url === 'string';
}

function partRequest(outer: TenantRequest, part: Part): TenantRequest {
  const relative = part.url.startsWith('/') ? part.url : `/${part.url}`;
  const [path = '', query = ''] = splitOnce(relative.startsWith('/v1.0/') ? relative : `/v1.0${relative}`);
  const headers = new Headers(part.headers);
  const authorization = outer.headers.get('authorization');
  if (authorization && !headers.has('authorization')) headers.set('authorization', authorization);
  return {
    method: part.method.toUpperCase(),
    path,
    query: new URLSearchParams(query),
    headers,
    body: part.body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(part.body)),
    origin: outer.origin,
  };
}

function splitOnce(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

/** JSON stays JSON; everything else comes as base64 text. */
function presentPart(id: string, answer: TenantAnswer): object {
  const { bytes, headers } = encodeAnswer(answer);
  const isJson = typeof answer.body === 'object' && !(answer.body instanceof Uint8Array);
  const body = isJson ? answer.body : Buffer.from(bytes).toString('base64');
  return { id, status: answer.status, headers, ...(bytes.length > 0 ? { body } : {}) };
}

function failedDependency(): TenantAnswer {
  const innerError = { 'request-id': randomUUID(), date: new Date().toISOString().slice(0, 19) };
  return {
    status: 424,
    body: { error: { code: 'FailedDependency', message: 'A parent request failed.', innerError } },
  };
}

/** Answers of unordered parts come in any order; chained ones in theirs. */
function inAnyOrder(parts: readonly Part[], responses: object[]): object[] {
  return parts.some((part) => part.dependsOn?.length) ? responses : responses.toReversed();
}
