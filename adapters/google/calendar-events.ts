import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { AmbiguousWrite, NotFound, Rejected } from '../../src/core/errors.ts';
import type { EventValue, GoogleEvent } from '../../src/core/google.ts';
import type { Receipt } from '../../src/core/types.ts';
import {
  deletedAtTarget,
  eventReceipt,
  fieldsBefore,
  splitTarget,
  storedLosses,
} from './calendar-receipts.ts';
import type { GoogleConnection } from './client.ts';

type StoredEvent = calendar_v3.Schema$Event;

export interface Events {
  put(subject: string, value: EventValue, prior: Receipt | null, signal: AbortSignal): Promise<Receipt>;
  find(
    subject: string,
    value: EventValue,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Receipt | null>;
}

/** Fields that only creation takes, or that an update may only worsen (`sequence` below Google's is refused). */
const CREATION_ONLY = new Set(['id', 'iCalUID', 'organizer', 'sequence']);

/**
 * Events by import (identity: the iCalUID) or by insert (identity: our own id). Both answer 409 for what is there
 * already; then it is read and brought up to date, unless a user has deleted it.
 */
export function createEvents(google: GoogleConnection): Events {
  const events = createEventCalls(google);

  const refresh = async (
    subject: string,
    value: EventValue,
    stored: StoredEvent,
    before: readonly string[],
    signal: AbortSignal,
  ): Promise<Receipt> => {
    if (stored.status === 'cancelled' || !stored.id) throw deletedAtTarget();
    const patched = await patchOrImport(subject, value, stored.id, before, signal);
    if (patched !== null) return eventReceipt(value, patched, stored.id);
    return eventReceipt(value, stored, stored.id, [
      { field: 'event', kind: 'weakened', reason: 'organizer-elsewhere' },
    ]);
  };

  /**
   * On copies whose organiser is somebody else Google refuses changes, but takes a newer import of the same UID.
   * Null when it refuses that as well: what is there stays.
   */
  const patchOrImport = async (
    subject: string,
    value: EventValue,
    eventId: string,
    before: readonly string[],
    signal: AbortSignal,
  ): Promise<StoredEvent | null> => {
    try {
      return await events.patch(subject, value.calendarId, eventId, changesOf(value.event, before), signal);
    } catch (error) {
      const foreign = error instanceof Rejected && error.code === 'forbiddenForNonOrganizer';
      if (!foreign || value.method !== 'import') throw error;
    }
    try {
      return await events.import(subject, value, signal);
    } catch (error) {
      if (error instanceof Rejected) return null;
      throw error;
    }
  };

  return {
    put: async (subject, value, prior, signal) => {
      if (prior !== null) {
        const stored = await events.get(subject, value.calendarId, splitTarget(prior).eventId, signal);
        if (stored === null) throw deletedAtTarget();
        return refresh(subject, value, stored, fieldsBefore(prior), signal);
      }
      try {
        const stored =
          value.method === 'import'
            ? await events.import(subject, value, signal)
            : await events.insert(subject, value, signal);
        if (!stored.id) throw noEventId();
        return eventReceipt(value, stored, stored.id, storedLosses(value.event, stored));
      } catch (error) {
        if (!(error instanceof Rejected) || error.code !== 'duplicate') throw error;
        const stored = await events.lookUp(subject, value, new Set(), signal);
        if (stored === null) throw error;
        return refresh(subject, value, stored, [], signal);
      }
    },
    find: async (subject, value, settled, signal) => {
      const stored = await events.lookUp(subject, value, settled, signal);
      if (stored === null || !stored.id) return null;
      if (stored.status === 'cancelled') throw deletedAtTarget();
      return eventReceipt(value, stored, stored.id, storedLosses(value.event, stored));
    },
  };
}

function noEventId(): AmbiguousWrite {
  return new AmbiguousWrite({
    code: 'answer-unreadable',
    message: 'Calendar took an event and its answer names no id',
  });
}

/** What a patch sends: the writable fields, and null for what was written before and is no longer wanted. */
function changesOf(event: GoogleEvent, before: readonly string[]): StoredEvent {
  const changes: Record<string, unknown> = {};
  for (const field of before) if (!CREATION_ONLY.has(field)) changes[field] = null;
  for (const [field, value] of Object.entries(event)) {
    if (!CREATION_ONLY.has(field)) changes[field] = value;
  }
  return changes as StoredEvent;
}

interface EventCalls {
  import(subject: string, value: EventValue, signal: AbortSignal): Promise<StoredEvent>;
  insert(subject: string, value: EventValue, signal: AbortSignal): Promise<StoredEvent>;
  get(subject: string, calendarId: string, eventId: string, signal: AbortSignal): Promise<StoredEvent | null>;
  patch(
    subject: string,
    calendarId: string,
    eventId: string,
    changes: StoredEvent,
    signal: AbortSignal,
  ): Promise<StoredEvent>;
  /** The event under the value's identity, deleted ones included; masters and single events only. */
  lookUp(
    subject: string,
    value: EventValue,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<StoredEvent | null>;
}

function createEventCalls(google: GoogleConnection): EventCalls {
  const { events } = google.apis.calendar;
  const get: EventCalls['get'] = async (subject, calendarId, eventId, signal) => {
    try {
      return await google.call(
        'calendar.events.get',
        subject,
        (options) => events.get({ calendarId, eventId }, options),
        signal,
      );
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  };
  return {
    get,
    import: (subject, { calendarId, event }, signal) => {
      // An id may not stand beside an iCalUID.
      const { id: _id, ...requestBody } = event;
      return google.call(
        'calendar.events.import',
        subject,
        (options) => events.import({ calendarId, requestBody }, options),
        signal,
      );
    },
    insert: (subject, { calendarId, event }, signal) =>
      google.call(
        'calendar.events.insert',
        subject,
        (options) => events.insert({ calendarId, sendUpdates: 'none', requestBody: event }, options),
        signal,
      ),
    patch: (subject, calendarId, eventId, requestBody, signal) =>
      google.call(
        'calendar.events.patch',
        subject,
        (options) => events.patch({ calendarId, eventId, sendUpdates: 'none', requestBody }, options),
        signal,
      ),
    lookUp: async (subject, value, settled, signal) => {
      const { calendarId, event } = value;
      if (value.method === 'insert') {
        return event.id === undefined ? null : get(subject, calendarId, event.id, signal);
      }
      return firstByUid(google, subject, value, settled, signal);
    },
  };
}

/** A live event before a deleted one, in the order Google lists them. */
async function firstByUid(
  google: GoogleConnection,
  subject: string,
  { calendarId, event }: EventValue,
  settled: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<StoredEvent | null> {
  const { iCalUID } = event;
  if (iCalUID === undefined) return null;
  let deleted: StoredEvent | null = null;
  let pageToken: string | undefined;
  do {
    const query = { calendarId, iCalUID, showDeleted: true, maxResults: 250 };
    const token = pageToken === undefined ? {} : { pageToken };
    const page: calendar_v3.Schema$Events = await google.call(
      'calendar.events.list',
      subject,
      (options) => google.apis.calendar.events.list({ ...query, ...token }, options),
      signal,
    );
    for (const item of page.items ?? []) {
      if (item.recurringEventId || settled.has(`${calendarId}/${item.id}`)) continue;
      if (item.status !== 'cancelled') return item;
      deleted ??= item;
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined);
  return deleted;
}
