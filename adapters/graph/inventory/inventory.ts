import type { Inventory } from '../../../src/core/facts.ts';
import type { GraphClient } from '../client.ts';
import { readCalendars, readEvents } from './events.ts';
import { readContainers } from './folders.ts';
import { readMessages } from './messages.ts';
import { readOccurrences } from './occurrences.ts';
import { readDirectory } from './people.ts';

/**
 * The checker's reader of the source: plain lists and the services' own counters, sharing nothing with the mover's
 * sources but sign-in, limits and errors.
 */
export function createGraphInventory(client: GraphClient): Inventory {
  return {
    side: 'source',
    directory: (organisation, _principals, signal) => readDirectory(client, organisation, signal),
    containers: (principal, signal) => readContainers(client, principal, signal),
    messages: (principal, options, signal) => readMessages(client, principal, options, signal),
    calendars: (principal, signal) => readCalendars(client, principal, signal),
    events: (principal, calendarId, signal) => readEvents(client, principal, calendarId, signal),
    occurrences: (principal, calendarId, window, signal) =>
      readOccurrences(client, principal, calendarId, window, signal),
  };
}
