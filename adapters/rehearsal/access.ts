import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { hash } from './service/random.ts';

/** Application permissions that the rehearsal's administrator has consented to: what ferry's docs ask for. */
export const MICROSOFT_ROLES: readonly string[] = [
  'User.Read.All',
  'Group.Read.All',
  'GroupMember.Read.All',
  'Member.Read.Hidden',
  'OrgContact.Read.All',
  'Organization.Read.All',
  'Domain.Read.All',
  'Mail.Read',
  'MailboxSettings.Read',
  'Calendars.Read',
  'Contacts.Read',
  'Place.Read.All',
];

/** Scopes that the rehearsal's administrator has granted the service account by domain-wide delegation. */
export const GOOGLE_SCOPES: readonly string[] = [
  'admin.directory.user',
  'admin.directory.user.readonly',
  'admin.directory.user.alias',
  'admin.directory.user.alias.readonly',
  'admin.directory.group',
  'admin.directory.group.readonly',
  'admin.directory.group.member',
  'admin.directory.group.member.readonly',
  'admin.directory.orgunit',
  'admin.directory.orgunit.readonly',
  'admin.directory.resource.calendar',
  'admin.directory.resource.calendar.readonly',
  'admin.directory.userschema',
  'admin.directory.userschema.readonly',
  'admin.directory.domain.readonly',
  'admin.directory.customer.readonly',
  'apps.groups.settings',
  'apps.licensing',
  'gmail.insert',
  'gmail.labels',
  'gmail.readonly',
  'gmail.metadata',
  'gmail.modify',
  'gmail.settings.basic',
  'gmail.settings.sharing',
  'calendar',
  'calendar.readonly',
  'calendar.events',
  'calendar.events.readonly',
  'contacts',
  'contacts.readonly',
].map((name) => `https://www.googleapis.com/auth/${name}`);

/** How the rehearsal app signs in at Microsoft; the secret is new for every process. */
export function createAppCredentials(seed: number): { clientId: string; secret: string } {
  const digits = hash('client', seed);
  const clientId = [8, 12, 16, 20, 32].map((end, at) => digits.slice([0, 8, 12, 16, 20][at], end)).join('-');
  return { clientId, secret: randomBytes(30).toString('base64url') };
}

/** A Google service account with a key of this process. */
export interface ServiceAccountKey {
  clientEmail: string;
  publicKeyPem: string;
  privateKeyId: string;
  /** The key file that an operator would download, once the origin is known. */
  keyFile(origin: string): Record<string, string>;
}

/** Creates a service account with an RSA key of 2,048 bits. */
export function createServiceAccount(seed: number): ServiceAccountKey {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientEmail = 'tenant-ferry@rehearsal.iam.gserviceaccount.com';
  const privateKeyId = hash('key', publicKey).slice(0, 40);
  return {
    clientEmail,
    publicKeyPem: publicKey,
    privateKeyId,
    keyFile: (origin) => ({
      type: 'service_account',
      project_id: 'rehearsal',
      private_key_id: privateKeyId,
      private_key: privateKey,
      client_email: clientEmail,
      client_id: BigInt(`0x${hash('account', seed).slice(0, 16)}`).toString(),
      auth_uri: 'https://accounts.google.com/o/oauth2/auth',
      token_uri: `${origin}/token`,
      universe_domain: 'googleapis.com',
    }),
  };
}
