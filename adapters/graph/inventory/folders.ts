import { NotFound, Rejected } from '../../../src/core/errors.ts';
import type { ContainerFact } from '../../../src/core/facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { type Answer, asAnswer, mailboxRead, numberOrNull, textOf } from './answers.ts';
import { READS_AT_ONCE } from './collection.ts';

/** Names by which a folder is known in every language. Source: https://learn.microsoft.com/graph/api/resources/mailfolder */
const WELL_KNOWN = [
  'inbox',
  'drafts',
  'sentitems',
  'deleteditems',
  'junkemail',
  'archive',
  'outbox',
  'clutter',
  'conversationhistory',
  'scheduled',
  'syncissues',
  'conflicts',
  'localfailures',
  'serverfailures',
  'recoverableitemsdeletions',
  'searchfolders',
] as const;

const SELECT = 'id,displayName,parentFolderId,childFolderCount,totalItemCount,isHidden';

interface Place {
  path: readonly string[];
  root: string | null;
}

const TOP: Place = { path: [], root: null };

interface Walk {
  client: GraphClient;
  principal: Principal;
  signal: AbortSignal;
  /** Well-known folder by id, with its name. */
  named: ReadonlyMap<string, { name: string; answer: Answer }>;
  seen: Set<string>;
}

/**
 * Every folder, parents first: all below the root, hidden ones too, then well-known ones that lie elsewhere. Search
 * folders are `virtual` and not entered. Throws `NotFound` of scope job where there is no mailbox.
 */
export async function* readContainers(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<ContainerFact> {
  const named = await namedFolders(client, principal, signal);
  const walk: Walk = { client, principal, signal, named, seen: new Set() };
  yield* descend(walk, 'msgfolderroot', TOP);
  for (const { answer } of named.values()) {
    if (walk.seen.has(textOf(answer.id))) continue;
    const fact = enter(walk, answer, TOP);
    yield fact;
    if (!fact.virtual) yield* descend(walk, fact.id, fact);
  }
}

/** Breadth first below one folder. `childFolderCount` is not relied on: hidden folders need not be in it. */
async function* descend(walk: Walk, id: string, place: Place): AsyncIterable<ContainerFact> {
  const open = [{ id, place }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for await (const fact of children(walk, next.id, next.place)) {
      yield fact;
      if (!fact.virtual) open.push({ id: fact.id, place: fact });
    }
  }
}

async function* children(walk: Walk, id: string, place: Place): AsyncIterable<ContainerFact> {
  const request = mailboxRead(
    walk.principal,
    'mailFolders.childFolders',
    `/mailFolders/${encodeURIComponent(id)}/childFolders`,
    { $top: '250', includeHiddenFolders: 'true', $select: SELECT },
  );
  try {
    for await (const page of walk.client.pages(request, walk.signal)) {
      for (const answer of page.value.map(asAnswer)) {
        const isNew = textOf(answer.id) !== '' && !walk.seen.has(textOf(answer.id));
        if (isNew) yield enter(walk, answer, place);
      }
    }
  } catch (error) {
    // A folder that is deleted during the walk has nothing below it; the root itself is always there.
    const isGone = error instanceof NotFound && error.scope === 'item' && place !== TOP;
    if (!isGone) throw error;
  }
}

function enter(walk: Walk, answer: Answer, parent: Place): ContainerFact {
  const id = textOf(answer.id);
  walk.seen.add(id);
  const name = walk.named.get(id)?.name ?? null;
  return {
    kind: 'container',
    id,
    path: [...parent.path, textOf(answer.displayName)],
    wellKnown: name,
    root: name ?? parent.root,
    hidden: answer.isHidden === true,
    virtual: name === 'searchfolders' || /searchFolder$/i.test(textOf(answer['@odata.type'])),
    serviceCount: numberOrNull(answer.totalItemCount),
  };
}

async function namedFolders(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): Promise<Walk['named']> {
  const answers = await mapParallel(WELL_KNOWN, READS_AT_ONCE, (name) =>
    namedFolder(client, principal, name, signal),
  );
  const named = new Map<string, { name: string; answer: Answer }>();
  for (const [index, name] of WELL_KNOWN.entries()) {
    const answer = answers[index] ?? {};
    if (textOf(answer.id) !== '') named.set(textOf(answer.id), { name, answer });
  }
  return named;
}

/** Nothing where the mailbox has no such folder (404) or the service does not know the name (400). */
async function namedFolder(
  client: GraphClient,
  principal: Principal,
  name: string,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const query = { $select: SELECT };
    return asAnswer(
      await client.get(mailboxRead(principal, 'mailFolders.get', `/mailFolders/${name}`, query), signal),
    );
  } catch (error) {
    const isAbsent = error instanceof NotFound || (error instanceof Rejected && error.status === 400);
    if (isAbsent && error.scope === 'item') return {};
    throw error;
  }
}
