import type { FindingKind } from '../core/facts.ts';

/** Who has to act on a finding. */
export type Actor = 'engineer' | 'administrator' | 'service desk' | 'user';

/** One row of the closed catalogue: what a finding's code means and what follows from it. */
export interface CatalogueEntry {
  kind: FindingKind;
  /** The finding in one plain sentence. */
  sentence: string;
  actor: Actor;
  /** Whether running the migration again can make it disappear. */
  rerunHelps: boolean;
  /** What the service desk can tell the person concerned. */
  tellUser: string;
  /** `content`: its values come out of a mailbox and are shown only at privacy `full`. */
  values: 'plain' | 'content';
}

const RESEND = 'It is still in your old account; we will move it.';
const KNOWN = 'We know of it and are looking at it; nothing has been lost in your old account.';
const NOTHING = 'You need not do anything.';

function row(
  kind: FindingKind,
  sentence: string,
  actor: Actor,
  rerunHelps: boolean,
  tellUser: string,
  values: CatalogueEntry['values'] = 'plain',
): CatalogueEntry {
  return { kind, sentence, actor, rerunHelps, tellUser, values };
}

/** Every code that a finding can carry. `findings.csv` names the code, pages and tables use the sentence. */
export const CATALOGUE = {
  'source-unreadable': row(
    'unreadable',
    'The source could not be read, so nothing can be said about this workload.',
    'engineer',
    false,
    'Your old account could not be checked yet; we will check it again.',
  ),
  'target-unreadable': row(
    'unreadable',
    'The target could not be read, so nothing can be said about this workload.',
    'engineer',
    false,
    'Your new account could not be checked yet; we will check it again.',
  ),
  'message-missing': row(
    'missing',
    'A message of the source is not at the target.',
    'engineer',
    true,
    RESEND,
  ),
  'count-lower': row(
    'missing',
    'The label holds fewer messages than the folder, by the services’ own counters.',
    'engineer',
    true,
    KNOWN,
  ),
  'count-higher': row(
    'extra',
    'The label holds more messages than the folder, by the services’ own counters.',
    'engineer',
    false,
    KNOWN,
  ),
  'message-extra': row(
    'extra',
    'A message at the target belongs to none at the source.',
    'service desk',
    false,
    'Your new mailbox holds a message that your old one does not; is it yours?',
  ),
  'excluded-but-present': row(
    'extra',
    'Something that a rule leaves out is at the target all the same.',
    'engineer',
    false,
    NOTHING,
  ),
  'message-duplicate': row(
    'duplicate',
    'One message of the source is at the target more than once.',
    'engineer',
    false,
    'One message shows twice; we will remove the extra copy.',
  ),
  'labels-differ': row(
    'differ',
    'The message carries other labels than its folders and categories ask for.',
    'service desk',
    true,
    'A message lies under another label than before; search finds it.',
  ),
  'label-missing': row(
    'differ',
    'A folder has no label at the target.',
    'engineer',
    true,
    'One of your folders is not shown as a label; the messages themselves are there.',
  ),
  'read-differs': row(
    'differ',
    'The message is read on one side and unread on the other.',
    'service desk',
    true,
    NOTHING,
  ),
  'starred-differs': row(
    'differ',
    'The flag of the message and its star do not agree.',
    'service desk',
    true,
    NOTHING,
  ),
  'draft-differs': row('differ', 'The message is a draft on one side only.', 'engineer', true, KNOWN),
  'body-differs': row(
    'differ',
    'The decoded content of the message is not the same on both sides.',
    'engineer',
    false,
    KNOWN,
  ),
  'headers-differ': row(
    'differ',
    'Date, sender, recipients or subject of the message are not the same on both sides.',
    'engineer',
    false,
    KNOWN,
  ),
  'event-missing': row('missing', 'An event of the source is not at the target.', 'engineer', true, RESEND),
  'exception-missing': row(
    'missing',
    'A changed occurrence of a series is not at the target as changed.',
    'engineer',
    true,
    'One date of a series shows its original time; we will correct it.',
  ),
  'event-extra': row(
    'extra',
    'An event at the target belongs to none at the source.',
    'service desk',
    false,
    'Your new calendar holds an event that your old one does not; is it yours?',
  ),
  'event-duplicate': row(
    'duplicate',
    'One event of the source is at the target more than once.',
    'engineer',
    false,
    'One event shows twice; we will remove the extra one.',
  ),
  'occurrence-missing': row(
    'differ',
    'The event is there, but one or more of its occurrences are not.',
    'engineer',
    true,
    'Some dates of a series are not shown; we will correct it.',
  ),
  'occurrence-extra': row(
    'differ',
    'The event shows on dates that it does not have at the source.',
    'engineer',
    true,
    'A series shows dates that it should not; we will correct it.',
  ),
  'occurrence-duplicate': row(
    'differ',
    'An occurrence shows more than once.',
    'engineer',
    false,
    'One date of a series shows twice; we will correct it.',
  ),
  'occurrence-shifted': row(
    'differ',
    'The event takes place at another time than at the source.',
    'engineer',
    true,
    'An event shows at another time; please rely on the invitation until we have corrected it.',
  ),
  'event-differs': row(
    'differ',
    'A field of the event has another value than at the source.',
    'service desk',
    true,
    KNOWN,
    'content',
  ),
  'event-setting-differs': row(
    'differ',
    'A setting of the event has another value than at the source.',
    'service desk',
    true,
    KNOWN,
  ),
  'user-missing': row('missing', 'The account is not at the target.', 'engineer', true, KNOWN),
  'user-duplicate': row(
    'duplicate',
    'Two accounts at the target stand for one at the source.',
    'administrator',
    false,
    KNOWN,
  ),
  'user-differs': row(
    'differ',
    'A directory field of the account has another value than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
  'alias-missing': row(
    'missing',
    'An address of the account or group is not at the target.',
    'engineer',
    true,
    'Mail to one of your old addresses may not arrive yet.',
  ),
  'alias-extra': row(
    'extra',
    'The account or group has an address that it does not have at the source.',
    'administrator',
    false,
    NOTHING,
  ),
  'manager-missing': row('missing', 'The account names no manager.', 'engineer', true, NOTHING),
  'manager-differs': row(
    'differ',
    'The account names another manager than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
  'suspension-missing': row(
    'missing',
    'The account is disabled at the source and active at the target.',
    'engineer',
    true,
    NOTHING,
  ),
  'suspension-differs': row(
    'differ',
    'The account is active at the source and suspended at the target.',
    'administrator',
    false,
    'Your new account is suspended; an administrator has to open it.',
  ),
  'group-missing': row('missing', 'The group is not at the target.', 'engineer', true, KNOWN),
  'group-duplicate': row(
    'duplicate',
    'Two groups at the target stand for one at the source.',
    'administrator',
    false,
    KNOWN,
  ),
  'group-differs': row(
    'differ',
    'A field of the group has another value than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
  'member-missing': row(
    'missing',
    'A member of the group is not a member at the target.',
    'engineer',
    true,
    'You may not get the mail of one of your groups yet.',
  ),
  'member-extra': row(
    'extra',
    'The group has a member at the target that it does not have at the source.',
    'administrator',
    false,
    NOTHING,
  ),
  'member-role': row(
    'differ',
    'The member has another role in the group than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
  'effective-members': row(
    'differ',
    'Through nesting, the group reaches other people than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
  'room-missing': row('missing', 'The room is not at the target.', 'engineer', true, KNOWN),
  'room-differs': row(
    'differ',
    'A field of the room has another value than at the source.',
    'administrator',
    true,
    NOTHING,
  ),
} as const satisfies Record<string, CatalogueEntry>;

export type FindingCode = keyof typeof CATALOGUE;

/** The entry of a code; null for a word that is none (a file of another version). */
export function catalogueEntry(code: string): CatalogueEntry | null {
  return Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code as FindingCode] : null;
}

/** Rules by which a source item is left out, as the tables name them, each in plain words. */
export const RULES: Readonly<Record<string, string>> = {
  junk: 'junk mail is not moved',
  'trash-age': 'deleted longer ago than the policy keeps',
  since: 'received before the first date of the policy',
  until: 'received after the last date of the policy',
  'max-bytes': 'larger than the policy allows',
  drafts: 'drafts are not moved',
  'system-folder': 'lies in a hidden or technical folder',
  'conversation-history': 'a chat transcript of Skype or Teams',
  'no-counter': 'lies where Gmail offers no counter; the depth items sees it',
  'message-class': 'no mail, but an item of another program',
  'read-only-calendar': 'lies in a calendar of someone else',
  'years-back': 'older than the policy keeps',
  cancelled: 'cancelled by its organiser',
  'date-range': 'a date that Google Calendar does not know',
  guest: 'a guest of another organisation has no account',
  'not-in-scope': 'not named in the files of this organisation',
  'not-included': 'marked as not included in the files',
  'security-group': 'a security group without an address',
  'dynamic-group': 'a group with a rule instead of members',
  'address-dropped': 'the address leads nowhere by addresses.csv',
  'unmapped-domain': 'the domain is not moved',
  'reserved-address': 'Google reserves the address',
  'member-not-moved': 'the member is not moved',
  'manager-not-moved': 'the manager is not moved',
  'suspend-on-request': 'accounts are suspended when the operator asks for it',
};
