import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../adapters/rehearsal/estate/types.ts';
import { errorCode, IMMUTABLE, openTenant, valuesOf } from './ask.ts';
import { fixtureEstate, fixtureEvent } from './estate-fixture.ts';

const ANN = '/v1.0/users/ann@old.example';
const WINDOW = 'startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z&$top=50';

function starts(body: Resource): unknown[] {
  return valuesOf(body).map((one) => (one['start'] as Resource)['dateTime']);
}

describe('events of a calendar', () => {
  it('are single events and masters, in UTC unless another zone is preferred', async () => {
    const { ask } = await openTenant();
    const path = `${ANN}/calendars/AQMkCalDefault/events?$select=type,start`;
    const headers = { prefer: 'outlook.timezone="W. Europe Standard Time", IdType="ImmutableId"' };

    const plain = valuesOf((await ask(path, { headers: IMMUTABLE })).body);
    const local = valuesOf((await ask(path, { headers })).body);

    expect(plain.map((one) => one['type'])).toEqual(['singleInstance', 'seriesMaster']);
    expect(plain[0]!['start']).toEqual({ dateTime: '2026-03-20T08:00:00.0000000', timeZone: 'UTC' });
    expect(local[0]!['start']).toEqual({
      dateTime: '2026-03-20T09:00:00.0000000',
      timeZone: 'W. Europe Standard Time',
    });
    expect((await ask(path, { headers: { prefer: 'outlook.timezone="Nowhere"' } })).status).toBe(400);
  });

  it('show cancelled dates and exceptions on the get of one master alone', async () => {
    const { ask } = await openTenant();
    const query =
      '$select=subject,exceptionOccurrences,cancelledOccurrences&$expand=exceptionOccurrences($select=subject,start)';

    const { body } = await ask(`${ANN}/events/AAkALgSeries?${query}`, { headers: IMMUTABLE });
    const bare = await ask(`${ANN}/events/AAkALgSeries`);

    expect(body['cancelledOccurrences']).toEqual([expect.stringMatching(/^OID\..+\.2026-04-01$/)]);
    expect(body['exceptionOccurrences']).toMatchObject([{ id: 'AAkALgMoved', subject: 'moved' }]);
    expect(bare.body).not.toHaveProperty('cancelledOccurrences');
    expect((await ask(`${ANN}/events?$expand=exceptionOccurrences`)).status).toBe(400);
  });

  it('are found by either id', async () => {
    const { ask } = await openTenant();
    const [plain] = valuesOf((await ask(`${ANN}/events?$top=1`)).body);

    expect(plain!['id']).toMatch(/^AAMk/);
    expect((await ask(`${ANN}/events/${plain!['id']}`, { headers: IMMUTABLE })).body['id']).toBe(
      'AAkALgSingle',
    );
    expect((await ask(`${ANN}/events/AAkALgMoved`, { headers: IMMUTABLE })).body).toMatchObject({
      type: 'exception',
      seriesMasterId: 'AAkALgSeries',
    });
    expect(errorCode((await ask(`${ANN}/events/none`)).body)).toBe('ErrorItemNotFound');
  });
});

describe('a calendar view', () => {
  it('shows what is shown: occurrences at their local time, moved ones where they are, cancelled ones not at all', async () => {
    const { ask } = await openTenant();

    const { body } = await ask(`${ANN}/calendarView?${WINDOW}`, { headers: IMMUTABLE });

    expect(valuesOf(body).map((one) => [one['type'], (one['start'] as Resource)['dateTime']])).toEqual([
      ['occurrence', '2026-03-18T08:00:00.0000000'],
      ['singleInstance', '2026-03-20T08:00:00.0000000'],
      ['occurrence', '2026-03-25T08:00:00.0000000'],
      ['exception', '2026-04-09T12:00:00.0000000'],
      ['occurrence', '2026-04-15T07:00:00.0000000'],
      ['occurrence', '2026-04-22T07:00:00.0000000'],
    ]);
  });

  it('takes what overlaps the window and nothing that only touches it', async () => {
    const { ask } = await openTenant();
    const view = async (from: string, to: string) =>
      starts((await ask(`${ANN}/calendarView?startDateTime=${from}&endDateTime=${to}`)).body);

    expect(await view('2026-03-20T08:30:00', '2026-03-20T08:40:00')).toHaveLength(1);
    expect(await view('2026-03-20T09:00:00Z', '2026-03-20T10:00:00Z')).toEqual([]);
    expect(await view('2026-03-20T10:00:00%2B02:00', '2026-03-20T10:01:00%2B02:00')).toHaveLength(1);
  });

  it('names occurrences by ids that can be read, with UIDs of their own', async () => {
    const { ask } = await openTenant();
    const [first] = valuesOf((await ask(`${ANN}/calendarView?${WINDOW}`, { headers: IMMUTABLE })).body);

    const { body } = await ask(`${ANN}/events/${first!['id']}`, { headers: IMMUTABLE });

    expect(body).toMatchObject({
      type: 'occurrence',
      start: first!['start'],
      originalStart: '2026-03-18T08:00:00Z',
    });
    expect(String(body['iCalUId']).slice(32, 40)).toBe('07EA0312');
  });

  it.each([
    ['', 'ErrorInvalidParameter'],
    ['?startDateTime=2020-01-01&endDateTime=2026-01-01', 'ErrorCalendarViewRangeTooBig'],
    ['?startDateTime=soon&endDateTime=2026-01-01', 'BadRequest'],
  ])('refuses the window "%s" with %s', async (query, code) => {
    const { ask } = await openTenant();

    const { status, body } = await ask(`${ANN}/calendarView${query}`);

    expect([status, errorCode(body)]).toEqual([400, code]);
  });

  it('shows all-day series at midnight and matches their exceptions by date', async () => {
    const daily = { type: 'daily', interval: 1, daysOfWeek: [], firstDayOfWeek: 'sunday', index: 'first' };
    const range = {
      type: 'numbered',
      startDate: '2026-05-01',
      endDate: '0001-01-01',
      numberOfOccurrences: 3,
    };
    const midnight = (date: string) => ({ dateTime: `${date}T00:00:00.0000000`, timeZone: 'UTC' });
    const exception = (id: string, originalStart: string) => ({
      id,
      originalStart,
      subject: id,
      start: midnight('2026-05-09'),
      end: midnight('2026-05-10'),
    });
    const event = fixtureEvent(
      'AAkALgDays',
      {
        isAllDay: true,
        originalStartTimeZone: 'Pacific Standard Time',
        start: midnight('2026-05-01'),
        end: midnight('2026-05-02'),
        recurrence: { pattern: daily, range },
      },
      { exceptions: [exception('x', '2026-05-02T00:00:00Z'), exception('y', '2026-05-03T07:00:00Z')] },
    );
    const { ask } = await openTenant(undefined, fixtureEstate([event]));

    const { body } = await ask(`${ANN}/calendarView?startDateTime=2026-04-30&endDateTime=2026-06-01`);

    expect(starts(body)).toEqual([
      '2026-05-01T00:00:00.0000000',
      '2026-05-09T00:00:00.0000000',
      '2026-05-09T00:00:00.0000000',
    ]);
  });
});

describe('instances of a series', () => {
  it('are those of its view', async () => {
    const { ask } = await openTenant();

    const { body } = await ask(`${ANN}/events/AAkALgSeries/instances?${WINDOW}`);

    expect(valuesOf(body)).toHaveLength(5);
    expect((await ask(`${ANN}/events/AAkALgSingle/instances?${WINDOW}`)).status).toBe(400);
  });
});

describe('events that tests change', () => {
  it('appear and disappear', async () => {
    const { ask, change } = await openTenant();
    const event = fixtureEvent('AAkALgAdded', {
      start: { dateTime: '2026-03-02T08:00:00.0000000', timeZone: 'UTC' },
      end: { dateTime: '2026-03-02T08:00:00.0000000', timeZone: 'UTC' },
    });

    await change({ op: 'put-event', user: 'ann@old.example', event });
    await change({ op: 'delete-event', user: 'ann@old.example', eventId: 'AAkALgSeries' });

    expect(starts((await ask(`${ANN}/calendarView?${WINDOW}`)).body)).toHaveLength(2);
  });
});
