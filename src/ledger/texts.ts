import type { Packer, Unpacker } from './packing.ts';

/** Texts that occur often, each kept once under a number. */
export interface Vocabulary {
  /** The number of a text, null while it is not known to occur often. */
  numberOf(text: string): number | null;
  /** The text of a number that `numberOf` gave. */
  textOf(number: number): string;
}

/** What a text of a row may repeat. */
export interface Surroundings {
  container: string;
  identity: string | null;
  /** Milliseconds since 1970. */
  order: number;
}

/** The ways in which a text is kept; the number stands in the low bits of its first byte. */
const RAW = 0;
const HEX = 1;
const URL_SAFE = 2;
const STANDARD = 3;
const WORD = 4;
const ADDRESS = 5;
const SAME = 6;
const TIME = 7;
const WAYS = 8;

const REPEATS = { nothing: 0, container: 1, identity: 2, bracketed: 3 } as const;
const HEX_DIGITS = /^[0-9a-f]+$/;
const URL_SAFE_TEXT = /^[\w-]+(={0,2})$/;
const STANDARD_TEXT = /^[A-Za-z0-9+/]+(={0,2})$/;
const TIME_TEXT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.000)?Z$/;
/** Largest time of ECMAScript, in ms before or after 1970. */
const LATEST_TIME_MS = 8.64e15;

/** A text in few bytes: digits and Base64 by their bits, anything else as UTF-8. Reads back exactly. */
export function packText(packer: Packer, text: string): void {
  const isHex = text.length % 2 === 0 && HEX_DIGITS.test(text);
  const urlSafe = isHex ? null : URL_SAFE_TEXT.exec(text);
  const standard = isHex || urlSafe !== null ? null : STANDARD_TEXT.exec(text);
  if (isHex) packBytes(packer, Buffer.from(text, 'hex'), text.length * WAYS + HEX);
  else if (urlSafe !== null) packSixBits(packer, text, URL_SAFE, urlSafe[1]?.length ?? 0);
  else if (standard !== null) packSixBits(packer, text, STANDARD, standard[1]?.length ?? 0);
  else packRaw(packer, Buffer.from(text));
}

/** A text that many rows share, by its number where it has one. */
export function packShared(packer: Packer, text: string, words: Vocabulary): void {
  const number = words.numberOf(text);
  if (number === null) packText(packer, text);
  else packer.whole(number * WAYS + WORD);
}

/** What looks like an address, its domain shared. */
export function packAddress(packer: Packer, text: string, words: Vocabulary): void {
  const at = text.lastIndexOf('@');
  if (at >= 0) {
    packer.whole(ADDRESS);
    packText(packer, text.slice(0, at));
    packShared(packer, text.slice(at + 1), words);
  } else packText(packer, text);
}

/** A text of a row's state: what repeats its surroundings takes a byte, times count from its order. */
export function packWithin(packer: Packer, text: string, around: Surroundings, words: Vocabulary): void {
  const repeated = repeatOf(text, around);
  if (repeated !== null) packer.whole(repeated * WAYS + SAME);
  else if (text.includes('@')) packKnownAddress(packer, text, words);
  else if (!TIME_TEXT.test(text) || !packTime(packer, text, around.order)) packText(packer, text);
}

/** An address that many rows share, by its number where it has one. */
function packKnownAddress(packer: Packer, text: string, words: Vocabulary): void {
  const number = words.numberOf(text);
  if (number === null) packAddress(packer, text, words);
  else packer.whole(number * WAYS + WORD);
}

export function packNothing(packer: Packer): void {
  packer.whole(REPEATS.nothing * WAYS + SAME);
}

/** Reads any text that was packed; null for nothing. */
export function unpackText(
  unpacker: Unpacker,
  words: Vocabulary,
  around: Surroundings | null = null,
): string | null {
  const head = unpacker.whole();
  const size = Math.floor(head / WAYS);
  switch (head % WAYS) {
    case RAW:
      return unpacker.raw(size).toString();
    case HEX:
      return unpacker.raw(size / 2).toString('hex');
    case URL_SAFE:
      return unpackSixBits(unpacker, size, 'base64url');
    case STANDARD:
      return unpackSixBits(unpacker, size, 'base64');
    case WORD:
      return words.textOf(size);
    case ADDRESS:
      return `${unpackText(unpacker, words)}@${unpackText(unpacker, words)}`;
    case SAME:
      return repeated(size, around);
    default:
      return unpackTime(unpacker, size === 1, around?.order ?? 0);
  }
}

function packRaw(packer: Packer, bytes: Buffer): void {
  packBytes(packer, bytes, bytes.length * WAYS + RAW);
}

function packBytes(packer: Packer, bytes: Buffer, head: number): void {
  packer.whole(head);
  packer.raw(bytes);
}

/** Sized with the signs of equality that fill the last group, of which there are none to two. */
function packSixBits(packer: Packer, text: string, way: number, fill: number): void {
  const digits = text.length - fill;
  packer.whole((digits * 3 + fill) * WAYS + way);
  const padded = text.slice(0, digits).padEnd(Math.ceil(digits / 4) * 4, 'A');
  const bytes = Buffer.from(padded, way === STANDARD ? 'base64' : 'base64url');
  packer.raw(bytes.subarray(0, Math.ceil((digits * 6) / 8)));
}

function unpackSixBits(unpacker: Unpacker, size: number, alphabet: 'base64' | 'base64url'): string {
  const fill = size % 3;
  const digits = (size - fill) / 3;
  const bytes = unpacker.raw(Math.ceil((digits * 6) / 8));
  const whole = Buffer.alloc(Math.ceil(bytes.length / 3) * 3);
  bytes.copy(whole);
  return whole.toString(alphabet).slice(0, digits) + '='.repeat(fill);
}

function repeatOf(text: string, { container, identity }: Surroundings): number | null {
  if (text === container) return REPEATS.container;
  if (identity === null) return null;
  if (text === identity) return REPEATS.identity;
  return text.length === identity.length + 2 && text === `<${identity}>` ? REPEATS.bracketed : null;
}

function repeated(what: number, around: Surroundings | null): string | null {
  switch (what) {
    case REPEATS.container:
      return around?.container ?? '';
    case REPEATS.identity:
      return around?.identity ?? '';
    case REPEATS.bracketed:
      return `<${around?.identity ?? ''}>`;
    default:
      return null;
  }
}

/** False for what only looks like a time (the 31st of February). */
function packTime(packer: Packer, text: string, order: number): boolean {
  const ms = Date.parse(text);
  const hasFraction = text.endsWith('.000Z');
  if (Number.isNaN(ms) || timeText(ms, hasFraction) !== text) return false;
  packer.whole((hasFraction ? 1 : 0) * WAYS + TIME);
  packer.signed(ms / 1_000 - secondsOf(order));
  return true;
}

function unpackTime(unpacker: Unpacker, hasFraction: boolean, order: number): string {
  return timeText((unpacker.signed() + secondsOf(order)) * 1_000, hasFraction);
}

/** Zero for an order that is no time. */
function secondsOf(order: number): number {
  return Math.abs(order) <= LATEST_TIME_MS ? Math.trunc(order / 1_000) : 0;
}

function timeText(ms: number, hasFraction: boolean): string {
  const text = new Date(ms).toISOString();
  return hasFraction ? text : `${text.slice(0, -5)}Z`;
}
