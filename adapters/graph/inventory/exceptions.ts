import { NotFound, Rejected } from '../../../src/core/errors.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { type Answer, asAnswer, instantOrNull, listOf, mailboxRead, textOf } from './answers.ts';
import { isUnrenderable, PATIENCE } from './collection.ts';
import { DAY_MS, spansOf } from './moments.ts';

/** What an event fact is made of. */
export const EVENT_SELECT =
  'id,type,iCalUId,seriesMasterId,subject,start,end,isAllDay,isCancelled,createdDateTime,lastModifiedDateTime,' +
  'originalStart,recurrence';

/** How far ahead of today a series without end is searched where its master does not show its exceptions. */
const AHEAD_MS = 5 * 365 * DAY_MS;

/**
 * The changed occurrences of a master. Only a get of the master shows them; where it does not, they are found among
 * its instances. Those that come as a reference are read by themselves.
 * Source: https://learn.microsoft.com/graph/api/event-get (exceptionOccurrences).
 */
export async function readExceptions(
  client: GraphClient,
  principal: Principal,
  master: Answer,
  signal: AbortSignal,
): Promise<Answer[]> {
  const shown = await shownExceptions(client, principal, master, signal);
  const named = shown ?? (await changedInstances(client, principal, master, signal));
  const whole = await mapParallel(named, 1, (each) => wholeException(client, principal, each, signal));
  const unique = new Map(whole.flatMap((each) => (each === null ? [] : [[textOf(each.id), each] as const])));
  return [...unique.values()];
}

/** Null where the service does not show the property, refuses to, or cannot render one of the exceptions. */
async function shownExceptions(
  client: GraphClient,
  principal: Principal,
  master: Answer,
  signal: AbortSignal,
): Promise<Answer[] | null> {
  const query = {
    $select: 'id,exceptionOccurrences',
    $expand: `exceptionOccurrences($select=${EVENT_SELECT})`,
  };
  try {
    const request = mailboxRead(principal, 'events.get', pathOf(master), query);
    const answer = asAnswer(await client.get({ ...request, unrenderableAfter: PATIENCE }, signal));
    return Array.isArray(answer.exceptionOccurrences) ? listOf(answer.exceptionOccurrences) : null;
  } catch (error) {
    if (isUnrenderable(error) || (error instanceof Rejected && error.status === 400)) return null;
    throw error;
  }
}

async function changedInstances(
  client: GraphClient,
  principal: Principal,
  master: Answer,
  signal: AbortSignal,
): Promise<Answer[]> {
  const changed: Answer[] = [];
  for (const span of spansOf(rangeOf(master, client.clock.now()))) {
    const query = {
      startDateTime: span.from,
      endDateTime: span.to,
      $top: '250',
      $select: 'id,type,originalStart',
    };
    const request = mailboxRead(principal, 'events.instances', `${pathOf(master)}/instances`, query);
    for await (const page of client.pages(request, signal)) {
      changed.push(...page.value.map(asAnswer).filter(({ type }) => type === 'exception'));
    }
  }
  return changed;
}

function rangeOf(master: Answer, nowMs: number): { from: number; to: number } {
  const { startDate, endDate, type } = asAnswer(asAnswer(master.recurrence).range);
  const start = instantOrNull(asAnswer(master.start).dateTime) ?? dateOrNull(startDate) ?? nowMs - AHEAD_MS;
  const end = type === 'endDate' ? dateOrNull(endDate) : null;
  const ahead = Math.max(nowMs, start) + AHEAD_MS;
  return { from: start - DAY_MS, to: end !== null && end > start ? end + 2 * DAY_MS : ahead };
}

function dateOrNull(date: unknown): number | null {
  return textOf(date) === '' ? null : instantOrNull(`${textOf(date)}T00:00:00Z`);
}

/** Null where the exception has gone; its id and original start alone where it cannot be rendered. */
async function wholeException(
  client: GraphClient,
  principal: Principal,
  named: Answer,
  signal: AbortSignal,
): Promise<Answer | null> {
  if (textOf(asAnswer(named.start).dateTime) !== '' && named.originalStart) return named;
  try {
    const request = mailboxRead(principal, 'events.get', pathOf(named), { $select: EVENT_SELECT });
    const whole = asAnswer(await client.get({ ...request, unrenderableAfter: PATIENCE }, signal));
    return { ...whole, originalStart: whole.originalStart ?? named.originalStart };
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return null;
    if (isUnrenderable(error)) return named;
    throw error;
  }
}

function pathOf(event: Answer): string {
  return `/events/${encodeURIComponent(textOf(event.id))}`;
}
