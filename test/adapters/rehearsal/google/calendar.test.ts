import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GoogleKit, startGoogle } from './google-kit.ts';

const EVENTS = '/calendar/v3/calendars/primary/events';

let kit: GoogleKit;
let people = 0;
let as = '';
beforeAll(async () => {
  kit = await startGoogle({ timeZone: 'Europe/Berlin' });
  await kit.person('bob@new.example');
});
afterAll(() => kit.close());
/** Every test has a calendar of its own. */
beforeEach(async () => {
  as = `cal${people++}@new.example`;
  await kit.person(as);
});

const timed = (from: string, to: string, zone = 'Europe/Berlin') => ({
  start: { dateTime: from, timeZone: zone },
  end: { dateTime: to, timeZone: zone },
});
const meeting = timed('2026-03-27T09:00:00', '2026-03-27T10:00:00');
const daily = { ...meeting, recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] };

const imports = (body: Record<string, unknown>) => kit.ask('POST', `${EVENTS}/import`, { as, body });
const inserts = (body: Record<string, unknown>, query = 'sendUpdates=none') =>
  kit.ask('POST', `${EVENTS}?${query}`, { as, body });
const get = (path: string) => kit.ask('GET', `${EVENTS}${path}`, { as });
const patch = (id: string, body: Record<string, unknown>, query = 'sendUpdates=none') =>
  kit.ask('PATCH', `${EVENTS}/${id}?${query}`, { as, body });

async function items(query: string): Promise<{ [name: string]: unknown }[]> {
  return (await get(`?${query}`)).body.items;
}

describe('import', () => {
  it('makes a private copy under the UID and mails nobody', async () => {
    const before = kit.tenant.notifications();
    const attendees = [{ email: as, responseStatus: 'accepted' }, { email: 'x@elsewhere.example' }];

    const { status, body } = await imports({
      ...meeting,
      iCalUID: 'uid-1@old',
      summary: 'Board',
      organizer: { email: 'x@elsewhere.example', displayName: 'X' },
      attendees,
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      iCalUID: 'uid-1@old',
      organizer: { email: 'x@elsewhere.example', displayName: 'X' },
      creator: { email: as, self: true },
      start: { dateTime: '2026-03-27T09:00:00+01:00', timeZone: 'Europe/Berlin' },
      status: 'confirmed',
      eventType: 'default',
    });
    expect(body.attendees).toMatchObject([
      { email: as, self: true, responseStatus: 'accepted' },
      { email: 'x@elsewhere.example', organizer: true, responseStatus: 'needsAction' },
    ]);
    expect(kit.tenant.notifications()).toBe(before);
  });

  it.each([
    ['no UID', {}, 'required', 'iCalUID'],
    ['no end', { iCalUID: 'u', end: undefined }, 'required', 'Missing end time.'],
    ['an id beside the UID', { iCalUID: 'u', id: 'abcde' }, 'invalid', 'Only one'],
    [
      'neither organiser nor attendee',
      { iCalUID: 'u', organizer: { email: 'x@e.example' }, attendees: [{ email: 'y@e.example' }] },
      'participantIsNeitherOrganizerNorAttendee',
      'owner of the calendar',
    ],
    ['an empty range', { iCalUID: 'u', end: meeting.start }, 'timeRangeEmpty', 'range is empty'],
    [
      'a zone that is none',
      { iCalUID: 'u', ...timed('2026-01-01T09:00:00', '2026-01-01T10:00:00', 'W. Europe') },
      'invalid',
      'time zone',
    ],
    [
      'a series without a zone',
      {
        iCalUID: 'u',
        start: { dateTime: '2026-03-27T09:00:00Z' },
        end: { dateTime: '2026-03-27T10:00:00Z' },
        recurrence: ['RRULE:FREQ=DAILY'],
      },
      'required',
      'time zone',
    ],
    ['a rule that is none', { iCalUID: 'u', recurrence: ['RRULE:FREQ=NEVER'] }, 'invalid', 'recurrence'],
    [
      'six reminders',
      {
        iCalUID: 'u',
        reminders: {
          useDefault: false,
          overrides: Array.from({ length: 6 }, () => ({ method: 'popup', minutes: 5 })),
        },
      },
      'invalid',
      'reminders',
    ],
    [
      'a reminder too early',
      { iCalUID: 'u', reminders: { overrides: [{ method: 'popup', minutes: 40_321 }] } },
      'invalid',
      'reminder',
    ],
    ['sendUpdates', { iCalUID: 'u' }, 'badRequest', 'Unknown name'],
    ['an unknown field', { iCalUID: 'u', subject: 'x' }, 'badRequest', 'Unknown name "subject"'],
  ])('refuses %s', async (what, body, reason, message) => {
    const path = what === 'sendUpdates' ? `${EVENTS}/import?sendUpdates=none` : `${EVENTS}/import`;
    const answer = await kit.ask('POST', path, { as, body: { ...meeting, ...body } });

    expect(answer.status).toBe(400);
    expect(answer.body.error.errors[0].reason).toBe(reason);
    expect(answer.body.error.message).toContain(message);
  });

  it('of the same UID replaces, unless its sequence is lower', async () => {
    const first = await imports({
      ...meeting,
      iCalUID: 'uid-2',
      summary: 'Old',
      location: 'Here',
      sequence: 2,
    });

    const second = await imports({ ...meeting, iCalUID: 'uid-2', summary: 'New', sequence: 2 });
    const lower = await imports({ ...meeting, iCalUID: 'uid-2', summary: 'Older', sequence: 1 });

    expect(second.body).toMatchObject({ id: first.body.id, summary: 'New' });
    expect(second.body).not.toHaveProperty('location');
    expect([lower.status, lower.body.error.message]).toEqual([
      400,
      expect.stringContaining('Invalid sequence value'),
    ]);
    expect(await items('iCalUID=uid-2')).toHaveLength(1);
  });

  it('turns an original start into an exception of the series', async () => {
    const organizer = { email: 'x@elsewhere.example' };
    const attendees = [{ email: as }];
    const { body } = await imports({ ...daily, iCalUID: 'uid-3', summary: 'Stand-up', organizer, attendees });

    const moved = await imports({
      ...timed('2026-03-28T15:00:00', '2026-03-28T16:00:00'),
      iCalUID: 'uid-3',
      summary: 'Moved',
      organizer,
      attendees,
      originalStartTime: { dateTime: '2026-03-28T09:00:00', timeZone: 'Europe/Berlin' },
    });

    expect(moved.body).toMatchObject({
      id: `${body.id}_20260328T080000Z`,
      recurringEventId: body.id,
      summary: 'Moved',
      originalStartTime: { dateTime: '2026-03-28T09:00:00+01:00' },
    });
    const wrong = await imports({ ...meeting, iCalUID: 'none', originalStartTime: meeting.start });
    expect(wrong.body.error.message).toBe('Invalid iCalUID value.');
  });

  it('keeps conference and attachments only when asked', async () => {
    const conferenceData = { entryPoints: [{ entryPointType: 'video', uri: 'https://meet.example/1' }] };
    const body = { ...meeting, iCalUID: 'uid-4', conferenceData };

    const plain = await imports(body);
    const asked = await kit.ask('POST', `${EVENTS}/import?conferenceDataVersion=1`, { as, body });
    const patched = await patch(asked.body.id, { summary: 'Later' });

    expect(plain.body).not.toHaveProperty('conferenceData');
    expect(asked.body.conferenceData).toEqual(conferenceData);
    expect(patched.body.conferenceData).toEqual(conferenceData);
  });
});

describe('insert', () => {
  it('takes an id once and for ever', async () => {
    const first = await inserts({ ...meeting, id: 'abc123' });
    await kit.ask('DELETE', `${EVENTS}/abc123?sendUpdates=none`, { as });

    const again = await inserts({ ...meeting, id: 'abc123' });
    const gone = await get('/abc123');

    expect(first.body).toMatchObject({
      id: 'abc123',
      iCalUID: 'abc123@google.com',
      organizer: { email: as, self: true },
    });
    expect([again.status, again.body.error.errors[0].reason]).toEqual([409, 'duplicate']);
    expect(again.body.error.message).toBe('The requested identifier already exists.');
    expect([gone.status, gone.body.status]).toEqual([200, 'cancelled']);
  });

  it.each([['abc'], ['ABCDE'], ['wxyz1'], ['abc-de']])('refuses the id %s', async (id) => {
    const answer = await inserts({ ...meeting, id });

    expect([answer.status, answer.body.error.message]).toEqual([400, 'Invalid resource id value.']);
  });

  it.each([
    ['without an address', { displayName: 'X' }, 'Missing attendee email.'],
    ['with an X.500 address', { email: '/o=Org/cn=x' }, 'Invalid attendee email.'],
    [
      'with an unknown answer',
      { email: 'x@e.example', responseStatus: 'maybe' },
      'Invalid attendee response status.',
    ],
  ])('refuses an attendee %s', async (_what, attendee, message) => {
    const answer = await inserts({ ...meeting, attendees: [attendee] });

    expect([answer.status, answer.body.error.message]).toEqual([400, message]);
  });

  it('counts the mails that anything but sendUpdates=none may send', async () => {
    const body = { ...meeting, attendees: [{ email: as }, { email: 'guest@elsewhere.example' }] };
    const before = kit.tenant.notifications();

    await inserts(body, 'sendUpdates=none');
    expect(kit.tenant.notifications()).toBe(before);
    const { body: made } = await inserts(body, '');
    await patch(made.id, { summary: 'x' }, 'sendUpdates=externalOnly');
    await kit.ask('DELETE', `${EVENTS}/${made.id}`, { as });

    const { body: told } = await kit.ask('GET', '/_rehearsal/notifications');
    expect(told.count).toBe(before + 3);
    expect(told.notifications.slice(-3)).toMatchObject([
      { kind: 'invitation', to: ['guest@elsewhere.example'] },
      { kind: 'update' },
      { kind: 'cancellation', route: 'calendar.events.delete' },
    ]);
  });

  it('goes into another calendar only with the right to write', async () => {
    const theirs = '/calendar/v3/calendars/bob@new.example';
    const insert = () => kit.ask('POST', `${theirs}/events?sendUpdates=none`, { as, body: meeting });
    const share = (role: string) =>
      kit.ask('POST', `${theirs}/acl?sendNotifications=false`, {
        as: 'bob@new.example',
        body: { role, scope: { type: 'user', value: as } },
      });

    expect((await insert()).status).toBe(404);
    await share('reader');
    const refused = await insert();
    expect([refused.status, refused.body.error.errors[0].reason]).toEqual([403, 'requiredAccessLevel']);
    await share('writer');
    expect((await insert()).body.organizer).toEqual({ email: 'bob@new.example', self: true });
  });
});

describe('patch and update', () => {
  it('merge and replace', async () => {
    const { body } = await inserts({
      ...meeting,
      summary: 'A',
      location: 'Here',
      extendedProperties: { private: { a: '1', b: '2' } },
    });

    const patched = await patch(body.id, {
      location: null,
      extendedProperties: { private: { b: null, c: '3' } },
    });
    const updated = await kit.ask('PUT', `${EVENTS}/${body.id}?sendUpdates=none`, {
      as,
      body: { ...meeting, summary: 'B' },
    });

    expect(patched.body).toMatchObject({ summary: 'A', extendedProperties: { private: { a: '1', c: '3' } } });
    expect(patched.body).not.toHaveProperty('location');
    expect(updated.body).toMatchObject({ summary: 'B', iCalUID: body.iCalUID });
    expect(updated.body).not.toHaveProperty('extendedProperties');
  });

  it('turn a timed event into whole days', async () => {
    const { body } = await inserts(meeting);

    const patched = await patch(body.id, { start: { date: '2026-03-27' }, end: { date: '2026-03-28' } });

    expect(patched.body).toMatchObject({ start: { date: '2026-03-27' }, end: { date: '2026-03-28' } });
  });

  it('leave what all share to the organiser', async () => {
    const organizer = { email: 'x@elsewhere.example' };
    const { body } = await imports({
      ...meeting,
      iCalUID: 'u5',
      organizer,
      attendees: [{ email: as }],
      summary: 'A',
    });

    const shared = await patch(body.id, { summary: 'B' });
    const own = await patch(body.id, { reminders: { useDefault: false, overrides: [] }, colorId: '3' });

    expect([shared.status, shared.body.error.errors[0].reason]).toEqual([403, 'forbiddenForNonOrganizer']);
    expect(own.body).toMatchObject({ summary: 'A', colorId: '3', reminders: { useDefault: false } });
  });
});

it('answers as the discovery documents describe', () => {
  expect(kit.faults() ?? []).toEqual([]);
});
