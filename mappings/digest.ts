import { createHash } from 'node:crypto';
import type { Json } from '../src/core/types.ts';

const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

/** SHA-256 in lower-case hexadecimal; text is taken as UTF-8. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 in base32hex without padding (52 characters of `0-9a-v`), the alphabet of Calendar event ids. */
export function sha256Base32Hex(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  let bits = 0;
  let value = 0;
  let out = '';
  for (const byte of digest) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32HEX[(value >> bits) & 31];
    }
  }
  return bits > 0 ? out + BASE32HEX[(value << (5 - bits)) & 31] : out;
}

/** Version of a value: the first 32 hex digits of the hash of its JSON with sorted keys. Equal values, equal versions. */
export function versionOf(value: unknown): string {
  return sha256Hex(JSON.stringify(sorted(value))).slice(0, 32);
}

/** The value as plain JSON: what `JSON.stringify` leaves out is gone. */
export function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
