import { sha256Base32Hex, sha256Hex } from './digest.ts';

/** First 16 bytes of an Exchange global object id, in hex ([MS-OXOCAL] 2.2.1.27). */
const GLOBAL_OBJECT_ID = '040000008200E00074C5B7101A82E008';
/** `vCal-Uid` followed by 1 as little-endian number: a UID of another system is wrapped in the id. */
const FOREIGN_UID = '7643616C2D55696401000000';
/** Creation time, reserved bytes and size stand between the instance date and the wrapped data. */
const DATA_AT = 80;

/**
 * The UID of the series: the instance date that Exchange embeds (hex positions 32 to 39) is zeroed, so that master
 * and occurrences agree, and a UID of another system that is wrapped inside comes out as that system knows it.
 * Anything else is taken as it is. Null where there is none.
 */
export function cleanUid(uid: string | null): string | null {
  const trimmed = uid?.trim() ?? '';
  if (trimmed === '') return null;
  const upper = trimmed.toUpperCase();
  if (!upper.startsWith(GLOBAL_OBJECT_ID) || !/^[0-9A-F]+$/.test(upper)) return trimmed;
  return foreignUid(upper) ?? `${upper.slice(0, 32)}00000000${upper.slice(40)}`;
}

function foreignUid(hex: string): string | null {
  const at = hex.indexOf(FOREIGN_UID, 32);
  if (at < DATA_AT - 8 || at % 2 !== 0) return null;
  const text = Buffer.from(hex.slice(at + FOREIGN_UID.length), 'hex').toString('utf8');
  const uid = text.split('\0')[0]?.trim() ?? '';
  return uid === '' ? null : uid;
}

/** UID for an event that has none; the same for the same event of the same mailbox. */
export function syntheticUid(mailbox: string, eventId: string): string {
  return `${sha256Hex(`${mailbox}|${eventId}`)}@migrated.invalid`;
}

/** Event id for secondary calendars: base32hex, the same for the same event, so that a repeated insert answers 409. */
export function deterministicEventId(tenant: string, mailbox: string, eventId: string): string {
  return sha256Base32Hex(`${tenant}|${mailbox}|${eventId}`);
}
