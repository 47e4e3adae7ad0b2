import { afterAll, describe, expect, it } from 'vitest';
import { createCalendarTarget } from '../../../adapters/google/calendar.ts';
import type { CalendarWrite, EventValue } from '../../../src/core/google.ts';
import type { Receipt } from '../../../src/core/types.ts';
import { ANN, failure, faults, jobOf, never, type Script, ScriptedTenant } from './tenant.ts';

const OLD = 'room@old.example';
const NEW = 'c_1@resource.calendar.google.com';
const EVENTS = `/calendar/v3/calendars/${ANN}/events`;
const ROOM = 'GET /admin/directory/v1/customer/my_customer/resources/calendars/room-1';
const guests = [
  { email: 'bob@new.example', responseStatus: 'accepted' as const },
  { email: OLD, resource: true, responseStatus: 'accepted' as const },
];
const meeting: EventValue = {
  kind: 'event',
  calendarId: ANN,
  method: 'import',
  event: {
    iCalUID: 'uid-1',
    start: { dateTime: '2026-04-01T09:00:00', timeZone: 'Europe/Berlin' },
    end: { dateTime: '2026-04-01T10:00:00', timeZone: 'Europe/Berlin' },
    attendees: guests,
  },
};

function targetOf(script: Script) {
  const tenant = new ScriptedTenant(script);
  const target = createCalendarTarget(tenant.google, new Map([[OLD, 'room-1']]));
  const put = (value: CalendarWrite): Promise<Receipt> =>
    target.put(jobOf('calendar'), 'k', value, null, never);
  return { tenant, put };
}

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('rooms among the guests', () => {
  const script: Script = {
    [ROOM]: { json: { resourceId: 'room-1', resourceEmail: 'C_1@resource.calendar.google.com' } },
    [`POST ${EVENTS}/import`]: { json: { id: 'e1' } },
    [`GET ${EVENTS}/e1/instances`]: {
      json: { items: [{ id: 'e1_x', originalStartTime: { dateTime: '2026-04-01T07:00:00Z' } }] },
    },
    [`PATCH ${EVENTS}/e1_x`]: { json: {} },
  };

  it('are invited under the address that Google gave them, which is read once', async () => {
    const { tenant, put } = targetOf(script);

    await put(meeting);
    await put(meeting);

    expect(tenant.last(`POST ${EVENTS}/import`).body).toMatchObject({
      attendees: [guests[0], { ...guests[1], email: NEW }],
    });
    expect(tenant.asked.filter((asked) => asked === ROOM)).toHaveLength(1);
  });

  it('are so in changed occurrences too', async () => {
    const { tenant, put } = targetOf(script);

    await put({
      kind: 'exception',
      calendarId: ANN,
      masterId: 'e1',
      originalStart: '2026-04-01T09:00:00+02:00',
      patch: { attendees: guests },
    });

    expect(tenant.last(`PATCH ${EVENTS}/e1_x`).body).toEqual({
      attendees: [guests[0], { ...guests[1], email: NEW }],
    });
  });

  it('keep their old address where Google has no such room, and that is a loss', async () => {
    const { tenant, put } = targetOf({ ...script, [ROOM]: failure(404, 'notFound', 'Resource Not Found') });

    const receipt = await put(meeting);

    expect(tenant.last(`POST ${EVENTS}/import`).body).toMatchObject({ attendees: guests });
    expect(receipt.losses).toContainEqual({
      field: 'attendees',
      kind: 'weakened',
      reason: 'room-not-at-target',
    });
  });

  it('cost no request where there are none', async () => {
    const { tenant, put } = targetOf(script);

    await put({ ...meeting, event: { ...meeting.event, attendees: guests.slice(0, 1) } });

    expect(tenant.asked).not.toContain(ROOM);
  });
});
