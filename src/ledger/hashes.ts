const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A 32-bit signed hash of a text within a job, for finding rows: whoever looks one up compares the text itself too.
 * FNV-1a with the finish of MurmurHash3, which spreads what differs in its last letters alone. Part of the file's form:
 * it never changes.
 */
export function hashOf(job: number, text: string): number {
  let hash = Math.imul(FNV_OFFSET ^ job, FNV_PRIME);
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
