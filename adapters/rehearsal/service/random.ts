import { createHash } from 'node:crypto';

/** A deterministic stream of pseudo-random numbers: the same seed gives the same stream on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, n). */
  int(n: number): number;
  /** One element; the list must not be empty. */
  pick<T>(list: readonly T[]): T;
  /** True with probability p. */
  chance(p: number): boolean;
}

/** Creates the stream of a seed (mulberry32: 32 bits of state, good enough for weather and fixtures). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (n: number) => Math.floor(next() * n);
  const pick = <T>(list: readonly T[]): T => {
    const [chosen] = list.slice(int(list.length));
    if (chosen === undefined) throw new RangeError('nothing to pick from');
    return chosen;
  };
  return { next, int, pick, chance: (p) => next() < p };
}

/** SHA-256 of the parts as 64 hex digits; parts cannot run into each other (`a`,`bc` differs from `ab`,`c`). */
export function hash(...parts: readonly (string | number | Uint8Array)[]): string {
  const digest = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'object' ? part : Buffer.from(String(part));
    digest.update(`${bytes.length}:`).update(bytes);
  }
  return digest.digest('hex');
}
