import { catalogueEntry } from '../reconcile/catalogue.ts';
import type { CheckStore, StoredFinding } from '../reconcile/check-store.ts';

/** What the mover says about a finding: the status of the item in its books and the reason, which may be empty. */
export interface ClaimedStatus {
  status: string;
  reason: string;
}

/** What follows from a finding, for the service desk. */
export interface Advice {
  sentence: string;
  actor: string;
  /** Whether running the migration again helps, in a sentence. */
  again: string;
  tellUser: string;
}

const CAN_HELP = 'Running the migration again can help.';
const NO_HELP = 'Running the migration again does not help.';

const UNREAD = 'Make the account readable, then run ferry reconcile again.';

/** What a status in the mover's books changes about the advice of the catalogue. */
const BY_STATUS: Readonly<Record<string, { again: string; missing?: string }>> = {
  written: {
    again:
      'The migration has it as written: running again helps only if it has changed in the old account since.',
    missing:
      'It was moved, but is no longer in your new account: did you delete it? It is still in your old account.',
  },
  failed: { again: 'The migration has it as failed: ferry retry tries it again.' },
  unsupported: { again: NO_HELP, missing: 'It cannot be moved and stays in your old account.' },
  'too-large': { again: NO_HELP, missing: 'It is too large to be moved and stays in your old account.' },
  excluded: { again: NO_HELP, missing: 'It was left out on purpose and stays in your old account.' },
};

/** All that the mover says about one finding, ordered by status. */
export function claimsAbout(store: CheckStore, findingId: string): readonly ClaimedStatus[] {
  const query = store.statement(
    'SELECT status, reason FROM claims WHERE finding_id = ? ORDER BY status, reason',
  );
  return query.all(findingId) as unknown as ClaimedStatus[];
}

/** The claims in a few words: `unsupported: mime-conversion-failed`; empty where there are none. */
export function claimWords(claims: readonly ClaimedStatus[]): string {
  return claims.map(({ status, reason }) => (reason === '' ? status : `${status}: ${reason}`)).join('; ');
}

/**
 * What follows from a finding by the catalogue. Where the mover says one thing about the item, that decides whether
 * running again helps and, for messages and events that are missing, what to tell the user.
 */
export function adviseOn(finding: StoredFinding, claims: readonly ClaimedStatus[]): Advice {
  const entry = catalogueEntry(finding.code);
  const { sentence = finding.code, actor = 'engineer', tellUser = '', rerunHelps = false } = entry ?? {};
  const said = new Set(claims.map(({ status }) => status));
  const status = said.size === 1 ? BY_STATUS[[...said].join('')] : undefined;
  if (finding.kind === 'unreadable') return { sentence, actor, again: UNREAD, tellUser };
  const isGone = finding.kind === 'missing' && finding.workload !== 'directory';
  return {
    sentence,
    actor,
    again: rerunHelps ? (status?.again ?? CAN_HELP) : NO_HELP,
    tellUser: (isGone ? status?.missing : undefined) ?? tellUser,
  };
}
