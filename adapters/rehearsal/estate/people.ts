import { createRandom, hash, type Random } from '../service/random.ts';
import { castGroups } from './groups.ts';
import { LOCALES, type Locale } from './names.ts';
import { at, uuid } from './seeded.ts';
import type { EstateGroup, EstateOptions, EstateOrganisation, EstateUser, Resource } from './types.ts';

export interface Cast {
  tenantId: string;
  initialDomain: string;
  organisations: EstateOrganisation[];
  users: EstateUser[];
  groups: EstateGroup[];
  rooms: Resource[];
  contacts: Resource[];
  skus: Resource[];
  localeOf(userId: string): Locale;
}

const BODIES = [
  'health-regulator',
  'water-board',
  'museums',
  'inspectorate',
  'archives',
  'harbour-office',
  'census-bureau',
];
const DEPARTMENTS = ['Finance', 'Legal', 'Inspection & Audit', 'IT', 'Front desk'];
const SKU = { id: '6fd2c87f-b296-42f0-b197-1e91e994b900', part: 'ENTERPRISEPACK' };

/** Everybody and everything with an address, from the seed. */
export function castEstate(options: EstateOptions): Cast {
  const random = createRandom(options.seed);
  const organisations = Array.from({ length: options.organisations }, (_, index) => organisationAt(index));
  const locales = new Map<string, Locale>();
  const people = Array.from({ length: options.people }, (_, index) =>
    person(options, organisations, index, random, locales),
  );
  const shared = Array.from({ length: options.sharedMailboxes }, (_, index) =>
    sharedBox(options, organisations, index, locales),
  );
  const rooms = Array.from({ length: options.rooms }, (_, index) => room(options, organisations, index));
  const guest = guestUser(options);
  const users = [...people, ...shared, ...rooms.map(roomUser), guest].map((user, index) =>
    withManager(user, index, people),
  );
  const contacts = [contact(options)];
  return {
    tenantId: uuid(options.seed, 'tenant'),
    initialDomain: 'contoso.onmicrosoft.com',
    organisations,
    users,
    groups: castGroups(options, organisations, people, guest),
    rooms,
    contacts,
    skus: [
      {
        id: SKU.id,
        skuId: SKU.id,
        skuPartNumber: SKU.part,
        consumedUnits: options.people,
        capabilityStatus: 'Enabled',
      },
    ],
    localeOf: (userId) => locales.get(userId) ?? fallbackLocale(),
  };
}

function fallbackLocale(): Locale {
  const [first] = LOCALES;
  if (first === undefined) throw new RangeError('no locale');
  return first;
}

function organisationAt(index: number): EstateOrganisation {
  const id = BODIES[index % BODIES.length] ?? 'body';
  const suffix = index < BODIES.length ? '' : `-${index}`;
  const name = `${id}${suffix}`;
  return {
    id: name,
    sourceDomain: `${name}.example.org`,
    targetDomain: `${name}.new.example`,
    orgUnit: `/${name}`,
  };
}

function localPart(given: string, family: string): string {
  const ascii = (text: string) =>
    text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/ß/g, 'ss').toLowerCase();
  return `${ascii(given)}.${ascii(family)}`.replace(/[^a-z0-9.'-]+/g, '.');
}

function person(
  options: EstateOptions,
  organisations: readonly EstateOrganisation[],
  index: number,
  random: Random,
  locales: Map<string, Locale>,
): EstateUser {
  const locale = at(LOCALES, index);
  const organisation = at(organisations, index);
  const given = at(locale.given, Math.floor(index / LOCALES.length));
  const family = at(locale.family, Math.floor(index / LOCALES.length / locale.given.length) + index);
  const id = uuid(options.seed, 'user', index);
  const round = Math.floor(index / 40);
  const local = `${localPart(given, family)}${round > 0 ? round : ''}`;
  const address = `${local}@${organisation.sourceDomain}`;
  const single = index % 11 === 4;
  locales.set(id, locale);
  const resource = userResource({
    id,
    address,
    displayName: single ? given : `${given} ${family}`,
    givenName: single ? null : given,
    surname: single ? null : family,
    locale,
    proxies: [
      `smtp:${given
        .normalize('NFKD')
        .replace(/\P{ASCII}/gu, '')
        .toLowerCase()}${index}@${organisation.sourceDomain}`,
      `smtp:${local}@contoso.onmicrosoft.com`,
      `X500:/o=ExchangeLabs/ou=Exchange/cn=Recipients/cn=${hash(id).slice(0, 16)}`,
    ],
  });
  return {
    id,
    userPurpose: 'user',
    managerId: null,
    resource: {
      ...resource,
      jobTitle: at(['Inspector', 'Adviser', 'Team lead', 'Clerk'], random.int(4)),
      department: at(DEPARTMENTS, random.int(DEPARTMENTS.length)),
      companyName: organisation.id,
      employeeId: `E${1000 + index}`,
      mobilePhone: random.chance(0.5) ? `+44 7700 900${100 + index}` : null,
      businessPhones: [`+44 20 7946 0${100 + index}`],
      officeLocation: `Room ${100 + index}`,
      // One leaver: disabled, yet with a mailbox that has to move.
      accountEnabled: options.people < 3 || index !== options.people - 1,
    },
  };
}

interface UserSeed {
  id: string;
  address: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  locale: Locale;
  proxies: readonly string[];
}

function userResource(seed: UserSeed): Resource {
  return {
    id: seed.id,
    userPrincipalName: seed.address,
    mail: seed.address,
    mailNickname: seed.address.split('@')[0],
    displayName: seed.displayName,
    givenName: seed.givenName,
    surname: seed.surname,
    otherMails: [],
    proxyAddresses: [`SMTP:${seed.address}`, ...seed.proxies],
    userType: 'Member',
    accountEnabled: true,
    jobTitle: null,
    department: null,
    companyName: null,
    employeeId: null,
    employeeType: null,
    employeeOrgData: null,
    officeLocation: null,
    streetAddress: '1 High Street',
    city: 'Riverton',
    state: null,
    postalCode: 'RV1 2AB',
    country: seed.locale.country,
    businessPhones: [],
    mobilePhone: null,
    faxNumber: null,
    preferredLanguage: seed.locale.tag,
    usageLocation: 'GB',
    assignedLicenses: [{ skuId: SKU.id, disabledPlans: [] }],
    createdDateTime: '2019-03-01T09:00:00Z',
  };
}

function sharedBox(
  options: EstateOptions,
  organisations: readonly EstateOrganisation[],
  index: number,
  locales: Map<string, Locale>,
): EstateUser {
  const organisation = at(organisations, index);
  const id = uuid(options.seed, 'shared', index);
  const local = index === 0 ? 'info' : `desk${index}`;
  const locale = fallbackLocale();
  locales.set(id, locale);
  const address = `${local}@${organisation.sourceDomain}`;
  const resource = userResource({
    id,
    address,
    displayName: `Information ${index + 1}`,
    givenName: null,
    surname: null,
    locale,
    proxies: [],
  });
  return {
    id,
    userPurpose: 'shared',
    managerId: null,
    resource: { ...resource, accountEnabled: false, assignedLicenses: [] },
  };
}

function room(options: EstateOptions, organisations: readonly EstateOrganisation[], index: number): Resource {
  const organisation = at(organisations, index);
  return {
    id: uuid(options.seed, 'room', index),
    emailAddress: `room.${index + 1}@${organisation.sourceDomain}`,
    displayName: `Meeting room ${index + 1}`,
    capacity: 8 + index,
    building: 'Riverside House',
    floorLabel: '2',
    floorNumber: 2,
    label: 'north side',
    tags: ['whiteboard'],
    audioDeviceName: null,
    videoDeviceName: 'Wall screen',
    displayDeviceName: null,
    isWheelChairAccessible: true,
    bookingType: 'standard',
    address: null,
    geoCoordinates: null,
    phone: '',
    nickname: `Room ${index + 1}`,
  };
}

function roomUser(resource: Resource): EstateUser {
  const address = String(resource.emailAddress);
  const seed = {
    id: String(resource.id),
    address,
    displayName: String(resource.displayName),
    givenName: null,
    surname: null,
  };
  const user = userResource({ ...seed, locale: fallbackLocale(), proxies: [] });
  return {
    id: seed.id,
    userPurpose: 'room',
    managerId: null,
    resource: { ...user, accountEnabled: false, assignedLicenses: [] },
  };
}

function guestUser(options: EstateOptions): EstateUser {
  const id = uuid(options.seed, 'guest');
  const upn = 'bob_partner.example.net#EXT#@contoso.onmicrosoft.com';
  const seed = {
    id,
    address: upn,
    displayName: 'Bob (Partner)',
    givenName: 'Bob',
    surname: 'Partner',
    locale: fallbackLocale(),
  };
  const resource = userResource({ ...seed, proxies: [] });
  return {
    id,
    userPurpose: null,
    managerId: null,
    resource: {
      ...resource,
      mail: 'bob@partner.example.net',
      proxyAddresses: ['SMTP:bob@partner.example.net'],
      otherMails: ['bob@partner.example.net'],
      userType: 'Guest',
      assignedLicenses: [],
    },
  };
}

function contact(options: EstateOptions): Resource {
  return {
    id: uuid(options.seed, 'contact'),
    displayName: 'Press office (external)',
    mail: 'press@agency.example.net',
    mailNickname: 'press',
    proxyAddresses: ['SMTP:press@agency.example.net'],
  };
}

function withManager(user: EstateUser, index: number, people: readonly EstateUser[]): EstateUser {
  if (user.userPurpose !== 'user' || index === 0) return user;
  return { ...user, managerId: at(people, Math.floor((index - 1) / 5)).id };
}
