/**
 * Property names of the Graph v1.0 types that the rehearsal tenant serves, as the service metadata lists them
 * (`[]` marks collections), with what `$select` alone brings and what `$expand` takes.
 */
export interface ResourceType {
  /** E.g. `microsoft.graph.user`. */
  name: string;
  properties: ReadonlyMap<string, { name: string; isCollection: boolean }>;
  /** Served without `$select`, in this order. */
  defaults: readonly string[];
  /** Navigation properties that `$expand` takes here. */
  expandable: readonly string[];
}

const USER = `id deletedDateTime aboutMe accountEnabled ageGroup assignedLicenses[] assignedPlans[] authorizationInfo
birthday businessPhones[] city companyName consentProvidedForMinor country createdDateTime creationType
customSecurityAttributes department deviceEnrollmentLimit displayName employeeHireDate employeeId
employeeLeaveDateTime employeeOrgData employeeType externalUserState externalUserStateChangeDateTime faxNumber
givenName hireDate identities[] identityParentId imAddresses[] interests[] isManagementRestricted isResourceAccount
jobTitle lastPasswordChangeDateTime legalAgeGroupClassification licenseAssignmentStates[] mail mailboxSettings
mailNickname mobilePhone mySite officeLocation onPremisesDistinguishedName onPremisesDomainName
onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime onPremisesProvisioningErrors[]
onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled onPremisesUserPrincipalName otherMails[]
passwordPolicies passwordProfile pastProjects[] postalCode preferredDataLocation preferredLanguage preferredName
print provisionedPlans[] proxyAddresses[] responsibilities[] schools[] securityIdentifier
serviceProvisioningErrors[] showInAddressList signInActivity signInSessionsValidFromDateTime skills[] state
streetAddress surname usageLocation userPrincipalName userType`;

/** Graph, user-list page: only these come without `$select`. */
const USER_DEFAULTS = `businessPhones displayName givenName jobTitle mail mobilePhone officeLocation preferredLanguage
surname userPrincipalName id`;

const GROUP = `id deletedDateTime accessType allowExternalSenders assignedLabels[] assignedLicenses[]
autoSubscribeNewMembers classification createdDateTime description displayName expirationDateTime groupTypes[]
hasMembersWithLicenseErrors hideFromAddressLists hideFromOutlookClients infoCatalogs[] isArchived
isAssignableToRole isFavorite isManagementRestricted isSubscribedByMail licenseProcessingState mail mailEnabled
mailNickname membershipRule membershipRuleProcessingState onPremisesDomainName onPremisesExtensionAttributes
onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors[] onPremisesSamAccountName
onPremisesSecurityIdentifier onPremisesSyncEnabled organizationId preferredDataLocation preferredLanguage
proxyAddresses[] renewedDateTime resourceBehaviorOptions[] resourceProvisioningOptions[] securityEnabled
securityIdentifier serviceProvisioningErrors[] theme uniqueName unseenConversationsCount unseenCount
unseenMessagesCount visibility welcomeMessageEnabled`;

const GROUP_DEFAULTS = `id deletedDateTime classification createdDateTime description displayName
expirationDateTime groupTypes isAssignableToRole mail mailEnabled mailNickname membershipRule
membershipRuleProcessingState onPremisesDomainName onPremisesLastSyncDateTime onPremisesNetBiosName
onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier onPremisesSyncEnabled
preferredDataLocation preferredLanguage proxyAddresses renewedDateTime resourceBehaviorOptions
resourceProvisioningOptions securityEnabled securityIdentifier serviceProvisioningErrors theme uniqueName
visibility`;

/** Kept in Exchange: only a get of one Microsoft 365 group with `$select` shows them (Graph, group resource). */
export const GROUP_EXCHANGE_PROPERTIES: ReadonlySet<string> = new Set([
  'allowExternalSenders',
  'autoSubscribeNewMembers',
  'hideFromAddressLists',
  'hideFromOutlookClients',
  'isSubscribedByMail',
  'unseenCount',
]);

const CONTACT = `id deletedDateTime addresses[] companyName department displayName givenName jobTitle mail mailNickname
onPremisesLastSyncDateTime onPremisesProvisioningErrors[] onPremisesSyncEnabled phones[] proxyAddresses[]
serviceProvisioningErrors[] surname`;

const DOMAIN = `id authenticationType availabilityStatus isAdminManaged isDefault isInitial isRoot isVerified
manufacturer model passwordNotificationWindowInDays passwordValidityPeriodInDays state supportedServices[]`;

const ORGANIZATION = `id deletedDateTime assignedPlans[] businessPhones[] city country countryLetterCode
createdDateTime defaultUsageLocation displayName marketingNotificationEmails[] mobileDeviceManagementAuthority
onPremisesLastSyncDateTime onPremisesSyncEnabled partnerTenantType postalCode preferredLanguage privacyProfile
provisionedPlans[] securityComplianceNotificationMails[] securityComplianceNotificationPhones[] state street
technicalNotificationMails[] tenantType verifiedDomains[]`;

const SKU = `id accountId accountName appliesTo capabilityStatus consumedUnits prepaidUnits servicePlans[] skuId
skuPartNumber subscriptionIds[]`;

const ROOM = `id address displayName geoCoordinates isWheelChairAccessible label parentId phone placeId tags[]
audioDeviceName bookingType building capacity displayDeviceName emailAddress floorLabel floorNumber nickname
teamsEnabledState videoDeviceName`;

const ROOM_LIST = `id address displayName geoCoordinates isWheelChairAccessible label parentId phone placeId tags[]
emailAddress`;

const MAIL_FOLDER = `id displayName parentFolderId childFolderCount unreadItemCount totalItemCount isHidden`;

const MESSAGE = `id createdDateTime lastModifiedDateTime changeKey categories[] receivedDateTime sentDateTime
hasAttachments internetMessageId internetMessageHeaders[] subject bodyPreview importance parentFolderId conversationId
conversationIndex isDeliveryReceiptRequested isReadReceiptRequested isRead isDraft webLink inferenceClassification
body sender from toRecipients[] ccRecipients[] bccRecipients[] replyTo[] uniqueBody flag`;

const ATTACHMENT = `id lastModifiedDateTime name contentType size isInline contentId contentLocation contentBytes`;

const CALENDAR = `id name color hexColor isDefaultCalendar changeKey canShare canViewPrivateItems canEdit
allowedOnlineMeetingProviders[] defaultOnlineMeetingProvider isTallyingResponses isRemovable owner`;

const EVENT = `id createdDateTime lastModifiedDateTime changeKey categories[] transactionId originalStartTimeZone
originalEndTimeZone iCalUId reminderMinutesBeforeStart isReminderOn hasAttachments subject bodyPreview importance
sensitivity isAllDay isCancelled isOrganizer responseRequested seriesMasterId showAs type webLink onlineMeetingUrl
isOnlineMeeting onlineMeetingProvider allowNewTimeProposals isDraft hideAttendees originalStart responseStatus body
start end location locations[] recurrence attendees[] organizer onlineMeeting cancelledOccurrences[]`;

const MAILBOX_SETTINGS = `archiveFolder automaticRepliesSetting dateFormat delegateMeetingMessageDeliveryOptions
language timeFormat timeZone userPurpose workingHours`;

interface Extras {
  defaults?: string;
  selectOnly?: readonly string[];
  expandable?: readonly string[];
}

function typeOf(name: string, list: string, extras: Extras = {}): ResourceType {
  const properties = list.split(/\s+/).map((word) => ({
    name: word.replace('[]', ''),
    isCollection: word.endsWith('[]'),
  }));
  const all = properties.map((property) => property.name);
  const hidden = extras.selectOnly ?? [];
  return {
    name: `microsoft.graph.${name}`,
    properties: new Map(properties.map((property) => [property.name.toLowerCase(), property])),
    defaults: extras.defaults?.split(/\s+/) ?? all.filter((property) => !hidden.includes(property)),
    expandable: extras.expandable ?? [],
  };
}

/** The types by the name of their resource. */
export const TYPES = {
  user: typeOf('user', USER, { defaults: USER_DEFAULTS, expandable: ['manager'] }),
  group: typeOf('group', GROUP, { defaults: GROUP_DEFAULTS }),
  orgContact: typeOf('orgContact', CONTACT),
  /** Members: any property of the three types above may be selected. */
  directoryObject: typeOf(
    'directoryObject',
    [...new Set(`${USER} ${GROUP} ${CONTACT}`.split(/\s+/))].join(' '),
  ),
  domain: typeOf('domain', DOMAIN),
  organization: typeOf('organization', ORGANIZATION),
  subscribedSku: typeOf('subscribedSku', SKU),
  room: typeOf('room', ROOM),
  roomList: typeOf('roomList', ROOM_LIST),
  mailFolder: typeOf('mailFolder', MAIL_FOLDER, {
    expandable: ['childFolders', 'singleValueExtendedProperties'],
  }),
  message: typeOf('message', MESSAGE, {
    selectOnly: ['internetMessageHeaders', 'uniqueBody'],
    expandable: ['singleValueExtendedProperties', 'attachments'],
  }),
  attachment: typeOf('attachment', ATTACHMENT),
  calendar: typeOf('calendar', CALENDAR),
  event: typeOf('event', EVENT, {
    selectOnly: ['cancelledOccurrences'],
    expandable: ['exceptionOccurrences', 'attachments', 'calendar', 'singleValueExtendedProperties'],
  }),
  mailboxSettings: typeOf('mailboxSettings', MAILBOX_SETTINGS),
} as const;
