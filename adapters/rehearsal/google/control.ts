import { createHash } from 'node:crypto';
import type { TenantAnswer, TenantRequest } from '../service/types.ts';
import { findUser } from './directory/directory.ts';
import { mailboxOf, type StoredMessage } from './gmail/mailbox.ts';
import { isJson, type Json, textOf } from './json.ts';
import type { Tenant } from './state.ts';
import { tamper } from './tamper.ts';

/**
 * The tenant's own control routes for tests, none of Google's:
 * - `GET messages?user=` lists what a mailbox holds (ids, labels, Message-ID, bytes and their SHA-256);
 *   `GET messages?user=&id=` answers the bytes themselves;
 * - `GET notifications` lists the mails that Google would have sent;
 * - `POST scopes` with `{ revoke: [scope] }` takes scopes out of the domain-wide delegation, `{ revoke: 'all' }` all;
 * - `POST tamper` with one operation or a list of them changes the tenant behind everybody's back.
 */
export function control(tenant: Tenant, name: string, request: TenantRequest): TenantAnswer | null {
  switch (name) {
    case 'messages':
      return listStored(tenant, request);
    case 'notifications':
      return { status: 200, body: { count: tenant.notices.length, notifications: tenant.notices } };
    case 'scopes':
      return revokeScopes(tenant, request);
    case 'tamper':
      return runTamper(tenant, request);
    default:
      return null;
  }
}

function listStored(tenant: Tenant, request: TenantRequest): TenantAnswer {
  const user = findUser(tenant.directory, request.query.get('user') ?? '');
  if (!user) return { status: 404, body: { error: 'no such user' } };
  const { messages } = mailboxOf(tenant.mail, user.id);
  const id = request.query.get('id');
  if (id === null) {
    return {
      status: 200,
      body: { messages: [...messages.values()].map((one) => describeStored(tenant, one)) },
    };
  }
  const message = messages.get(id);
  if (!message) return { status: 404, body: { error: 'no such message' } };
  const headers = { 'content-type': 'message/rfc822' };
  return { status: 200, headers, body: tenant.mail.file.read(message.place) };
}

function describeStored(tenant: Tenant, message: StoredMessage): Json {
  const { id, threadId, labels, messageId, internalDate, place } = message;
  const sha256 = createHash('sha256').update(tenant.mail.file.read(place)).digest('hex');
  return { id, threadId, labelIds: [...labels], messageId, internalDate, bytes: place.bytes, sha256 };
}

function revokeScopes(tenant: Tenant, request: TenantRequest): TenantAnswer {
  const asked = readJson(request);
  const revoke = isJson(asked) ? asked['revoke'] : undefined;
  const { authorisedScopes } = tenant.settings;
  const left = authorisedScopes.filter((scope) => revoke !== 'all' && ![revoke].flat().includes(scope));
  tenant.settings = { ...tenant.settings, authorisedScopes: left };
  return { status: 200, body: { authorisedScopes: left } };
}

/** Undefined where the body is no JSON. */
function readJson(request: TenantRequest): unknown {
  try {
    return JSON.parse(Buffer.from(request.body).toString());
  } catch {
    return undefined;
  }
}

function runTamper(tenant: Tenant, request: TenantRequest): TenantAnswer {
  const asked = readJson(request);
  if (asked === undefined) return { status: 400, body: { error: 'not JSON' } };
  const list = isJson(asked) && Array.isArray(asked['operations']) ? asked['operations'] : [asked].flat();
  const changed = list.filter(isJson).map((operation) => tamper(tenant, operation));
  const failed = changed.find((one) => textOf(one['error']) !== '');
  return { status: failed ? 400 : 200, body: { changed } };
}
