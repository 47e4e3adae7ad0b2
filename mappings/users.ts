import type { GoogleUser } from '../src/core/google.ts';
import type { GraphUser } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';
import { cleanLine, cutAtGrapheme, present } from './text.ts';

/** Field limits of the Directory API v1 schema `User`, in characters or bytes of JSON. */
export const USER_LIMITS = {
  name: 60,
  displayName: 256,
  phonesBytes: 1024,
  externalIdsBytes: 2048,
  listBytes: 10_240,
} as const;

/** Family name of someone whose account has only one name; Google requires both. */
export const NO_FAMILY_NAME = '.';

const REGIONAL_LANGUAGES = new Set(['pt-BR', 'zh-CN', 'zh-TW', 'zh-HK', 'en-GB', 'es-419', 'fr-CA']);

/** A directory entry and what was lost or made up. */
export interface MappedUser {
  user: GoogleUser;
  losses: Loss[];
}

/**
 * A user's directory entry at Google (mapping 1.3), without password, suspension, manager and aliases, which are
 * actions of their own. The object id is kept as external id `m365_oid`, by which a second run knows the account.
 */
export function mapUser(user: GraphUser, primaryEmail: string, orgUnitPath: string): MappedUser {
  const losses: Loss[] = [];
  const name = mapName(user, primaryEmail, losses);
  const optional = {
    externalIds: within(externalIds(user), USER_LIMITS.externalIdsBytes, 'externalIds', losses),
    organizations: within(organizations(user), USER_LIMITS.listBytes, 'organizations', losses),
    phones: within(phones(user), USER_LIMITS.phonesBytes, 'phones', losses),
    addresses: within(addresses(user), USER_LIMITS.listBytes, 'addresses', losses),
    locations: within(locations(user), USER_LIMITS.listBytes, 'locations', losses),
    languages: languages(user.preferredLanguage, losses),
  };
  const filled = Object.fromEntries(Object.entries(optional).filter(([, list]) => list.length > 0));
  return { user: { primaryEmail, name, orgUnitPath, ...filled }, losses };
}

function mapName(user: GraphUser, primaryEmail: string, losses: Loss[]): GoogleUser['name'] {
  const display = cleanName(user.displayName);
  const split = splitName(display === '' ? (primaryEmail.split('@')[0] ?? '') : display);
  const given = cleanName(user.givenName);
  const family = cleanName(user.surname);
  if (given === '') losses.push({ field: 'name.givenName', kind: 'added', reason: 'missing-in-source' });
  if (family === '') losses.push({ field: 'name.familyName', kind: 'added', reason: 'missing-in-source' });
  const name = {
    givenName: limit(given || otherThan(split.given, family), USER_LIMITS.name, 'name.givenName', losses),
    familyName: limit(family || otherThan(split.family, given), USER_LIMITS.name, 'name.familyName', losses),
  };
  if (display === '') return name;
  return { ...name, displayName: limit(display, USER_LIMITS.displayName, 'name.displayName', losses) };
}

/** Given and family name from a display name: `Last, First`, else at the last blank; one word is a given name. */
export function splitName(displayName: string): { given: string; family: string } {
  const comma = /^([^,]+), *([^,]+)$/.exec(displayName);
  if (comma?.[1] && comma[2]) return { given: comma[2].trim(), family: comma[1].trim() };
  const blank = displayName.lastIndexOf(' ');
  if (blank < 0) return { given: displayName, family: NO_FAMILY_NAME };
  return { given: displayName.slice(0, blank).trim(), family: displayName.slice(blank + 1) };
}

/** A part of a split name, unless it repeats the part that the source does give. */
function otherThan(part: string, known: string): string {
  return part === '' || part === known ? NO_FAMILY_NAME : part;
}

function cleanName(name: string | null): string {
  return cleanLine((name ?? '').replace(/[<>]/g, ''));
}

function limit(text: string, maxUnits: number, field: string, losses: Loss[]): string {
  if (text.length <= maxUnits) return text;
  losses.push({ field, kind: 'changed', reason: `limit-${maxUnits}` });
  return cutAtGrapheme(text, maxUnits).trim();
}

function within<T>(list: readonly T[], maxBytes: number, field: string, losses: Loss[]): T[] {
  const kept = [...list];
  while (kept.length > 0 && Buffer.byteLength(JSON.stringify(kept)) > maxBytes) kept.pop();
  if (kept.length < list.length) losses.push({ field, kind: 'dropped', reason: `limit-${maxBytes}-bytes` });
  return kept;
}

function externalIds(user: GraphUser): NonNullable<GoogleUser['externalIds']> {
  const employeeId = present(user.employeeId);
  return [
    { type: 'custom', customType: 'm365_oid', value: user.id },
    ...(employeeId === null ? [] : [{ type: 'organization', value: employeeId }]),
  ];
}

function organizations(user: GraphUser): NonNullable<GoogleUser['organizations']> {
  const parts = {
    title: present(user.jobTitle),
    department: present(user.department),
    name: present(user.companyName),
    costCenter: present(user.employeeOrgData?.costCenter),
    description: joined([user.employeeOrgData?.division, user.employeeType], '; '),
  };
  const given = withoutNull(parts);
  return Object.keys(given).length === 0 ? [] : [{ primary: true, type: 'work', ...given }];
}

function phones(user: GraphUser): NonNullable<GoogleUser['phones']> {
  const business = user.businessPhones.flatMap((phone) => present(phone) ?? []);
  const mobile = present(user.mobilePhone);
  const fax = present(user.faxNumber);
  return [
    ...business.map((value, index) => ({ type: 'work', value, ...(index === 0 ? { primary: true } : {}) })),
    ...(mobile === null ? [] : [{ type: 'mobile', value: mobile }]),
    ...(fax === null ? [] : [{ type: 'work_fax', value: fax }]),
  ];
}

function addresses(user: GraphUser): NonNullable<GoogleUser['addresses']> {
  const parts = withoutNull({
    streetAddress: present(user.streetAddress),
    locality: present(user.city),
    region: present(user.state),
    postalCode: present(user.postalCode),
    country: present(user.country),
  });
  const town = joined([user.postalCode, user.city], ' ');
  const formatted = joined([user.streetAddress, town, user.state, user.country], '\n');
  return formatted === null ? [] : [{ type: 'work', ...parts, formatted }];
}

function locations(user: GraphUser): NonNullable<GoogleUser['locations']> {
  const area = present(user.officeLocation);
  return area === null ? [] : [{ type: 'desk', area }];
}

/** An illegal code makes Google refuse the whole user: only a language, and only regions that it is known to take. */
function languages(preferred: string | null, losses: Loss[]): NonNullable<GoogleUser['languages']> {
  const tag = present(preferred);
  if (tag === null) return [];
  const [language = '', region = ''] = tag.split(/[-_]/);
  if (!/^[a-z]{2,3}$/i.test(language)) {
    losses.push({ field: 'languages', kind: 'dropped', reason: 'language-not-valid' });
    return [];
  }
  const full = `${language.toLowerCase()}-${region.toUpperCase()}`;
  const languageCode = REGIONAL_LANGUAGES.has(full) ? full : language.toLowerCase();
  if (languageCode.toLowerCase() !== tag.toLowerCase())
    losses.push({ field: 'languages', kind: 'changed', reason: 'region-not-supported' });
  return [{ languageCode, preference: 'preferred' }];
}

function joined(parts: readonly (string | null | undefined)[], separator: string): string | null {
  const given = parts.flatMap((part) => present(part) ?? []);
  return given.length === 0 ? null : given.join(separator);
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

function withoutNull<T extends Record<string, string | null>>(parts: T): Given<T> {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== null)) as Given<T>;
}
