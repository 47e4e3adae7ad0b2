import { createHash } from 'node:crypto';
import type { Json } from '../../src/core/types.ts';

/** A version: 32 hex digits of the SHA-256 of the parts as canonical JSON, the same for equal values in any key order. */
export function versionOf(...parts: readonly unknown[]): string {
  return createHash('sha256').update(canonical(parts)).digest('hex').slice(0, 32);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** A plain resource as the JSON that it is. */
export function asJson(resource: object): Json {
  return resource as unknown as Json;
}
