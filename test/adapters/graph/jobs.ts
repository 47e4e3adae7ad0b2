import type { ListedItem } from '../../../src/core/ports.ts';
import {
  type Job,
  jobId,
  type Organisation,
  type SourceItem,
  type WorkloadName,
} from '../../../src/core/types.ts';

const organisation = {
  id: 'health',
  domains: { 'old.example': 'new.example' },
  orgUnit: '/Health',
  policy: {},
};

/** A job of one person, or of the organisation for the directory. */
export function jobOf(workload: WorkloadName): Job {
  const principal = {
    kind: workload === 'directory' ? ('organisation' as const) : ('person' as const),
    id: workload === 'directory' ? 'health' : 'oid-ann',
    source: workload === 'directory' ? 'health' : 'ann@old.example',
    target: 'ann@new.example',
    organisation: 'health',
    wave: '1',
  };
  return {
    id: jobId(workload, principal),
    principal,
    workload,
    organisation: organisation as unknown as Organisation,
  };
}

/** An item as the ledger would hand it back. */
export function listed(item: SourceItem): ListedItem {
  return {
    ...item,
    status: 'listed',
    settledVersion: null,
    receipt: null,
    begunAt: null,
    attempts: 0,
    reason: null,
    fingerprint: null,
  };
}

/** An item of this key alone, with nothing inline. */
export function listedKey(key: string, state: SourceItem['state'] = {}): ListedItem {
  return listed({
    key,
    version: 'v',
    container: '',
    identity: null,
    rank: 100,
    after: null,
    order: 0,
    state,
    inline: null,
    bytes: null,
  });
}
