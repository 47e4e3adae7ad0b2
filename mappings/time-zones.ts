import type { Loss } from '../src/core/types.ts';
import { MODERN_SPELLINGS, WINDOWS_ZONES } from './windows-zones.ts';

/** A zone that Calendar accepts, and what had to be given up for it. */
export interface ResolvedZone {
  /** IANA name. */
  zone: string;
  loss: Loss | null;
}

const UTC_NAMES = new Set(['tzone://microsoft/utc', 'utc', 'etc/utc', 'z', 'gmt']);
const WINDOWS_BY_LOWER_CASE = new Map(
  Object.entries(WINDOWS_ZONES).map(([windows, iana]) => [windows.toLowerCase(), iana]),
);

/** The present-day spelling of an IANA name. */
export function modernZone(name: string): string {
  return MODERN_SPELLINGS[name] ?? name;
}

/**
 * The IANA name for one Windows or IANA zone name. Null for what is no zone: an empty name,
 * `tzone://Microsoft/Custom`, `Customized Time Zone`, display names, bare offsets.
 */
export function ianaZone(name: string | null | undefined): string | null {
  const trimmed = name?.trim() ?? '';
  const lower = trimmed.toLowerCase();
  if (UTC_NAMES.has(lower)) return 'Etc/UTC';
  const windows = WINDOWS_BY_LOWER_CASE.get(lower);
  if (windows !== undefined) return modernZone(windows);
  const known = /^[a-z]+[a-z0-9_+/-]*$/i.test(trimmed) ? knownZone(trimmed) : null;
  return known === null ? null : modernZone(known);
}

/**
 * The first candidate that is a zone, else the fallback (mapping 4.4). An empty candidate is passed over in silence;
 * one that says something unusable leaves a loss (`zone-unknown`), and so does the fallback (`zone-missing`).
 */
export function resolveZone(
  candidates: readonly (string | null | undefined)[],
  fallback = 'Etc/UTC',
): ResolvedZone {
  let unusable = false;
  for (const candidate of candidates) {
    const zone = ianaZone(candidate);
    if (zone !== null) return { zone, loss: unusable ? zoneLoss('zone-unknown') : null };
    unusable ||= (candidate?.trim() ?? '') !== '';
  }
  return { zone: modernZone(fallback), loss: zoneLoss(unusable ? 'zone-unknown' : 'zone-missing') };
}

function zoneLoss(reason: string): Loss {
  return { field: 'timeZone', kind: 'changed', reason };
}

/** The name in its proper case where the runtime knows it, else null. */
function knownZone(name: string): string | null {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
