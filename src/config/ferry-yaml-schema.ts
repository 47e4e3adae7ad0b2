import { z } from 'zod';
import { policySchema } from './policy.ts';
import { quotaSchema } from './quota.ts';

/** Hosts that never leave this machine; the only ones that may be reached over plain http. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}

/** An origin as people write it: scheme and host, an optional port, no path. Plain http is for loopback alone. */
const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  const wrong =
    url === null || !/^https?:$/.test(url.protocol)
      ? 'an address such as https://graph.microsoft.com'
      : url.pathname !== '/' || url.search !== '' || url.username !== ''
        ? 'an address without path, query or user'
        : url.protocol === 'http:' && !isLoopback(url.hostname)
          ? 'https (plain http is for loopback alone)'
          : null;
  if (wrong === null && url !== null) return url.origin;
  context.addIssue({ code: 'custom', message: wrong ?? 'an address' });
  return z.NEVER;
});

const address = z
  .string()
  .regex(/^[^\s@]+@[^\s@]+$/, 'an address such as admin@new.example')
  .toLowerCase();
const domain = z
  .string()
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'a domain such as new.example')
  .toLowerCase();

const sourceCredential = z.union(
  [
    z.strictObject({ certificate: z.string() }),
    z.strictObject({ secretEnv: z.string() }),
    z.strictObject({ federatedTokenFile: z.string() }),
  ],
  { error: 'one of { certificate: FILE }, { secretEnv: NAME }, { federatedTokenFile: FILE }' },
);

const targetCredential = z.union(
  [
    z.strictObject({ keyFile: z.string() }),
    z.strictObject({ serviceAccount: address, keyless: z.literal(true) }),
  ],
  { error: 'one of { keyFile: FILE }, { serviceAccount: ADDRESS, keyless: true }' },
);

const source = z.strictObject({
  tenant: z.string().min(1),
  client: z.string().min(1),
  credential: sourceCredential,
  authority: origin.default('https://login.microsoftonline.com'),
  endpoint: origin.default('https://graph.microsoft.com'),
});

const target = z.strictObject({
  customer: z.string().default('my_customer'),
  admin: address,
  credential: targetCredential,
  endpoint: origin.nullable().default(null),
});

const organisation = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens'),
  domains: z.record(domain, domain).refine((map) => Object.keys(map).length > 0, 'at least one domain'),
  orgUnit: z
    .string()
    .regex(/^\/(?:[^/]+(?:\/[^/]+)*)?$/, 'a path such as /Regulator')
    .default('/Migrated'),
  deadline: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2027-04-01')
    .optional(),
  /** Declares this organisation's pass unfinished: the checker then says Incomplete. */
  unfinished: z.boolean().default(false),
  policy: z.unknown().optional(),
  source: source.optional(),
  target: target.optional(),
});

/** Checked where it is resolved, since an address may hold a password, which no fault may repeat. */
const ledger = z.union([z.string(), z.strictObject({ env: z.string().min(1) })], {
  error: 'postgres://HOST:PORT/DATABASE, or { env: NAME } of a variable that holds the address',
});

/** `ferry.yaml` as design §8 shows it. */
export const ferryYamlSchema = z.strictObject({
  source,
  target,
  reconcile: z.strictObject({ source: source.optional(), target: target.optional() }).optional(),
  organisations: z.array(organisation).min(1),
  policy: policySchema.prefault({}),
  ledger: ledger.optional(),
  /** Names the programme's schema in PostgreSQL; the folder's name where it is absent. */
  programme: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'at most 40 lower-case letters, digits and hyphens')
    .optional(),
  quota: quotaSchema.prefault({}),
});

export type FerryYaml = z.output<typeof ferryYamlSchema>;
export type SourceYaml = z.output<typeof source>;
export type TargetYaml = z.output<typeof target>;
export type OrganisationYaml = z.output<typeof organisation>;
