import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { Rejected } from '../../src/core/errors.ts';
import type { ExceptionValue, GoogleEventTime } from '../../src/core/google.ts';
import type { Receipt } from '../../src/core/types.ts';
import { createDetached, isDetached, isForeign } from './calendar-detached.ts';
import type { Events } from './calendar-events.ts';
import { deletedAtTarget } from './calendar-receipts.ts';
import type { GoogleConnection } from './client.ts';
import { instantOf } from './event-moment.ts';

type StoredEvent = calendar_v3.Schema$Event;

export interface Exceptions {
  put(subject: string, value: ExceptionValue, prior: Receipt | null, signal: AbortSignal): Promise<Receipt>;
}

const DAY_MS = 86_400_000;

/**
 * Changed and cancelled occurrences of a series: the instance is found by its original start and patched with what
 * differs. A patch of the same instance may be repeated.
 */
export function createExceptions(google: GoogleConnection, events: Events): Exceptions {
  const detached = createDetached(google, events);
  return {
    put: async (subject, value, prior, signal) => {
      const instance = await findInstance(google, subject, value, signal);
      if (!instance?.id) {
        // An occurrence that the series leaves out (EXDATE) is as cancelled as it can be.
        if (value.patch.status === 'cancelled') return exceptionReceipt(value, value.masterId);
        throw new Rejected({
          code: 'no-such-occurrence',
          message: 'the series at Google has no occurrence at the original start of an exception',
        });
      }
      const receipt = exceptionReceipt(value, instance.id);
      if (instance.status === 'cancelled') {
        if (value.patch.status === 'cancelled') return receipt;
        if (isDetached(prior)) return detached.put(subject, value, instance, signal);
        const earlier = prior === null ? await detached.find(subject, value, instance, signal) : null;
        if (earlier !== null) return earlier;
        throw deletedAtTarget();
      }
      // An exception that differs in nothing Calendar knows has nothing to send.
      if (Object.keys(value.patch).length === 0) return receipt;
      try {
        await patchInstance(google, subject, value, instance.id, instance, signal);
        return receipt;
      } catch (error) {
        if (!isForeign(error)) throw error;
        return detached.put(subject, value, instance, signal);
      }
    },
  };
}

function exceptionReceipt({ calendarId, patch }: ExceptionValue, instanceId: string): Receipt {
  return { targetId: `${calendarId}/${instanceId}`, wrote: { fields: Object.keys(patch).sort() } };
}

/**
 * Asks by original start; where nothing answers (an all-day start of another zone, a moved instance), the instances
 * of the days around it are compared by instant or date.
 */
async function findInstance(
  google: GoogleConnection,
  subject: string,
  value: ExceptionValue,
  signal: AbortSignal,
): Promise<StoredEvent | null> {
  const isOriginal = (item: StoredEvent) => sameStart(item.originalStartTime, value.originalStart);
  const { originalStart } = value;
  const named = await listInstances(google, subject, value, { originalStart }, signal);
  const found = named.find(isOriginal) ?? (named.length === 1 ? named[0] : undefined);
  if (found) return found;
  const at = Date.parse(originalStart);
  if (Number.isNaN(at)) return null;
  const window = {
    timeMin: new Date(at - DAY_MS).toISOString(),
    timeMax: new Date(at + 2 * DAY_MS).toISOString(),
  };
  return (await listInstances(google, subject, value, window, signal)).find(isOriginal) ?? null;
}

function sameStart(stored: calendar_v3.Schema$EventDateTime | undefined, original: string): boolean {
  if (stored?.date) return stored.date === original.slice(0, 10);
  const at = instantOf(stored);
  return at !== null && at === Date.parse(original);
}

async function listInstances(
  google: GoogleConnection,
  subject: string,
  { calendarId, masterId }: ExceptionValue,
  query: { originalStart: string } | { timeMin: string; timeMax: string },
  signal: AbortSignal,
): Promise<StoredEvent[]> {
  const answer = await google.call(
    'calendar.events.instances',
    subject,
    (options) =>
      google.apis.calendar.events.instances(
        { calendarId, eventId: masterId, showDeleted: true, maxResults: 250, ...query },
        options,
      ),
    signal,
  );
  return answer.items ?? [];
}

async function patchInstance(
  google: GoogleConnection,
  subject: string,
  { calendarId, patch }: ExceptionValue,
  eventId: string,
  instance: StoredEvent,
  signal: AbortSignal,
): Promise<void> {
  const { start, end, ...rest } = patch;
  const requestBody = {
    ...(rest as StoredEvent),
    ...(start === undefined ? {} : { start: switchedTime(instance.start, start) }),
    ...(end === undefined ? {} : { end: switchedTime(instance.end, end) }),
  };
  await google.call(
    'calendar.events.patch',
    subject,
    (options) =>
      google.apis.calendar.events.patch({ calendarId, eventId, sendUpdates: 'none', requestBody }, options),
    signal,
  );
}

/** A patch merges into the stored time, so a change between timed and all-day clears the other form. */
function switchedTime(
  stored: calendar_v3.Schema$EventDateTime | undefined,
  wanted: GoogleEventTime,
): calendar_v3.Schema$EventDateTime {
  if (wanted.date !== undefined && stored?.dateTime) return { dateTime: null, timeZone: null, ...wanted };
  if (wanted.dateTime !== undefined && stored?.date) return { date: null, ...wanted };
  return wanted;
}
