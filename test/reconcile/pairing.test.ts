import { describe, expect, it } from 'vitest';
import type { ContainerFact, EventFact } from '../../src/core/facts.ts';
import { pairEvents, translationOf } from '../../src/reconcile/event-pairing.ts';
import { pairFolders, placeOf } from '../../src/reconcile/mail-folders.ts';

const event = (facts: Partial<EventFact>): EventFact => ({
  kind: 'event',
  id: 'e',
  calendarId: 'c',
  uid: 'U',
  type: 'single',
  originalStart: null,
  cancelled: false,
  createdAt: null,
  modifiedAt: null,
  summary: 'Board',
  allDay: false,
  startUtc: '2026-04-01T07:00:00.000Z',
  endUtc: '2026-04-01T08:00:00.000Z',
  ...facts,
});

describe('a changed occurrence that became an event of its own', () => {
  const master = event({
    id: 'm',
    type: 'master',
    startUtc: '2026-03-04T07:00:00.000Z',
    endUtc: '2026-03-04T08:00:00.000Z',
  });
  const moved = {
    startUtc: '2026-04-02T09:00:00.000Z',
    endUtc: '2026-04-02T10:00:00.000Z',
    summary: 'Board (moved)',
  };
  const exception = event({
    id: 'x',
    type: 'exception',
    originalStart: '2026-04-01T07:00:00.000Z',
    ...moved,
  });
  const atTarget = event({ id: 'tm', type: 'master', startUtc: master.startUtc, endUtc: master.endUtc });

  it('stands for the exception when its UID begins with the series’', () => {
    const detached = event({ id: 'd', uid: 'U_20260401', ...moved });

    const { exceptions, roots, unclaimedRoots } = pairEvents([master, exception], [atTarget, detached], true);

    expect(exceptions).toEqual([{ source: exception, target: detached }]);
    expect(unclaimedRoots).toEqual([]);
    expect([...(translationOf([...roots, ...exceptions]).get('u') ?? [])]).toEqual(['u', 'u_20260401']);
  });

  it.each([
    ['another UID', { uid: 'V_20260401' }],
    ['another hour', { uid: 'U_20260401', startUtc: '2026-04-02T10:00:00.000Z' }],
    ['another subject', { uid: 'U_20260401', summary: 'Board' }],
  ])('does not stand for it with %s', (_, change) => {
    const other = event({ id: 'd', ...moved, ...change });

    const { exceptions, unclaimedRoots } = pairEvents([master, exception], [atTarget, other], true);

    expect(exceptions[0]?.target).toBeNull();
    expect(unclaimedRoots).toEqual([other]);
  });
});

describe('a label with a shortened name', () => {
  const container = (facts: Partial<ContainerFact>): ContainerFact => ({
    kind: 'container',
    id: 'i',
    path: [],
    wellKnown: null,
    root: null,
    hidden: false,
    virtual: false,
    serviceCount: 0,
    ...facts,
  });
  const place = () =>
    placeOf(container({ id: 'f', path: [`Langer Name ${'sehr '.repeat(30)}lang`, 'Kind'] }));
  const label = (serviceCount: number) =>
    container({ id: 'l', path: ['Langer Name sehr seh…fba1', 'Kind'], serviceCount });

  it('stands for an empty folder while it is empty itself', () => {
    const folder = place();

    pairFolders([folder], [label(0)], () => 0);

    expect(folder.label?.id).toBe('l');
  });

  it('stands for nothing when it holds other messages', () => {
    const folder = place();

    pairFolders([folder], [label(4)], () => 0);

    expect(folder.label).toBeNull();
  });
});
