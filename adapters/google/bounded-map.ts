/** A map that forgets what was used least recently, so that caches do not grow with the number of mailboxes. */
export interface BoundedMap<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
  deleteWhere(matches: (key: K) => boolean): void;
}

/** An empty map that holds at most `limit` values. */
export function createBoundedMap<K, V>(limit: number): BoundedMap<K, V> {
  const values = new Map<K, V>();
  return {
    get: (key) => {
      const value = values.get(key);
      if (value === undefined) return undefined;
      values.delete(key);
      values.set(key, value);
      return value;
    },
    set: (key, value) => {
      values.delete(key);
      values.set(key, value);
      const oldest = values.keys().next();
      if (values.size > limit && oldest.done !== true) values.delete(oldest.value);
    },
    delete: (key) => {
      values.delete(key);
    },
    deleteWhere: (matches) => {
      for (const key of [...values.keys()]) if (matches(key)) values.delete(key);
    },
  };
}
