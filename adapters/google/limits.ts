import type { BucketRow, LimitTable, MethodRow } from '../../src/transport/types.ts';

/**
 * Which Gmail quota the Cloud project has. `2026`: projects created on or after 2026-05-01, or unused between
 * November 2025 and April 2026. `legacy`: projects that used the API in those months.
 */
export type GmailProfile = '2026' | 'legacy';

/** Key of every bucket that all calls of one Cloud project share. */
export const PROJECT = 'project';

/** 5 MiB: a multiple of the 256 KiB that resumable chunks need, and the vendor's advice for one-request uploads. */
export const SINGLE_UPLOAD_BYTES = 5 * 1024 * 1024;
/** Source: Gmail discovery document, `media.maxSize` of import and insert. */
export const MESSAGE_BYTES_MAX = 157_286_400;
/** Source: Gmail discovery document, `media.maxSize` of drafts.create. */
export const DRAFT_BYTES_MAX = 36_700_160;

const GMAIL = 'https://developers.google.com/workspace/gmail/api/reference/quota, read 2026-11';
const CALENDAR = 'https://developers.google.com/workspace/calendar/api/guides/quota, read 2026-11';
const DIRECTORY = 'https://developers.google.com/workspace/admin/directory/v1/limits, read 2026-11';
const SETTINGS = 'https://developers.google.com/workspace/admin/groups-settings/limits, read 2026-11';
const SIGNING =
  'https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt';

const MINUTE = 60_000;
/** A message search sees new mail only after a while; Google publishes no bound. */
const SEARCH_VISIBLE_MS = 60_000;
const LIST_VISIBLE_MS = 5_000;

/** Units per minute and user, by profile. */
const GMAIL_USER_UNITS: Readonly<Record<GmailProfile, number>> = { '2026': 6_000, legacy: 15_000 };

/** Units per minute; windows in scaled milliseconds. Concurrency without a published figure is stated as such. */
function bucketRows(profile: GmailProfile): BucketRow[] {
  const perMinute = (units: number) => ({ units, windowMs: MINUTE });
  const row = (
    bucket: string,
    rate: BucketRow['rate'],
    concurrency: number | null,
    source: string,
  ): BucketRow => ({ bucket, rate, concurrency, source });
  return [
    row(
      'gmail:user',
      perMinute(GMAIL_USER_UNITS[profile]),
      4,
      `${GMAIL}; concurrency: no published figure, 5 in flight reported as the ceiling (amp-labs/connectors#2942)`,
    ),
    row('gmail:project', perMinute(1_200_000), null, GMAIL),
    row('calendar:user', perMinute(600), 4, `${CALENDAR}; concurrency: no published figure`),
    row('calendar:project', perMinute(10_000), null, CALENDAR),
    row('directory:admin', perMinute(2_400), 8, `${DIRECTORY}; concurrency: no published figure`),
    row(
      'directory:creation',
      perMinute(600),
      null,
      `${DIRECTORY}; 10 new users a second, commonly quoted and not on that page`,
    ),
    row('groupssettings:admin', null, 10, `${SETTINGS}: "start with 10 threads"`),
    row('oauth:token', null, 16, 'https://oauth2.googleapis.com/token: no published figure'),
    row('iam:project', perMinute(60_000), 16, SIGNING),
  ];
}

type Write = MethodRow['write'];

function gmail(method: string, units: number, write: Write = 'no', visibleAfterMs?: number): MethodRow {
  const costs = [
    { bucket: 'gmail:user', units },
    { bucket: 'gmail:project', units },
  ];
  const row = { method: `gmail.${method}`, costs, write };
  return visibleAfterMs === undefined ? row : { ...row, visibleAfterMs };
}

/** Costs in quota units. Where the profiles differ, the 2026 table raised `get` and its like from 5 to 20. */
function gmailRows(profile: GmailProfile): MethodRow[] {
  const get = profile === 'legacy' ? 5 : 20;
  return [
    gmail('getProfile', 1),
    gmail('labels.list', 1),
    gmail('labels.get', 1),
    gmail('labels.create', 5, 'idempotent', 0),
    gmail('labels.patch', 5, 'idempotent', 0),
    gmail('messages.list', 5),
    gmail('messages.get', get),
    gmail('messages.attachments.get', get),
    gmail('messages.import', 25, 'once', SEARCH_VISIBLE_MS),
    gmail('messages.insert', 25, 'once', SEARCH_VISIBLE_MS),
    gmail('messages.modify', 5, 'idempotent', 0),
    gmail('drafts.create', 10, 'once', SEARCH_VISIBLE_MS),
    gmail('drafts.list', 5),
    gmail('drafts.get', get),
    gmail('drafts.delete', 10, 'idempotent', 0),
    gmail('history.list', 2),
    // Opening a session stores nothing; chunks carry their position, so a repeat changes nothing either.
    gmail('upload.open', 25, 'idempotent'),
    gmail('upload.chunk', 0, 'idempotent', SEARCH_VISIBLE_MS),
  ];
}

function calendar(method: string, write: Write = 'no', visibleAfterMs?: number): MethodRow {
  const costs = [
    { bucket: 'calendar:user', units: 1 },
    { bucket: 'calendar:project', units: 1 },
  ];
  const row = { method: `calendar.${method}`, costs, write };
  return visibleAfterMs === undefined ? row : { ...row, visibleAfterMs };
}

/** Every Calendar request costs one. Import has a Message-ID's twin in the iCalUID: a repeat answers 409. */
function calendarRows(): MethodRow[] {
  return [
    calendar('calendars.get'),
    calendar('calendars.insert', 'once', LIST_VISIBLE_MS),
    calendar('calendars.patch', 'idempotent', 0),
    calendar('calendarList.list'),
    calendar('calendarList.get'),
    calendar('calendarList.patch', 'idempotent', 0),
    calendar('acl.list'),
    calendar('events.list'),
    calendar('events.get'),
    calendar('events.instances'),
    calendar('events.import', 'once', LIST_VISIBLE_MS),
    calendar('events.insert', 'idempotent', 0),
    calendar('events.patch', 'idempotent', 0),
    calendar('events.update', 'idempotent', 0),
    calendar('events.delete', 'idempotent', 0),
  ];
}

const DIRECTORY_READS = [
  'users.get',
  'users.list',
  'users.aliases.list',
  'groups.get',
  'groups.list',
  'groups.aliases.list',
  'members.get',
  'members.list',
  'orgunits.get',
  'orgunits.list',
  'domains.list',
  'domainAliases.list',
  'customers.get',
  'resources.buildings.get',
  'resources.buildings.list',
  'resources.calendars.get',
  'resources.calendars.list',
] as const;

const DIRECTORY_WRITES = [
  'users.patch',
  'users.aliases.insert',
  'groups.insert',
  'groups.patch',
  'groups.aliases.insert',
  'members.insert',
  'members.patch',
  'members.update',
  'orgunits.insert',
  'resources.buildings.insert',
  'resources.buildings.patch',
  'resources.calendars.insert',
  'resources.calendars.patch',
] as const;

/**
 * Directory writes are keyed by their address: a repeat of an insert answers 409 and is then compared, so all of
 * them may be repeated. A get by key sees a write at once; lists lag behind and are not asked for proof.
 */
function directoryRows(): MethodRow[] {
  const admin = { bucket: 'directory:admin', units: 1 };
  const row = (method: string, write: Write, costs: MethodRow['costs'] = [admin]): MethodRow => ({
    method: `directory.${method}`,
    costs,
    write,
    visibleAfterMs: 0,
  });
  return [
    ...DIRECTORY_READS.map((method) => row(method, 'no')),
    ...DIRECTORY_WRITES.map((method) => row(method, 'idempotent')),
    row('users.insert', 'idempotent', [admin, { bucket: 'directory:creation', units: 1 }]),
  ];
}

function otherRows(): MethodRow[] {
  const settings = [{ bucket: 'groupssettings:admin', units: 1 }];
  return [
    { method: 'groupssettings.groups.get', costs: settings, write: 'no' },
    { method: 'groupssettings.groups.patch', costs: settings, write: 'idempotent', visibleAfterMs: 0 },
    { method: 'oauth.token', costs: [{ bucket: 'oauth:token', units: 1 }], write: 'no' },
    { method: 'iam.signJwt', costs: [{ bucket: 'iam:project', units: 1 }], write: 'no' },
  ];
}

/** All of Google's limits and methods as rows; windows and delays in scaled milliseconds, units as the vendor counts. */
export function googleLimits(profile: GmailProfile = '2026'): LimitTable {
  return {
    buckets: bucketRows(profile),
    methods: [...gmailRows(profile), ...calendarRows(), ...directoryRows(), ...otherRows()],
  };
}

/**
 * The key of each bucket that a method costs: mailbox and calendar quotas are counted per impersonated user (each
 * call names it in `quotaUser`), directory quotas per administrator.
 */
export function bucketKeys(method: string, subject: string): Readonly<Record<string, string>> {
  if (method.startsWith('gmail.')) return { 'gmail:user': subject, 'gmail:project': PROJECT };
  if (method.startsWith('calendar.')) return { 'calendar:user': subject, 'calendar:project': PROJECT };
  if (method.startsWith('groupssettings.')) return { 'groupssettings:admin': subject };
  if (method.startsWith('oauth.')) return { 'oauth:token': PROJECT };
  if (method.startsWith('iam.')) return { 'iam:project': PROJECT };
  return { 'directory:admin': subject, 'directory:creation': PROJECT };
}
