import type { GraphGroup } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';
import { baseType } from './group-types.ts';
import { present } from './text.ts';

/** Groups Settings values; booleans are the words `true` and `false` (Groups Settings API v1). */
export type GroupSettings = Readonly<Record<string, string>>;

/** Settings of one group and what the source could not say. */
export interface MappedSettings {
  settings: GroupSettings;
  losses: Loss[];
}

const CLOSED: GroupSettings = {
  whoCanJoin: 'INVITED_CAN_JOIN',
  whoCanViewMembership: 'ALL_IN_DOMAIN_CAN_VIEW',
  whoCanViewGroup: 'ALL_MEMBERS_CAN_VIEW',
  whoCanPostMessage: 'ALL_IN_DOMAIN_CAN_POST',
  whoCanDiscoverGroup: 'ALL_IN_DOMAIN_CAN_DISCOVER',
  messageModerationLevel: 'MODERATE_NONE',
  whoCanLeaveGroup: 'ALL_MEMBERS_CAN_LEAVE',
  includeInGlobalAddressList: 'true',
  isArchived: 'false',
};

/** Rows B1 to B6 of mapping 2.3, by name. */
const BASE = {
  public: {
    ...CLOSED,
    whoCanJoin: 'ALL_IN_DOMAIN_CAN_JOIN',
    whoCanViewGroup: 'ALL_IN_DOMAIN_CAN_VIEW',
    isArchived: 'true',
  },
  private: { ...CLOSED, whoCanJoin: 'CAN_REQUEST_TO_JOIN', isArchived: 'true' },
  hidden: {
    ...CLOSED,
    whoCanViewMembership: 'ALL_MANAGERS_CAN_VIEW',
    whoCanDiscoverGroup: 'ALL_MEMBERS_CAN_DISCOVER',
    whoCanModerateMembers: 'OWNERS_AND_MANAGERS',
    isArchived: 'true',
  },
  distribution: CLOSED,
  mailSecurity: { ...CLOSED, whoCanLeaveGroup: 'NONE_CAN_LEAVE' },
  security: {
    ...CLOSED,
    whoCanViewMembership: 'ALL_MANAGERS_CAN_VIEW',
    whoCanViewGroup: 'ALL_MANAGERS_CAN_VIEW',
    whoCanPostMessage: 'ALL_MANAGERS_CAN_POST',
    whoCanDiscoverGroup: 'ALL_MEMBERS_CAN_DISCOVER',
    whoCanModerateMembers: 'OWNERS_AND_MANAGERS',
    whoCanLeaveGroup: 'NONE_CAN_LEAVE',
    includeInGlobalAddressList: 'false',
  },
} satisfies Record<string, GroupSettings>;

/** Settings of a group that stands in for a shared mailbox (mapping 5.6): a collaborative inbox. */
export const SHARED_MAILBOX_SETTINGS: GroupSettings = {
  ...CLOSED,
  whoCanPostMessage: 'ANYONE_CAN_POST',
  spamModerationLevel: 'MODERATE',
  enableCollaborativeInbox: 'true',
  whoCanAssistContent: 'ALL_MEMBERS',
  membersCanPostAsTheGroup: 'true',
  isArchived: 'true',
};

/** Settings of a group that keeps one more address of a person who has 30 aliases: mail from everywhere passes. */
export const GROUP_OF_ONE_SETTINGS: GroupSettings = {
  ...CLOSED,
  whoCanViewMembership: 'ALL_MANAGERS_CAN_VIEW',
  whoCanModerateMembers: 'OWNERS_AND_MANAGERS',
  whoCanPostMessage: 'ANYONE_CAN_POST',
  spamModerationLevel: 'ALLOW',
  whoCanDiscoverGroup: 'ALL_MEMBERS_CAN_DISCOVER',
  includeInGlobalAddressList: 'false',
};

/**
 * The settings of a group (mapping 2.3): the base row of its type, then the overrides O3, O9, O10, O11; the last
 * writer wins. Sender restrictions of distribution groups are invisible to Graph: they leave a loss.
 */
export function groupSettings(group: GraphGroup, hasExternalMembers: boolean): MappedSettings {
  const language = present(group.preferredLanguage);
  const isOpenToAll = group.allowExternalSenders === true;
  const settings = {
    ...baseSettings(group),
    ...(isOpenToAll ? { whoCanPostMessage: 'ANYONE_CAN_POST', spamModerationLevel: 'MODERATE' } : {}),
    ...(group.hideFromAddressLists === true
      ? { whoCanDiscoverGroup: 'ALL_MEMBERS_CAN_DISCOVER', includeInGlobalAddressList: 'false' }
      : {}),
    ...(isMembershipHidden(group)
      ? { whoCanViewMembership: 'ALL_MANAGERS_CAN_VIEW', whoCanModerateMembers: 'OWNERS_AND_MANAGERS' }
      : {}),
    allowExternalMembers: hasExternalMembers ? 'true' : 'false',
    ...(language === null ? {} : { primaryLanguage: language }),
  };
  const isUnknown = group.mailEnabled && group.allowExternalSenders === null;
  const losses: Loss[] = isUnknown
    ? [{ field: 'whoCanPostMessage', kind: 'weakened', reason: 'external-senders-unknown' }]
    : [];
  return { settings, losses };
}

function baseSettings(group: GraphGroup): GroupSettings {
  const type = baseType(group);
  if (type === 'distribution') return BASE.distribution;
  if (type === 'mail-security') return BASE.mailSecurity;
  if (type === 'security') return BASE.security;
  if (isMembershipHidden(group)) return BASE.hidden;
  return group.visibility?.toLowerCase() === 'public' ? BASE.public : BASE.private;
}

function isMembershipHidden(group: GraphGroup): boolean {
  return group.visibility?.toLowerCase() === 'hiddenmembership';
}
