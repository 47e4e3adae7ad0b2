import { describe, expect, it } from 'vitest';
import { findZone, formatWall, parseWall } from '../../../../adapters/rehearsal/microsoft/time-zones.ts';

describe('a zone', () => {
  it.each([
    ['W. Europe Standard Time', '2026-03-27T09:00:00', '2026-03-27T08:00:00.000Z'],
    ['W. Europe Standard Time', '2026-03-30T09:00:00', '2026-03-30T07:00:00.000Z'],
    ['Pacific Standard Time', '2026-12-31T17:30:00', '2027-01-01T01:30:00.000Z'],
    ['New Zealand Standard Time', '2026-06-30T08:00:00', '2026-06-29T20:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01T00:00:00', '2026-06-30T22:00:00.000Z'],
    ['tzone://Microsoft/Utc', '2026-07-01T00:00:00', '2026-07-01T00:00:00.000Z'],
    // The clock has not been turned in the gap; the earlier instant counts in the overlap.
    ['W. Europe Standard Time', '2026-03-29T02:30:00', '2026-03-29T01:30:00.000Z'],
    ['W. Europe Standard Time', '2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
  ])('%s turns the wall time %s into %s', (name, wall, utc) => {
    expect(new Date(findZone(name)!.toUtc(parseWall(wall))).toISOString()).toBe(utc);
  });

  it('turns an instant into wall time as Graph writes it', () => {
    const wall = findZone('India Standard Time')!.toWall(Date.parse('2026-03-27T08:00:00Z'));

    expect(formatWall(wall)).toBe('2026-03-27T13:30:00.0000000');
  });

  it.each(['tzone://Microsoft/Custom', '(UTC+01:00) Amsterdam', '', null])('is unknown for %s', (name) => {
    expect(findZone(name)).toBeNull();
  });
});
