import type { Principal } from '../../../src/core/types.ts';
import type { GraphRequest } from '../client.ts';

/** Tolerant reading of Graph's answers: what is missing or odd is the neutral value. */
export type Answer = { readonly [property: string]: unknown };

export function asAnswer(value: unknown): Answer {
  return typeof value === 'object' && value !== null ? (value as Answer) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

export function listOf(value: unknown): Answer[] {
  return Array.isArray(value) ? value.map(asAnswer) : [];
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** A time as UTC milliseconds; null where there is none. Graph's times without offset are UTC. */
export function instantOrNull(value: unknown): number | null {
  const text = textOf(value);
  const at = Date.parse(/[zZ]|[+-]\d\d:\d\d$/.test(text) ? text : `${text}Z`);
  return text === '' || Number.isNaN(at) ? null : at;
}

/** Ids that survive moves, and times in UTC whatever the mailbox is set to. */
const PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"';

/**
 * A read below `/users/<id>`, charged to the mailbox and waiting behind nobody's interactive work. `path` starts with
 * `/`; the principal is addressed by object id, or by address where none is known.
 */
export function mailboxRead(
  principal: Principal,
  method: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
): GraphRequest {
  return {
    method,
    path: `/users/${encodeURIComponent(principal.id || principal.source)}${path}`,
    mailbox: principal.source,
    query,
    headers: { Prefer: PREFER },
    priority: 'check',
  };
}
