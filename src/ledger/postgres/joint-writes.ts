import type { Within, Write } from './commits.ts';

/** A kind of write that a few statements do for many callers at once. */
export interface JointWrite<I> {
  write(within: Within, inputs: readonly I[]): Promise<void>;
  /** Names of the items that an input touches. */
  touched(input: I): readonly string[];
}

/** One caller's part of a joint write. */
export interface Part {
  joint: JointWrite<unknown>;
  input: unknown;
}

/**
 * Runs the writes of a group in order, with their values. Parts of the same joint write go together; two writes that
 * touch one item, and all around a write of its own, keep their order.
 */
export async function runGroup(
  within: Within,
  group: readonly (Write<unknown> | Part)[],
): Promise<readonly unknown[]> {
  const values: unknown[] = [];
  let gathered = new Map<JointWrite<unknown>, unknown[]>();
  let touched = new Set<string>();
  const flush = async () => {
    for (const [joint, inputs] of gathered) await joint.write(within, inputs);
    gathered = new Map();
    touched = new Set();
  };
  for (const one of group) {
    if (typeof one === 'function') {
      await flush();
      values.push(await one(within));
      continue;
    }
    const names = one.joint.touched(one.input);
    if (names.some((name) => touched.has(name))) await flush();
    for (const name of names) touched.add(name);
    gathered.set(one.joint, [...(gathered.get(one.joint) ?? []), one.input]);
    values.push(undefined);
  }
  await flush();
  return values;
}
