import type { Clock } from '../../../src/core/clock.ts';

/** The one service account that the tenant's administrator has granted domain-wide delegation. */
export interface RehearsalServiceAccount {
  clientEmail: string;
  /** SPKI PEM of the key that signs assertions. */
  publicKeyPem: string;
  privateKeyId: string;
}

/** How slowly effects spread at Google, in milliseconds of the clock's scaled time. */
export interface Delays {
  /** Until a search (`q`) sees a message, at random up to twice as long. */
  searchMs: number;
  /** Until `isMailboxSetup` of a new user turns true, at random up to twice as long. */
  mailboxMs: number;
  /** From then until Gmail no longer answers "Mail service not enabled". */
  mailServiceMs: number;
  /** In which a mutation of a new user may meet "User creation is not complete". */
  creationMs: number;
  /** Until the token endpoint knows a new user. */
  signInMs: number;
  /** Until the members of a new group can be changed. */
  groupMs: number;
  /** Until users.list and groups.list show a new user or group. */
  listMs: number;
  /** For which the address of a deleted group stays taken. */
  groupHoldMs: number;
  /** For which a deleted alias stays taken. */
  aliasHoldMs: number;
}

const DEFAULT_DELAYS: Delays = {
  searchMs: 3_000,
  mailboxMs: 3_000,
  mailServiceMs: 2_000,
  creationMs: 2_000,
  signInMs: 0,
  groupMs: 3_000,
  listMs: 1_500,
  groupHoldMs: 30_000,
  aliasHoldMs: 2_000,
};

/** What a rehearsal tenant is made of. */
export interface GoogleTenantOptions {
  clock: Clock;
  seed: number;
  /** Customer id (`C01abc234`); `my_customer` always names it too. */
  customer: string;
  /** Primary address of the administrator that exists from the start. */
  admin: string;
  /** Primary domain of the tenant. */
  adminDomain: string;
  verifiedDomains: readonly string[];
  serviceAccount: RehearsalServiceAccount;
  /** Scopes that the administrator has granted the service account. */
  authorisedScopes: readonly string[];
  /** Folder for message bytes. */
  stateDir: string;
  /** Life of an access token in real seconds. Default 3,599. */
  tokenSeconds?: number;
  delays?: Partial<Delays>;
  /** Largest message of import and insert. Default 157,286,400 bytes (Gmail discovery document, rev. 20260727). */
  messageLimitBytes?: number;
  /** Where exactly one `From` field is demanded. Default `import`. */
  strictFrom?: 'import' | 'both' | 'off';
  /** Whether import adds IMPORTANT, CATEGORY_* and (without `neverMarkSpam`) SPAM of its own. Default true. */
  classifies?: boolean;
  /** IANA zone of new primary calendars. Default `Etc/UTC`. */
  timeZone?: string;
  /** Domains whose addresses mirror those of another (`alias domain → parent domain`). */
  domainAliases?: Readonly<Record<string, string>>;
}

/** The options with every default filled in. */
export interface TenantSettings extends Required<Omit<GoogleTenantOptions, 'delays'>> {
  delays: Delays;
}

/** Fills in the defaults; addresses and domains come out in lower case. */
export function settle(options: GoogleTenantOptions): TenantSettings {
  return {
    tokenSeconds: 3_599,
    messageLimitBytes: 157_286_400,
    strictFrom: 'import',
    classifies: true,
    timeZone: 'Etc/UTC',
    domainAliases: {},
    ...options,
    admin: options.admin.toLowerCase(),
    adminDomain: options.adminDomain.toLowerCase(),
    verifiedDomains: options.verifiedDomains.map((domain) => domain.toLowerCase()),
    delays: { ...DEFAULT_DELAYS, ...options.delays },
  };
}
