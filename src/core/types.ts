/**
 * Words of this project, used everywhere in the same sense:
 * - tenant: one organisation's account at Microsoft or Google;
 * - principal: whoever owns what is moved: a person, a shared mailbox, a room, or an organisation as a whole;
 * - workload: a kind of content (directory, mail, calendar);
 * - job: one principal × one workload; a pass runs the jobs of a wave of an organisation;
 * - item: the smallest thing with an outcome of its own (one copy of a message, one event, one directory action);
 * - container: what an item lies in at the source (mail folder id, calendar id);
 * - stream: what one cursor advances through (a mail folder's delta, a calendar's list);
 * - delivery: the items that become one thing at the target (copies of a message in several folders);
 * - receipt: the target's positive answer, the only proof of a write;
 * - loss: a field that was dropped or changed on the way; finding: a difference that the checker saw.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export const WORKLOADS = ['directory', 'mail', 'calendar'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

/** `account`: a person without a mailbox, who has a directory entry and nothing else to move. */
export const PRINCIPAL_KINDS = ['person', 'shared', 'account', 'room', 'group', 'organisation'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Addresses are lower case. `id` is the Entra object id where it is known, else the source address. */
export interface Principal {
  kind: PrincipalKind;
  id: string;
  /** UPN or primary SMTP address at the source; for an organisation its id. */
  source: string;
  /** Primary address at the target; for an organisation its id. */
  target: string;
  organisation: string;
  wave: string;
}

export interface Job {
  /** `<workload>:<organisation>:<source>`, stable between runs. */
  id: string;
  principal: Principal;
  workload: WorkloadName;
  organisation: Organisation;
}

export function jobId(workload: WorkloadName, principal: Pick<Principal, 'organisation' | 'source'>): string {
  return `${workload}:${principal.organisation}:${principal.source}`;
}

/** A body of the programme, with its rules resolved (defaults overlaid with its own). */
export interface Organisation {
  id: string;
  /** Source domain → target domain, lower case. */
  domains: Readonly<Record<string, string>>;
  /** Root of its org units at the target, starting with `/`. */
  orgUnit: string;
  /** ISO date (no time) of the contract's end. */
  deadline?: string;
  policy: Policy;
}

/** Operator's choices; the schema with defaults and documentation of each key is `src/config/policy.ts`. */
export interface Policy {
  mail: {
    since: string | null;
    until: string | null;
    /** Messages whose source size exceeds this many bytes are excluded under `max-bytes`. */
    maxBytes: number | null;
    /** Deleted Items older than this many days are excluded under `trash-age`; Gmail empties Trash after 30. */
    trashDays: number;
    junk: 'skip' | 'move';
    order: 'oldest' | 'newest';
    emptyFolders: boolean;
    categories: 'label' | 'skip';
    drafts: boolean;
    readReceipts: 'neutralise' | 'keep';
  };
  calendar: {
    yearsBack: number;
    teamsLinks: 'keep' | 'drop';
    attachments: 'names' | 'drop';
    cancelled: 'skip' | 'keep';
  };
  directory: {
    securityGroups: 'skip' | 'create';
    dynamicGroups: 'static' | 'skip';
    sharedMailboxes: 'auto' | 'user' | 'group' | 'skip';
    licences: 'auto' | 'none';
  };
  delta: { deletions: 'report' | 'apply'; moves: 'apply' | 'report' };
  reconcile: { userChanges: 'ask' | 'agree'; window: { yearsBack: number; yearsAhead: number } };
  privacy: 'counts' | 'hashed' | 'full';
}

/** Old address (any case; SMTP, UPN or X500) → new primary address. Built from `addresses.csv`. */
export interface AddressBook {
  /** The new address, or null where the old one is unknown (external, dropped). */
  resolve(old: string): string | null;
  /** Every old address (lower case) that leads to this new one. */
  aliasesOf(target: string): readonly string[];
}

/** One listed item of the source. The resource itself is read when the item is applied, unless `inline` carries it. */
export interface SourceItem {
  /** Unique within its job and stable over moves (a message's immutable id, `event:<id>`, `user:<oid>` …). */
  key: string;
  /** Changes exactly when the item has to be looked at again (hash of change key and container, or of the value). */
  version: string;
  container: string;
  /** What survives the move (Message-ID without brackets, iCalendar UID, address); null where there is none. */
  identity: string | null;
  /** Items of a lower rank are settled before any of a higher one begins (folders before messages). */
  rank: number;
  /** Key of the item whose receipt the mapping needs (a message's folder, an exception's master). */
  after: string | null;
  /** Order within a rank, ascending; for mail the received time in UTC milliseconds. */
  order: number;
  /** Small facts that planning and mapping need without another request. */
  state: JsonObject;
  /** The resource, where the listing already yields it whole; kept in the ledger only until the item is settled. */
  inline: Json;
  /** Size at the source in bytes, where known. */
  bytes: number | null;
}

/** A removal as the source tells it. It counts only while the item still lies in `container` (moves look alike). */
export interface RemovedItem {
  key: string;
  container: string;
}

/** One page of a stream. Written to the ledger in one transaction with its cursor. */
export interface Page {
  stream: string;
  items: readonly SourceItem[];
  removed: readonly RemovedItem[];
  /** Where to go on after this page; opaque to everyone but the source. */
  cursor: string;
  /** `full`: the stream is read from its beginning: what is not seen by the end is gone. `delta`: changes alone. */
  mode: 'full' | 'delta';
  /** True on the first page of a full reading, also when an expired cursor made it start over. */
  first: boolean;
  /** True on the last page of this round. */
  last: boolean;
}

export const OUTCOMES = [
  'written',
  'merged',
  'excluded',
  'unsupported',
  'too-large',
  'failed',
  'gone',
] as const;
export type Outcome = (typeof OUTCOMES)[number];
export type ItemStatus = 'listed' | 'begun' | Outcome;

/** A field that was dropped or changed on the way. Recorded with the item, never only logged. */
export interface Loss {
  field: string;
  /** `dropped` it is not there, `changed` another value stands there, `added` ferry had to add it, `weakened` a lesser right or state. */
  kind: 'dropped' | 'changed' | 'added' | 'weakened';
  /** Stable word for the reason, e.g. `no-equivalent`, `limit-225`, `missing-in-source`. Never content. */
  reason: string;
}

/** The reasons for which a mapping may decide not to write an item. `excluded` = a rule of the operator. */
export type SkipReason =
  | { outcome: 'excluded'; rule: string }
  | { outcome: 'unsupported'; rule: string }
  | { outcome: 'too-large'; rule: string };

export interface Written<V> {
  kind: 'value';
  value: V;
  losses: readonly Loss[];
}
export interface Skipped {
  kind: 'skip';
  reason: SkipReason;
}
export type Mapped<V> = Written<V> | Skipped;

/** The target's positive answer. */
export interface Receipt {
  /** Id at the target; for events `<calendarId>/<eventId>`. */
  targetId: string;
  /** What ferry wrote, in small: the basis of the next update, and of recognising changes made at the target since. */
  wrote: Json;
  /** Losses that only the target's answer showed (a value stored differently). */
  losses?: readonly Loss[];
  /** True where the target held the value already, so that nothing was written. */
  untouched?: true;
}
