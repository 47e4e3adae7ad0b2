import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { CalendarWrite } from '../../src/core/google.ts';
import type { Target } from '../../src/core/ports.ts';
import type { Job, Receipt } from '../../src/core/types.ts';
import { createCalendars } from './calendar-calendars.ts';
import { createEvents } from './calendar-events.ts';
import { createExceptions } from './calendar-exceptions.ts';
import { createRoomAddresses } from './calendar-rooms.ts';
import type { GoogleConnection } from './client.ts';

/**
 * Writes calendars, events and exceptions. Nobody is notified: import has no way to, everything else carries
 * `sendUpdates=none`. Target ids are `<calendarId>` and `<calendarId>/<eventId>`. `Rejected` with code
 * `deleted-at-target` (from `put` and `find`) means that a user has deleted at Google what an earlier write made.
 * `resourceIds` holds the resource id of each room by its old address, lower case.
 */
export function createCalendarTarget(
  google: GoogleConnection,
  resourceIds: ReadonlyMap<string, string> = new Map(),
): Target<CalendarWrite> {
  const rooms = createRoomAddresses(google, resourceIds);
  const calendars = createCalendars(google);
  const events = createEvents(google);
  const exceptions = createExceptions(google, events);
  return {
    put: (job, key, value, prior, signal) => {
      const subject = subjectOf(google, job);
      if (value.kind === 'calendar') return refused(calendars.put(job, key, subject, value, prior, signal));
      if (value.kind === 'event')
        return refused(rooms.resolved(value, (known) => events.put(subject, known, prior, signal), signal));
      return refused(rooms.resolved(value, (known) => exceptions.put(subject, known, prior, signal), signal));
    },
    find: (job, key, value, settled, signal): Promise<Receipt | null> => {
      const subject = subjectOf(google, job);
      if (value.kind === 'calendar')
        return refused(calendars.find(job, key, subject, value, settled, signal));
      if (value.kind === 'event') return refused(events.find(subject, value, settled, signal));
      // A patch of an occurrence may be repeated, so there is nothing to look for.
      return Promise.resolve(null);
    },
    visibleAfterMs: (value) => {
      if (value.kind === 'exception') return google.visibleAfterMs('calendar.events.patch');
      if (value.kind === 'event') return google.visibleAfterMs(`calendar.events.${value.method}`);
      return google.visibleAfterMs(value.primary ? 'calendar.calendars.patch' : 'calendar.calendars.insert');
    },
  };
}

/** People write their own calendars; a room cannot sign in, so the administrator writes its. */
function subjectOf(google: GoogleConnection, { principal }: Job): string {
  return principal.kind === 'room' ? google.admin : principal.target;
}

/** `NotFound` means "gone at the source" to the engine; here a calendar or event is missing at Google. */
async function refused<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    throw new Rejected({ code: 'target-not-found', message: error.message, status: 404, cause: error });
  }
}
