const BASE_MS = 1000;
const CAP_MS = 60_000;

/** Full jitter: a random wait up to 1 s, 2 s, 4 s … 60 s. `failures` counts from 1; `random` lies in [0, 1). */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures - 1, 30));
}
