import type { GmailProfile } from '../../src/core/quota.ts';
import type { BucketRow, MethodRow } from '../../src/transport/types.ts';

const GMAIL = 'https://developers.google.com/workspace/gmail/api/reference/quota, read 2026-11';
const MINUTE = 60_000;
/** A message search sees new mail only after a while; Google publishes no bound. */
const SEARCH_VISIBLE_MS = 60_000;

/**
 * Units per minute and user. `2026`: projects created on or after 2026-05-01, or unused between November 2025 and
 * April 2026. `legacy`: projects that used the API in those months.
 */
const USER_UNITS: Readonly<Record<GmailProfile, number>> = { '2026': 6_000, legacy: 15_000 };

/** Units per day and project above which Google announces charges; the default of `quota.dailyBudget`. */
export const GMAIL_DAILY_UNITS = 80_000_000;

export function gmailBuckets(profile: GmailProfile): BucketRow[] {
  return [
    {
      bucket: 'gmail:user',
      rate: { units: USER_UNITS[profile], windowMs: MINUTE },
      concurrency: 4,
      source: `${GMAIL}; concurrency: no published figure, 5 in flight reported as the ceiling (amp-labs/connectors#2942)`,
    },
    {
      bucket: 'gmail:project',
      rate: { units: 1_200_000, windowMs: MINUTE },
      concurrency: null,
      source: GMAIL,
    },
  ];
}

type Write = MethodRow['write'];
type Units = number | { '2026': number; legacy: number };

interface Row {
  method: string;
  units: Units;
  write: Write;
  visibleAfterMs?: number;
}

const read = (method: string, units: Units): Row => ({ method, units, write: 'no' });
const change = (method: string, units: Units): Row => ({
  ...{ method, units, visibleAfterMs: 0 },
  write: 'idempotent',
});
const store = (method: string, units: Units): Row => ({
  ...{ method, units, visibleAfterMs: SEARCH_VISIBLE_MS },
  write: 'once',
});

/**
 * Quota units per method. Where the tables differ, that of 2026 is the dearer one. What sends mail (send, drafts.send,
 * sendAs.create and verify, forwardingAddresses.create) has no row on purpose: a call without one is refused.
 */
const ROWS: readonly Row[] = [
  read('getProfile', 1),
  read('labels.list', 1),
  read('labels.get', 1),
  change('labels.create', 5),
  change('labels.patch', 5),
  change('labels.update', 5),
  change('labels.delete', 5),
  read('messages.list', 5),
  read('messages.get', { '2026': 20, legacy: 5 }),
  read('messages.attachments.get', { '2026': 20, legacy: 5 }),
  store('messages.import', 25),
  store('messages.insert', 25),
  change('messages.modify', 5),
  change('messages.batchModify', 50),
  change('messages.trash', { '2026': 20, legacy: 5 }),
  change('messages.untrash', 5),
  change('messages.delete', 10),
  change('messages.batchDelete', 50),
  read('threads.list', 10),
  read('threads.get', { '2026': 40, legacy: 10 }),
  change('threads.modify', 10),
  store('drafts.create', 10),
  read('drafts.list', 5),
  read('drafts.get', { '2026': 20, legacy: 5 }),
  change('drafts.update', 15),
  change('drafts.delete', 10),
  read('history.list', 2),
  read('settings.filters.list', 1),
  read('settings.filters.get', 1),
  { method: 'settings.filters.create', units: 5, write: 'once', visibleAfterMs: 0 },
  change('settings.filters.delete', 5),
  read('settings.sendAs.list', 1),
  read('settings.sendAs.get', 1),
  change('settings.sendAs.patch', 100),
  change('settings.sendAs.update', 100),
  read('settings.delegates.list', 1),
  read('settings.delegates.get', 1),
  change('settings.delegates.create', 100),
  change('settings.delegates.delete', 5),
  read('settings.forwardingAddresses.list', 1),
  read('settings.getVacation', 1),
  change('settings.updateVacation', 5),
  read('settings.getLanguage', 1),
  change('settings.updateLanguage', 5),
  read('settings.getImap', 1),
  change('settings.updateImap', 5),
  read('settings.getPop', 1),
  change('settings.updatePop', 100),
  read('settings.getAutoForwarding', 1),
  change('settings.updateAutoForwarding', 5),
  // Opening a session stores nothing; chunks carry their position, so a repeat changes nothing either.
  { method: 'upload.open', units: 25, write: 'idempotent' },
  { method: 'upload.chunk', units: 0, write: 'idempotent', visibleAfterMs: SEARCH_VISIBLE_MS },
];

/** Costs in quota units, charged to the user and to the project. */
export function gmailRows(profile: GmailProfile): MethodRow[] {
  return ROWS.map(({ units, method, ...row }) => {
    const cost = typeof units === 'number' ? units : units[profile];
    return {
      ...row,
      method: `gmail.${method}`,
      costs: [
        { bucket: 'gmail:user', units: cost },
        { bucket: 'gmail:project', units: cost },
      ],
    };
  });
}
