import type { EstateEvent, Resource } from '../estate/types.ts';
import type { Context } from './context.ts';
import { exposeId } from './item-ids.ts';
import { exceptionInstance, type Instance, originalDate, seriesZone } from './occurrences.ts';
import { TYPES } from './properties.ts';
import { readSelect, shape } from './query.ts';
import { Refusal } from './refusal.ts';
import type { LiveMailbox } from './state.ts';
import { formatWall, type Zone } from './time-zones.ts';

/** The zone of `Prefer: outlook.timezone`, with its name as asked; UTC without it; a 400 for an unknown one. */
export function preferredZone(context: Context): { name: string; zone: Zone | null } {
  const name = context.preferences.timeZone;
  if (name === null) return { name: 'UTC', zone: null };
  const zone = context.state.zone(name);
  if (zone) return { name, zone };
  throw new Refusal(
    400,
    'TimeZoneNotSupportedException',
    `A valid TimeZone value must be specified. The following TimeZone value is not supported: '${name}'.`,
  );
}

/** One event as Graph shows it: times in the preferred zone, ids in the format asked for, selected properties. */
export function presentInstance(
  context: Context,
  calendarId: string,
  instance: Instance,
  select: readonly string[] | null = context.query.select,
): Resource {
  const { resource, startMs, endMs } = instance;
  const isImmutable = context.preferences.immutableIds;
  const master = resource['seriesMasterId'];
  const full = {
    ...resource,
    id: exposeId(isImmutable, calendarId, instance.id),
    seriesMasterId: typeof master === 'string' ? exposeId(isImmutable, calendarId, master) : null,
    start: timeIn(context, startMs, resource['isAllDay'] === true),
    end: timeIn(context, endMs, resource['isAllDay'] === true),
  };
  return {
    '@odata.etag': `W/"${String(resource['changeKey'] ?? '')}"`,
    ...shape(full, TYPES.event, select),
  };
}

/** What the get of one master adds: cancelled dates on `$select`, exceptions on `$expand`. */
export function masterExtras(context: Context, mailbox: LiveMailbox, event: EstateEvent): Resource {
  const { query } = context;
  const extras: Resource = {};
  if (query.select?.includes('cancelledOccurrences')) {
    const key = Buffer.from(event.id).toString('base64');
    extras['cancelledOccurrences'] = event.cancelled.map((date) => `OID.${key}.${date}`);
  }
  const expansion = query.expand.find((one) => one.name === 'exceptionOccurrences');
  if (expansion) {
    const select = readSelect(expansion.options['$select'], TYPES.event);
    extras['exceptionOccurrences'] = exceptionsOf(context, mailbox, event).map((exception) =>
      presentInstance(context, event.calendarId, exception, select),
    );
  }
  return extras;
}

/** The exceptions of a series, wherever they were moved to. */
export function exceptionsOf(context: Context, mailbox: LiveMailbox, event: EstateEvent): Instance[] {
  const find = context.state.zone;
  const zone = seriesZone(event.resource, mailbox.settings['timeZone'], find);
  const cancelled = new Set(event.cancelled);
  return event.exceptions
    .map((exception) => ({ exception, date: originalDate(event, exception, zone) }))
    .filter(({ date }) => !cancelled.has(date))
    .map(({ exception, date }) => exceptionInstance(event, exception, date, find));
}

/** All-day times float: midnight in whatever zone is asked for. */
function timeIn(context: Context, utcMs: number, isAllDay: boolean): Resource {
  const { name, zone } = preferredZone(context);
  const wall = isAllDay || !zone ? utcMs : zone.toWall(utcMs);
  return { dateTime: formatWall(wall), timeZone: name };
}
