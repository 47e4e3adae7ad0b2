/**
 * PostgreSQL's text cannot hold U+0000, and what comes from a mailbox may. It is written as U+0001 0, and U+0001
 * itself as U+0001 1, so that every string comes back as it was. Source:
 * https://www.postgresql.org/docs/18/datatype-character.html, read 2026-11.
 */
export function storable(text: string): string {
  if (!text.includes('\u0000') && !text.includes('\u0001')) return text;
  return text.replaceAll('\u0001', '\u00011').replaceAll('\u0000', '\u00010');
}

/** The string that `storable` was given. */
export function restored(text: string): string {
  if (!text.includes('\u0001')) return text;
  return text.replaceAll('\u00010', '\u0000').replaceAll('\u00011', '\u0001');
}
