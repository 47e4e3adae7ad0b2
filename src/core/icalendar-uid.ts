const GLOBAL_ID = /^040000008200E00074C5B7101A82E008/i;

/**
 * The UID that all occurrences of a series share: Exchange writes the date of an occurrence into hex positions 32–39
 * of its global object id; zeroed, master and occurrences are equal. Other UIDs are as they are.
 * Source: [MS-OXOCAL] 2.2.1.27, PidLidGlobalObjectId.
 */
export function seriesUid(uid: string | null | undefined): string | null {
  const text = uid?.trim() ?? '';
  if (text === '') return null;
  if (!GLOBAL_ID.test(text) || text.length < 40) return text;
  return `${text.slice(0, 32)}00000000${text.slice(40)}`.toUpperCase();
}
