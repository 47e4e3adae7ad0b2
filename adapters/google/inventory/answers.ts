import pLimit from 'p-limit';

/** Requests of one mailbox or group list that are in flight at once. */
export const READS_AT_ONCE = 4;

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

/** Maps with at most `READS_AT_ONCE` at work, results in order; after a failure nothing new is begun. */
export async function mapInOrder<T, R>(
  elements: readonly T[],
  work: (element: T) => Promise<R>,
): Promise<R[]> {
  const limit = pLimit({ concurrency: READS_AT_ONCE, rejectOnClear: true });
  try {
    return await Promise.all(elements.map((element) => limit(() => work(element))));
  } catch (error) {
    limit.clearQueue();
    throw error;
  }
}
