import { type Call, scopes } from '../api.ts';
import { addressOf } from '../directory/directory.ts';
import { entityNotFound, refuse } from '../refusal.ts';
import { type Mailbox, mailboxOf, type StoredMessage } from './mailbox.ts';

/** Scope lists of Gmail v1 methods (discovery document, rev. 20260727). */
export const READ_SCOPES = scopes('mail gmail.modify gmail.readonly');
export const LIST_SCOPES = [...READ_SCOPES, ...scopes('gmail.metadata')];
export const MODIFY_SCOPES = scopes('mail gmail.modify');
export const INSERT_SCOPES = scopes('mail gmail.insert gmail.modify');
export const FULL_SCOPES = scopes('mail');

/**
 * The mailbox that `userId` names: `me` or the impersonated user's own address. 400 `failedPrecondition` for the
 * service account itself and while a new user's mail is not switched on.
 */
export function demandMailbox(call: Call): Mailbox {
  const { subject, tenant } = call;
  if (!subject) throw failedPrecondition('Precondition check failed.');
  const userId = call.params['userId'] ?? 'me';
  if (userId !== 'me' && userId.toLowerCase() !== addressOf(subject) && userId !== subject.id) {
    throw refuse(403, 'forbidden', `Delegation denied for ${addressOf(subject)}`, {
      status: 'PERMISSION_DENIED',
    });
  }
  if (tenant.clock.ticks() < subject.mailServiceAt) throw failedPrecondition('Mail service not enabled');
  return mailboxOf(tenant.mail, subject.id);
}

function failedPrecondition(message: string) {
  return refuse(400, 'failedPrecondition', message, { status: 'FAILED_PRECONDITION' });
}

/** The message that a path parameter names; 404 for none. */
export function demandMessage(call: Call, mailbox: Mailbox, parameter = 'id'): StoredMessage {
  const message = mailbox.messages.get(call.params[parameter] ?? '');
  if (!message) throw entityNotFound();
  return message;
}

/** True where the token opens nothing of mail beyond `gmail.metadata`. */
export function isMetadataOnly(call: Call): boolean {
  const wider = scopes('mail gmail.modify gmail.readonly gmail.compose');
  return !wider.some((scope) => call.grant.scopes.has(scope));
}
