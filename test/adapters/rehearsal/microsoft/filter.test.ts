import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../../adapters/rehearsal/microsoft/filter.ts';

const resource = {
  userType: 'Member',
  accountEnabled: true,
  mail: null,
  capacity: 8,
  displayName: "Ann O'Brien",
  receivedDateTime: '2026-01-31T12:00:00Z',
  groupTypes: ['Unified', 'DynamicMembership'],
  start: { dateTime: '2026-03-20T08:00:00.0000000' },
};

describe('a filter', () => {
  it.each([
    ["userType eq 'Member'", true],
    ["userType eq 'guest'", false],
    ["userType ne 'Guest' and accountEnabled eq true", true],
    ["userType eq 'Guest' or capacity ge 8", true],
    ['not (accountEnabled eq true)', false],
    ['mail eq null', true],
    ['mail ne null', false],
    ['receivedDateTime ge 2026-01-31T12:00:00Z', true],
    ['receivedDateTime gt 2026-01-31T12:00:00Z', false],
    ['receivedDateTime lt 2026-01-31T14:00:00+01:00', true],
    ["startswith(displayName,'ann')", true],
    ["displayName eq 'Ann O''Brien'", true],
    ["groupTypes/any(c:c eq 'Unified')", true],
    ["groupTypes/any(c:c eq 'Other')", false],
    ["userType in ('Guest','Member')", true],
    ["start/dateTime ge '2026-03-20'", true],
  ])('%s is %s', (text, expected) => {
    expect(parseFilter(text).accepts(resource)).toBe(expected);
  });

  it.each(['userType eq', 'userType is 3', "(userType eq 'x'", "soundslike(userType,'x')"])(
    'refuses %s',
    (text) => {
      expect(() => parseFilter(text)).toThrow('Invalid filter clause');
    },
  );

  it('names its properties in their order', () => {
    expect(parseFilter('receivedDateTime ge 2026-01-01T00:00:00Z and isRead eq true').properties).toEqual([
      'receivedDateTime',
      'isRead',
    ]);
  });
});
