import type { Json, JsonObject, Loss } from '../../src/core/types.ts';

/** A resource of the vendor as it was read; hostile, any field may be missing. */
export type Fields = Readonly<Record<string, unknown>>;

export interface Merge {
  /** What to send; empty when nothing is to be done. Null clears a field. */
  patch: Record<string, Json>;
  /** What counts as written by ferry from here on: the basis of the next merge. */
  wrote: Record<string, Json>;
  losses: Loss[];
}

/**
 * Lays the wanted fields over what Google holds: a field is written where it is empty (or at Google's `defaults`) or
 * still holds what ferry wrote `before`. What an administrator has changed since stays, with the loss
 * `kept-target-change`. A field that is no longer wanted is cleared under the same rule.
 */
export function mergeFields(
  wanted: JsonObject,
  current: Fields,
  before: JsonObject | null,
  defaults: JsonObject = {},
): Merge {
  const merge: Merge = { patch: {}, wrote: {}, losses: [] };
  for (const [field, value] of Object.entries(wanted)) {
    const held = current[field];
    const written = before?.[field];
    if (covers(held, value)) {
      merge.wrote[field] = value;
    } else if (isUntouched(held, written, defaults[field])) {
      merge.patch[field] = value;
      merge.wrote[field] = value;
    } else {
      merge.losses.push(keptTargetChange(field));
      if (written !== undefined) merge.wrote[field] = written;
    }
  }
  clearUnwanted(merge, wanted, current, before);
  return merge;
}

function clearUnwanted(merge: Merge, wanted: JsonObject, current: Fields, before: JsonObject | null): void {
  for (const [field, written] of Object.entries(before ?? {})) {
    const held = current[field];
    if (field in wanted || isEmpty(held)) continue;
    if (covers(held, written)) merge.patch[field] = null;
    else merge.losses.push(keptTargetChange(field));
  }
}

/** The loss that says: Google holds what somebody set there, and ferry left it alone. */
export function keptTargetChange(field: string): Loss {
  return { field, kind: 'changed', reason: 'kept-target-change' };
}

function isUntouched(held: unknown, written: Json | undefined, fallback: Json | undefined): boolean {
  if (isEmpty(held)) return true;
  if (fallback !== undefined && held === fallback) return true;
  return written !== undefined && covers(held, written);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * True when `held` says all that `wanted` says. Objects may hold further fields (Google adds some); lists have the
 * same length, in any order.
 */
export function covers(held: unknown, wanted: Json): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(held) || held.length !== wanted.length) return false;
    return wanted.every((value) => held.some((other) => covers(other, value)));
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof held !== 'object' || held === null) return false;
    return Object.entries(wanted).every(([field, value]) => covers((held as Fields)[field], value));
  }
  return held === wanted || (held === undefined && wanted === null);
}
