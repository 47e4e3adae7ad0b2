import { each, fields, type Shape } from '../shapes.ts';

/** Request bodies of Directory v1 (discovery document, rev. 20260914), by schema name. */
export const USER = fields(
  'archivalTime creationTime customerId deletionTime etag hashFunction id kind lastLoginTime orgUnitPath password ' +
    'primaryEmail recoveryEmail recoveryPhone suspensionReason suspensionTime thumbnailPhotoEtag thumbnailPhotoUrl',
  {
    name: fields('displayName familyName fullName givenName'),
    aliases: { list: 'string' },
    nonEditableAliases: { list: 'string' },
    ...each(
      'any',
      'addresses customSchemas emails externalIds gender guestAccountInfo ims keywords languages',
    ),
    ...each('any', 'locations notes organizations phones posixAccounts relations sshPublicKeys websites'),
    ...each(
      'boolean',
      'agreedToTerms archived changePasswordAtNextLogin includeInGlobalAddressList ipWhitelisted',
    ),
    ...each(
      'boolean',
      'isAdmin isDelegatedAdmin isEnforcedIn2Sv isEnrolledIn2Sv isGuestUser isMailboxSetup suspended',
    ),
  },
);

export const ALIAS = fields('alias etag id kind primaryEmail');

export const PHOTO = fields('etag id kind mimeType photoData primaryEmail', each('integer', 'height width'));

export const ORG_UNIT = fields(
  'description etag kind name orgUnitId orgUnitPath parentOrgUnitId parentOrgUnitPath',
  {
    blockInheritance: 'boolean',
  },
);

export const GROUP = fields('description directMembersCount email etag id kind name', {
  adminCreated: 'boolean',
  aliases: { list: 'string' },
  nonEditableAliases: { list: 'string' },
  externalIds: 'any',
});

export const MEMBER = fields('delivery_settings email etag id kind role status type');

export const BUILDING = fields('buildingId buildingName description etags kind', {
  floorNames: { list: 'string' },
  address: fields('administrativeArea languageCode locality postalCode regionCode sublocality', {
    addressLines: { list: 'string' },
  }),
  coordinates: fields('', each('number', 'latitude longitude')),
});

export const FEATURE = fields('etags kind name');

export const CALENDAR_RESOURCE = fields(
  'buildingId etags floorName floorSection generatedResourceName kind resourceCategory resourceDescription ' +
    'resourceEmail resourceId resourceName resourceType userVisibleDescription',
  { capacity: 'integer', featureInstances: 'any' },
);

/** Request body of Groups Settings v1 (rev. 20220614): booleans are texts. */
export const GROUP_SETTINGS: Shape = fields(
  'allowExternalMembers allowGoogleCommunication allowWebPosting archiveOnly customFooterText customReplyTo ' +
    'customRolesEnabledForSettingsToBeMerged defaultMessageDenyNotificationText default_sender description email ' +
    'enableCollaborativeInbox favoriteRepliesOnTop includeCustomFooter includeInGlobalAddressList isArchived kind ' +
    'membersCanPostAsTheGroup messageDisplayFont messageModerationLevel name primaryLanguage replyTo ' +
    'sendMessageDenyNotification showInGroupDirectory spamModerationLevel whoCanAdd whoCanAddReferences ' +
    'whoCanApproveMembers whoCanApproveMessages whoCanAssignTopics whoCanAssistContent whoCanBanUsers ' +
    'whoCanContactOwner whoCanDeleteAnyPost whoCanDeleteTopics whoCanDiscoverGroup whoCanEnterFreeFormTags ' +
    'whoCanHideAbuse whoCanInvite whoCanJoin whoCanLeaveGroup whoCanLockTopics whoCanMakeTopicsSticky ' +
    'whoCanMarkDuplicate whoCanMarkFavoriteReplyOnAnyTopic whoCanMarkFavoriteReplyOnOwnTopic ' +
    'whoCanMarkNoResponseNeeded whoCanModerateContent whoCanModerateMembers whoCanModifyMembers ' +
    'whoCanModifyTagsAndCategories whoCanMoveTopicsIn whoCanMoveTopicsOut whoCanPostAnnouncements ' +
    'whoCanPostMessage whoCanTakeTopics whoCanUnassignTopic whoCanUnmarkFavoriteReplyOnAnyTopic whoCanViewGroup ' +
    'whoCanViewMembership',
  { maxMessageBytes: 'integer' },
);
