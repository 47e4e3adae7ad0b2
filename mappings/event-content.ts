import { bareAddress } from '../src/core/address-book.ts';
import type { GoogleEvent } from '../src/core/google.ts';
import type { GraphEvent, GraphLocation } from '../src/core/microsoft.ts';
import type { Loss, Policy } from '../src/core/types.ts';
import { escapeText, reduceHtml, SHORTENED } from './html-reduction.ts';
import { cleanLine, cutAtGrapheme, foldName } from './text.ts';

/** Longest description, in characters, that other sync tools found to be kept (mapping 4.2). */
export const MAX_DESCRIPTION = 8192;
/** Reminder minutes and their ceiling (Calendar v3, `reminders.overrides[].minutes`). */
export const MAX_REMINDER_MINUTES = 40_320;

const MAX_TAIL = 3000;
const TEAMS = 'Microsoft Teams';

/** A text field with what was lost on the way. */
export interface MappedText {
  text: string;
  losses: Loss[];
}

/** The description: the body reduced, then lines for the meeting link and for people who are no guests. */
export function mapDescription(
  event: GraphEvent,
  lines: readonly string[],
  policy: Policy['calendar'],
): MappedText {
  const losses: Loss[] = [];
  const isHtml = event.body?.contentType === 'html';
  const content = event.body?.content ?? '';
  const join = joinLine(event, content, policy, losses);
  const tail = cutLine([...join, ...lines].join('\n'), MAX_TAIL, losses);
  if (event.hasAttachments) losses.push({ field: 'attachments', kind: 'dropped', reason: 'not-moved' });
  if (isHtml) {
    const end = escapeText(tail)
      .slice(0, MAX_DESCRIPTION / 2)
      .replace(/&[^;\s]{0,5}$/, '')
      .replaceAll('\n', '<br>');
    const body = reduceHtml(content, MAX_DESCRIPTION - end.length - 8);
    losses.push(...body.losses);
    return { text: [body.html, end].filter((part) => part !== '').join('<br><br>'), losses };
  }
  const body = cutLine(plain(content), MAX_DESCRIPTION - tail.length - 2, losses);
  return { text: [body, tail].filter((part) => part !== '').join('\n\n'), losses };
}

function joinLine(event: GraphEvent, content: string, policy: Policy['calendar'], losses: Loss[]): string[] {
  const url = event.onlineMeetingUrl?.trim() ?? '';
  if (url === '') return [];
  if (policy.teamsLinks === 'drop') {
    losses.push({ field: 'onlineMeeting', kind: 'dropped', reason: 'by-policy' });
    return [];
  }
  losses.push({ field: 'onlineMeeting', kind: 'weakened', reason: 'link-in-description' });
  const isThere = content.includes(url) || content.includes(escapeText(url));
  return isThere ? [] : [`Join: ${url}`];
}

function cutLine(text: string, maxUnits: number, losses: Loss[]): string {
  if (text.length <= maxUnits) return text;
  losses.push({ field: 'body', kind: 'changed', reason: `limit-${MAX_DESCRIPTION}` });
  return cutAtGrapheme(text, maxUnits - SHORTENED.length) + SHORTENED;
}

/** Calendar shows descriptions as HTML: text that looks like markup is escaped, other text stays as it is. */
function plain(content: string): string {
  const text = content.toWellFormed().replace(/\r\n?/g, '\n').trim();
  return /<[a-z/!]|&[a-z#]/i.test(text) ? escapeText(text) : text;
}

/** Name and address of each place; rooms that are invited are left out, for Calendar shows them itself. */
export function mapLocation(event: GraphEvent): string {
  const rooms = event.attendees
    .filter(({ type }) => type === 'resource')
    .map(({ emailAddress }) => emailAddress);
  const isRoom = (place: GraphLocation) =>
    rooms.some(
      ({ name, address }) =>
        (name !== null && place.displayName !== null && foldName(name) === foldName(place.displayName)) ||
        (address !== null && bareAddress(place.locationUri ?? '') === bareAddress(address)),
    );
  const listed = event.locations.length > 0 ? event.locations : event.location ? [event.location] : [];
  const texts = listed.filter((place) => !isRoom(place)).map(placeText);
  const text = [...new Set(texts.filter((place) => place !== ''))].join('; ');
  return text === '' && event.onlineMeetingUrl ? TEAMS : text;
}

function placeText({ displayName, locationUri, address }: GraphLocation): string {
  const parts = [
    address?.street,
    address?.postalCode,
    address?.city,
    address?.state,
    address?.countryOrRegion,
  ];
  const name = cleanLine(displayName ?? '');
  const written = parts
    .map((part) => cleanLine(part ?? ''))
    .filter((part) => part !== '' && !name.includes(part));
  const link =
    /^https?:/i.test(locationUri ?? '') && !name.includes(locationUri ?? '') ? [locationUri ?? ''] : [];
  return [name, ...written, ...link].filter((part) => part !== '').join(', ');
}

/** One pop-up as at the source; none where the source has none. */
export function mapReminders(event: GraphEvent, losses: Loss[]): NonNullable<GoogleEvent['reminders']> {
  if (!event.isReminderOn) return { useDefault: false, overrides: [] };
  const minutes = Math.min(
    Math.max(0, Math.trunc(event.reminderMinutesBeforeStart) || 0),
    MAX_REMINDER_MINUTES,
  );
  if (minutes !== event.reminderMinutesBeforeStart)
    losses.push({ field: 'reminder', kind: 'changed', reason: `limit-${MAX_REMINDER_MINUTES}` });
  return { useDefault: false, overrides: [{ method: 'popup', minutes }] };
}

/** Free time leaves the calendar open; elsewhere all day too; whatever is unknown does (mapping 4.2). */
export function mapTransparency(event: GraphEvent): 'opaque' | 'transparent' {
  const showAs = event.showAs.toLowerCase();
  if (showAs === 'workingelsewhere') return event.isAllDay ? 'transparent' : 'opaque';
  return ['busy', 'tentative', 'oof'].includes(showAs) ? 'opaque' : 'transparent';
}

/** `private` for everything that is not normal; `confidential` exists at Google for compatibility only. */
export function mapVisibility(event: GraphEvent): 'default' | 'private' {
  const sensitivity = event.sensitivity.toLowerCase();
  return ['personal', 'private', 'confidential'].includes(sensitivity) ? 'private' : 'default';
}
