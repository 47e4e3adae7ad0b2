import { Auth, type MigrationError, NotFound } from '../../src/core/errors.ts';
import { fieldOf } from './answers.ts';
import type { GraphClient, GraphRequest } from './graph-client.ts';
import { decodeRoles } from './sign-in.ts';

/** What a sign-in showed. Warnings are sentences for a person; they hold permission names and no addresses. */
export interface SignInReport {
  /** Application permissions in the token, null where it cannot be read. */
  roles: string[] | null;
  /** Needed permissions that the token does not name. */
  missing: string[];
  /** Permissions beyond reading; none of them is needed. */
  excess: string[];
  /** Tenant id and display name as `GET /organization` gives them. */
  organisation: { id: string | null; displayName: string | null };
  warnings: string[];
}

interface Need {
  permission: string;
  /** Any of these will do. */
  anyOf: readonly string[];
  probe: 'directory' | 'mailbox' | 'optional';
}

/** Application permissions of a migration. Source: the Graph permissions reference and limits 1.8, read 2026-11. */
const needs: readonly Need[] = [
  need('User.Read.All', 'directory', ['Directory.Read.All']),
  need('Group.Read.All', 'directory', ['GroupMember.Read.All', 'Directory.Read.All']),
  need('Organization.Read.All', 'directory', ['Domain.Read.All', 'Directory.Read.All']),
  need('Mail.Read', 'mailbox', []),
  need('MailboxSettings.Read', 'mailbox', []),
  need('Calendars.Read', 'mailbox', []),
  need('Place.Read.All', 'optional', []),
];

function need(permission: string, probe: Need['probe'], others: readonly string[]): Need {
  return { permission, probe, anyOf: [permission, ...others] };
}

export interface Preflight {
  client: GraphClient;
  token(signal: AbortSignal): Promise<string>;
  /** Source addresses or ids of mailboxes to try. */
  mailboxes: readonly string[];
}

/**
 * Token, roles, directory, one mailbox, in this order. The token's roles are a claim and the calls decide: a directory
 * call that is refused throws `Auth`; a mailbox permission that the token does not name is a warning as long as one
 * mailbox can be read (RBAC for Applications puts no role into the token), and `Auth` when all that were tried refuse.
 */
export async function checkSignIn(preflight: Preflight, signal: AbortSignal): Promise<SignInReport> {
  const roles = decodeRoles(await preflight.token(signal));
  const missing = roles === null ? [] : needs.filter((each) => !isGranted(each, roles));
  const organisation = await readOrganisation(preflight.client, roles, missing, signal);
  const users = await probeDirectory(preflight.client, missing, signal);
  const warnings = missing.map(warningOf);
  if (roles === null)
    warnings.push('The access token cannot be read, so permissions were checked by use alone.');
  if (roles === null || missing.some((each) => each.probe === 'mailbox')) {
    const mailboxes = preflight.mailboxes.length > 0 ? preflight.mailboxes : users;
    warnings.push(...(await probeMailboxes(preflight.client, mailboxes, missing, signal)));
  }
  return {
    roles,
    missing: missing.map((each) => each.permission),
    excess: (roles ?? []).filter((role) => /Write|Send|FullControl|full_access/i.test(role)),
    organisation,
    warnings,
  };
}

function isGranted(wanted: Need, roles: readonly string[]): boolean {
  const readOnly = roles.map((role) => role.replace('.ReadWrite', '.Read'));
  return wanted.anyOf.some((permission) => readOnly.includes(permission));
}

function warningOf(missing: Need): string {
  const also = missing.anyOf.length > 1 ? ` (or ${missing.anyOf.slice(1).join(', ')})` : '';
  const meaning = {
    directory: 'the directory could be read all the same',
    mailbox: 'mailboxes are reached only where RBAC for Applications brings them into scope',
    optional: 'rooms are left out of the directory',
  }[missing.probe];
  return `The token does not name ${missing.permission}${also}: ${meaning}.`;
}

async function readOrganisation(
  client: GraphClient,
  roles: readonly string[] | null,
  missing: readonly Need[],
  signal: AbortSignal,
): Promise<SignInReport['organisation']> {
  const request = {
    method: 'organization.list',
    path: '/organization',
    query: { $select: 'id,displayName' },
  };
  try {
    const answer = fieldOf(await client.get(request, signal), 'value');
    const first: unknown = Array.isArray(answer) ? answer[0] : null;
    return { id: textOf(fieldOf(first, 'id')), displayName: textOf(fieldOf(first, 'displayName')) };
  } catch (error) {
    if (error instanceof Auth && roles?.length === 0) throw notConsented(error);
    throw naming(error, missing);
  }
}

/** Ids of the first users, to try mailboxes with. */
async function probeDirectory(
  client: GraphClient,
  missing: readonly Need[],
  signal: AbortSignal,
): Promise<string[]> {
  try {
    const query = { $select: 'id,userPrincipalName,mail', $top: '10' };
    const users = await client.page({ method: 'users.list', path: '/users', query }, signal);
    await client.page(
      { method: 'groups.list', path: '/groups', query: { $select: 'id', $top: '1' } },
      signal,
    );
    return users.value
      .filter((user) => textOf(fieldOf(user, 'mail')) !== null)
      .flatMap((user) => textOf(fieldOf(user, 'userPrincipalName')) ?? []);
  } catch (error) {
    throw naming(error, missing);
  }
}

async function probeMailboxes(
  client: GraphClient,
  mailboxes: readonly string[],
  missing: readonly Need[],
  signal: AbortSignal,
): Promise<string[]> {
  let refusal: MigrationError | null = null;
  for (const mailbox of mailboxes) {
    try {
      for (const request of mailboxProbes(mailbox)) await client.get(request, signal);
      return [];
    } catch (error) {
      if (error instanceof Auth && error.scope !== 'run') refusal = error;
      else if (!(error instanceof NotFound)) throw error;
    }
  }
  if (refusal !== null) throw naming(refusal, missing);
  return ['No mailbox could be tried, so access to mail and calendars is not proven.'];
}

function mailboxProbes(mailbox: string): GraphRequest[] {
  const user = `/users/${encodeURIComponent(mailbox)}`;
  const one = { $select: 'id', $top: '1' };
  return [
    { method: 'mailFolders.list', path: `${user}/mailFolders`, query: one, mailbox },
    { method: 'mailboxSettings.get', path: `${user}/mailboxSettings`, mailbox },
    { method: 'calendars.list', path: `${user}/calendars`, query: one, mailbox },
  ];
}

function notConsented(cause: Auth): Auth {
  const permissions = needs.map((each) => each.permission).join(', ');
  return new Auth({
    code: 'not-consented',
    message:
      'sign-in works, but the token carries no application permission: the application is not consented. ' +
      `Grant ${permissions} as application permissions and give admin consent`,
    ...statusOf(cause),
    cause,
  });
}

/** The refusal with every permission that the token lacks, so that one visit to the portal is enough. */
function naming(error: unknown, missing: readonly Need[]): unknown {
  if (!(error instanceof Auth) || missing.length === 0) return error;
  const permissions = missing.map((each) => each.permission).join(', ');
  return new Auth({
    code: error.code,
    message: `${error.message}. The token lacks: ${permissions}`,
    ...statusOf(error),
    cause: error,
  });
}

function statusOf(error: MigrationError): { status?: number; requestId?: string } {
  return {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.requestId === undefined ? {} : { requestId: error.requestId }),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
