/**
 * Cuts a list into consecutive runs in which no key occurs twice: one statement writes a run, and a key's later
 * occurrence sees what its earlier one left.
 */
export function runsWithoutRepeats<T extends { key: string }>(all: readonly T[]): readonly (readonly T[])[] {
  const runs: T[][] = [];
  let seen = new Set<string>();
  for (const each of all) {
    if (runs.length === 0 || seen.has(each.key)) {
      runs.push([]);
      seen = new Set();
    }
    seen.add(each.key);
    runs.at(-1)?.push(each);
  }
  return runs;
}
