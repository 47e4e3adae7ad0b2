import type { Principal } from '../../src/core/types.ts';
import type { GraphClient, GraphPage, GraphRequest } from './graph-client.ts';

/** Ids that outlive moves within the mailbox. Source: https://learn.microsoft.com/graph/outlook-immutable-id. */
const IMMUTABLE_IDS = 'IdType="ImmutableId"';

/** A request inside one mailbox: the path below `/users/{id}`. */
export interface MailboxRequest {
  method: string;
  /** Below the user, starting with `/`; or a next or delta link. */
  path: string;
  query?: Readonly<Record<string, string>>;
  /** Further preferences beside immutable ids. */
  prefer?: string;
  /** As in `GraphRequest`. */
  unrenderableAfter?: number;
}

/** The reads of one principal's mailbox: every request is charged to it and asks for immutable ids. */
export interface Mailbox {
  get(request: MailboxRequest, signal: AbortSignal): Promise<unknown>;
  page(request: MailboxRequest, signal: AbortSignal): Promise<GraphPage>;
  pages(request: MailboxRequest, signal: AbortSignal): AsyncIterable<GraphPage>;
  raw<T>(
    request: MailboxRequest,
    signal: AbortSignal,
    consume: (response: Response) => Promise<T>,
  ): Promise<T>;
}

/** Opens the mailbox of a principal; addressed by object id, or by address where no id is known. */
export function openMailbox(client: GraphClient, principal: Principal): Mailbox {
  const user = `/users/${encodeURIComponent(principal.id || principal.source)}`;
  const whole = ({ path, prefer, ...request }: MailboxRequest): GraphRequest => ({
    ...request,
    path: path.startsWith('/') ? user + path : path,
    mailbox: principal.source,
    headers: { Prefer: prefer === undefined ? IMMUTABLE_IDS : `${IMMUTABLE_IDS}, ${prefer}` },
  });
  return {
    get: (request, signal) => client.get(whole(request), signal),
    page: (request, signal) => client.page(whole(request), signal),
    pages: (request, signal) => client.pages(whole(request), signal),
    raw: (request, signal, consume) => client.raw(whole(request), signal, consume),
  };
}
