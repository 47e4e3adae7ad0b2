import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js';
import { MigrationError, NotFound, Rejected } from '../../src/core/errors.ts';
import type { CalendarValue } from '../../src/core/google.ts';
import type { Job, Loss, Receipt } from '../../src/core/types.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { GoogleConnection } from './client.ts';

export interface Calendars {
  put(
    job: Job,
    key: string,
    subject: string,
    value: CalendarValue,
    prior: Receipt | null,
    signal: AbortSignal,
  ): Promise<Receipt>;
  find(
    job: Job,
    key: string,
    subject: string,
    value: CalendarValue,
    settled: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Receipt | null>;
}

/** Jobs whose claimed calendars are remembered. */
const JOBS_MAX = 1_000;

/**
 * The primary calendar, which is there already, and secondary ones, created as the user, who thereby owns them. A
 * secondary calendar has no key of ours: one that got no answer is found by its name among the user's own, less
 * those that other rows of the same job have claimed.
 */
export function createCalendars(google: GoogleConnection): Calendars {
  const claims = createBoundedMap<string, Map<string, string>>(JOBS_MAX);
  const claimsOf = (job: Job): Map<string, string> => {
    const known = claims.get(job.id) ?? new Map<string, string>();
    claims.set(job.id, known);
    return known;
  };
  const claim = (job: Job, key: string, receipt: Receipt): Receipt => {
    claimsOf(job).set(receipt.targetId, key);
    return receipt;
  };
  return {
    put: async (job, key, subject, value, prior, signal) => {
      if (value.primary) return claim(job, key, await putPrimary(google, job, subject, value, signal));
      const receipt =
        prior === null
          ? await insertCalendar(google, subject, value, signal)
          : await updateCalendar(google, subject, value, prior, signal);
      return claim(job, key, receipt);
    },
    find: async (job, key, subject, value, settled, signal) => {
      if (value.primary) return null;
      const claimed = claimsOf(job);
      for await (const { id, summary } of ownCalendars(google, subject, signal)) {
        const taken = settled.has(id) || (claimed.has(id) && claimed.get(id) !== key);
        if (summary !== value.summary || taken) continue;
        const losses = await paint(google, subject, id, value, signal);
        return claim(job, key, calendarReceipt(id, value, losses));
      }
      return null;
    },
  };
}

function calendarReceipt(id: string, value: CalendarValue, losses: readonly Loss[]): Receipt {
  return { targetId: id, wrote: { summary: value.summary, timeZone: value.timeZone }, losses };
}

async function putPrimary(
  google: GoogleConnection,
  job: Job,
  subject: string,
  value: CalendarValue,
  signal: AbortSignal,
): Promise<Receipt> {
  const { calendars } = google.apis.calendar;
  const calendarId = job.principal.kind === 'room' ? job.principal.target : 'primary';
  const current = await google.call(
    'calendar.calendars.get',
    subject,
    (options) => calendars.get({ calendarId }, options),
    signal,
  );
  const id = current.id ?? job.principal.target;
  const losses: Loss[] = [];
  if (value.timeZone !== '' && current.timeZone !== value.timeZone) {
    losses.push(...(await setTimeZone(google, subject, calendarId, value.timeZone, signal)));
  }
  losses.push(...(await paint(google, subject, id, value, signal)));
  return calendarReceipt(id, value, losses);
}

async function setTimeZone(
  google: GoogleConnection,
  subject: string,
  calendarId: string,
  timeZone: string,
  signal: AbortSignal,
): Promise<Loss[]> {
  const write = google.call(
    'calendar.calendars.patch',
    subject,
    (options) => google.apis.calendar.calendars.patch({ calendarId, requestBody: { timeZone } }, options),
    signal,
  );
  return lossIfRejected(write, 'timeZone');
}

/** A refusal of something that the events do not depend on is a loss, not a failure of the calendar. */
async function lossIfRejected(write: Promise<unknown>, field: string): Promise<Loss[]> {
  try {
    await write;
    return [];
  } catch (error) {
    if (error instanceof Rejected || error instanceof NotFound) {
      return [{ field, kind: 'dropped', reason: 'refused' }];
    }
    throw error;
  }
}

async function insertCalendar(
  google: GoogleConnection,
  subject: string,
  value: CalendarValue,
  signal: AbortSignal,
): Promise<Receipt> {
  const { summary, timeZone } = value;
  const requestBody = timeZone === '' ? { summary } : { summary, timeZone };
  const stored = await google.call(
    'calendar.calendars.insert',
    subject,
    (options) => google.apis.calendar.calendars.insert({ requestBody }, options),
    signal,
  );
  if (!stored.id) {
    throw new MigrationError({
      code: 'no-calendar-id',
      message: 'Calendar created a calendar without an id',
    });
  }
  const losses = await paint(google, subject, stored.id, value, signal);
  return calendarReceipt(stored.id, value, losses);
}

async function updateCalendar(
  google: GoogleConnection,
  subject: string,
  value: CalendarValue,
  prior: Receipt,
  signal: AbortSignal,
): Promise<Receipt> {
  const calendarId = prior.targetId;
  const { summary, timeZone } = value;
  const requestBody = timeZone === '' ? { summary } : { summary, timeZone };
  try {
    await google.call(
      'calendar.calendars.patch',
      subject,
      (options) => google.apis.calendar.calendars.patch({ calendarId, requestBody }, options),
      signal,
    );
  } catch (cause) {
    if (!(cause instanceof NotFound)) throw cause;
    const message = 'the calendar was deleted at Google after it had been created';
    throw new Rejected({ code: 'deleted-at-target', message, status: 404, cause });
  }
  return calendarReceipt(calendarId, value, await paint(google, subject, calendarId, value, signal));
}

/** Colours belong to the entry in the user's own list. */
async function paint(
  google: GoogleConnection,
  subject: string,
  calendarId: string,
  { color }: CalendarValue,
  signal: AbortSignal,
): Promise<Loss[]> {
  if (color === undefined) return [];
  const write = google.call(
    'calendar.calendarList.patch',
    subject,
    (options) =>
      google.apis.calendar.calendarList.patch(
        { calendarId, colorRgbFormat: true, requestBody: { ...color } },
        options,
      ),
    signal,
  );
  return lossIfRejected(write, 'color');
}

async function* ownCalendars(
  google: GoogleConnection,
  subject: string,
  signal: AbortSignal,
): AsyncGenerator<{ id: string; summary: string }> {
  let pageToken: string | undefined;
  do {
    const token = pageToken === undefined ? {} : { pageToken };
    const page: calendar_v3.Schema$CalendarList = await google.call(
      'calendar.calendarList.list',
      subject,
      (options) =>
        google.apis.calendar.calendarList.list(
          { minAccessRole: 'owner', showHidden: true, maxResults: 250, ...token },
          options,
        ),
      signal,
    );
    for (const { id, summary, primary, accessRole } of page.items ?? []) {
      if (id && primary !== true && accessRole === 'owner') yield { id, summary: summary ?? '' };
    }
    pageToken = page.nextPageToken ?? undefined;
  } while (pageToken !== undefined);
}
