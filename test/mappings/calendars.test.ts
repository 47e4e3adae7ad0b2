import { describe, expect, it } from 'vitest';
import type { CalendarValue } from '../../src/core/google.ts';
import type { GraphCalendar } from '../../src/core/microsoft.ts';
import { mapOne } from './calendar-harness.ts';
import { calendar, json, listed } from './samples.ts';

describe('mapCalendar', () => {
  const mapCalendarRow = (over: Partial<GraphCalendar>) =>
    mapOne({
      item: listed('calendar:x', { state: json(calendar('x', over)) }),
      parent: null,
      resource: null,
    });
  const value = (over: Partial<GraphCalendar>) => {
    const mapped = mapCalendarRow(over);
    return mapped.kind === 'value' ? (mapped.value as CalendarValue) : null;
  };

  it('makes the default calendar the primary one', () => {
    expect(value({})).toEqual({
      kind: 'calendar',
      primary: true,
      summary: 'Calendar',
      timeZone: 'Europe/Berlin',
    });
  });

  it.each([
    ['#FF0000', 'auto', '#ff0000', '#000000'],
    ['#000080', 'lightBlue', '#000080', '#ffffff'],
    ['', 'lightTeal', '#92e1c0', '#000000'],
  ])('colour %s / %s → %s on %s', (hexColor, color, backgroundColor, foregroundColor) => {
    expect(value({ hexColor, color })?.color).toEqual({ backgroundColor, foregroundColor });
  });

  it.each([
    ['read-only-calendar', { isDefaultCalendar: false, canEdit: false }],
    ['owned-by-another', { isDefaultCalendar: false, ownerAddress: 'bob@contoso.com' }],
  ])('%s is left out', (rule, over) => {
    expect(mapCalendarRow(over)).toEqual({ kind: 'skip', reason: { outcome: 'excluded', rule } });
  });
});
