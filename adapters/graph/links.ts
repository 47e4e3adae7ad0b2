import { Rejected } from '../../src/core/errors.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The URL that a next link or delta link is replayed at: the link whole, on the configured endpoint's own origin.
 * A link to any other origin is refused (`Rejected`, code `foreign-link`, scope job) before anything is sent; the names
 * of the loopback interface count as one. Source: https://learn.microsoft.com/graph/paging (links are opaque).
 */
export function ownLink(link: string, endpoint: string): string {
  const own = new URL(endpoint);
  const url = URL.canParse(link, endpoint) ? new URL(link, endpoint) : null;
  if (url === null || !sameOrigin(url, own)) {
    throw new Rejected({
      code: 'foreign-link',
      message: `Microsoft Graph answered with a page link to ${url?.origin ?? 'no origin'}, not to ${own.origin}`,
      scope: 'job',
    });
  }
  // Byte for byte: a cursor inside a query is not to be encoded anew.
  return own.origin + link.trim().replace(/^[a-z]+:\/\/[^/?#]*/i, '');
}

function sameOrigin(a: URL, b: URL): boolean {
  if (a.origin === b.origin) return true;
  const loopback = LOOPBACK.has(a.hostname) && LOOPBACK.has(b.hostname);
  return loopback && a.port === b.port && a.protocol === b.protocol;
}
