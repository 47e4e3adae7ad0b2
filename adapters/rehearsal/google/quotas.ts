import type { QuotaCharge, QuotaRow, TenantRequest } from '../service/types.ts';
import type { ApiRoute } from './api.ts';
import type { Grant } from './state.ts';

const MINUTE_MS = 60_000;

/**
 * Google's quotas as rows. Gmail: 6,000 units per minute and user (15,000 for projects of before May 2026),
 * 1,200,000 per minute and project, some ten requests at once per mailbox (field reports; undocumented). Calendar:
 * 600 per minute and user, 10,000 per minute and project. Directory: 2,400 per minute and user.
 * Sources: developers.google.com/workspace/{gmail,calendar,admin}/… quota pages, read November 2026.
 */
export function googleQuotaRows(profile: '2026' | 'legacy' = '2026'): QuotaRow[] {
  const row = (bucket: string, units: number, concurrency: number | null = null): QuotaRow => ({
    bucket,
    units,
    windowMs: MINUTE_MS,
    concurrency,
  });
  return [
    row('gmail:user', profile === '2026' ? 6_000 : 15_000, 10),
    row('gmail:project', 1_200_000),
    row('calendar:user', 600),
    row('calendar:project', 10_000),
    row('directory:admin', 2_400),
  ];
}

/** Gmail quota units per method (quota page of May 2026). */
const GMAIL_UNITS: Readonly<Record<string, readonly string[]>> = {
  1: ['getProfile', 'labels.get', 'labels.list'],
  2: ['history.list'],
  5: [
    'messages.list',
    'messages.modify',
    'messages.untrash',
    'labels.create',
    'labels.update',
    'labels.patch',
    'labels.delete',
    'drafts.list',
  ],
  10: ['messages.delete', 'drafts.create', 'drafts.delete', 'threads.list'],
  15: ['drafts.update'],
  20: ['messages.get', 'messages.attachments.get', 'messages.trash', 'drafts.get'],
  25: ['messages.import', 'messages.insert'],
  40: ['threads.get'],
  50: ['messages.batchModify', 'messages.batchDelete'],
};

function gmailUnits(route: string): number {
  const method = route.replace('gmail.users.', '');
  const found = Object.entries(GMAIL_UNITS).find(([, methods]) => methods.includes(method));
  return Number(found?.[0] ?? 5);
}

/**
 * What a request counts against, narrowest first. Gmail counts the mailbox; Calendar counts `quotaUser` where it is
 * sent, else the service account for all; Directory counts the impersonated administrator. The chunks of a resumable
 * upload cost nothing more, but are in flight.
 */
export function chargesOf(
  route: ApiRoute,
  request: TenantRequest,
  grant: Grant | null,
  serviceAccount: string,
): QuotaCharge[] {
  const user = grant?.userId ?? 'unknown';
  if (route.name.startsWith('gmail.')) {
    const units = route.upload === 'session' ? 0 : gmailUnits(route.name);
    const key = route.upload === 'session' ? sessionUser(request) : user;
    return [
      { bucket: 'gmail:user', key, units },
      { bucket: 'gmail:project', key: 'project', units },
    ];
  }
  if (route.name.startsWith('calendar.')) {
    const named = request.query.get('quotaUser') ?? request.headers.get('x-goog-quota-user');
    return [
      { bucket: 'calendar:user', key: named ?? serviceAccount, units: 1 },
      { bucket: 'calendar:project', key: 'project', units: 1 },
    ];
  }
  if (route.name.startsWith('directory.')) return [{ bucket: 'directory:admin', key: user, units: 1 }];
  return [];
}

/** The mailbox that a session id begins with (`<user id>-<random>`). */
function sessionUser(request: TenantRequest): string {
  return (request.query.get('upload_id') ?? '').split('-')[0] ?? '';
}
