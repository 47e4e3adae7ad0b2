import { hash } from '../service/random.ts';

/** An object id that the seed and a name decide. */
export function uuid(seed: number, ...name: (string | number)[]): string {
  const hex = hash(seed, 'uuid', ...name);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The element at a position that may run round the list. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index % list.length];
  if (found === undefined) throw new RangeError('an empty list');
  return found;
}
