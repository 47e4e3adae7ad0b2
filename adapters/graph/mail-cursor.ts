import { z } from 'zod';
import { parseJson } from './answers.ts';

/** Largest page of messages. Source: https://learn.microsoft.com/graph/api/user-list-messages. */
export const LARGEST_PAGE = 1000;

/**
 * The second walk. Pages follow their links (`next`); where a page cannot be rendered because of one item in it, pages
 * are asked for by position instead, smaller and smaller, down to the item.
 */
export interface ListCursor {
  walk: 'list';
  next: string | null;
  /** Messages passed so far, which is the position that is asked for when there is no link. */
  skip: number;
  /** Page size by position; 0 stands for one message, by its id alone. */
  top: number;
  /** True where the service refuses to expand class and size. */
  plain: boolean;
  /** The delta link for the rounds after; null where the folder has none. */
  delta: string | null;
}

/**
 * Where the reading of a folder stands. `delta`: the first walk, for the delta link; `list`: the second, for class and
 * size; `changes`: the rounds after.
 */
export type Cursor = { walk: 'delta'; next: string | null } | ListCursor | { walk: 'changes'; link: string };

const link = z.string().min(1);
const count = z.number().int().min(0);
const cursor = z.discriminatedUnion('walk', [
  z.object({ walk: z.literal('delta'), next: link.nullable() }),
  z.object({
    walk: z.literal('list'),
    next: link.nullable(),
    skip: count,
    top: count,
    plain: z.boolean(),
    delta: link.nullable(),
  }),
  z.object({ walk: z.literal('changes'), link }),
]);

export function start(): Cursor {
  return { walk: 'delta', next: null };
}

export function startList(delta: string | null): ListCursor {
  return { walk: 'list', next: null, skip: 0, top: LARGEST_PAGE, plain: false, delta };
}

/** A lighter way to go on at the same place after a page that cannot be rendered; null when there is none left. */
export function lighter(at: ListCursor): ListCursor | null {
  if (at.top === 0) return null;
  return { ...at, next: null, top: at.top === 1 ? 0 : Math.floor(at.top / 10) };
}

/** The place after a page of `passed` messages that is not the last one; page sizes grow back by and by. */
export function advance(at: ListCursor, passed: number, next: string): ListCursor {
  const skip = at.skip + passed;
  if (at.next !== null || passed === 0 || at.top === LARGEST_PAGE) return { ...at, next, skip };
  return { ...at, next: null, skip, top: Math.min(LARGEST_PAGE, Math.max(1, at.top * 10)) };
}

export function writeCursor(at: Cursor): string {
  return JSON.stringify(at);
}

/** Null for no cursor and for one that is not ours: the stream starts from its beginning. */
export function parseCursor(written: string | undefined): Cursor | null {
  const parsed = cursor.safeParse(parseJson(written ?? ''));
  return parsed.success ? parsed.data : null;
}
