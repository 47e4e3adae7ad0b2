import { afterAll, describe, expect, it } from 'vitest';
import { createCalendarTarget } from '../../../adapters/google/calendar.ts';
import type { CalendarWrite, ExceptionValue } from '../../../src/core/google.ts';
import type { Receipt } from '../../../src/core/types.ts';
import { ANN, expectNoNotices, faults, jobOf, never, type Script, ScriptedTenant } from './tenant.ts';

const job = jobOf('calendar');
const ROOT = '/calendar/v3';
const EVENTS = `${ROOT}/calendars/${ANN}/events`;

async function put(script: Script, value: CalendarWrite, prior: Receipt | null = null, of = job) {
  const tenant = new ScriptedTenant(script);
  const answer = createCalendarTarget(tenant.google).put(of, 'k', value, prior, never);
  const receipt = await answer.catch((error: unknown) => error);
  return { tenant, receipt: receipt as Receipt };
}

afterAll(() => {
  expect(faults, 'requests that the discovery documents do not know').toEqual([]);
});

describe('exceptions', () => {
  const INSTANCES = `GET ${EVENTS}/e1/instances`;
  const exception = (facts: Partial<ExceptionValue> = {}): ExceptionValue => ({
    kind: 'exception',
    calendarId: ANN,
    masterId: 'e1',
    originalStart: '2026-04-01T09:00:00+02:00',
    patch: { summary: 'Board, moved' },
    ...facts,
  });
  const instance = (facts: object = {}) => ({
    id: 'e1_20260401T070000Z',
    status: 'confirmed',
    originalStartTime: { dateTime: '2026-04-01T07:00:00Z' },
    start: { dateTime: '2026-04-01T09:00:00+02:00' },
    end: { dateTime: '2026-04-01T10:00:00+02:00' },
    ...facts,
  });
  const patch = `PATCH ${EVENTS}/e1_20260401T070000Z`;

  it('are patched with what differs', async () => {
    const { tenant, receipt } = await put(
      { [INSTANCES]: { json: { items: [instance()] } }, [patch]: { json: {} } },
      exception(),
    );

    expect(receipt.targetId).toBe(`${ANN}/e1_20260401T070000Z`);
    expect(tenant.last(INSTANCES).query.get('originalStart')).toBe('2026-04-01T09:00:00+02:00');
    expect(tenant.last(patch).body).toEqual({ summary: 'Board, moved' });
    expectNoNotices(tenant);
  });

  it('are sought in the days around when the original start names none', async () => {
    const { tenant, receipt } = await put(
      {
        [INSTANCES]: ({ query }) => ({
          json: {
            items: query.has('originalStart')
              ? []
              : [instance({ id: 'x', originalStartTime: {} }), instance()],
          },
        }),
        [patch]: { json: {} },
      },
      exception(),
    );

    expect(receipt.targetId).toBe(`${ANN}/e1_20260401T070000Z`);
    expect(tenant.last(INSTANCES).query.get('timeMin')).toBe('2026-03-31T07:00:00.000Z');
  });

  it('are found by an original start that names its zone instead of its offset', async () => {
    const original = { dateTime: '2026-04-01T09:00:00', timeZone: 'Europe/Berlin' };
    const { receipt } = await put(
      {
        [INSTANCES]: {
          json: {
            items: [
              instance({ id: 'x', originalStartTime: { ...original, timeZone: 'America/New_York' } }),
              instance({ originalStartTime: original }),
            ],
          },
        },
        [patch]: { json: {} },
      },
      exception(),
    );

    expect(receipt.targetId).toBe(`${ANN}/e1_20260401T070000Z`);
  });

  it('that become all-day clear the time', async () => {
    const { tenant } = await put(
      { [INSTANCES]: { json: { items: [instance()] } }, [patch]: { json: {} } },
      exception({ patch: { start: { date: '2026-04-02' }, end: { date: '2026-04-03' } } }),
    );

    expect(tenant.last(patch).body).toEqual({
      start: { date: '2026-04-02', dateTime: null, timeZone: null },
      end: { date: '2026-04-03', dateTime: null, timeZone: null },
    });
  });

  it('that are cancelled already need no request', async () => {
    const { tenant } = await put(
      { [INSTANCES]: { json: { items: [instance({ status: 'cancelled' })] } } },
      exception({ patch: { status: 'cancelled' } }),
    );

    expect(tenant.asked).toEqual([INSTANCES]);
  });

  it('of an occurrence that a user has deleted are not brought back', async () => {
    const { receipt } = await put(
      {
        [INSTANCES]: { json: { items: [instance({ status: 'cancelled', iCalUID: 'U' })] } },
        [`GET ${EVENTS}`]: { json: { items: [] } },
      },
      exception(),
    );

    expect(receipt).toMatchObject({ code: 'deleted-at-target' });
  });

  const refusal = {
    status: 403,
    json: {
      error: {
        code: 403,
        message: 'no',
        errors: [{ domain: 'calendar', reason: 'forbiddenForNonOrganizer' }],
      },
    },
  };

  it('of a series that somebody else organises become events of their own', async () => {
    const organised = instance({
      iCalUID: 'U',
      summary: 'Board',
      organizer: { email: 'boss@x.example', self: false },
    });
    const { tenant, receipt } = await put(
      {
        [INSTANCES]: { json: { items: [organised] } },
        [patch]: ({ body }) =>
          (body as { status?: string }).status === 'cancelled' ? { json: {} } : refusal,
        [`POST ${EVENTS}/import`]: { json: { id: 'detached', iCalUID: 'U_20260401' } },
      },
      exception(),
    );

    expect(receipt.targetId).toBe(`${ANN}/detached`);
    expect(receipt.losses).toContainEqual({
      field: 'occurrence',
      kind: 'weakened',
      reason: 'detached-from-series',
    });
    expect(tenant.last(`POST ${EVENTS}/import`).body).toMatchObject({
      iCalUID: 'U_20260401',
      summary: 'Board, moved',
      organizer: { email: 'boss@x.example' },
      start: { dateTime: '2026-04-01T09:00:00+02:00' },
    });
    expect(tenant.last(patch).body).toEqual({ status: 'cancelled' });
    expectNoNotices(tenant);
  });

  it('that became events of their own before an answer was lost are found again', async () => {
    const { tenant, receipt } = await put(
      {
        [INSTANCES]: { json: { items: [instance({ status: 'cancelled', iCalUID: 'U' })] } },
        [`GET ${EVENTS}`]: {
          json: { items: [{ id: 'detached', iCalUID: 'U_20260401', status: 'confirmed' }] },
        },
      },
      exception(),
    );

    expect(receipt.targetId).toBe(`${ANN}/detached`);
    expect(tenant.last(`GET ${EVENTS}`).query.get('iCalUID')).toBe('U_20260401');
  });

  it('that cancel what the series leaves out are done', async () => {
    const { tenant, receipt } = await put(
      { [INSTANCES]: { json: { items: [] } } },
      exception({ patch: { status: 'cancelled' } }),
    );

    expect(receipt.targetId).toBe(`${ANN}/e1`);
    expect(new Set(tenant.asked)).toEqual(new Set([INSTANCES]));
  });

  it('without an occurrence are refused', async () => {
    const { receipt } = await put({ [INSTANCES]: { json: {} } }, exception());

    expect(receipt).toMatchObject({ name: 'Rejected', code: 'no-such-occurrence' });
  });
});
