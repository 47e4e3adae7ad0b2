import { MigrationError } from '../../../src/core/errors.ts';
import type { TenantAnswer } from '../service/types.ts';
import type { Json } from './json.ts';

/** What a refusal says beside status, reason and message. */
export interface RefusalDetail {
  /** Default `global`. */
  domain?: string;
  /** Canonical status word (`INVALID_ARGUMENT`); the older APIs (Calendar, Directory) leave it out. */
  status?: string;
  location?: string;
  locationType?: 'parameter' | 'header';
  headers?: Record<string, string>;
  details?: Json[];
}

/** A request that Google refuses, with the answer that says so. */
export class Refusal extends MigrationError {
  readonly answer: TenantAnswer;
  constructor(reason: string, message: string, answer: TenantAnswer) {
    super({ code: reason, message, status: answer.status });
    this.answer = answer;
  }
}

/** Builds Google's error envelope: `{ error: { code, message, errors: [{ message, domain, reason }], status } }`. */
export function errorBody(code: number, reason: string, message: string, detail: RefusalDetail = {}): Json {
  const first: Json = { message, domain: detail.domain ?? 'global', reason };
  if (detail.location) first['location'] = detail.location;
  if (detail.locationType) first['locationType'] = detail.locationType;
  const error: Json = { code, message, errors: [first] };
  if (detail.status) error['status'] = detail.status;
  if (detail.details) error['details'] = detail.details;
  return { error };
}

/** A refusal in the envelope of Google's APIs. */
export function refuse(code: number, reason: string, message: string, detail: RefusalDetail = {}): Refusal {
  const body = errorBody(code, reason, message, detail);
  return new Refusal(reason, message, {
    status: code,
    body,
    ...(detail.headers ? { headers: detail.headers } : {}),
  });
}

/** 400 `invalidArgument` with the canonical status, as the newer APIs (Gmail) give it. */
export function invalidArgument(message: string): Refusal {
  return refuse(400, 'invalidArgument', message, { status: 'INVALID_ARGUMENT' });
}

/** 400 of the JSON and query parsers, shared by all APIs. */
export function badRequest(message: string): Refusal {
  return refuse(400, 'badRequest', message, { status: 'INVALID_ARGUMENT' });
}

/** 404 of the newer APIs (Gmail). */
export function entityNotFound(): Refusal {
  return refuse(404, 'notFound', 'Requested entity was not found.', { status: 'NOT_FOUND' });
}

/** 404 of the Directory API; `key` names the parameter (`userKey`, `groupKey`). */
export function resourceNotFound(key: string): Refusal {
  return refuse(404, 'notFound', `Resource Not Found: ${key}`);
}

/** 400 of the Directory API; `field` names what it does not accept. */
export function invalidInput(field: string): Refusal {
  return refuse(400, 'invalid', `Invalid Input: ${field}`);
}

/** 409 of the Directory API. */
export function alreadyExists(message = 'Entity already exists.'): Refusal {
  return refuse(409, 'duplicate', message);
}
