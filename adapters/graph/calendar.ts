import { Interrupted, MigrationError, NotFound, Rejected } from '../../src/core/errors.ts';
import type {
  CalendarResource,
  GraphCalendar,
  GraphEvent,
  GraphEventItem,
  GraphExceptionItem,
} from '../../src/core/microsoft.ts';
import type { ListedItem, Source } from '../../src/core/ports.ts';
import type { Job, JsonObject, Page, SourceItem } from '../../src/core/types.ts';
import { fieldOf } from './answers.ts';
import { calendarItem, eventItem, exceptionItem, type Place, unreadItem } from './calendar-items.ts';
import { calendarSelect, eventSelect, parseCalendar, parseEvent } from './calendar-schemas.ts';
import { PATIENCE, readEvent, readSeries } from './calendar-series.ts';
import type { GraphClient, GraphPage } from './graph-client.ts';
import { idOf } from './mail-schemas.ts';
import { type Mailbox, openMailbox } from './mailbox.ts';
import { mapParallel } from './parallel.ts';

const CALENDARS = 'calendars';
const READS_AT_ONCE = 4;
/** Ever lighter ways to list a calendar whose pages cannot be rendered because of one event; ids alone at last. */
const LIST_STEPS = [
  { top: 100, idsOnly: false },
  { top: 10, idsOnly: false },
  { top: 100, idsOnly: true },
] as const;

/**
 * Reads the calendars of one mailbox: stream `calendars`, then one stream `calendar:<id>` each, always from the
 * beginning. Singles and masters come from plain lists (the delta of v1.0 expands occurrences of one calendar alone),
 * cancelled and changed occurrences from a get of each master. Times are UTC.
 */
export function createCalendarSource(client: GraphClient): Source<CalendarResource> {
  return {
    pages: (job, _from, signal) => calendarPages(client, job, signal),
    get: (job, item, signal) => readItem(client, job, item, signal),
  };
}

interface Reading {
  client: GraphClient;
  mailbox: Mailbox;
  place: Place;
  signal: AbortSignal;
}

async function* calendarPages(client: GraphClient, job: Job, signal: AbortSignal): AsyncIterable<Page> {
  const mailbox = openMailbox(client, job.principal);
  const mailboxTimeZone = await readTimeZone(mailbox, signal);
  const calendars: GraphCalendar[] = [];
  const request = {
    method: 'calendars.list',
    path: '/calendars',
    query: { $select: calendarSelect, $top: '100' },
  };
  for await (const page of mailbox.pages(request, signal)) {
    calendars.push(...page.value.flatMap((json) => parseCalendar(json, mailboxTimeZone) ?? []));
  }
  yield pageOf(CALENDARS, calendars.map(calendarItem), { first: true, last: true });
  for (const { id, isDefaultCalendar } of calendars) {
    const place: Place = { calendarId: id, isDefaultCalendar, mailboxTimeZone };
    yield* streamOf({ client, mailbox, place, signal });
  }
}

function pageOf(
  stream: string,
  items: readonly SourceItem[],
  place: { first?: boolean; last?: boolean } = {},
): Page {
  const { first = false, last = false } = place;
  return { stream, items, removed: [], cursor: '', mode: 'full', first, last };
}

/** Null where the settings cannot be read: the mapping has further zones to fall back on. */
async function readTimeZone(mailbox: Mailbox, signal: AbortSignal): Promise<string | null> {
  try {
    const settings = await mailbox.get({ method: 'mailboxSettings.get', path: '/mailboxSettings' }, signal);
    const timeZone = fieldOf(settings, 'timeZone');
    return typeof timeZone === 'string' && timeZone !== '' ? timeZone : null;
  } catch (error) {
    const isOptional = error instanceof MigrationError && !error.retryable && !(error instanceof Interrupted);
    if (!isOptional || error.scope === 'run') throw error;
    return null;
  }
}

async function* streamOf(reading: Reading): AsyncIterable<Page> {
  const stream = `calendar:${reading.place.calendarId}`;
  let first = true;
  for (const step of LIST_STEPS.keys()) {
    try {
      for await (const page of reading.mailbox.pages(
        listRequest(reading.place.calendarId, step),
        reading.signal,
      )) {
        yield pageOf(stream, await rowsOf(reading, page, LIST_STEPS[step]?.idsOnly ?? true), { first });
        first = false;
      }
      break;
    } catch (error) {
      if (!isUnrenderable(error) || step === LIST_STEPS.length - 1) throw error;
    }
  }
  yield pageOf(stream, [], { first, last: true });
}

function listRequest(calendarId: string, step: number) {
  const shape = LIST_STEPS[step] ?? LIST_STEPS[0];
  return {
    method: 'calendars.events',
    path: `/calendars/${encodeURIComponent(calendarId)}/events`,
    query: { $select: shape.idsOnly ? 'id' : eventSelect, $top: String(shape.top) },
    unrenderableAfter: PATIENCE,
  };
}

async function rowsOf(reading: Reading, page: GraphPage, idsOnly: boolean): Promise<SourceItem[]> {
  const ids = new Map(page.value.flatMap((json) => (idOf(json) === null ? [] : [[idOf(json) ?? '', json]])));
  const rows = await mapParallel([...ids], READS_AT_ONCE, ([id, json]) =>
    rowsOfOne(reading, id, idsOnly ? null : parseEvent(json)),
  );
  return rows.flat();
}

/** The rows of one listed event; one that cannot be read is listed by its id, so that applying it shows why. */
async function rowsOfOne(reading: Reading, id: string, listed: GraphEvent | null): Promise<SourceItem[]> {
  const { mailbox, place, signal } = reading;
  try {
    const event = listed ?? (await readEvent(mailbox, id, signal));
    return await seriesRows(reading, event);
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return [];
    if (!isUnrenderable(error)) throw error;
    return [unreadItem(id, listed?.changeKey ?? '', place)];
  }
}

async function seriesRows(
  { client, mailbox, place, signal }: Reading,
  event: GraphEvent,
): Promise<SourceItem[]> {
  // Changed occurrences come with their master; one whose series is not in this mailbox stands for itself.
  if (event.type === 'occurrence' || (event.type === 'exception' && event.seriesMasterId !== null)) return [];
  if (event.type !== 'seriesMaster') return [eventItem({ event, cancelled: [] }, place)];
  const { cancelled, exceptions } = await readSeries(mailbox, event, client, signal);
  return [
    eventItem({ event, cancelled }, place),
    ...exceptions.map((exception) => exceptionItem(event, exception, place)),
  ];
}

function isUnrenderable(error: unknown): boolean {
  return error instanceof Rejected && (error.status ?? 0) >= 500;
}

async function readItem(
  client: GraphClient,
  job: Job,
  item: ListedItem,
  signal: AbortSignal,
): Promise<CalendarResource> {
  if (item.key.startsWith('calendar:')) return item.state as unknown as GraphCalendar;
  if (item.inline !== null) return item.inline as unknown as GraphEventItem | GraphExceptionItem;
  const mailbox = openMailbox(client, job.principal);
  const id = item.key.slice(item.key.indexOf(':') + 1);
  const event = await readEvent(mailbox, id, signal);
  const place = placeOf(item.state);
  if (item.key.startsWith('exception:')) {
    const master = await readEvent(mailbox, masterIdOf(item), signal);
    return { kind: 'exception', ...place, master, event };
  }
  const isMaster = event.type === 'seriesMaster';
  const series = isMaster ? await readSeries(mailbox, event, client, signal) : null;
  return { kind: 'event', ...place, event, cancelled: series?.cancelled ?? [] };
}

function masterIdOf(item: ListedItem): string {
  return item.after?.slice('event:'.length) ?? '';
}

function placeOf(state: JsonObject): Place {
  return state as unknown as Place;
}
