import {
  type Job,
  jobId,
  type Organisation,
  type Page,
  type Policy,
  type SourceItem,
  type WorkloadName,
} from '../../src/core/types.ts';

export const POLICY: Policy = {
  mail: {
    since: null,
    until: null,
    maxBytes: null,
    trashDays: 30,
    junk: 'skip',
    order: 'oldest',
    emptyFolders: true,
    categories: 'label',
    drafts: true,
    readReceipts: 'neutralise',
  },
  calendar: { yearsBack: 5, teamsLinks: 'keep', attachments: 'names', cancelled: 'skip' },
  directory: { securityGroups: 'skip', dynamicGroups: 'static', sharedMailboxes: 'auto', licences: 'auto' },
  delta: { deletions: 'report', moves: 'apply' },
  reconcile: { userChanges: 'ask', window: { yearsBack: 2, yearsAhead: 2 } },
  privacy: 'hashed',
};

export function organisation(id = 'regulator', policy: Policy = POLICY): Organisation {
  return { id, domains: { 'old.example': 'new.example' }, orgUnit: '/Regulator', policy };
}

export function job(workload: WorkloadName = 'mail', person = 'ann', body = organisation()): Job {
  const source = workload === 'directory' ? body.id : `${person}@old.example`;
  const target = workload === 'directory' ? body.id : `${person}@new.example`;
  const kind = workload === 'directory' ? 'organisation' : 'person';
  const principal = { kind, id: source, source, target, organisation: body.id, wave: 'pilot' } as const;
  return { id: jobId(workload, principal), principal, workload, organisation: body };
}

export function sourceItem(key: string, facts: Partial<SourceItem> = {}): SourceItem {
  return {
    key,
    version: `${key}@1`,
    container: 'inbox',
    identity: null,
    rank: 100,
    after: null,
    order: 0,
    state: {},
    inline: null,
    bytes: null,
    ...facts,
  };
}

export function page(items: readonly SourceItem[], facts: Partial<Page> = {}): Page {
  return {
    stream: 'folder:inbox',
    items,
    removed: [],
    cursor: 'c1',
    mode: 'delta',
    first: false,
    last: true,
    ...facts,
  };
}
