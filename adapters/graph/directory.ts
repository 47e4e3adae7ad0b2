import { Interrupted, MigrationError, NotFound } from '../../src/core/errors.ts';
import type { DirectoryResource, GraphDomain } from '../../src/core/microsoft.ts';
import type { ListedItem, Source } from '../../src/core/ports.ts';
import type { Job, Page, SourceItem } from '../../src/core/types.ts';
import { completeGroup, readGroup } from './directory-groups.ts';
import {
  groupSelect,
  parseDomain,
  parseGroup,
  parseRoom,
  parseVerifiedDomains,
} from './directory-schemas.ts';
import { ownsGroup, ownsRoom } from './directory-scope.ts';
import { readUser, userPages } from './directory-users.ts';
import type { GraphClient } from './graph-client.ts';
import { mapParallel } from './parallel.ts';
import { asJson, versionOf } from './versions.ts';

const STREAM = 'directory';
const GROUPS_AT_ONCE = 4;
/** Largest page of directory objects; 1,000 is refused. Source: field reports, limits 1.4. */
const PAGE_SIZE = '999';

/**
 * Reads the directory of one organisation: domains, users with mailbox settings and managers, groups with members and
 * owners, rooms. One stream, read from the beginning each time. Rooms that may not be read are left out and logged.
 */
export function createDirectorySource(client: GraphClient): Source<DirectoryResource> {
  return {
    pages: (job, _from, signal) => readDirectory(client, job, signal),
    get: (job, item, signal) => readOne(client, job, item, signal),
  };
}

async function* readDirectory(client: GraphClient, job: Job, signal: AbortSignal): AsyncIterable<Page> {
  yield pageOf(await readDomains(client, signal), { first: true });
  for await (const users of userPages(client, job.organisation, signal)) yield pageOf(users);
  for await (const groups of groupPages(client, job, signal)) yield pageOf(groups);
  for await (const rooms of roomPages(client, job, signal)) yield pageOf(rooms);
  yield pageOf([], { last: true });
}

function pageOf(
  resources: readonly DirectoryResource[],
  place: { first?: boolean; last?: boolean } = {},
): Page {
  return {
    stream: STREAM,
    items: resources.map(itemOf),
    removed: [],
    cursor: '',
    mode: 'full',
    first: place.first ?? false,
    last: place.last ?? false,
  };
}

function itemOf(resource: DirectoryResource): SourceItem {
  return {
    key: `${resource.kind}:${resource.id}`,
    version: versionOf(resource),
    container: '',
    identity: null,
    rank: 0,
    after: null,
    order: 0,
    state: {},
    inline: asJson(resource),
    bytes: null,
  };
}

/** Falls back to the verified domains of the organisation where domains may not be listed. */
async function readDomains(client: GraphClient, signal: AbortSignal): Promise<GraphDomain[]> {
  try {
    const domains: GraphDomain[] = [];
    for await (const page of client.pages({ method: 'domains.list', path: '/domains' }, signal)) {
      domains.push(...page.value.flatMap((json) => parseDomain(json) ?? []));
    }
    return domains;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    client.log('warn', 'domains-not-listed', { code: error.code });
    const request = {
      method: 'organization.list',
      path: '/organization',
      query: { $select: 'id,verifiedDomains' },
    };
    const { value } = await client.page(request, signal);
    return value.flatMap(parseVerifiedDomains);
  }
}

async function* groupPages(client: GraphClient, job: Job, signal: AbortSignal) {
  const query = { $select: groupSelect, $top: PAGE_SIZE };
  for await (const page of client.pages({ method: 'groups.list', path: '/groups', query }, signal)) {
    const groups = page.value.flatMap((json) => parseGroup(json) ?? []);
    const complete = await mapParallel(groups, GROUPS_AT_ONCE, (group) =>
      completeGroup(client, group, signal),
    );
    yield complete.filter((group) => ownsGroup(job.organisation, group));
  }
}

async function* roomPages(client: GraphClient, job: Job, signal: AbortSignal) {
  const request = { method: 'places.rooms', path: '/places/microsoft.graph.room', query: { $top: '100' } };
  try {
    for await (const page of client.pages(request, signal)) {
      yield page.value
        .flatMap((json) => parseRoom(json) ?? [])
        .filter((room) => ownsRoom(job.organisation, room));
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
    client.log('warn', 'rooms-not-listed', { code: error.code });
  }
}

function isRefusal(error: unknown): error is MigrationError {
  return (
    error instanceof MigrationError &&
    !error.retryable &&
    !(error instanceof Interrupted) &&
    error.status !== 401
  );
}

async function readOne(
  client: GraphClient,
  job: Job,
  item: ListedItem,
  signal: AbortSignal,
): Promise<DirectoryResource> {
  if (item.inline !== null) return item.inline as unknown as DirectoryResource;
  const id = item.key.slice(item.key.indexOf(':') + 1);
  if (item.key.startsWith('user:')) return readUser(client, id, signal);
  if (item.key.startsWith('group:')) return readGroup(client, id, signal);
  for await (const page of readDirectory(client, job, signal)) {
    const found = page.items.find((each) => each.key === item.key);
    if (found) return found.inline as unknown as DirectoryResource;
  }
  throw new NotFound({ code: 'gone', message: `${item.key} is no longer in the directory` });
}
