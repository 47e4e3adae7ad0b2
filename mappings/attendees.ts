import { bareAddress } from '../src/core/address-book.ts';
import type { GoogleAttendee, GoogleEvent } from '../src/core/google.ts';
import type { GraphAttendee, GraphEmail, GraphEvent } from '../src/core/microsoft.ts';
import type { AddressBook, Loss } from '../src/core/types.ts';
import { isMailAddress } from './addresses.ts';
import { cleanLine } from './text.ts';

/** Guests beyond this many get no responses propagated (Calendar v3, `attendees`). */
export const MAX_ATTENDEES = 200;

/** Whose calendar an event is in. */
export interface CalendarOwner {
  /** New primary address. */
  address: string;
  /** All own addresses at both ends, lower case. */
  own: ReadonlySet<string>;
  addresses: AddressBook;
}

/** Who takes part: as Google fields on the primary calendar, as lines of text where they cannot be fields. */
export interface Participants {
  fields: Pick<GoogleEvent, 'organizer' | 'attendees' | 'guestsCanInviteOthers' | 'guestsCanModify'> & {
    guestsCanSeeOtherGuests?: boolean;
  };
  lines: string[];
  losses: Loss[];
}

type Response = GoogleAttendee['responseStatus'];

const RESPONSES: Readonly<Record<string, Response>> = {
  accepted: 'accepted',
  organizer: 'accepted',
  tentativelyaccepted: 'tentative',
  declined: 'declined',
};
const STRENGTH: readonly Response[] = ['accepted', 'tentative', 'declined', 'needsAction'];

/**
 * Organiser and attendees (mapping 4.2, 4.6). Import demands that the calendar's owner is among them, else 400
 * `participantIsNeitherOrganizerNorAttendee`: an owner who answered but is not listed (invited through a group) is
 * added; otherwise the event counts as the owner's own and everybody else becomes text, as on secondary calendars
 * and for drafts.
 */
export function mapParticipants(event: GraphEvent, owner: CalendarOwner, isPrimary: boolean): Participants {
  if (event.attendees.length === 0 && (event.isOrganizer || !event.organizer?.address))
    return { fields: {}, lines: [], losses: [] };
  if (!isPrimary) return asText(event, owner, event.attendees.length > 0 ? 'secondary-calendar' : null);
  if (event.isDraft) return asText(event, owner, 'draft-not-sent');
  const organizer = organizerOf(event, owner);
  if (organizer === null) return asText(event, owner, 'organizer-unknown');
  const { attendees, unusable } = attendeesOf(event.attendees, owner);
  const isOwn = (address: string) => owner.own.has(address) || address === owner.address;
  const isListed = attendees.some(({ email }) => isOwn(email));
  const response = responseOf(event.responseStatus);
  if (!isListed && !isOwn(organizer.email) && response === null)
    return asText(event, owner, 'owner-not-invited');
  if (attendees.length === 0 && isOwn(organizer.email) && unusable.length === 0)
    return { fields: {}, lines: [], losses: [] };
  const self =
    isListed || isOwn(organizer.email)
      ? []
      : [{ email: owner.address, responseStatus: response ?? 'needsAction' }];
  return invited(event, organizer, [...attendees, ...self], unusable, isOwn);
}

function invited(
  event: GraphEvent,
  organizer: { email: string; displayName?: string },
  invitees: readonly GoogleAttendee[],
  unusable: readonly GraphAttendee[],
  isOwn: (address: string) => boolean,
): Participants {
  const losses: Loss[] = [];
  const all = withOrganizer(invitees, organizer).map((attendee) => withOwnResponse(attendee, event, isOwn));
  const sorted = all.length > MAX_ATTENDEES ? importantFirst(all, organizer.email, isOwn) : all;
  const kept = sorted.slice(0, MAX_ATTENDEES);
  const rest = sorted.slice(MAX_ATTENDEES).map(({ displayName, email }) => personText(displayName, email));
  if (rest.length > 0) losses.push({ field: 'attendees', kind: 'changed', reason: 'limit-200' });
  if (unusable.length > 0) losses.push({ field: 'attendees', kind: 'changed', reason: 'not-an-address' });
  const others = [...rest, ...unusable.map(({ emailAddress }) => emailText(emailAddress))];
  return {
    fields: {
      organizer,
      attendees: kept,
      guestsCanInviteOthers: true,
      guestsCanModify: false,
      ...(event.hideAttendees ? { guestsCanSeeOtherGuests: false } : {}),
    },
    lines: others.length === 0 ? [] : [`Further attendees: ${others.join('; ')}`],
    losses,
  };
}

function asText(event: GraphEvent, owner: CalendarOwner, reason: string | null): Participants {
  const organizer = event.organizer;
  const isOwn = event.isOrganizer || owner.own.has(bareAddress(organizer?.address ?? ''));
  const people = event.attendees.map(({ emailAddress }) => emailText(emailAddress));
  const host = organizer === null || isOwn ? '' : emailText(organizer);
  return {
    fields: {},
    lines: [
      ...(host === '' ? [] : [`Organizer: ${host}`]),
      ...(people.length === 0 ? [] : [`Attendees: ${people.join('; ')}`]),
    ],
    losses: reason === null ? [] : [{ field: 'attendees', kind: 'changed', reason: `${reason}-as-text` }],
  };
}

/** The new address of an old one; an outside address stays; null for what is no address at all. */
export function resolveAddress(old: string | null, addresses: AddressBook): string | null {
  if (old === null) return null;
  const bare = bareAddress(old);
  return addresses.resolve(bare)?.toLowerCase() ?? (isMailAddress(bare) ? bare : null);
}

function organizerOf(
  event: GraphEvent,
  owner: CalendarOwner,
): { email: string; displayName?: string } | null {
  const found = resolveAddress(event.organizer?.address ?? null, owner.addresses);
  const email = event.isOrganizer || (found !== null && owner.own.has(found)) ? owner.address : found;
  if (email === null) return null;
  const displayName = cleanLine(event.organizer?.name ?? '');
  return displayName === '' ? { email } : { email, displayName };
}

function attendeesOf(
  listed: readonly GraphAttendee[],
  owner: CalendarOwner,
): { attendees: GoogleAttendee[]; unusable: GraphAttendee[] } {
  const byEmail = new Map<string, GoogleAttendee>();
  const unusable: GraphAttendee[] = [];
  for (const each of listed) {
    const found = resolveAddress(each.emailAddress.address, owner.addresses);
    const email = found !== null && owner.own.has(found) ? owner.address : found;
    if (email === null) unusable.push(each);
    else byEmail.set(email, merged(byEmail.get(email), attendeeOf(each, email)));
  }
  return { attendees: [...byEmail.values()], unusable };
}

function attendeeOf(each: GraphAttendee, email: string): GoogleAttendee {
  const displayName = cleanLine(each.emailAddress.name ?? '');
  return {
    email,
    ...(displayName === '' ? {} : { displayName }),
    ...(each.type === 'optional' ? { optional: true } : {}),
    ...(each.type === 'resource' ? { resource: true } : {}),
    responseStatus: responseOf(each.status?.response ?? null) ?? 'needsAction',
  };
}

/** Two entries of one person: required wins over optional, the stronger response over the weaker. */
function merged(first: GoogleAttendee | undefined, second: GoogleAttendee): GoogleAttendee {
  if (first === undefined) return second;
  const { optional: _optional, ...rest } = { ...second, ...first };
  const isOptional = first.optional === true && second.optional === true;
  return {
    ...rest,
    ...(isOptional ? { optional: true } : {}),
    responseStatus: stronger(first.responseStatus, second.responseStatus),
  };
}

function stronger(a: Response, b: Response): Response {
  return STRENGTH.indexOf(a) <= STRENGTH.indexOf(b) ? a : b;
}

/** Null where nothing says that the person was asked at all. */
function responseOf(response: string | null): Response | null {
  const word = response?.toLowerCase() ?? '';
  return word === 'notresponded' ? 'needsAction' : (RESPONSES[word] ?? null);
}

/** Exchange does not list the organiser among the attendees; Google wants them there. */
function withOrganizer(
  attendees: readonly GoogleAttendee[],
  organizer: { email: string; displayName?: string },
): GoogleAttendee[] {
  if (!attendees.some(({ email }) => email === organizer.email))
    return [{ ...organizer, responseStatus: 'accepted' }, ...attendees];
  return attendees.map((each) =>
    each.email === organizer.email ? { ...each, responseStatus: 'accepted' } : each,
  );
}

/** The own answer stands with the event, not with the attendee. */
function withOwnResponse(
  attendee: GoogleAttendee,
  event: GraphEvent,
  isOwn: (address: string) => boolean,
): GoogleAttendee {
  const response = responseOf(event.responseStatus);
  return isOwn(attendee.email) && response !== null && response !== 'needsAction'
    ? { ...attendee, responseStatus: response }
    : attendee;
}

function importantFirst(
  attendees: readonly GoogleAttendee[],
  organizer: string,
  isOwn: (address: string) => boolean,
): GoogleAttendee[] {
  const rank = ({ email, resource }: GoogleAttendee) =>
    email === organizer ? 0 : isOwn(email) ? 1 : resource ? 2 : 3;
  return [...attendees].sort((a, b) => rank(a) - rank(b));
}

function emailText({ name, address }: GraphEmail): string {
  return personText(cleanLine(name ?? ''), cleanLine(address ?? ''));
}

function personText(name: string | undefined, address: string): string {
  if (!name || name === address) return address || '(unnamed)';
  return address === '' ? name : `${name} (${address})`;
}
