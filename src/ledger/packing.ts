const FIRST_BYTES = 1_024;
/** A whole number up to 2^53 takes at most eight groups of seven bits. */
const MOST_VARINT_BYTES = 8;
const GROUP = 128;
/** A sign doubles a number. */
const MOST_SIGNED = 2 ** 51;
const NUMBER = { none: 0, thousands: 1, whole: 2, double: 3 } as const;

/** Writes small values one after the other into bytes; reused from one row to the next. */
export class Packer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  whole(value: number): void {
    this.#reserve(MOST_VARINT_BYTES);
    let left = value;
    while (left >= GROUP) {
      this.#bytes[this.#length++] = (left % GROUP) + GROUP;
      left = Math.floor(left / GROUP);
    }
    this.#bytes[this.#length++] = left;
  }

  /** A whole number of either sign. */
  signed(value: number): void {
    this.whole(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Any number, or none: thousands (times without milliseconds) take the least room. */
  number(value: number | null): void {
    const isWhole = Number.isInteger(value) && Math.abs(value ?? 0) < MOST_SIGNED && !Object.is(value, -0);
    if (value === null) this.whole(NUMBER.none);
    else if (isWhole && value % 1_000 === 0) this.#tagged(NUMBER.thousands, value / 1_000);
    else if (isWhole) this.#tagged(NUMBER.whole, value);
    else this.#double(value);
  }

  #tagged(tag: number, value: number): void {
    this.whole(tag);
    this.signed(value);
  }

  #double(value: number): void {
    this.whole(NUMBER.double);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** What was written, filled with zeros up to `least` bytes; the next value starts anew. */
  take(least = 0): Buffer {
    const taken = Buffer.alloc(Math.max(least, this.#length));
    this.#bytes.copy(taken, 0, 0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Reads what a `Packer` wrote, in the same order. Throws `RangeError` where the bytes end early. */
export class Unpacker {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  whole(): number {
    let value = 0;
    for (let weight = 1; ; weight *= GROUP) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new RangeError('packed bytes end early');
      this.#at += 1;
      value += (byte % GROUP) * weight;
      if (byte < GROUP) return value;
    }
  }

  signed(): number {
    const value = this.whole();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  number(): number | null {
    switch (this.whole()) {
      case NUMBER.none:
        return null;
      case NUMBER.thousands:
        return this.signed() * 1_000;
      case NUMBER.whole:
        return this.signed();
      default:
        this.#at += 8;
        return this.#bytes.readDoubleLE(this.#at - 8);
    }
  }

  raw(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('packed bytes end early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
