import type { GmailProfile } from '../../src/core/quota.ts';
import type { BucketRow, LimitTable, MethodRow } from '../../src/transport/types.ts';
import { gmailBuckets, gmailRows } from './limits-gmail.ts';

/** Key of every bucket that all calls of one Cloud project share. */
export const PROJECT = 'project';

/** 5 MiB: a multiple of the 256 KiB that resumable chunks need, and the vendor's advice for one-request uploads. */
export const SINGLE_UPLOAD_BYTES = 5 * 1024 * 1024;
/** Source: Gmail discovery document, `media.maxSize` of import and insert. */
export const MESSAGE_BYTES_MAX = 157_286_400;
/** Source: Gmail discovery document, `media.maxSize` of drafts.create. */
export const DRAFT_BYTES_MAX = 36_700_160;

const CALENDAR = 'https://developers.google.com/workspace/calendar/api/guides/quota, read 2026-11';
const DIRECTORY = 'https://developers.google.com/workspace/admin/directory/v1/limits, read 2026-11';
const SETTINGS = 'https://developers.google.com/workspace/admin/groups-settings/limits, read 2026-11';
const LICENSING = 'https://developers.google.com/workspace/admin/licensing/v1/limits, read 2026-11';
const PEOPLE =
  'https://developers.google.com/people (figures stand in the console alone; 90 a minute reported in MrCaspan#1)';
const USE_LIMITS = 'https://support.google.com/a/answer/2905486, read 2026-11';
const SIGNING =
  'https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt';

const MINUTE = 60_000;
const LIST_VISIBLE_MS = 5_000;

/** Units per day and project above which Google announces charges; the default of `quota.dailyBudget`. */
export const CALENDAR_DAILY_REQUESTS = 1_000_000;

/** Units per minute; windows in scaled milliseconds. Concurrency without a published figure is stated as such. */
function bucketRows(): BucketRow[] {
  const perMinute = (units: number) => ({ units, windowMs: MINUTE });
  const row = (
    bucket: string,
    rate: BucketRow['rate'],
    concurrency: number | null,
    source: string,
  ): BucketRow => ({ bucket, rate, concurrency, source });
  return [
    row('calendar:user', perMinute(600), 4, `${CALENDAR}; concurrency: no published figure`),
    row('calendar:project', perMinute(10_000), null, CALENDAR),
    row('calendar:creation', null, 1, `${USE_LIMITS}; 60 calendars "in a short period", met by parking`),
    row('directory:admin', perMinute(2_400), 8, `${DIRECTORY}; concurrency: no published figure`),
    row('directory:account', null, 16, `${DIRECTORY}; a limit at once per account, no published figure`),
    row(
      'directory:creation',
      perMinute(300),
      null,
      `${DIRECTORY}; half of the 10 new users a second that are commonly quoted and not on that page`,
    ),
    row(
      'directory:members',
      perMinute(1_200),
      null,
      'https://github.com/GAM-team/GAM/wiki/Groups-Membership: a pause of a second after 20 members',
    ),
    row('groupssettings:admin', null, 10, `${SETTINGS}: "start with 10 threads"`),
    row('licensing:project', perMinute(60), 1, `${LICENSING}: one query a second`),
    row('people:user-reads', perMinute(90), 4, PEOPLE),
    row('people:user-writes', perMinute(90), 1, `${PEOPLE}; changes for one user go one after the other`),
    row('oauth:token', null, 16, 'https://oauth2.googleapis.com/token: no published figure'),
    row('iam:project', perMinute(60_000), 16, SIGNING),
  ];
}

type Write = MethodRow['write'];

function calendar(method: string, write: Write = 'no', visibleAfterMs?: number): MethodRow {
  const costs = [
    { bucket: 'calendar:user', units: 1 },
    { bucket: 'calendar:project', units: 1 },
  ];
  const row = { method: `calendar.${method}`, costs, write };
  return visibleAfterMs === undefined ? row : { ...row, visibleAfterMs };
}

function withCost(row: MethodRow, bucket: string): MethodRow {
  return { ...row, costs: [...row.costs, { bucket, units: 1 }] };
}

/** Every Calendar request costs one. Import has a Message-ID's twin in the iCalUID: a repeat answers 409. */
function calendarRows(): MethodRow[] {
  return [
    calendar('calendars.get'),
    withCost(calendar('calendars.insert', 'once', LIST_VISIBLE_MS), 'calendar:creation'),
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
  const row = (method: string, write: Write): MethodRow => ({
    method: `directory.${method}`,
    costs: [
      { bucket: 'directory:admin', units: 1 },
      { bucket: 'directory:account', units: 1 },
    ],
    write,
    visibleAfterMs: 0,
  });
  const ofMembers = (method: string) => withCost(row(method, 'idempotent'), 'directory:members');
  return [
    ...DIRECTORY_READS.map((method) => row(method, 'no')),
    ...DIRECTORY_WRITES.map((method) => row(method, 'idempotent')),
    ...['members.insert', 'members.patch', 'members.update'].map(ofMembers),
    withCost(row('users.insert', 'idempotent'), 'directory:creation'),
  ];
}

function otherRows(): MethodRow[] {
  const settings = [{ bucket: 'groupssettings:admin', units: 1 }];
  return [
    { method: 'groupssettings.groups.get', costs: settings, write: 'no' },
    { method: 'groupssettings.groups.patch', costs: settings, write: 'idempotent', visibleAfterMs: 0 },
    ...licensingRows(),
    ...peopleRows(),
    { method: 'oauth.token', costs: [{ bucket: 'oauth:token', units: 1 }], write: 'no' },
    { method: 'iam.signJwt', costs: [{ bucket: 'iam:project', units: 1 }], write: 'no' },
  ];
}

/** Assignments are keyed by product, SKU and user: a repeat answers that it is there. */
function licensingRows(): MethodRow[] {
  const costs = [{ bucket: 'licensing:project', units: 1 }];
  const row = (method: string, write: Write): MethodRow => ({
    ...{ method: `licensing.licenseAssignments.${method}`, costs, write, visibleAfterMs: 0 },
  });
  return [
    ...['get', 'listForProduct', 'listForProductAndSku'].map((method) => row(method, 'no')),
    ...['insert', 'patch', 'update'].map((method) => row(method, 'idempotent')),
  ];
}

/** An update is charged as a read too. Source: php-google-people-api#45. */
function peopleRows(): MethodRow[] {
  const reads = { bucket: 'people:user-reads', units: 1 };
  const writes = { bucket: 'people:user-writes', units: 1 };
  const row = (method: string, write: Write, costs: MethodRow['costs']): MethodRow => ({
    ...{ method: `people.${method}`, costs, write },
    ...(write === 'no' ? {} : { visibleAfterMs: LIST_VISIBLE_MS }),
  });
  return [
    row('people.get', 'no', [reads]),
    row('people.connections.list', 'no', [reads]),
    row('people.batchCreateContacts', 'once', [writes]),
    row('people.batchUpdateContacts', 'idempotent', [writes, reads]),
    row('contactGroups.list', 'no', [reads]),
    row('contactGroups.create', 'idempotent', [writes]),
    row('contactGroups.members.modify', 'idempotent', [writes]),
  ];
}

/** All of Google's limits and methods as rows; windows and delays in scaled milliseconds, units as the vendor counts. */
export function googleLimits(profile: GmailProfile = '2026'): LimitTable {
  return {
    buckets: [...gmailBuckets(profile), ...bucketRows()],
    methods: [...gmailRows(profile), ...calendarRows(), ...directoryRows(), ...otherRows()],
  };
}

/**
 * The key of each bucket that a method costs: mailbox, calendar and contact quotas are counted per impersonated user
 * (each call names it in `quotaUser`), directory quotas per administrator.
 */
export function bucketKeys(method: string, subject: string): Readonly<Record<string, string>> {
  if (method.startsWith('gmail.')) return { 'gmail:user': subject, 'gmail:project': PROJECT };
  if (method.startsWith('calendar.'))
    return { 'calendar:user': subject, 'calendar:project': PROJECT, 'calendar:creation': subject };
  if (method.startsWith('people.')) return { 'people:user-reads': subject, 'people:user-writes': subject };
  if (method.startsWith('groupssettings.')) return { 'groupssettings:admin': subject };
  if (method.startsWith('licensing.')) return { 'licensing:project': PROJECT };
  if (method.startsWith('oauth.')) return { 'oauth:token': PROJECT };
  if (method.startsWith('iam.')) return { 'iam:project': PROJECT };
  return {
    'directory:admin': subject,
    'directory:account': PROJECT,
    'directory:creation': PROJECT,
    'directory:members': PROJECT,
  };
}
