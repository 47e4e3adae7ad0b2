import type { OccurrenceFact } from '../core/facts.ts';
import type { AddressBook, Principal } from '../core/types.ts';
import type { Difference } from './job-check.ts';

/** Whose calendar it is, and how addresses translate. */
export interface AttendeeScope {
  principal: Principal;
  addresses: AddressBook;
  /** False on secondary calendars, where guests may stand in the description lest they be invited. */
  primary: boolean;
}

/**
 * Guests that Google Calendar propagates answers for (Calendar API v3, event attendees); ferry writes so many. The
 * organiser is one of them, and left out of the comparison.
 */
const MAX_GUESTS = 200;

const RESPONSES: Readonly<Record<string, string>> = {
  none: 'needsaction',
  notresponded: 'needsaction',
  '': 'needsaction',
  organizer: 'accepted',
  tentativelyaccepted: 'tentative',
};

/** Guests by their new addresses: who is missing, who is too many, whose answer is another. */
export function compareAttendees(
  source: OccurrenceFact,
  target: OccurrenceFact,
  scope: AttendeeScope,
): Difference[] {
  const wanted = guests(source, (address) => translated(address, scope.addresses));
  const found = guests(target, (address) => address.toLowerCase());
  addOwnAnswer(wanted, source, scope);
  if (found.size === 0 && mayStandAsText(source, wanted, scope)) return [];
  const differences: Difference[] = [];
  const missing = [...wanted.keys()].filter((address) => !found.has(address));
  const surplus = [...found.keys()].filter(
    (address) => !wanted.has(address) && !isOwn(address, source, scope),
  );
  const isCut = wanted.size > MAX_GUESTS - 1 && found.size >= MAX_GUESTS - 1;
  if ((missing.length > 0 && !isCut) || surplus.length > 0)
    differences.push({
      code: 'event-differs',
      field: 'attendees',
      sourceValue: [...wanted.keys()].sort().join('; '),
      targetValue: [...found.keys()].sort().join('; '),
    });
  const answers = [...wanted].filter(([address, responses]) => isOtherAnswer(responses, found.get(address)));
  if (answers.length > 0)
    differences.push({
      code: 'event-setting-differs',
      field: 'attendee-response',
      sourceValue: answers.map(([, responses]) => [...responses].join('/')).join('; '),
      targetValue: answers.map(([address]) => [...(found.get(address) ?? [])].join('/')).join('; '),
    });
  return differences;
}

/** Every address with the answers that stand under it, the organiser left out: only one side lists them. */
function guests(occurrence: OccurrenceFact, translate: (address: string) => string | null) {
  const organizer = occurrence.organizer === null ? null : translate(occurrence.organizer);
  const found = new Map<string, Set<string>>();
  for (const { address, response } of occurrence.attendees) {
    const translatedAddress = translate(address);
    if (translatedAddress === null || translatedAddress === organizer) continue;
    const folded = response.toLowerCase();
    const answers = found.get(translatedAddress) ?? new Set();
    found.set(translatedAddress, answers.add(RESPONSES[folded] ?? folded));
  }
  return found;
}

/** In the owner's own copy the list says nothing about the owner's answer; Exchange keeps that one apart. */
function addOwnAnswer(
  wanted: ReadonlyMap<string, Set<string>>,
  { ownResponse = '' }: OccurrenceFact,
  { principal }: AttendeeScope,
): void {
  const folded = ownResponse.toLowerCase();
  if (folded !== '') wanted.get(principal.target.toLowerCase())?.add(RESPONSES[folded] ?? folded);
}

/** The new address, an outside address as it is, and null for what is no address at all. */
function translated(address: string, addresses: AddressBook): string | null {
  const known = addresses.resolve(address);
  if (known !== null) return known.toLowerCase();
  return address.includes('@') ? address.toLowerCase() : null;
}

/** Google adds the organiser and, for guests through a group, the owner of the calendar. */
function isOwn(address: string, source: OccurrenceFact, { principal, addresses }: AttendeeScope): boolean {
  const organizer = source.organizer === null ? null : translated(source.organizer, addresses);
  return address === organizer || address === principal.target.toLowerCase();
}

/**
 * Without any guest at the target the names may stand in the description: on secondary calendars, for owners who
 * are neither organiser nor guest, and where the organiser is no address.
 */
function mayStandAsText(
  source: OccurrenceFact,
  wanted: ReadonlyMap<string, unknown>,
  { principal, addresses, primary }: AttendeeScope,
): boolean {
  if (!primary || wanted.size === 0) return true;
  const organizer = source.organizer === null ? null : translated(source.organizer, addresses);
  const owner = principal.target.toLowerCase();
  return organizer === null || (organizer !== owner && !wanted.has(owner));
}

function isOtherAnswer(wanted: ReadonlySet<string>, found: ReadonlySet<string> | undefined): boolean {
  return found !== undefined && ![...wanted].some((answer) => found.has(answer));
}
