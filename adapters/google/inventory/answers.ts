/** Whole seconds and milliseconds as Google sends them: strings of digits. */
export function numberOrNull(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : null;
}

/** An RFC 3339 time as UTC milliseconds; null where there is none. */
export function instantOrNull(value: string | null | undefined): number | null {
  const at = Date.parse(value ?? '');
  return Number.isNaN(at) ? null : at;
}

/** Follows page tokens until there are none; an empty page with a token is not the end. */
export async function* pagesOf<P extends { nextPageToken?: string | null }>(
  read: (pageToken: string | undefined) => Promise<P>,
): AsyncIterable<P> {
  let token: string | undefined;
  do {
    const page = await read(token);
    yield page;
    token = page.nextPageToken ?? undefined;
  } while (token !== undefined && token !== '');
}
