/** What a request asks for in its `Prefer` headers; names and values as the vendor writes them. */
export interface Preferences {
  /** `IdType="ImmutableId"`. */
  immutableIds: boolean;
  /** `odata.maxpagesize`, null where absent. */
  maxPageSize: number | null;
  /** `outlook.timezone`, a Windows or IANA name; null where absent. */
  timeZone: string | null;
  /** `outlook.body-content-type="text"`. */
  textBodies: boolean;
}

/** Reads all `Prefer` headers of a request; unknown preferences are ignored, as RFC 7240 has it. */
export function readPreferences(headers: Headers): Preferences {
  const values = new Map<string, string>();
  for (const item of (headers.get('prefer') ?? '').split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    const equals = item.indexOf('=');
    if (equals < 0) continue;
    const value = item
      .slice(equals + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
    values.set(item.slice(0, equals).trim().toLowerCase(), value);
  }
  const pageSize = Number(values.get('odata.maxpagesize'));
  return {
    immutableIds: values.get('idtype')?.toLowerCase() === 'immutableid',
    maxPageSize: Number.isInteger(pageSize) && pageSize > 0 ? pageSize : null,
    timeZone: values.get('outlook.timezone') ?? null,
    textBodies: values.get('outlook.body-content-type')?.toLowerCase() === 'text',
  };
}

/** The `Preference-Applied` header for what was honoured; empty where nothing was. */
export function appliedPreferences(preferences: Preferences): Record<string, string> {
  const applied: string[] = [];
  if (preferences.immutableIds) applied.push('IdType="ImmutableId"');
  if (preferences.maxPageSize !== null) applied.push(`odata.maxpagesize=${preferences.maxPageSize}`);
  if (preferences.timeZone !== null) applied.push(`outlook.timezone="${preferences.timeZone}"`);
  if (preferences.textBodies) applied.push('outlook.body-content-type="text"');
  return applied.length > 0 ? { 'Preference-Applied': applied.join(', ') } : {};
}
