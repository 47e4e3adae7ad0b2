import type { BucketRow, LimitTable, MethodRow } from '../../src/transport/types.ts';

const THROTTLING = 'https://learn.microsoft.com/graph/throttling-limits (copy of 2025-01-14, read 2026-11)';

/**
 * Microsoft's quotas as rows. Keys: `graph:mailbox` the mailbox's source address in lower case (per app and mailbox,
 * over all workloads), `graph:identity` the tenant, `graph:app`, `graph:identity-app` and `entra:token` the
 * application (client) id. No method draws on the rows of writes and uploads, since the source is only read, nor on
 * those of usage reports; they stand here so that the table is complete.
 * Source of every number: the throttling-limits page; the smallest tenant class (S, fewer than 50 users) is the
 * default for identity, since the answer to a read never says which class a tenant is in.
 */
const buckets: readonly BucketRow[] = [
  row('graph:app', 130_000, 10_000),
  row('graph:mailbox', 10_000, 600_000, 4),
  row('graph:identity', 3_500, 10_000),
  row('graph:identity-app', 150_000, 20_000),
  row('graph:identity-writes', 3_000, 150_000),
  row('graph:identity-app-writes', 35_000, 300_000),
  row('graph:tenant-writes', 18_000, 300_000),
  // Units are bytes: 150 MB of PATCH, POST and PUT per app and mailbox.
  row('graph:mailbox-upload', 150_000_000, 300_000),
  row('graph:reports', 14, 600_000),
  row('graph:reports-tenant', 40, 600_000),
  // No number is published for places; a fence of their own keeps a throttle there away from mailboxes.
  { bucket: 'graph:places', rate: null, concurrency: 4, source: THROTTLING },
  // No number is published for the token endpoint; one request at a time is all that is needed.
  {
    bucket: 'entra:token',
    rate: null,
    concurrency: 1,
    source: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow',
  },
];

function row(bucket: string, units: number, windowMs: number, concurrency: number | null = null): BucketRow {
  return { bucket, rate: { units, windowMs }, concurrency, source: THROTTLING };
}

function mailbox(method: string): MethodRow {
  return {
    method,
    costs: [
      { bucket: 'graph:mailbox', units: 1 },
      { bucket: 'graph:app', units: 1 },
    ],
    write: 'no',
  };
}

function identity(method: string, units: number): MethodRow {
  return {
    method,
    costs: [
      { bucket: 'graph:identity', units },
      { bucket: 'graph:identity-app', units },
      { bucket: 'graph:app', units: 1 },
    ],
    write: 'no',
  };
}

/** Resource units: `GET users` 2, members 3, everything else 1; `$select` −1, `$expand` +1, never below 1. */
const methods: readonly MethodRow[] = [
  { method: 'entra.token', costs: [{ bucket: 'entra:token', units: 1 }], write: 'no' },
  identity('organization.list', 1),
  identity('domains.list', 1),
  identity('users.list', 2),
  identity('users.get', 1),
  identity('users.manager', 1),
  identity('groups.list', 1),
  identity('groups.get', 1),
  identity('groups.members', 2),
  identity('groups.owners', 1),
  identity('groups.transitiveMembers', 4),
  {
    method: 'places.rooms',
    costs: [
      { bucket: 'graph:places', units: 1 },
      { bucket: 'graph:app', units: 1 },
    ],
    write: 'no',
  },
  mailbox('mailboxSettings.get'),
  mailbox('mailboxSettings.userPurpose'),
  mailbox('mailFolders.list'),
  mailbox('mailFolders.get'),
  mailbox('mailFolders.childFolders'),
  mailbox('messages.delta'),
  mailbox('messages.list'),
  mailbox('messages.get'),
  mailbox('messages.mime'),
  mailbox('calendars.list'),
  mailbox('calendars.get'),
  mailbox('calendars.events'),
  mailbox('calendars.calendarView'),
  mailbox('events.get'),
  mailbox('events.instances'),
];

/** Every quota and every method that requests to Microsoft are made under. All are reads. */
export const graphLimits: LimitTable = { buckets, methods };

const mailboxMethods: ReadonlySet<string> = new Set(
  methods.filter((row) => row.costs.some((cost) => cost.bucket === 'graph:mailbox')).map((row) => row.method),
);

/** True for methods that read one mailbox: what is refused there concerns that mailbox, not the whole run. */
export function isMailboxMethod(method: string): boolean {
  return mailboxMethods.has(method);
}
