import { CursorExpired, NotFound, Rejected } from '../../../src/core/errors.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient, GraphPage, GraphRequest } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { type Answer, asAnswer, mailboxRead, textOf } from './answers.ts';

/** As many requests as one mailbox answers at once. */
export const READS_AT_ONCE = 4;

/** Answers 500 or 504 to the same request after which it is taken as lasting. */
export const PATIENCE = 3;

/** A list of items inside one mailbox. */
export interface Collection {
  principal: Principal;
  /** Row of `limits.ts` that a page costs. */
  method: string;
  /** Below the user. */
  path: string;
  query?: Readonly<Record<string, string>>;
  select: string;
  /** Left out where the service refuses it. */
  expand?: string;
  largestPage: number;
  /** Where one item is read by its id. */
  item: { method: string; path: string };
}

/**
 * All items of a list, page by page. One corrupt item makes Graph refuse every page that holds it: such a stretch is
 * asked for again by position, in smaller and smaller pages, and the item at last by its id alone. An item that cannot
 * be read even so comes as its id and nothing else; one that is deleted meanwhile does not come.
 * Source: https://learn.microsoft.com/graph/api/user-list-messages (504, `$skip`), microsoft-graph-docs#2913.
 */
export async function* readCollection(
  client: GraphClient,
  collection: Collection,
  signal: AbortSignal,
): AsyncIterable<Answer[]> {
  let at: Position | null = { link: null, passed: 0, narrow: [], isPlain: collection.expand === undefined };
  while (at !== null) {
    const step: Step = await takeStep(client, collection, at, signal);
    yield step.answers;
    at = step.next;
  }
}

/** Where a reading stands: at a link that is followed, else after so many items. */
interface Position {
  link: string | null;
  passed: number;
  /** Stretches that could not be rendered, the innermost last, each with the page size inside it. */
  narrow: readonly Stretch[];
  /** True where `expand` is left out. */
  isPlain: boolean;
}

interface Stretch {
  end: number;
  /** 0 stands for one item, by its id. */
  size: number;
}

interface Step {
  answers: Answer[];
  next: Position | null;
}

async function takeStep(
  client: GraphClient,
  collection: Collection,
  at: Position,
  signal: AbortSignal,
): Promise<Step> {
  const size = sizeAt(collection, at);
  try {
    const page = await client.page(requestAt(collection, at, size), signal);
    const answers = page.value.map(asAnswer);
    const whole = size > 0 ? answers : await readEach(client, collection, answers, signal);
    return { answers: whole, next: after(at, page) };
  } catch (error) {
    const next = around(error, at, size);
    if (next === null) throw error;
    return { answers: [], next };
  }
}

function sizeAt(collection: Collection, at: Position): number {
  return at.narrow.at(-1)?.size ?? collection.largestPage;
}

function requestAt(collection: Collection, at: Position, size: number): GraphRequest {
  const { principal, method, path, query, select, expand } = collection;
  const options: Record<string, string> = { ...query, $select: size === 0 ? 'id' : select };
  options['$top'] = String(Math.max(1, size));
  if (at.passed > 0) options['$skip'] = String(at.passed);
  if (expand !== undefined && !at.isPlain && size > 0) options['$expand'] = expand;
  const request = { ...mailboxRead(principal, method, path, options), unrenderableAfter: PATIENCE };
  return at.link === null ? request : { ...request, path: at.link };
}

/** An empty page with a link is not the end, and gives no position to go on from. */
function after(at: Position, page: GraphPage): Position | null {
  if (page.nextLink === null) return null;
  const passed = at.passed + page.value.length;
  const narrow = at.narrow.filter(({ end }) => end > passed);
  const byPosition = at.narrow.length > 0 && page.value.length > 0;
  return { ...at, link: byPosition ? null : page.nextLink, passed, narrow };
}

/** Another way to go on at the same place; null where there is none. */
function around(error: unknown, at: Position, size: number): Position | null {
  if (error instanceof CursorExpired && at.link !== null) return { ...at, link: null };
  if (!(error instanceof Rejected) || error.scope !== 'item') return null;
  if (error.status === 400) return at.isPlain ? null : { ...at, link: null, isPlain: true };
  if (!isUnrenderable(error) || size === 0) return null;
  const stretch = { end: at.passed + size, size: size === 1 ? 0 : Math.floor(size / 10) || 1 };
  return { ...at, link: null, narrow: [...at.narrow, stretch] };
}

/** True for a lasting refusal that speaks of the item asked for, not of the service or the mailbox. */
export function isUnrenderable(error: unknown): boolean {
  return error instanceof Rejected && error.scope === 'item' && (error.status ?? 0) >= 500;
}

async function readEach(
  client: GraphClient,
  collection: Collection,
  named: readonly Answer[],
  signal: AbortSignal,
): Promise<Answer[]> {
  const ids = named.map(({ id }) => textOf(id)).filter((id) => id !== '');
  const answers = await mapParallel(ids, READS_AT_ONCE, (id) => readAlone(client, collection, id, signal));
  return answers.filter((answer) => answer !== null);
}

/** One item by its id, with ever less of it; null where it has gone. */
async function readAlone(
  client: GraphClient,
  { principal, item, select, expand }: Collection,
  id: string,
  signal: AbortSignal,
): Promise<Answer | null> {
  const path = `${item.path}/${encodeURIComponent(id)}`;
  const queries = expand === undefined ? [] : [{ $select: select, $expand: expand }];
  for (const query of [...queries, { $select: select }]) {
    try {
      const request = mailboxRead(principal, item.method, path, query);
      return asAnswer(await client.get({ ...request, unrenderableAfter: PATIENCE }, signal));
    } catch (error) {
      if (error instanceof NotFound && error.scope === 'item') return null;
      if (!isUnrenderable(error) && (error as Partial<Rejected>).status !== 400) throw error;
    }
  }
  return { id };
}
