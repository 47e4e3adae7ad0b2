import { Interrupted, MigrationError, NotFound, Rejected } from '../../src/core/errors.ts';
import type { GraphUser, UserPurpose } from '../../src/core/microsoft.ts';
import type { Organisation } from '../../src/core/types.ts';
import { fieldOf } from './answers.ts';
import {
  type ManagerFacts,
  managerSelect,
  parseManager,
  parsePurpose,
  parseUser,
  userSelect,
} from './directory-schemas.ts';
import { ownsUser } from './directory-scope.ts';
import type { GraphClient, GraphPage, GraphRequest } from './graph-client.ts';
import { mapParallel } from './parallel.ts';

/** Settings are read from as many mailboxes at once; each has a quota of its own. */
const MAILBOXES_AT_ONCE = 16;
const PAGE_SIZE = '999';

type MailboxFacts = Pick<GraphUser, 'userPurpose' | 'mailboxTimeZone'>;

/**
 * The organisation's users, page by page. Managers come with the listing (`$expand`); as long as no user of the tenant
 * has shown one, they are asked for one by one, since a service that ignores the option looks the same.
 */
export async function* userPages(
  client: GraphClient,
  organisation: Organisation,
  signal: AbortSignal,
): AsyncIterable<GraphUser[]> {
  let isExpanded = false;
  for await (const page of expandedPages(client, signal)) {
    const users = page.value.flatMap((json) => parseUser(json) ?? []);
    if (users.length < page.value.length) {
      client.log('warn', 'unreadable-users', { count: page.value.length - users.length });
    }
    isExpanded ||= users.some((user) => user.managerId !== null);
    const owned = users.filter((user) => ownsUser(organisation, user));
    yield await mapParallel(owned, MAILBOXES_AT_ONCE, (user) =>
      completeUser(client, user, isExpanded, signal),
    );
  }
}

/** One user again. Throws `NotFound` when it has gone. */
export async function readUser(client: GraphClient, id: string, signal: AbortSignal): Promise<GraphUser> {
  const path = `/users/${encodeURIComponent(id)}`;
  const user = parseUser(
    await client.get({ method: 'users.get', path, query: { $select: userSelect } }, signal),
  );
  if (user === null) throw new NotFound({ code: 'unreadable-user', message: `user ${id} cannot be read` });
  return completeUser(client, user, false, signal);
}

async function* expandedPages(client: GraphClient, signal: AbortSignal): AsyncIterable<GraphPage> {
  const plain = { $select: userSelect, $top: PAGE_SIZE };
  const request = (query: Record<string, string>): GraphRequest => ({
    method: 'users.list',
    path: '/users',
    query,
  });
  let isRefused = false;
  try {
    yield* client.pages(request({ ...plain, $expand: `manager($select=${managerSelect})` }), signal);
  } catch (error) {
    if (!(error instanceof Rejected) || error.status !== 400) throw error;
    isRefused = true;
  }
  if (isRefused) yield* client.pages(request(plain), signal);
}

async function completeUser(
  client: GraphClient,
  user: GraphUser,
  isExpanded: boolean,
  signal: AbortSignal,
): Promise<GraphUser> {
  const known = isExpanded || user.managerId !== null;
  const manager = known ? {} : await readManager(client, user.id, signal);
  return { ...user, ...manager, ...(await readMailboxFacts(client, user, signal)) };
}

async function readManager(client: GraphClient, id: string, signal: AbortSignal): Promise<ManagerFacts> {
  const path = `/users/${encodeURIComponent(id)}/manager`;
  const request = { method: 'users.manager', path, query: { $select: managerSelect } };
  try {
    return parseManager(await client.get(request, signal));
  } catch (error) {
    if (error instanceof NotFound) return parseManager(null);
    throw error;
  }
}

/** Guests have no mailbox here. A mailbox that may not or cannot be read leaves `unknown`, not a stopped listing. */
async function readMailboxFacts(
  client: GraphClient,
  user: GraphUser,
  signal: AbortSignal,
): Promise<MailboxFacts> {
  if (user.userType === 'Guest') return { userPurpose: 'none', mailboxTimeZone: null };
  try {
    return await readMailboxSettings(client, user, signal);
  } catch (error) {
    if (error instanceof NotFound) return { userPurpose: 'none', mailboxTimeZone: null };
    if (!isOneMailbox(error)) throw error;
    client.log('warn', 'mailbox-settings-unreadable', { user: user.id, code: error.code });
    return { userPurpose: 'unknown', mailboxTimeZone: null };
  }
}

function isOneMailbox(error: unknown): error is MigrationError {
  return error instanceof MigrationError && !(error instanceof Interrupted) && error.scope !== 'run';
}

async function readMailboxSettings(
  client: GraphClient,
  user: GraphUser,
  signal: AbortSignal,
): Promise<MailboxFacts> {
  const path = `/users/${encodeURIComponent(user.id)}/mailboxSettings`;
  const mailbox = user.userPrincipalName;
  const settings = await client.get({ method: 'mailboxSettings.get', path, mailbox }, signal);
  const timeZone = fieldOf(settings, 'timeZone');
  return {
    userPurpose:
      parsePurpose(fieldOf(settings, 'userPurpose')) ?? (await readPurpose(client, path, mailbox, signal)),
    mailboxTimeZone: typeof timeZone === 'string' && timeZone !== '' ? timeZone : null,
  };
}

async function readPurpose(
  client: GraphClient,
  settingsPath: string,
  mailbox: string,
  signal: AbortSignal,
): Promise<UserPurpose> {
  const request = { method: 'mailboxSettings.userPurpose', path: `${settingsPath}/userPurpose`, mailbox };
  try {
    return parsePurpose(await client.get(request, signal)) ?? 'unknown';
  } catch (error) {
    // The mailbox is there, since its settings were read; only what it is for stays unknown.
    if (isOneMailbox(error)) return 'unknown';
    throw error;
  }
}
