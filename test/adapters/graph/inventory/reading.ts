import { expect, it } from 'vitest';
import { createGraphInventory } from '../../../../adapters/graph/inventory/inventory.ts';
import type { MailReadOptions } from '../../../../src/core/facts.ts';
import { silent } from '../../../../src/core/log.ts';
import type { Principal } from '../../../../src/core/types.ts';
import { loadCsdl, validatePath } from '../../../support/csdl.ts';
import { type Answer, type at, json, list, refusal, tenantDouble } from '../tenant-double.ts';

export const ann: Principal = {
  kind: 'person',
  id: 'oid-ann',
  source: 'ann@old.example',
  target: 'ann@new.example',
  organisation: 'health',
  wave: '1',
};

export const MAILBOX = '/users/oid-ann';

export const ITEMS: MailReadOptions = { depth: 'items', needsContent: () => false };

const asked = new Set<string>();

/** To be called after the other tests of a file: holds whatever they asked for against the vendor's metadata. */
export function requestsFollowTheMetadata(): void {
  it.skipIf(loadCsdl() === null)('every request follows the metadata (needs ../shared/contracts)', () => {
    expect(asked.size).toBeGreaterThan(0);
    expect([...asked].flatMap(validatePath)).toEqual([]);
  });
}

/** The checker's reader over a tenant that answers from memory. */
export function inventoryOf(answers: readonly Answer[], log = silent) {
  const watch: Answer = ({ url }) => {
    asked.add(url.pathname + url.search);
    return null;
  };
  const tenant = tenantDouble([watch, ...answers], { log });
  return { tenant, inventory: createGraphInventory(tenant.client) };
}

/** Answers a request for exactly this path, whatever its query. */
export function exactly(path: string, answer: Parameters<typeof at>[1]): Answer {
  return (request) => (request.path.split('?')[0] === path ? answer(request) : null);
}

/** A mailbox whose root holds these folders, without well-known ones. */
export function rootWith(...folders: object[]): Answer[] {
  return [
    exactly(`${MAILBOX}/mailFolders/msgfolderroot/childFolders`, () => list(folders)),
    (request) => (request.path.split('?')[0]!.endsWith('/childFolders') ? list([]) : null),
  ];
}

/** A window of a large list, as `$top` and `$skip` ask for it; null where it holds one of the corrupt positions. */
export function windowOf<T>(url: URL, all: readonly T[], corrupt: readonly number[]): readonly T[] | null {
  const skip = Number(url.searchParams.get('$skip') ?? 0);
  const top = Number(url.searchParams.get('$top') ?? 10);
  const idsOnly = url.searchParams.get('$select') === 'id';
  const isCorrupt = !idsOnly && corrupt.some((position) => position >= skip && position < skip + top);
  return isCorrupt ? null : all.slice(skip, skip + top);
}

/** Answers such a window as Graph does: a link while there is more, 500 for the whole page with a corrupt item. */
export function answerWindow(url: URL, all: readonly object[], corrupt: readonly number[]): Response {
  const found = windowOf(url, all, corrupt);
  if (found === null) return refusal(500, 'InternalServerError');
  const skip = Number(url.searchParams.get('$skip') ?? 0) + found.length;
  if (skip >= all.length) return json({ value: found });
  const next = new URL(url);
  next.searchParams.set('$skip', String(skip));
  return json({ value: found, '@odata.nextLink': next.href });
}
