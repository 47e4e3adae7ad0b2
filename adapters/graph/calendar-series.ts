import { NotFound, Rejected } from '../../src/core/errors.ts';
import type { GraphEvent } from '../../src/core/microsoft.ts';
import { cancelledDates, eventSelect, exceptionsIn, isWholeEvent, parseEvent } from './calendar-schemas.ts';
import type { GraphClient } from './graph-client.ts';
import type { Mailbox } from './mailbox.ts';
import { mapParallel } from './parallel.ts';

const READS_AT_ONCE = 4;
/** How far ahead instances of a series without end are looked at, where the master shows no exceptions itself. */
const AHEAD_MS = 5 * 366 * 24 * 3_600_000;
/**
 * Graph refuses a range of instances or of a calendar view beyond 1,825 days (ErrorCalendarViewRangeTooBig).
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/6321
 */
const SPAN_MS = 1_800 * 24 * 3_600_000;
const INSTANCE_PAGE = '250';
/** Failures to render an event after which they are taken as lasting. */
export const PATIENCE = 4;

/** What only a get of a master shows. */
export interface Series {
  /** Local dates of cancelled occurrences, ascending. */
  cancelled: string[];
  exceptions: GraphEvent[];
}

/**
 * Reads the cancelled and changed occurrences of a master. Where the service does not show them with it, changed ones
 * are found among its instances; cancelled ones are then unknown, and logged as such. Source: https://learn.microsoft.com/graph/api/event-get (exceptionOccurrences).
 */
export async function readSeries(
  mailbox: Mailbox,
  master: GraphEvent,
  client: Pick<GraphClient, 'clock' | 'log'>,
  signal: AbortSignal,
): Promise<Series> {
  const answer = await readMaster(mailbox, master.id, signal);
  const cancelled = cancelledDates(answer);
  if (cancelled === null) client.log('warn', 'cancelled-occurrences-unknown', { event: master.id });
  const named = exceptionsIn(answer) ?? (await changedInstances(mailbox, master, client.clock.now(), signal));
  const exceptions = await mapParallel(named, READS_AT_ONCE, (each) => wholeException(mailbox, each, signal));
  const unique = new Map(exceptions.flatMap((each) => (each === null ? [] : [[each.id, each] as const])));
  return { cancelled: cancelled ?? [], exceptions: [...unique.values()] };
}

/** One event by its id. Throws `NotFound` when it has gone. */
export async function readEvent(mailbox: Mailbox, id: string, signal: AbortSignal): Promise<GraphEvent> {
  const query = { $select: eventSelect };
  const event = parseEvent(await mailbox.get({ ...eventRequest(id), query }, signal));
  if (event === null)
    throw new NotFound({ code: 'unreadable-event', message: 'an event came without an id' });
  return event;
}

/** What a master is asked for; the second is for a service that expands nothing here and still knows cancellations. */
const MASTER_QUERIES = [
  { $select: 'id,cancelledOccurrences,exceptionOccurrences', $expand: 'exceptionOccurrences' },
  { $select: 'id,cancelledOccurrences' },
];

/** Null where the service refuses every way to ask. */
async function readMaster(mailbox: Mailbox, id: string, signal: AbortSignal): Promise<unknown> {
  for (const query of MASTER_QUERIES) {
    try {
      return await mailbox.get({ ...eventRequest(id), query }, signal);
    } catch (error) {
      if (!(error instanceof Rejected) || error.status !== 400) throw error;
    }
  }
  return null;
}

/** Null where the exception has gone since. */
async function wholeException(
  mailbox: Mailbox,
  named: GraphEvent,
  signal: AbortSignal,
): Promise<GraphEvent | null> {
  if (isWholeEvent(named) && named.originalStart !== null) return named;
  try {
    const whole = await readEvent(mailbox, named.id, signal);
    return { ...whole, originalStart: whole.originalStart ?? named.originalStart };
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    throw error;
  }
}

async function changedInstances(
  mailbox: Mailbox,
  master: GraphEvent,
  nowMs: number,
  signal: AbortSignal,
): Promise<GraphEvent[]> {
  const changed: GraphEvent[] = [];
  for (const span of spansOf(master, nowMs)) {
    const request = {
      method: 'events.instances',
      path: `${eventRequest(master.id).path}/instances`,
      query: { ...span, $select: 'id,type,start,end,originalStart,changeKey', $top: INSTANCE_PAGE },
      unrenderableAfter: PATIENCE,
    };
    for await (const page of mailbox.pages(request, signal)) {
      const instances = page.value.flatMap((json) => parseEvent(json) ?? []);
      changed.push(...instances.filter((each) => each.type === 'exception').map(asReference));
    }
  }
  return changed;
}

/** Instances are listed with few properties, so each exception is read by itself. */
function asReference(instance: GraphEvent): GraphEvent {
  return { ...instance, changeKey: '' };
}

interface Span {
  startDateTime: string;
  endDateTime: string;
}

/** From a day before the series to its end, or some years ahead where it has none, in pieces that Graph takes. */
function spansOf(master: GraphEvent, nowMs: number): Span[] {
  const range = master.recurrence?.range;
  const startMs = Date.parse(`${range?.startDate ?? master.start.dateTime.slice(0, 10)}T00:00:00Z`);
  const endMs = range?.type === 'endDate' ? Date.parse(`${range.endDate}T00:00:00Z`) : Number.NaN;
  const dayMs = 24 * 3_600_000;
  const from = Number.isNaN(startMs) ? nowMs - AHEAD_MS : startMs - dayMs;
  const to = endMs > from ? endMs + 2 * dayMs : Math.max(nowMs, from) + AHEAD_MS;
  const spans: Span[] = [];
  for (let at = from; at < to; at += SPAN_MS) {
    const endDateTime = new Date(Math.min(to, at + SPAN_MS)).toISOString();
    spans.push({ startDateTime: new Date(at).toISOString(), endDateTime });
  }
  return spans;
}

function eventRequest(id: string) {
  return { method: 'events.get', path: `/events/${encodeURIComponent(id)}`, unrenderableAfter: PATIENCE };
}
