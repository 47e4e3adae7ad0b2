import type { TenantAnswer } from '../../service/types.ts';
import { type ApiRoute, type Call, ok, scopes } from '../api.ts';
import { type Json, textOf } from '../json.ts';
import { refuse } from '../refusal.ts';
import { type DirectoryGroup, findGroup } from './directory.ts';
import { GROUP_SETTINGS } from './schemas.ts';

/** Settings of a group that was made through the Directory API. */
export const NEW_GROUP_SETTINGS: Readonly<Json> = {
  whoCanJoin: 'CAN_REQUEST_TO_JOIN',
  whoCanViewMembership: 'ALL_MEMBERS_CAN_VIEW',
  whoCanViewGroup: 'ALL_MEMBERS_CAN_VIEW',
  whoCanPostMessage: 'ANYONE_CAN_POST',
  whoCanLeaveGroup: 'ALL_MEMBERS_CAN_LEAVE',
  whoCanContactOwner: 'ANYONE_CAN_CONTACT',
  whoCanDiscoverGroup: 'ALL_IN_DOMAIN_CAN_DISCOVER',
  whoCanModerateMembers: 'OWNERS_AND_MANAGERS',
  whoCanModerateContent: 'OWNERS_AND_MANAGERS',
  whoCanAssistContent: 'NONE',
  allowExternalMembers: 'false',
  allowWebPosting: 'true',
  archiveOnly: 'false',
  isArchived: 'false',
  membersCanPostAsTheGroup: 'false',
  messageModerationLevel: 'MODERATE_NONE',
  spamModerationLevel: 'MODERATE',
  replyTo: 'REPLY_TO_IGNORE',
  includeCustomFooter: 'false',
  sendMessageDenyNotification: 'false',
  includeInGlobalAddressList: 'true',
  enableCollaborativeInbox: 'false',
  favoriteRepliesOnTop: 'true',
  default_sender: 'DEFAULT_SELF',
  primaryLanguage: 'en_US',
  maxMessageBytes: 26_214_400,
};

const MODERATORS = ['ALL_MEMBERS', 'OWNERS_AND_MANAGERS', 'OWNERS_ONLY', 'NONE'];
const views = (first: readonly string[]) => [...first, 'ALL_IN_DOMAIN', 'ALL_MEMBERS', 'ALL_MANAGERS'];
const suffixed = (words: readonly string[], suffix: string) => words.map((word) => `${word}_CAN_${suffix}`);

/** Values of the settings that a migration writes (Groups Settings discovery document, rev. 20220614). */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  whoCanJoin: ['ANYONE_CAN_JOIN', 'ALL_IN_DOMAIN_CAN_JOIN', 'INVITED_CAN_JOIN', 'CAN_REQUEST_TO_JOIN'],
  whoCanViewMembership: suffixed(views([]), 'VIEW'),
  whoCanViewGroup: suffixed(views(['ANYONE']), 'VIEW'),
  whoCanPostMessage: suffixed(views(['ANYONE', 'NONE', 'ALL_OWNERS']), 'POST'),
  whoCanLeaveGroup: ['ALL_MANAGERS_CAN_LEAVE', 'ALL_MEMBERS_CAN_LEAVE', 'NONE_CAN_LEAVE'],
  whoCanContactOwner: suffixed(views(['ANYONE', 'ALL_OWNERS']), 'CONTACT'),
  whoCanDiscoverGroup: ['ANYONE_CAN_DISCOVER', 'ALL_IN_DOMAIN_CAN_DISCOVER', 'ALL_MEMBERS_CAN_DISCOVER'],
  whoCanModerateMembers: MODERATORS,
  whoCanModerateContent: MODERATORS,
  whoCanAssistContent: [...MODERATORS, 'MANAGERS_ONLY'],
  messageModerationLevel: [
    'MODERATE_ALL_MESSAGES',
    'MODERATE_NON_MEMBERS',
    'MODERATE_NEW_MEMBERS',
    'MODERATE_NONE',
  ],
  spamModerationLevel: ['ALLOW', 'MODERATE', 'SILENTLY_MODERATE', 'REJECT'],
  replyTo: ['CUSTOM', 'SENDER', 'LIST', 'OWNER', 'IGNORE', 'MANAGERS'].map((word) => `REPLY_TO_${word}`),
  default_sender: ['DEFAULT_SELF', 'GROUP'],
};

/** Settings that hold the texts `true` and `false`. */
const BOOLEANS = Object.entries(NEW_GROUP_SETTINGS)
  .filter(([, value]) => value === 'true' || value === 'false')
  .map(([name]) => name);

const LENGTHS: Readonly<Record<string, number>> = {
  name: 75,
  description: 300,
  customFooterText: 1_000,
  defaultMessageDenyNotificationText: 10_000,
};

const PATH = '/groups/v1/groups/{groupUniqueId}';
const SCOPES = scopes('apps.groups.settings');

/** Groups Settings v1: get, patch, update. Without `alt=json` the answer is Atom, the API's default. */
export const GROUP_SETTINGS_ROUTES: readonly ApiRoute[] = [
  {
    name: 'groupsSettings.groups.get',
    method: 'GET',
    path: PATH,
    scopes: SCOPES,
    handle: (call) => answer(call, demandGroup(call)),
  },
  ...(['PATCH', 'PUT'] as const).map(
    (method): ApiRoute => ({
      name: method === 'PATCH' ? 'groupsSettings.groups.patch' : 'groupsSettings.groups.update',
      method,
      path: PATH,
      scopes: SCOPES,
      body: GROUP_SETTINGS,
      writes: true,
      handle: changeSettings,
    }),
  ),
];

function demandGroup(call: Call): DirectoryGroup {
  if (call.subject?.resource['isAdmin'] !== true) {
    throw refuse(403, 'insufficientPermissions', 'Not Authorized to access this resource/api');
  }
  const group = findGroup(call.tenant.directory, call.params['groupUniqueId'] ?? '');
  if (!group) throw refuse(404, 'notFound', 'Not Found');
  return group;
}

function changeSettings(call: Call) {
  const group = demandGroup(call);
  const { name, description, email, kind, ...changes } = call.body;
  checkValues(call.body);
  const after = { ...group.settings, ...changes };
  if (after['archiveOnly'] === 'true') after['whoCanPostMessage'] = 'NONE_CAN_POST';
  else settlePosting(group.settings, after);
  checkModeration(after);
  group.settings = after;
  if (name !== undefined) group.name = textOf(name);
  if (description !== undefined) group.description = textOf(description);
  return answer(call, group);
}

function checkValues(body: Json): void {
  for (const [name, value] of Object.entries(body)) {
    const allowed = BOOLEANS.includes(name) ? ['true', 'false'] : VALUES[name];
    if (allowed && !allowed.includes(textOf(value))) throw invalidValue(name);
    if (textOf(value).length > (LENGTHS[name] ?? Number.POSITIVE_INFINITY)) throw invalidValue(name);
  }
  if (body['replyTo'] === 'REPLY_TO_CUSTOM' && !body['customReplyTo']) throw invalidValue('customReplyTo');
}

/** `NONE_CAN_POST` is for archived groups alone; leaving the archive opens posting to managers. */
function settlePosting(before: Json, after: Json): void {
  if (after['whoCanPostMessage'] !== 'NONE_CAN_POST') return;
  if (before['archiveOnly'] !== 'true') throw invalidValue('whoCanPostMessage');
  after['whoCanPostMessage'] = 'ALL_MANAGERS_CAN_POST';
}

/** Nobody may moderate members who cannot see them. */
function checkModeration(settings: Json): void {
  const isBroad = settings['whoCanModerateMembers'] === 'ALL_MEMBERS';
  if (isBroad && settings['whoCanViewMembership'] === 'ALL_MANAGERS_CAN_VIEW') {
    throw refuse(400, 'invalid', 'WHO_CAN_MODERATE_MEMBERS_CANNOT_BE_BROADER_THAN_WHO_CAN_VIEW_MEMBERSHIP');
  }
}

function invalidValue(name: string) {
  return refuse(400, 'invalid', `Invalid Value: ${name}`, { location: name, locationType: 'parameter' });
}

function answer(call: Call, group: DirectoryGroup): TenantAnswer {
  const settings: Json = {
    kind: 'groupsSettings#groups',
    email: group.email,
    name: group.name,
    description: group.description,
    ...group.settings,
  };
  if (call.query.get('alt') === 'json') return ok(settings);
  return {
    status: 200,
    headers: { 'content-type': 'application/atom+xml; charset=UTF-8' },
    body: atomOf(group.email, settings),
  };
}

function atomOf(email: string, settings: Json): string {
  const members = Object.entries(settings)
    .filter(([name]) => name !== 'kind')
    .map(([name, value]) => `<apps:${name}>${escapeXml(String(value))}</apps:${name}>`)
    .join('');
  return (
    '<?xml version="1.0" encoding="UTF-8"?><entry xmlns="http://www.w3.org/2005/Atom" ' +
    'xmlns:apps="http://schemas.google.com/apps/2006">' +
    `<id>tag:googleapis.com,2010:apps:groupssettings:GROUP:${escapeXml(email)}</id>${members}</entry>`
  );
}

function escapeXml(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => names[sign] ?? sign);
}
