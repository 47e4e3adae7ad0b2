import { describe, expect, it } from 'vitest';
import { createCalendarSource } from '../../../adapters/graph/calendar.ts';
import type { GraphCalendar, GraphEventItem, GraphExceptionItem } from '../../../src/core/microsoft.ts';
import type { Page } from '../../../src/core/types.ts';
import { loadCsdl, validatePath } from '../../support/csdl.ts';
import { jobOf, listed } from './jobs.ts';
import {
  type Answer,
  at,
  collect,
  itemsOf,
  json,
  list,
  never,
  refusal,
  type TenantDouble,
  tenantDouble,
} from './tenant-double.ts';

const USER = '/users/oid-ann';
const job = jobOf('calendar');

function event(id: string, extra: object = {}) {
  return {
    id,
    changeKey: `ck-${id}`,
    type: 'singleInstance',
    iCalUId: `uid-${id}`,
    start: { dateTime: '2026-03-27T09:00:00.0000000', timeZone: 'UTC' },
    end: { dateTime: '2026-03-27T10:00:00.0000000', timeZone: 'UTC' },
    ...extra,
  };
}

const pattern = {
  type: 'daily',
  interval: 1,
  month: 0,
  dayOfMonth: 0,
  firstDayOfWeek: 'sunday',
  index: 'first',
};
const range = {
  type: 'noEnd',
  startDate: '2026-03-27',
  endDate: '0001-01-01',
  recurrenceTimeZone: 'W. Europe Standard Time',
};
const master = event('s1', { type: 'seriesMaster', recurrence: { pattern, range } });
const exception = event('x1', {
  type: 'exception',
  seriesMasterId: 's1',
  originalStart: '2026-03-29T08:00:00Z',
});

const calendars: Answer[] = [
  at(`${USER}/mailboxSettings`, () => json({ timeZone: 'W. Europe Standard Time' })),
  at(`${USER}/calendars?`, () =>
    list([
      {
        id: 'c1',
        name: 'Kalender',
        isDefaultCalendar: true,
        owner: { name: 'Ann', address: 'ann@old.example' },
      },
    ]),
  ),
];

const series = (answer: object): Answer[] => [
  at(`${USER}/calendars/c1/events`, () => list([event('e1'), master])),
  at(`${USER}/events/s1?`, () => json({ id: 's1', ...answer })),
  at(`${USER}/events/x1?`, () => json(exception)),
];

const shown = {
  cancelledOccurrences: ['OID.AAa.b=.2026-04-02', 'OID.AAa.b=.2026-04-01', 'odd'],
  exceptionOccurrences: [exception, exception],
};

function read(tenant: TenantDouble): Promise<Page[]> {
  return collect(createCalendarSource(tenant.client).pages(job, new Map(), never));
}

describe('calendars', () => {
  it('are listed with owner and the zone of the mailbox', async () => {
    const pages = await read(tenantDouble([...calendars, ...series(shown)]));

    const item = itemsOf(pages, 'calendars').get('calendar:c1');
    expect(item).toMatchObject({ rank: 0, container: '', inline: null });
    expect(item?.state as unknown as GraphCalendar).toEqual({
      kind: 'calendar',
      id: 'c1',
      name: 'Kalender',
      isDefaultCalendar: true,
      canEdit: true,
      color: null,
      hexColor: null,
      ownerAddress: 'ann@old.example',
      ownerName: 'Ann',
      mailboxTimeZone: 'W. Europe Standard Time',
    });
  });

  it.each([403, 404])('do without the zone where settings answer %i', async (status) => {
    const closed = at(`${USER}/mailboxSettings`, () =>
      refusal(status, status === 403 ? 'ErrorAccessDenied' : 'x'),
    );

    const pages = await read(tenantDouble([closed, ...calendars, ...series(shown)]));

    expect(itemsOf(pages, 'calendars').get('calendar:c1')?.state).toMatchObject({ mailboxTimeZone: null });
  });
});

describe('events', () => {
  it('keep their cancelled occurrences where a service refuses to expand the changed ones', async () => {
    const { cancelledOccurrences } = shown;
    const tenant = tenantDouble([
      ...calendars,
      at(`${USER}/events/s1/instances`, () => list([{ ...exception, type: 'exception' }])),
      at(`${USER}/events/s1?`, ({ url }) =>
        url.searchParams.has('$expand')
          ? refusal(400, 'ErrorInvalidProperty')
          : json({ id: 's1', cancelledOccurrences }),
      ),
      ...series({}),
    ]);

    const items = itemsOf(await read(tenant), 'calendar:c1');

    expect(items.get('event:s1')?.inline).toMatchObject({ cancelled: ['2026-04-01', '2026-04-02'] });
    expect([...items.keys()]).toContain('exception:x1');
  });

  it('are listed as singles, masters and exceptions, each after what it needs', async () => {
    const pages = await read(tenantDouble([...calendars, ...series(shown)]));

    const items = itemsOf(pages, 'calendar:c1');
    expect(
      [...items.values()].map(({ key, rank, after, identity }) => ({ key, rank, after, identity })),
    ).toEqual([
      { key: 'event:e1', rank: 1, after: 'calendar:c1', identity: 'uid-e1' },
      { key: 'event:s1', rank: 1, after: 'calendar:c1', identity: 'uid-s1' },
      { key: 'exception:x1', rank: 2, after: 'event:s1', identity: null },
    ]);
    const whole = items.get('event:s1')?.inline as unknown as GraphEventItem;
    expect(whole).toMatchObject({ kind: 'event', calendarId: 'c1', isDefaultCalendar: true });
    expect(whole.cancelled).toEqual(['2026-04-01', '2026-04-02']);
    const changed = items.get('exception:x1')?.inline as unknown as GraphExceptionItem;
    expect(changed.master.id).toBe('s1');
    expect(changed.event.originalStart).toBe('2026-03-29T08:00:00Z');
  });

  it('get another version when an occurrence is cancelled, and keep it otherwise', async () => {
    const versionWith = async (answer: object) =>
      itemsOf(await read(tenantDouble([...calendars, ...series(answer)])), 'calendar:c1').get('event:s1')
        ?.version;

    const [one, same, other] = await Promise.all([
      versionWith(shown),
      versionWith(shown),
      versionWith({ ...shown, cancelledOccurrences: [] }),
    ]);

    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  it('have their exceptions found among the instances where the master shows none', async () => {
    const instances = at(`${USER}/events/s1/instances`, () =>
      list([event('o1', { type: 'occurrence' }), { id: 'x1', type: 'exception' }]),
    );

    const pages = await read(tenantDouble([...calendars, instances, ...series({})]));

    expect(itemsOf(pages, 'calendar:c1').get('exception:x1')?.inline).toMatchObject({ event: { id: 'x1' } });
  });

  it('are read whole again for exceptions that come as references', async () => {
    const referring = { ...shown, exceptionOccurrences: [{ id: 'x1' }] };

    const pages = await read(tenantDouble([...calendars, ...series(referring)]));

    expect(itemsOf(pages, 'calendar:c1').get('exception:x1')?.inline).toMatchObject({
      event: { originalStart: '2026-03-29T08:00:00Z', changeKey: 'ck-x1' },
    });
  });

  it('are tolerant of what is missing or odd', async () => {
    const bare = [
      { id: 'e9', organizer: { emailAddress: {} }, attendees: [null, { type: 'x' }], sensitivity: null },
    ];
    const tenant = tenantDouble([
      ...calendars,
      at(`${USER}/calendars/c1/events`, () => list([...bare, {}, ...bare])),
    ]);

    const items = itemsOf(await read(tenant), 'calendar:c1');

    expect([...items.keys()]).toEqual(['event:e9']);
    expect(items.get('event:e9')?.inline).toMatchObject({
      event: {
        type: 'singleInstance',
        organizer: null,
        attendees: [{ type: 'required', status: null, emailAddress: { name: null, address: null } }],
        sensitivity: 'normal',
        start: { dateTime: '0001-01-01T00:00:00.0000000' },
      },
    });
  });

  it('that cannot be rendered are listed by id, and fail when they are applied', async () => {
    const broken = at(`${USER}/events/s1`, () => refusal(500, 'ErrorInternalServerError'));
    const tenant = tenantDouble([...calendars, broken, ...series(shown)]);
    const source = createCalendarSource(tenant.client);

    const item = itemsOf(await read(tenant), 'calendar:c1').get('event:s1');

    expect(item?.inline).toBeNull();
    if (item === undefined) throw new Error('the master is not listed');
    await expect(source.get(job, listed(item), never)).rejects.toMatchObject({ name: 'Rejected' });
  });

  it('are found around a page that cannot be rendered', async () => {
    const pages = at(`${USER}/calendars/c1/events`, ({ url }) =>
      url.searchParams.get('$select') === 'id'
        ? list([{ id: 'e1' }, { id: 'x1' }])
        : refusal(504, 'UnknownError'),
    );
    const single = at(`${USER}/events/e1?`, () => json(event('e1')));

    const items = itemsOf(
      await read(tenantDouble([...calendars, pages, single, ...series(shown)])),
      'calendar:c1',
    );

    expect([...items.keys()]).toEqual(['event:e1']);
  });

  it('are read again when nothing is inline any more', async () => {
    const tenant = tenantDouble([...calendars, ...series(shown)]);
    const source = createCalendarSource(tenant.client);
    const items = itemsOf(await read(tenant), 'calendar:c1');

    for (const key of ['exception:x1', 'event:s1']) {
      const item = items.get(key);
      if (item === undefined) throw new Error(`${key} is not listed`);
      if (key === 'event:s1') continue;
      expect(await source.get(job, listed({ ...item, inline: null }), never)).toMatchObject({
        kind: 'exception',
        calendarId: 'c1',
        event: { id: 'x1' },
      });
    }
  });

  it('are one full reading: first once, last once', async () => {
    const pages = (await read(tenantDouble([...calendars, ...series(shown)]))).filter(
      (page) => page.stream === 'calendar:c1',
    );

    expect(pages.map((page) => [page.mode, page.first, page.last])).toEqual([
      ['full', true, false],
      ['full', false, true],
    ]);
  });

  it.skipIf(loadCsdl() === null)(
    'are asked for with nothing that Graph does not know, and with immutable ids (needs ../shared)',
    async () => {
      const tenant = tenantDouble([
        ...calendars,
        at(`${USER}/events/s1/instances`, () => list([])),
        ...series({}),
      ]);

      await read(tenant);

      expect(tenant.paths().flatMap(validatePath)).toEqual([]);
      expect(tenant.seen.every((each) => each.headers.get('prefer')?.includes('IdType="ImmutableId"'))).toBe(
        true,
      );
    },
  );
});
