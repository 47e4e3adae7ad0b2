import { randomUUID } from 'node:crypto';
import type { TenantAnswer } from '../service/types.ts';

/** Thrown by a handler where the vendor answers with an error; becomes Graph's error body. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer that a refusal becomes. Shape: `{ error: { code, message, innerError } }` (Graph, errors page). */
export function refusalAnswer(refusal: Refusal): TenantAnswer {
  const requestId = randomUUID();
  const innerError = {
    date: new Date().toISOString().slice(0, 19),
    'request-id': requestId,
    'client-request-id': requestId,
  };
  return {
    status: refusal.status,
    headers: { 'request-id': requestId, 'client-request-id': requestId, ...refusal.headers },
    body: { error: { code: refusal.code, message: refusal.message, innerError } },
  };
}

/** 400 for a request that OData cannot read. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BadRequest', message);
}

/** 404 of the directory. */
export function directoryNotFound(id: string): Refusal {
  return new Refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** 404 of Exchange for items. */
export function itemNotFound(): Refusal {
  return new Refusal(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
}

/** 410 for a delta token that has expired or was never issued; `Location` starts the folder over. */
export function syncStateNotFound(location: string): Refusal {
  return new Refusal(
    410,
    'syncStateNotFound',
    'The sync state generation is not found; the client must perform a full synchronization.',
    { Location: location },
  );
}
