import type { Inventory } from '../../../src/core/facts.ts';
import type { GoogleConnection } from '../client.ts';
import { readCalendars, readEvents, readOccurrences } from './events.ts';
import { readLabels } from './labels.ts';
import { readMessages } from './messages.ts';
import { readDirectory } from './people.ts';

/** Read-only scopes of the checker; a connection made for it asks for these. */
export { CHECK_SCOPES } from './scopes.ts';

/**
 * The checker's reader of the target: plain lists and the services' own counters, sharing nothing with the mover's
 * targets but sign-in, limits and errors.
 */
export function createGoogleInventory(google: GoogleConnection): Inventory {
  return {
    side: 'target',
    directory: (organisation, principals, signal) => readDirectory(google, organisation, principals, signal),
    containers: (principal, signal) => readLabels(google, principal, signal),
    messages: (principal, options, signal) => readMessages(google, principal, options, signal),
    calendars: (principal, signal) => readCalendars(google, principal, signal),
    events: (principal, calendarId, signal) => readEvents(google, principal, calendarId, signal),
    occurrences: (principal, calendarId, window, signal) =>
      readOccurrences(google, principal, calendarId, window, signal),
  };
}
