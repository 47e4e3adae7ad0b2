import { at, uuid } from './seeded.ts';
import type { EstateGroup, EstateOptions, EstateOrganisation, EstateUser, Resource } from './types.ts';

interface GroupType {
  name: string;
  groupTypes: readonly string[];
  mailEnabled: boolean;
  securityEnabled: boolean;
  visibility: string | null;
}

/** Groups of every type by turns, each second one with an earlier group inside it. */
export function castGroups(
  options: EstateOptions,
  organisations: readonly EstateOrganisation[],
  people: readonly EstateUser[],
  guest: EstateUser,
): EstateGroup[] {
  const made: EstateGroup[] = [];
  for (let index = 0; index < options.groups; index++) {
    const organisation = at(organisations, index);
    const own = people.filter((user) => String(user.resource.mail).endsWith(`@${organisation.sourceDomain}`));
    const members = own.filter((_, position) => (position + index) % 3 !== 0).map((user) => user.id);
    const nested = made[index - 2];
    const memberIds = [
      ...members,
      ...(nested && index % 2 === 0 ? [nested.id] : []),
      ...(index === 1 ? [guest.id] : []),
    ];
    made.push({
      id: uuid(options.seed, 'group', index),
      resource: groupResource(options, organisation, index),
      memberIds,
      ownerIds: own.slice(0, 1).map((user) => user.id),
    });
  }
  return made;
}

function groupResource(options: EstateOptions, organisation: EstateOrganisation, index: number): Resource {
  const types: readonly GroupType[] = [
    {
      name: 'team',
      groupTypes: ['Unified'],
      mailEnabled: true,
      securityEnabled: false,
      visibility: 'Private',
    },
    { name: 'all-staff', groupTypes: [], mailEnabled: true, securityEnabled: false, visibility: null },
    {
      name: 'public',
      groupTypes: ['Unified'],
      mailEnabled: true,
      securityEnabled: true,
      visibility: 'Public',
    },
    { name: 'wardens', groupTypes: [], mailEnabled: true, securityEnabled: true, visibility: null },
    { name: 'vpn-users', groupTypes: [], mailEnabled: false, securityEnabled: true, visibility: null },
    {
      name: 'dynamic',
      groupTypes: ['Unified', 'DynamicMembership'],
      mailEnabled: true,
      securityEnabled: false,
      visibility: 'HiddenMembership',
    },
  ];
  const type = at(types, index);
  const local = `${type.name}${index >= types.length ? index : ''}`;
  const mail = type.mailEnabled ? `${local}@${organisation.sourceDomain}` : null;
  return {
    id: uuid(options.seed, 'group', index),
    displayName: index === 2 ? 'Public <enquiries> & open questions' : `${type.name} ${index + 1}`,
    description: 'Made for a rehearsal',
    mail,
    mailNickname: local,
    mailEnabled: type.mailEnabled,
    securityEnabled: type.securityEnabled,
    groupTypes: type.groupTypes,
    visibility: type.visibility,
    proxyAddresses: mail === null ? [] : [`SMTP:${mail}`, `smtp:${local}-old@${organisation.sourceDomain}`],
    membershipRule: type.groupTypes.includes('DynamicMembership') ? 'user.department -eq "Finance"' : null,
    membershipRuleProcessingState: type.groupTypes.includes('DynamicMembership') ? 'On' : null,
    isAssignableToRole: null,
    resourceProvisioningOptions: index === 0 ? ['Team'] : [],
    preferredLanguage: null,
    allowExternalSenders: type.groupTypes.includes('Unified') ? index === 2 : undefined,
    autoSubscribeNewMembers: type.groupTypes.includes('Unified') ? true : undefined,
    hideFromAddressLists: type.groupTypes.includes('Unified') ? false : undefined,
    createdDateTime: '2020-05-01T09:00:00Z',
  };
}
