import { NotFound } from '../../../src/core/errors.ts';
import type { ContainerFact } from '../../../src/core/facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { type Answer, asAnswer, IMMUTABLE_IDS, numberOrNull, textOf, userPath } from './answers.ts';

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
  path: string[];
  root: string | null;
}

/** Every folder below the root, parents first; search folders are `virtual`. A mailbox that is absent has none. */
export async function* readContainers(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<ContainerFact> {
  const wellKnown = await wellKnownIds(client, principal, signal);
  const query = { $top: '250', includeHiddenFolders: 'true', $select: SELECT };
  const open: { path: string; place: Place }[] = [
    {
      path: `${userPath(principal)}/mailFolders/msgfolderroot/childFolders`,
      place: { path: [], root: null },
    },
  ];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const request = {
      method: 'mailFolders.childFolders',
      path: next.path,
      mailbox: principal.source,
      query,
      headers: IMMUTABLE_IDS,
      priority: 'check' as const,
    };
    for await (const page of client.pages(request, signal)) {
      for (const answer of page.value.map(asAnswer)) {
        const fact = containerOf(answer, next.place, wellKnown);
        yield fact;
        if ((numberOrNull(answer.childFolderCount) ?? 0) === 0 || fact.virtual) continue;
        const path = `${userPath(principal)}/mailFolders/${encodeURIComponent(fact.id)}/childFolders`;
        open.push({ path, place: { path: fact.path, root: fact.root } });
      }
    }
  }
}

function containerOf(answer: Answer, parent: Place, wellKnown: ReadonlyMap<string, string>): ContainerFact {
  const id = textOf(answer.id);
  const name = wellKnown.get(id) ?? null;
  return {
    kind: 'container',
    id,
    path: [...parent.path, textOf(answer.displayName)],
    wellKnown: name,
    root: name ?? parent.root,
    hidden: answer.isHidden === true,
    virtual: /mailSearchFolder$/i.test(textOf(answer['@odata.type'])),
    serviceCount: numberOrNull(answer.totalItemCount),
  };
}

async function wellKnownIds(
  client: GraphClient,
  principal: Principal,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const name of WELL_KNOWN) {
    try {
      const path = `${userPath(principal)}/mailFolders/${name}`;
      const request = {
        method: 'mailFolders.get',
        path,
        mailbox: principal.source,
        query: { $select: 'id' },
        headers: IMMUTABLE_IDS,
        priority: 'check' as const,
      };
      ids.set(textOf(asAnswer(await client.get(request, signal)).id), name);
    } catch (error) {
      if (!(error instanceof NotFound) || error.scope !== 'item') throw error;
    }
  }
  return ids;
}
