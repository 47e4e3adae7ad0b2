import { z } from 'zod';
import type {
  GraphDomain,
  GraphGroup,
  GraphMember,
  GraphRoom,
  GraphUser,
  UserPurpose,
} from '../../src/core/microsoft.ts';
import { fieldOf } from './answers.ts';
import { flag, listOf, maybe, number, text, texts } from './schemas.ts';

const id = z.string().min(1);

const licence = z.object({ skuId: z.string() });
const orgData = z.object({ costCenter: text, division: text }).nullable().catch(null);
const reference = z.object({ id, userPrincipalName: text }).nullable().catch(null);

const user = z.object({
  id,
  userPrincipalName: z.string().min(1),
  displayName: text,
  givenName: text,
  surname: text,
  mail: text,
  otherMails: texts,
  proxyAddresses: texts,
  userType: text,
  accountEnabled: z.boolean().catch(true),
  jobTitle: text,
  department: text,
  companyName: text,
  employeeId: text,
  employeeType: text,
  employeeOrgData: orgData,
  officeLocation: text,
  streetAddress: text,
  city: text,
  state: text,
  postalCode: text,
  country: text,
  businessPhones: texts,
  mobilePhone: text,
  faxNumber: text,
  preferredLanguage: text,
  usageLocation: text,
  assignedLicenses: listOf(licence),
  manager: reference,
});

/** Who a user's manager is; nulls where there is none. */
export type ManagerFacts = Required<Pick<GraphUser, 'managerId' | 'managerUpn'>>;

/** Properties of a manager that are asked for. */
export const managerSelect = 'id,userPrincipalName';

/** What names a manager in `GET /users/{id}/manager`, or in the expanded property. */
export function parseManager(json: unknown): ManagerFacts {
  const manager = reference.parse(json);
  return { managerId: manager?.id ?? null, managerUpn: manager?.userPrincipalName ?? null };
}

/** Properties of a user that are asked for; the manager comes by `$expand`. */
export const userSelect: string = Object.keys(user.shape)
  .filter((name) => name !== 'manager')
  .join(',');

/** One element of `GET /users`, before its mailbox is looked at; null where it has no id or UPN. */
export function parseUser(json: unknown): GraphUser | null {
  const parsed = user.safeParse(json);
  if (!parsed.success) return null;
  const { assignedLicenses, manager, ...fields } = parsed.data;
  return {
    kind: 'user',
    ...fields,
    licences: assignedLicenses.map((each) => each.skuId),
    ...parseManager(manager),
    userPurpose: 'unknown',
    mailboxTimeZone: null,
  };
}

const purposes: ReadonlySet<string> = new Set(['user', 'linked', 'shared', 'room', 'equipment', 'others']);

/** A purpose from `userPurpose`, given bare or as `{ value }`; null where it is missing or not known. */
export function parsePurpose(json: unknown): UserPurpose | null {
  const value = typeof json === 'string' ? json : fieldOf(json, 'value');
  if (typeof value !== 'string') return null;
  return purposes.has(value) ? (value as UserPurpose) : 'unknown';
}

const domain = z.object({ id, isVerified: flag, isDefault: flag, isInitial: flag });

export function parseDomain(json: unknown): GraphDomain | null {
  const parsed = domain.safeParse(json);
  return parsed.success ? { kind: 'domain', ...parsed.data } : null;
}

const verifiedDomain = z.object({ name: id, isDefault: flag, isInitial: flag });
const organisation = z.object({ id: text, displayName: text, verifiedDomains: listOf(verifiedDomain) });

/** The domains that `GET /organization` names, which are verified ones alone. */
export function parseVerifiedDomains(json: unknown): GraphDomain[] {
  const parsed = organisation.safeParse(json);
  if (!parsed.success) return [];
  return parsed.data.verifiedDomains.map(({ name, isDefault, isInitial }) => ({
    kind: 'domain',
    id: name,
    isVerified: true,
    isDefault,
    isInitial,
  }));
}

const group = z.object({
  id,
  displayName: z.string().catch(''),
  description: text,
  mail: text,
  mailNickname: text,
  mailEnabled: flag,
  securityEnabled: flag,
  groupTypes: texts,
  visibility: text,
  proxyAddresses: texts,
  membershipRule: text,
  isAssignableToRole: flag,
  resourceProvisioningOptions: texts,
  preferredLanguage: text,
});

export const groupSelect: string = Object.keys(group.shape).join(',');

/** One element of `GET /groups`, without members, owners and settings. */
export function parseGroup(json: unknown): GraphGroup | null {
  const parsed = group.safeParse(json);
  if (!parsed.success) return null;
  return {
    kind: 'group',
    ...parsed.data,
    allowExternalSenders: null,
    autoSubscribeNewMembers: null,
    hideFromAddressLists: null,
    members: [],
    owners: [],
  };
}

const settings = z.object({
  allowExternalSenders: maybe,
  autoSubscribeNewMembers: maybe,
  hideFromAddressLists: maybe,
});

/** Properties that Graph gives for one group at a time only. */
export const groupSettingsSelect: string = Object.keys(settings.shape).join(',');

export function parseGroupSettings(json: unknown): z.output<typeof settings> {
  return settings.parse(typeof json === 'object' && json !== null ? json : {});
}

const member = z.object({
  '@odata.type': text,
  id,
  mail: text,
  userPrincipalName: text,
  userType: text,
  displayName: text,
});

export const memberSelect = 'id,displayName,mail,userPrincipalName,userType';

export function parseMember(json: unknown): GraphMember | null {
  const parsed = member.safeParse(json);
  if (!parsed.success) return null;
  const { '@odata.type': type, ...fields } = parsed.data;
  const derived = fields.userPrincipalName === null ? 'directoryObject' : 'user';
  return { type: type?.replace(/^#?microsoft\.graph\./, '') ?? derived, ...fields };
}

const room = z.object({
  id: text,
  placeId: text,
  emailAddress: z.string().min(1),
  displayName: z.string().catch(''),
  capacity: number,
  building: text,
  floorLabel: text,
  floorNumber: number,
  label: text,
  tags: texts,
  audioDeviceName: text,
  videoDeviceName: text,
  displayDeviceName: text,
  isWheelChairAccessible: maybe,
  bookingType: text,
});

export function parseRoom(json: unknown): GraphRoom | null {
  const parsed = room.safeParse(json);
  if (!parsed.success) return null;
  const { id: own, placeId, ...fields } = parsed.data;
  return { kind: 'room', id: own ?? placeId ?? fields.emailAddress, ...fields };
}
