import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { EventValue, ExceptionValue, GoogleEvent } from '../../src/core/google.ts';
import type { Receipt } from '../../src/core/types.ts';
import type { Events } from './calendar-events.ts';
import type { GoogleConnection } from './client.ts';

type StoredEvent = calendar_v3.Schema$Event;

/** True for Google's refusal to change shared fields of a copy that somebody else organises. */
export function isForeign(error: unknown): boolean {
  return error instanceof Rejected && error.code === 'forbiddenForNonOrganizer';
}

export interface Detached {
  /** Imports the occurrence as an event of its own and takes it out of the series. May be repeated. */
  put(subject: string, value: ExceptionValue, instance: StoredEvent, signal: AbortSignal): Promise<Receipt>;
  /** The event that an earlier, unanswered `put` made; null when there is none. */
  find(
    subject: string,
    value: ExceptionValue,
    instance: StoredEvent,
    signal: AbortSignal,
  ): Promise<Receipt | null>;
}

/**
 * Changed occurrences of series that somebody else organises. Calendar refuses to patch shared fields there
 * (403 `forbiddenForNonOrganizer`), and an import of an instance under its series' UID is not documented to work. So
 * the occurrence becomes a single event, imported under `<UID>_<date>` with the true organiser, and the instance is
 * cancelled on this calendar alone. The event comes first: a crash in between shows an occurrence twice until the
 * next run, never not at all.
 */
export function createDetached(google: GoogleConnection, events: Events): Detached {
  return {
    put: async (subject, value, instance, signal) => {
      const receipt = await events.put(subject, asEvent(value, instance), null, signal);
      if (instance.status !== 'cancelled') await cancelInstance(google, subject, value, instance, signal);
      return detachedReceipt(receipt);
    },
    find: async (subject, value, instance, signal) => {
      const receipt = await events.find(subject, asEvent(value, instance), new Set(), signal);
      return receipt === null ? null : detachedReceipt(receipt);
    },
  };
}

/** True when the receipt is that of an occurrence which became an event of its own. */
export function isDetached(prior: Receipt | null): boolean {
  const wrote = prior?.wrote;
  return typeof wrote === 'object' && wrote !== null && 'detached' in wrote;
}

function detachedReceipt({ targetId, losses = [] }: Receipt): Receipt {
  return {
    targetId,
    wrote: { detached: true },
    losses: [...losses, { field: 'occurrence', kind: 'weakened', reason: 'detached-from-series' }],
  };
}

function asEvent(value: ExceptionValue, instance: StoredEvent): EventValue {
  const day = value.originalStart.slice(0, 10).replaceAll('-', '');
  const event = {
    ...ownFields(instance),
    ...value.patch,
    iCalUID: `${instance.iCalUID ?? value.masterId}_${day}`,
  };
  return { kind: 'event', calendarId: value.calendarId, method: 'import', event };
}

/** What the instance shows and an import takes; read-only parts of it are left out. */
function ownFields(instance: StoredEvent): GoogleEvent {
  const { summary, description, location, start, end, transparency, visibility, attendees, reminders } =
    instance;
  const organizer = instance.organizer?.email;
  const fields = { summary, description, location, start, end, transparency, visibility, reminders };
  return {
    ...(Object.fromEntries(
      Object.entries(fields).filter(([, field]) => field != null),
    ) as unknown as GoogleEvent),
    ...(organizer ? { organizer: { email: organizer, ...named(instance.organizer?.displayName) } } : {}),
    ...(attendees
      ? {
          attendees: attendees.map(({ email, displayName, optional, resource, responseStatus }) => ({
            email: email ?? '',
            ...named(displayName),
            ...(optional ? { optional } : {}),
            ...(resource ? { resource } : {}),
            responseStatus: (responseStatus ?? 'needsAction') as 'needsAction',
          })),
        }
      : {}),
  };
}

function named(displayName: string | null | undefined): { displayName?: string } {
  return displayName ? { displayName } : {};
}

/** Cancelling one's own view of an occurrence; deleting it means the same where the patch is refused. */
async function cancelInstance(
  google: GoogleConnection,
  subject: string,
  { calendarId }: ExceptionValue,
  { id }: StoredEvent,
  signal: AbortSignal,
): Promise<void> {
  const { events } = google.apis.calendar;
  const place = { calendarId, eventId: id ?? '', sendUpdates: 'none' };
  try {
    await google.call(
      'calendar.events.patch',
      subject,
      (options) => events.patch({ ...place, requestBody: { status: 'cancelled' } }, options),
      signal,
    );
  } catch (error) {
    if (!isForeign(error)) throw error;
    await google
      .call('calendar.events.delete', subject, (options) => events.delete(place, options), signal)
      .catch(ignoreGone);
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof NotFound)) throw error;
}
