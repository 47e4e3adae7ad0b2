import type { Clock } from '../../../src/core/clock.ts';
import type { Random } from '../service/random.ts';
import type { CalendarState } from './calendar/state.ts';
import type { Directory } from './directory/directory.ts';
import type { MailState } from './gmail/mailbox.ts';
import type { TenantSettings } from './options.ts';

/** A mail that Google would have sent because of a call. */
export interface Notice {
  /** Route that caused it. */
  route: string;
  /** What it would have been: an invitation, an update, a share notice. */
  kind: 'invitation' | 'update' | 'cancellation' | 'share' | 'message';
  calendarId: string;
  itemId: string;
  to: readonly string[];
  /** Wall-clock UTC milliseconds. */
  at: number;
}

/** What an access token stands for; `userId` is null for the service account itself. */
export interface Grant {
  userId: string | null;
  scopes: ReadonlySet<string>;
  /** Wall-clock UTC milliseconds. */
  expiresAt: number;
}

/** All that one rehearsal tenant knows. */
export interface Tenant {
  settings: TenantSettings;
  clock: Clock;
  random: Random;
  directory: Directory;
  mail: MailState;
  calendars: CalendarState;
  grants: Map<string, Grant>;
  notices: Notice[];
}

/** Notes a mail that Google would have sent; nothing is noted where nobody would have received it. */
export function notify(tenant: Tenant, notice: Omit<Notice, 'at'>): void {
  if (notice.to.length > 0) tenant.notices.push({ ...notice, at: tenant.clock.now() });
}
