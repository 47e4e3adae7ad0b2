import { z } from 'zod';
import type { Policy } from '../core/types.ts';

const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-03-31');

const mail = z.strictObject({
  /** Mail received before this date is excluded under the rule `since`. */
  since: isoDate.nullable().default(null),
  /** Mail received on or after this date is excluded under the rule `until`. */
  until: isoDate.nullable().default(null),
  /** Mail larger than this many bytes is excluded under the rule `max-bytes`. */
  maxBytes: z.int().positive().nullable().default(null),
  /** Deleted items older than this many days are excluded (`trash-age`): Gmail empties its Trash after 30 days. */
  trashDays: z.int().nonnegative().default(30),
  /** `skip` excludes junk mail under the rule `junk`; `move` puts it into Spam. */
  junk: z.enum(['skip', 'move']).default('skip'),
  /** Which mail goes first. */
  order: z.enum(['oldest', 'newest']).default('oldest'),
  /** Whether folders without mail become labels. */
  emptyFolders: z.boolean().default(true),
  /** `label` turns each category in use into a label `Categories/<name>`. */
  categories: z.enum(['label', 'skip']).default('label'),
  /** Whether drafts are moved; otherwise they are excluded under the rule `drafts`. */
  drafts: z.boolean().default(true),
  /** `neutralise` renames read-receipt headers of unread mail, so that opening it sends nothing. */
  readReceipts: z.enum(['neutralise', 'keep']).default('neutralise'),
});

const calendar = z.strictObject({
  /** Events that ended earlier than this many years ago are excluded under the rule `years-back`. */
  yearsBack: z.int().nonnegative().default(5),
  /** `keep` leaves links to Teams meetings in the description. */
  teamsLinks: z.enum(['keep', 'drop']).default('keep'),
  /** `names` lists the names of attachments in the description. */
  attachments: z.enum(['names', 'drop']).default('names'),
  /** `skip` excludes cancelled events under the rule `cancelled`. */
  cancelled: z.enum(['skip', 'keep']).default('skip'),
});

const directory = z.strictObject({
  /** What becomes of security groups without an address. */
  securityGroups: z.enum(['skip', 'create']).default('skip'),
  /** `static` copies the present members of a dynamic group. */
  dynamicGroups: z.enum(['static', 'skip']).default('static'),
  /** `auto` follows the decision table for shared mailboxes. */
  sharedMailboxes: z.enum(['auto', 'user', 'group', 'skip']).default('auto'),
  /** `auto` leaves licences to the target's automatic assignment. */
  licences: z.enum(['auto', 'none']).default('auto'),
});

const delta = z.strictObject({
  /** What happens at the target to items that were deleted at the source since the last pass. */
  deletions: z.enum(['report', 'apply']).default('report'),
  /** What happens at the target to items that were moved at the source since the last pass. */
  moves: z.enum(['apply', 'report']).default('apply'),
});

const reconcile = z.strictObject({
  /** `agree` accepts what a user moved or deleted at the target after ferry's receipt. */
  userChanges: z.enum(['ask', 'agree']).default('ask'),
  /** The window in which calendars are compared as occurrences. */
  window: z
    .strictObject({
      yearsBack: z.int().nonnegative().default(2),
      yearsAhead: z.int().nonnegative().default(2),
    })
    .prefault({}),
});

/** How much a report shows of what lies in a mailbox. */
const privacy = z.enum(['counts', 'hashed', 'full']);

/** The operator's choices with their defaults; a closed set of keys. */
export const policySchema = z.strictObject({
  mail: mail.prefault({}),
  calendar: calendar.prefault({}),
  directory: directory.prefault({}),
  delta: delta.prefault({}),
  reconcile: reconcile.prefault({}),
  privacy: privacy.default('hashed'),
});

/** The choices with nothing chosen. */
export const DEFAULT_POLICY: Policy = policySchema.parse({});

type Tree = { [key: string]: unknown };

/** One policy laid over another, key by key; used for an organisation's own rules over the programme's. */
export function overlay(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over === undefined ? base : over;
  const merged: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = overlay(merged[key], value);
  return merged;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
