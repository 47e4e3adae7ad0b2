import { Rejected } from '../src/core/errors.ts';
import type { CalendarWrite } from '../src/core/google.ts';
import type {
  CalendarResource,
  GraphCalendar,
  GraphEventItem,
  GraphExceptionItem,
} from '../src/core/microsoft.ts';
import type { Copy, ListedItem, MapContext } from '../src/core/ports.ts';
import type { AddressBook, Job, Mapped } from '../src/core/types.ts';
import { calendarSkip, mapCalendar } from './calendars.ts';
import { mapEvent, type PreparedCalendar } from './events.ts';
import { mapException } from './exceptions.ts';
import { ownAddresses } from './mail-workload.ts';

/** Which calendars of a mailbox are moved, and what their events need. `containers` are the calendar rows. */
export function prepareCalendar(
  job: Job,
  containers: readonly ListedItem[],
  addresses: AddressBook,
  nowMs: number,
): PreparedCalendar {
  const own = ownAddresses(job, addresses);
  const calendars = containers.map((item) => item.state as unknown as GraphCalendar);
  return {
    calendars: new Map(
      calendars.map((calendar) => [calendar.id, { calendar, skip: calendarSkip(calendar, own) }]),
    ),
    policy: job.organisation.policy.calendar,
    owner: { address: job.principal.target.toLowerCase(), own, addresses },
    mailbox: job.principal.source.toLowerCase(),
    nowMs,
  };
}

/** The mapping of a calendar item: calendars, events and changed occurrences, by what the item carries. */
export function mapCalendarItem(
  copies: readonly [Copy<CalendarResource>, ...Copy<CalendarResource>[]],
  context: MapContext<PreparedCalendar>,
): Mapped<CalendarWrite> {
  const [copy] = copies;
  const { prepared } = context;
  if (copy.item.state.kind === 'calendar')
    return mapCalendar(copy.item.state as unknown as GraphCalendar, prepared.owner.own);
  const resource = (copy.resource ?? copy.item.inline) as unknown as
    | GraphEventItem
    | GraphExceptionItem
    | null;
  if (resource?.kind === 'exception') return mapException(resource, copy, prepared);
  if (resource?.kind === 'event') return mapEvent(resource, copy, prepared, context.variant);
  throw new Rejected({ code: 'event-not-read', message: 'the listing holds no event under this key' });
}
