import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ianaZone, modernZone, resolveZone } from '../../mappings/time-zones.ts';
import { zoneClock } from '../../mappings/wall-clock.ts';
import { CLDR_VERSION, MODERN_SPELLINGS, WINDOWS_ZONES } from '../../mappings/windows-zones.ts';

describe('the table of CLDR 47', () => {
  it('has 139 Windows zones and names its version', () => {
    expect(Object.keys(WINDOWS_ZONES)).toHaveLength(139);
    expect(CLDR_VERSION).toBe('47');
  });

  it.each(Object.entries(WINDOWS_ZONES))(
    '%s → %s is a zone, and stays the same zone in its modern spelling',
    (_, iana) => {
      const canonical = (timeZone: string) =>
        new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;

      expect(canonical(modernZone(iana))).toBe(canonical(iana));
    },
  );

  it.each(Object.entries(MODERN_SPELLINGS))('%s and %s are one zone', (old, modern) => {
    const canonical = (timeZone: string) =>
      new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;

    expect(canonical(modern)).toBe(canonical(old));
  });
});

describe('ianaZone', () => {
  it.each([
    ['W. Europe Standard Time', 'Europe/Berlin'],
    ['w. europe standard time', 'Europe/Berlin'],
    ['India Standard Time', 'Asia/Kolkata'],
    ['FLE Standard Time', 'Europe/Kyiv'],
    ['Central Asia Standard Time', 'Asia/Bishkek'],
    ['Mountain Standard Time (Mexico)', 'America/Mazatlan'],
    ['tzone://Microsoft/Utc', 'Etc/UTC'],
    ['UTC', 'Etc/UTC'],
    ['UTC-11', 'Etc/GMT+11'],
    ['Europe/Zurich', 'Europe/Zurich'],
    ['europe/zurich', 'Europe/Zurich'],
    ['Asia/Calcutta', 'Asia/Kolkata'],
    ['tzone://Microsoft/Custom', null],
    ['Customized Time Zone', null],
    ['(UTC+01:00) Amsterdam, Berlin, Bern', null],
    ['+05:30', null],
    ['', null],
    [null, null],
  ])('%s → %s', (name, expected) => {
    expect(ianaZone(name)).toBe(expected);
  });
});

describe('resolveZone', () => {
  it.each([
    ['the first that is one', ['W. Europe Standard Time', 'UTC'], 'Europe/Berlin', null],
    ['case 64: an empty one is passed over in silence', ['', 'Tokyo Standard Time'], 'Asia/Tokyo', null],
    [
      'case 63: a custom one is reported',
      ['tzone://Microsoft/Custom', null, 'Tokyo Standard Time'],
      'Asia/Tokyo',
      'zone-unknown',
    ],
    ['case 63: UTC where nothing is known', ['tzone://Microsoft/Custom', null], 'Etc/UTC', 'zone-unknown'],
    ['UTC where nothing is given', [null, ''], 'Etc/UTC', 'zone-missing'],
  ])('%s', (_, candidates, zone, reason) => {
    const resolved = resolveZone(candidates);

    expect([resolved.zone, resolved.loss?.reason ?? null]).toEqual([zone, reason]);
  });
});

describe('zoneClock', () => {
  it.each([
    ['Europe/Berlin', '2026-03-27T09:00:00', '2026-03-27T08:00:00Z'],
    ['Europe/Berlin', '2026-03-30T09:00:00', '2026-03-30T07:00:00Z'],
    ['Pacific/Auckland', '2026-06-30T08:00:00', '2026-06-29T20:00:00Z'],
    ['America/Los_Angeles', '2026-12-31T17:30:00', '2027-01-01T01:30:00Z'],
    ['Asia/Kathmandu', '2026-01-01T00:00:00', '2025-12-31T18:15:00Z'],
    ['Pacific/Kiritimati', '2026-01-01T00:00:00', '2025-12-31T10:00:00Z'],
    ['Europe/Berlin, spring gap', '2026-03-29T02:30:00', '2026-03-29T01:30:00Z'],
    ['Europe/Berlin, first of two', '2026-10-25T02:30:00', '2026-10-25T00:30:00Z'],
  ])('%s: %s is %s', (zone, wall, utc) => {
    expect(zoneClock(zone.replace(/,.*/, '')).toUtc(wall)).toBe(Date.parse(utc));
  });

  it('names the offset of an instant', () => {
    const instant = Date.parse('2026-07-01T12:00:00Z');

    expect(zoneClock('Europe/Berlin').toOffsetTime(instant)).toBe('2026-07-01T14:00:00+02:00');
    expect(zoneClock('America/St_Johns').toOffsetTime(instant)).toBe('2026-07-01T09:30:00-02:30');
  });

  it('comes back to the same wall time from any instant', () => {
    const zones = fc.constantFrom(
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'Etc/UTC',
    );
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 4_000_000_000 }), (zone, seconds) => {
        const clock = zoneClock(zone);
        const wall = clock.toWall(seconds * 1000);

        expect(clock.toWall(clock.toUtc(wall))).toBe(wall);
      }),
    );
  });
});
