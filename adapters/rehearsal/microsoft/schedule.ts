import type { EstateCalendar, EstateEvent, EstateMailbox, Resource } from '../estate/types.ts';

/** An event found by id: a single event or master, and the exception where the id names one. */
export interface FoundEvent {
  event: EstateEvent;
  exception: Resource | null;
}

/** The calendars of one mailbox under the changes that tests made to them. */
export interface Schedule {
  calendars(): readonly EstateCalendar[];
  defaultCalendar(): EstateCalendar | null;
  events(calendarId: string): readonly EstateEvent[];
  find(eventId: string): FoundEvent | null;
  /** Adds an event or replaces the one of the same id. */
  put(event: EstateEvent): void;
  remove(eventId: string): boolean;
}

/** Opens the calendars of a mailbox; the events of a calendar are read once. */
export function createSchedule(mailbox: EstateMailbox): Schedule {
  const byCalendar = new Map<string, Map<string, EstateEvent>>();
  const eventsOf = (calendarId: string) => {
    const known = byCalendar.get(calendarId);
    if (known) return known;
    const events = new Map(mailbox.events(calendarId).map((event) => [event.id, event]));
    byCalendar.set(calendarId, events);
    return events;
  };
  const all = () => mailbox.calendars.flatMap((calendar) => [...eventsOf(calendar.id).values()]);
  return {
    calendars: () => mailbox.calendars,
    defaultCalendar: () =>
      mailbox.calendars.find((calendar) => calendar.resource['isDefaultCalendar'] === true) ??
      mailbox.calendars[0] ??
      null,
    events: (calendarId) => [...eventsOf(calendarId).values()],
    find(eventId) {
      for (const calendar of mailbox.calendars) {
        const event = eventsOf(calendar.id).get(eventId);
        if (event) return { event, exception: null };
      }
      return findException(all(), eventId);
    },
    put: (event) => {
      eventsOf(event.calendarId).set(event.id, event);
    },
    remove: (eventId) => mailbox.calendars.some((calendar) => eventsOf(calendar.id).delete(eventId)),
  };
}

function findException(events: readonly EstateEvent[], id: string): FoundEvent | null {
  for (const event of events) {
    const exception = event.exceptions.find((one) => one['id'] === id);
    if (exception) return { event, exception };
  }
  return null;
}
