import type { Clock } from '../../../src/core/clock.ts';
import type { Estate, EstateUser, Resource } from '../estate/types.ts';
import type { Faults } from '../service/faults.ts';
import type { Quotas } from '../service/quota.ts';
import { hash } from '../service/random.ts';
import { createView, type MailboxView } from './mailbox-view.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { findZone, type Zone } from './time-zones.ts';
import { createSeals, type Seals } from './tokens.ts';

/** How the rehearsal app signs in. */
export interface TenantCredentials {
  clientId: string;
  secret: string;
  /** PEM certificates; assertions signed with them are verified. */
  certificates?: readonly string[];
  /** Hex thumbprints that are accepted without verifying a signature. */
  certificateThumbprints?: readonly string[];
}

export interface MicrosoftTenantOptions {
  estate: Estate;
  clock: Clock;
  seed: number;
  credentials: TenantCredentials;
  /** Application permissions that were consented to, e.g. `Mail.Read`. */
  roles: readonly string[];
  /** Lets the parts of a batch meet quotas and faults one by one; without it they meet none. */
  weather?: { quotas: Quotas; faults: Faults; limitsOff?: boolean };
}

/** One mailbox with the changes that tests have made to it. */
export interface LiveMailbox {
  userId: string;
  settings: Resource;
  mail: MailboxView;
  schedule: Schedule;
}

/** Everything that a running tenant knows. */
export interface TenantState {
  readonly options: MicrosoftTenantOptions;
  readonly estate: Estate;
  readonly clock: Clock;
  readonly seals: Seals;
  /** Permissions as they stand; tests may revoke them. */
  roles: ReadonlySet<string>;
  /** Rises when all delta and page tokens of mail expire. */
  cursorEpoch: number;
  /** Rises when all access tokens expire. */
  tokenEpoch: number;
  /** By object id or UPN, any case. */
  findUser(idOrUpn: string): EstateUser | null;
  /** Null where the principal has no mailbox. */
  mailbox(userId: string): LiveMailbox | null;
  zone(name: string | null | undefined): Zone | null;
}

/** Creates the state of one tenant; mailboxes are opened when they are first asked for. */
export function createState(options: MicrosoftTenantOptions): TenantState {
  const { estate, clock, seed } = options;
  const users = new Map<string, EstateUser>();
  for (const user of estate.users) {
    users.set(user.id.toLowerCase(), user);
    users.set(String(user.resource['userPrincipalName'] ?? user.id).toLowerCase(), user);
  }
  const mailboxes = new Map<string, LiveMailbox | null>();
  const zones = new Map<string, Zone | null>();
  return {
    options,
    estate,
    clock,
    seals: createSeals(hash('seal', seed, estate.tenantId)),
    roles: new Set(options.roles),
    cursorEpoch: 0,
    tokenEpoch: 0,
    findUser: (idOrUpn) => users.get(idOrUpn.toLowerCase()) ?? null,
    mailbox: (userId) => remember(mailboxes, userId, () => openMailbox(estate, userId, clock)),
    zone: (name) => (name ? remember(zones, name, () => findZone(name)) : null),
  };
}

function openMailbox(estate: Estate, userId: string, clock: Clock): LiveMailbox | null {
  const mailbox = estate.mailbox(userId);
  if (!mailbox) return null;
  return {
    userId,
    settings: mailbox.settings,
    mail: createView(mailbox, clock),
    schedule: createSchedule(mailbox),
  };
}

function remember<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make();
  known.set(key, made);
  return made;
}
