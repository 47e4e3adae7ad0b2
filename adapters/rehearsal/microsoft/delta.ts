import type { Resource } from '../estate/types.ts';
import type { TenantAnswer } from '../service/types.ts';
import { answerCollection, type Context, type GraphRoute, linkWith, mailboxOf, userPath } from './context.ts';
import { type Filter, parseFilter } from './filter.ts';
import { exposeId } from './item-ids.ts';
import { folderOf } from './mail-folders.ts';
import { MAIL_ROLES } from './mail-roles.ts';
import type { MailChange } from './mailbox-view.ts';
import { type ScanPosition, scanMessages } from './message-scan.ts';
import { presentMessage } from './messages.ts';
import { TYPES } from './properties.ts';
import { Refusal, syncStateNotFound } from './refusal.ts';
import type { LiveMailbox } from './state.ts';

const DEFAULT_PAGE = 10;
/** The server chooses: a page may hold fewer messages than were asked for. */
const MAX_PAGE = 512;
/** Graph, message delta page: with `$filter` a delta holds at most so many messages. */
const MAX_FILTERED = 5_000;

/** What a delta or skip token carries: the parameters of the first request are baked in. */
interface Round {
  user: string;
  folder: string;
  epoch: number;
  select: readonly string[] | null;
  filter: string | null;
  changeType: string | null;
  /** Sequence at which this round began; the next round starts there. */
  began: number;
  /** First round: where the listing stands and how many messages it gave. */
  listing: { at: ScanPosition; given: number } | null;
  /** Later rounds: the sequence up to which changes were given in earlier rounds, and the position in the list. */
  since: number;
  position: number;
}

/** `messages/delta`: a first round lists the folder, later ones give what changed. Extended properties never come. */
async function answerDelta(context: Context): Promise<TenantAnswer> {
  const mailbox = mailboxOf(context);
  const folder = folderOf(context, mailbox);
  const round = resumedRound(context, mailbox, folder?.id ?? '');
  // The token's own selection counts, whatever this request says.
  const bound = { ...context, query: { ...context.query, select: round.select, expand: [] } };
  return round.listing ? listFirst(bound, mailbox, round, round.listing) : listChanges(bound, mailbox, round);
}

function resumedRound(context: Context, mailbox: LiveMailbox, folder: string): Round {
  const { query, state, request } = context;
  const token = query.deltaToken ?? query.skipToken;
  if (token === null) return firstRound(context, mailbox, folder);
  const round = state.seals.open(token) as Round | null;
  const isKnown =
    round?.epoch === state.cursorEpoch && round.user === mailbox.userId && round.folder === folder;
  if (!round || !isKnown) throw syncStateNotFound(`${request.origin}${request.path}?$deltatoken=`);
  if (query.deltaToken === null) return round;
  return { ...round, since: round.began, began: mailbox.mail.sequence, position: 0, listing: null };
}

function firstRound(context: Context, mailbox: LiveMailbox, folder: string): Round {
  const { query, state } = context;
  const [order] = query.orderBy;
  if (order && !(order.property === 'receivedDateTime' && order.isDescending)) throw unsupported('$orderby');
  if (query.filter?.properties.some((name) => name !== 'receivedDateTime')) throw unsupported('$filter');
  return {
    user: mailbox.userId,
    folder,
    epoch: state.cursorEpoch,
    select: query.select,
    filter: optionOf(context, 'filter'),
    changeType: query.custom['changetype'] ?? null,
    began: mailbox.mail.sequence,
    listing: { at: { folder: 0, base: 0, extra: 0 }, given: 0 },
    since: 0,
    position: 0,
  };
}

async function listFirst(
  context: Context,
  mailbox: LiveMailbox,
  round: Round,
  listing: NonNullable<Round['listing']>,
): Promise<TenantAnswer> {
  const filter = filterOf(round);
  const limit = filter ? MAX_FILTERED - listing.given : Number.POSITIVE_INFINITY;
  const isWanted = round.changeType === null || round.changeType === 'created';
  const { messages, next } = scanMessages(mailbox.mail, {
    folderIds: isWanted && round.folder !== '' ? [round.folder] : [],
    from: listing.at,
    skip: 0,
    count: Math.min(pageSize(context), limit),
    filter,
    isAscending: false,
  });
  const given = listing.given + messages.length;
  const goesOn = next !== null && (!filter || given < MAX_FILTERED);
  const value = await Promise.all(
    messages.map(async (message) => ({
      '@odata.type': '#microsoft.graph.message',
      ...(await presentMessage(context, mailbox, message)),
    })),
  );
  const onward = goesOn ? { ...round, listing: { at: next, given } } : { ...round, listing: null };
  return answerPage(context, value, goesOn, onward);
}

async function listChanges(context: Context, mailbox: LiveMailbox, round: Round): Promise<TenantAnswer> {
  const changes = collapse(mailbox.mail.changesSince(round.since, round.folder)).filter(
    (change) => change.sequence <= round.began,
  );
  const end = round.position + pageSize(context);
  const value: Resource[] = [];
  for (const change of changes.slice(round.position, end)) {
    const shown = await presentChange(context, mailbox, round, change);
    if (shown) value.push(shown);
  }
  return answerPage(context, value, end < changes.length, { ...round, position: end });
}

/** The last change of each message; a message that came in this round counts as created however it changed since. */
function collapse(changes: readonly MailChange[]): MailChange[] {
  const last = new Map<string, MailChange>();
  for (const change of changes) {
    const earlier = last.get(change.messageId);
    const isNew = earlier?.kind === 'created' && change.kind === 'updated';
    const properties = [...new Set([...(earlier?.properties ?? []), ...change.properties])];
    last.delete(change.messageId);
    last.set(change.messageId, { ...change, kind: isNew ? 'created' : change.kind, properties });
  }
  return [...last.values()];
}

async function presentChange(
  context: Context,
  mailbox: LiveMailbox,
  round: Round,
  change: MailChange,
): Promise<Resource | null> {
  const type = { '@odata.type': '#microsoft.graph.message' };
  const kind = change.kind === 'left' ? 'deleted' : change.kind;
  if (round.changeType !== null && round.changeType !== kind) return null;
  const message = change.kind === 'left' ? null : mailbox.mail.message(change.messageId);
  if (!message || message.folderId !== round.folder) {
    const id = exposeId(context.preferences.immutableIds, round.folder, change.messageId);
    return { ...type, id, '@removed': { reason: 'deleted' } };
  }
  if (filterOf(round)?.accepts(message.resource) === false) return null;
  const whole = { ...type, ...(await presentMessage(context, mailbox, message)) };
  return change.kind === 'created' ? whole : changedOnly(whole, change);
}

/** Later rounds may give an item's changed properties alone (Graph, delta query overview). */
function changedOnly(whole: Resource, change: MailChange): Resource {
  const kept = new Set(['@odata.type', '@odata.etag', 'id', ...change.properties]);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => kept.has(name)));
}

function answerPage(
  context: Context,
  value: readonly Resource[],
  goesOn: boolean,
  round: Round,
): TenantAnswer {
  const { state } = context;
  const link = linkWith(context, goesOn ? '$skiptoken' : '$deltatoken', state.seals.seal(round));
  return answerCollection(context, `Collection(${userPath(context)}/messages)`, {
    value,
    ...(goesOn ? { nextLink: link } : { deltaLink: link }),
  });
}

function pageSize(context: Context): number {
  const asked = context.preferences.maxPageSize ?? context.query.top ?? DEFAULT_PAGE;
  return Math.max(1, Math.min(asked, MAX_PAGE));
}

function filterOf(round: Round): Filter | null {
  return round.filter === null ? null : parseFilter(round.filter);
}

function optionOf(context: Context, name: string): string | null {
  return context.request.query.get(`$${name}`) ?? context.request.query.get(name);
}

function unsupported(option: string): Refusal {
  return new Refusal(
    400,
    'ErrorInvalidUrlQuery',
    `The following parameter is not supported with change tracking: ${option}.`,
  );
}

/** Change tracking of one folder's messages. */
export const DELTA_ROUTES: readonly GraphRoute[] = [
  {
    name: 'graph.messages.delta',
    method: 'GET',
    path: '/v1.0/users/{user}/mailFolders/{folder}/messages/delta',
    service: 'outlook',
    roles: MAIL_ROLES,
    rules: {
      type: TYPES.message,
      options: ['$top', '$filter', '$orderby', '$skiptoken', '$deltatoken'],
      custom: ['changeType'],
    },
    handle: answerDelta,
  },
];
