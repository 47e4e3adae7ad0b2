import { afterAll, describe, expect, it } from 'vitest';
import { createCalendarTarget } from '../../../adapters/google/calendar.ts';
import type { CalendarValue, CalendarWrite, EventValue } from '../../../src/core/google.ts';
import type { Receipt } from '../../../src/core/types.ts';
import {
  ADMIN,
  ANN,
  expectNoNotices,
  failure,
  faults,
  jobOf,
  never,
  resetAnswer,
  type Script,
  ScriptedTenant,
} from './tenant.ts';

const job = jobOf('calendar');
const ROOT = '/calendar/v3';
const EVENTS = `${ROOT}/calendars/${ANN}/events`;
const IMPORT = `POST ${EVENTS}/import`;
const duplicate = failure(409, 'duplicate', 'The requested identifier already exists.');
const times = {
  start: { dateTime: '2026-04-01T09:00:00', timeZone: 'Europe/Berlin' },
  end: { dateTime: '2026-04-01T10:00:00', timeZone: 'Europe/Berlin' },
};

const imported = (facts: Partial<EventValue['event']> = {}): EventValue => ({
  kind: 'event',
  calendarId: ANN,
  method: 'import',
  event: { iCalUID: 'uid-1', summary: 'Board', ...times, ...facts },
});
const inserted = (): EventValue => ({
  kind: 'event',
  calendarId: ANN,
  method: 'insert',
  event: { id: 'abc123', summary: 'Board', ...times },
});
const calendar = (facts: Partial<CalendarValue> = {}): CalendarValue => ({
  kind: 'calendar',
  primary: false,
  summary: 'Team',
  timeZone: 'Europe/Berlin',
  ...facts,
});

async function put(script: Script, value: CalendarWrite, prior: Receipt | null = null, of = job) {
  const tenant = new ScriptedTenant(script);
  const answer = createCalendarTarget(tenant.google).put(of, 'k', value, prior, never);
  const receipt = await answer.catch((error: unknown) => error);
  return { tenant, receipt: receipt as Receipt };
}

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('calendars', () => {
  it('sets the zone of the primary calendar only where it differs', async () => {
    const get = `GET ${ROOT}/calendars/primary`;
    const same = await put(
      { [get]: { json: { id: ANN, timeZone: 'Europe/Berlin' } } },
      calendar({ primary: true }),
    );
    const other = await put(
      { [get]: { json: { id: ANN, timeZone: 'UTC' } }, [`PATCH ${ROOT}/calendars/primary`]: { json: {} } },
      calendar({ primary: true }),
    );

    expect(same.receipt.targetId).toBe(ANN);
    expect(same.tenant.asked).toEqual([get]);
    expect(other.tenant.last(`PATCH ${ROOT}/calendars/primary`).body).toEqual({ timeZone: 'Europe/Berlin' });
  });

  it('creates and colours a secondary calendar as its user', async () => {
    const { tenant, receipt } = await put(
      {
        [`POST ${ROOT}/calendars`]: { json: { id: 'c1@group.calendar.google.com' } },
        [`PATCH ${ROOT}/users/me/calendarList/c1@group.calendar.google.com`]: failure(
          400,
          'invalid',
          'bad colour',
        ),
      },
      calendar({ color: { backgroundColor: '#9fc6e7', foregroundColor: '#000000' } }),
    );

    expect(tenant.last(`POST ${ROOT}/calendars`).body).toEqual({
      summary: 'Team',
      timeZone: 'Europe/Berlin',
    });
    expect(receipt).toMatchObject({
      targetId: 'c1@group.calendar.google.com',
      losses: [{ field: 'color', kind: 'dropped', reason: 'refused' }],
    });
  });

  it('leaves a creation without answer open, and finds it by its name among the unclaimed ones of the user', async () => {
    const tenant = new ScriptedTenant({
      [`POST ${ROOT}/calendars`]: [{ json: { id: 'c1' } }, resetAnswer()],
      [`GET ${ROOT}/users/me/calendarList`]: {
        json: {
          items: [
            { id: ANN, summary: 'Team', primary: true, accessRole: 'owner' },
            { id: 'c1', summary: 'Team', accessRole: 'owner' },
            { id: 'c9', summary: 'Team', accessRole: 'reader' },
            { id: 'c2', summary: 'Team', accessRole: 'owner' },
          ],
        },
      },
    });
    const tested = createCalendarTarget(tenant.google);

    await tested.put(job, 'calendar:1', calendar(), null, never);
    await expect(tested.put(job, 'calendar:2', calendar(), null, never)).rejects.toMatchObject({
      name: 'AmbiguousWrite',
    });
    const found = await tested.find(job, 'calendar:2', calendar(), new Set(), never);

    expect(found?.targetId).toBe('c2');
  });

  it('writes the calendar of a room as the administrator', async () => {
    const of = jobOf('calendar', 'room');
    const { tenant } = await put({ [IMPORT]: { json: { id: 'e1' } } }, imported(), null, of);

    const [, claims] = tenant.tokenRequests[0]!.get('assertion')!.split('.');
    expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({ sub: ADMIN });
  });
});

describe('events', () => {
  it('are imported under their UID, without an id', async () => {
    const { tenant, receipt } = await put(
      { [IMPORT]: { json: { id: 'e1', status: 'confirmed' } } },
      imported({ id: 'no' }),
    );

    expect(receipt).toEqual({
      targetId: `${ANN}/e1`,
      wrote: { fields: ['end', 'iCalUID', 'id', 'start', 'summary'] },
      losses: [],
    });
    expect(tenant.last(IMPORT).body).not.toHaveProperty('id');
  });

  it('report what Google stored differently', async () => {
    const { receipt } = await put(
      { [IMPORT]: { json: { id: 'e1', description: 'cut', summary: 'Board', attendees: [] } } },
      imported({ description: 'cut off', attendees: [{ email: ANN, responseStatus: 'accepted' }] }),
    );

    expect(receipt.losses?.map(({ field }) => field)).toEqual(['description', 'attendees']);
  });

  it('that are there already are looked up and brought up to date', async () => {
    const { tenant, receipt } = await put(
      {
        [IMPORT]: duplicate,
        [`GET ${EVENTS}`]: {
          json: {
            items: [
              { id: 'e1_20260401', recurringEventId: 'e1' },
              { id: 'e1', status: 'confirmed' },
            ],
          },
        },
        [`PATCH ${EVENTS}/e1`]: { json: { id: 'e1' } },
      },
      imported({ sequence: 3, organizer: { email: ANN } }),
    );

    expect(receipt.targetId).toBe(`${ANN}/e1`);
    expect(Object.fromEntries(tenant.last(`GET ${EVENTS}`).query)).toMatchObject({
      iCalUID: 'uid-1',
      showDeleted: 'true',
    });
    expect(tenant.last(`PATCH ${EVENTS}/e1`).body).toEqual({ summary: 'Board', ...times });
    expectNoNotices(tenant);
  });

  it('whose organiser is elsewhere are imported again where a patch is forbidden', async () => {
    const { tenant, receipt } = await put(
      {
        [IMPORT]: [duplicate, { json: { id: 'e1' } }],
        [`GET ${EVENTS}`]: { json: { items: [{ id: 'e1', status: 'confirmed' }] } },
        [`PATCH ${EVENTS}/e1`]: failure(403, 'forbiddenForNonOrganizer', 'No.'),
      },
      imported(),
    );

    expect(receipt).toMatchObject({ targetId: `${ANN}/e1`, losses: [] });
    expect(tenant.asked.filter((route) => route === IMPORT)).toHaveLength(2);
  });

  it('that a user has deleted are not brought back', async () => {
    const { receipt } = await put(
      { [IMPORT]: duplicate, [`GET ${EVENTS}`]: { json: { items: [{ id: 'e1', status: 'cancelled' }] } } },
      imported(),
    );

    expect(receipt).toMatchObject({ name: 'Rejected', code: 'deleted-at-target' });
  });

  it('of secondary calendars are inserted under our id', async () => {
    const { tenant, receipt } = await put({ [`POST ${EVENTS}`]: { json: { id: 'abc123' } } }, inserted());

    expect(receipt.targetId).toBe(`${ANN}/abc123`);
    expect(tenant.last(`POST ${EVENTS}`).body).toMatchObject({ id: 'abc123' });
    expectNoNotices(tenant);
  });

  it('are inserted twice without harm', async () => {
    const { tenant, receipt } = await put(
      {
        [`POST ${EVENTS}`]: duplicate,
        [`GET ${EVENTS}/abc123`]: { json: { id: 'abc123', status: 'confirmed' } },
        [`PATCH ${EVENTS}/abc123`]: { json: { id: 'abc123' } },
      },
      inserted(),
    );

    expect(receipt.targetId).toBe(`${ANN}/abc123`);
    expectNoNotices(tenant);
  });

  it('lose on update what the source has lost', async () => {
    const { tenant } = await put(
      {
        [`GET ${EVENTS}/e1`]: { json: { id: 'e1', status: 'confirmed' } },
        [`PATCH ${EVENTS}/e1`]: { json: { id: 'e1' } },
      },
      imported(),
      { targetId: `${ANN}/e1`, wrote: { fields: ['end', 'iCalUID', 'location', 'start', 'summary'] } },
    );

    expect(tenant.last(`PATCH ${EVENTS}/e1`).body).toEqual({ summary: 'Board', ...times, location: null });
  });

  it.each([
    ['is cancelled', { json: { id: 'e1', status: 'cancelled' } }],
    ['is gone', failure(404, 'notFound', 'Not Found')],
    ['was purged', failure(410, 'deleted', 'Resource has been deleted')],
  ])('are not updated when the copy at Google %s', async (_title, answer) => {
    const { tenant, receipt } = await put({ [`GET ${EVENTS}/e1`]: answer }, imported(), {
      targetId: `${ANN}/e1`,
      wrote: null,
    });

    expect(receipt).toMatchObject({ name: 'Rejected', code: 'deleted-at-target' });
    expect(tenant.asked).toEqual([`GET ${EVENTS}/e1`]);
  });

  it('keep the reason of a refusal', async () => {
    const { receipt } = await put(
      { [IMPORT]: failure(400, 'participantIsNeitherOrganizerNorAttendee', 'No.') },
      imported(),
    );

    expect(receipt).toMatchObject({ name: 'Rejected', code: 'participantIsNeitherOrganizerNorAttendee' });
  });

  it('are left open when an import gets no answer', async () => {
    const { tenant, receipt } = await put({ [IMPORT]: resetAnswer() }, imported());

    expect(receipt).toMatchObject({ name: 'AmbiguousWrite' });
    expect(tenant.asked).toEqual([IMPORT]);
  });
});

describe('finding events', () => {
  const find = (script: Script, value: CalendarWrite, settled: string[] = []) =>
    createCalendarTarget(new ScriptedTenant(script).google).find(job, 'k', value, new Set(settled), never);

  it('finds an import by its UID, less those that are settled, on any page', async () => {
    const pages = [
      { json: { items: [{ id: 'e1', status: 'confirmed' }], nextPageToken: 'p2' } },
      { json: { items: [{ id: 'e2', status: 'confirmed' }] } },
    ];

    expect((await find({ [`GET ${EVENTS}`]: pages }, imported(), [`${ANN}/e1`]))?.targetId).toBe(`${ANN}/e2`);
  });

  it('finds an insert by its id', async () => {
    const script = { [`GET ${EVENTS}/abc123`]: { json: { id: 'abc123', status: 'confirmed' } } };

    expect((await find(script, inserted()))?.targetId).toBe(`${ANN}/abc123`);
  });

  it.each([
    [imported(), { [`GET ${EVENTS}`]: { json: {} } }],
    [inserted(), { [`GET ${EVENTS}/abc123`]: failure(404, 'notFound', 'Not Found') }],
  ])('finds nothing where nothing is: case %#', async (value, script) => {
    expect(await find(script as Script, value)).toBeNull();
  });

  it('tells that a user has deleted what was found', async () => {
    const script = { [`GET ${EVENTS}`]: { json: { items: [{ id: 'e1', status: 'cancelled' }] } } };

    await expect(find(script, imported())).rejects.toMatchObject({ code: 'deleted-at-target' });
  });

  it.each([
    [imported(), 5_000],
    [inserted(), 0],
    [calendar(), 5_000],
    [calendar({ primary: true }), 0],
  ])('trusts its search after a while: case %#', (value, ms) => {
    expect(createCalendarTarget(new ScriptedTenant().google).visibleAfterMs(value)).toBe(ms);
  });
});
