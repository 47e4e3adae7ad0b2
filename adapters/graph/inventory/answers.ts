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

/** `/users/<id>` with the principal's name encoded. */
export function userPath(principal: { id: string }): string {
  return `/users/${encodeURIComponent(principal.id)}`;
}

/** Every mail or event request asks for ids that survive moves. */
export const IMMUTABLE_IDS = { Prefer: 'IdType="ImmutableId"' } as const;
