import { describe, expect, it } from 'vitest';
import type { OccurrenceFact } from '../../src/core/facts.ts';
import type { AddressBook, Principal } from '../../src/core/types.ts';
import { compareAttendees } from '../../src/reconcile/attendees.ts';

const principal: Principal = {
  kind: 'person',
  id: 'ann@old.example',
  source: 'ann@old.example',
  target: 'ann@new.example',
  organisation: 'o',
  wave: '1',
};
const addresses: AddressBook = {
  resolve: (old) => (old === 'ann@old.example' ? 'ann@new.example' : null),
  aliasesOf: () => [],
};
const scope = { principal, addresses, primary: true };

function occurrence(facts: Partial<OccurrenceFact>): OccurrenceFact {
  return {
    kind: 'occurrence',
    calendarId: 'c',
    uid: 'u',
    start: '2026-04-20T08:00:00Z',
    end: '2026-04-20T09:00:00Z',
    allDay: false,
    summary: 's',
    location: '',
    busy: true,
    private: false,
    reminderMinutes: null,
    organizer: 'boss@other.example',
    attendees: [],
    ...facts,
  };
}

function guest(address: string, response: string) {
  return { address, role: 'required', response };
}

describe('the owner of a calendar', () => {
  it.each([
    ['tentativelyAccepted', 'tentative', []],
    ['declined', 'declined', []],
    ['accepted', 'declined', ['event-setting-differs']],
    ['', 'accepted', ['event-setting-differs']],
  ])('who answered %s by the event itself stands as %s', (ownResponse, response, codes) => {
    const source = occurrence({ attendees: [guest('ann@old.example', 'none')], ownResponse });
    const target = occurrence({ attendees: [guest('ann@new.example', response)] });

    expect(compareAttendees(source, target, scope).map(({ code }) => code)).toEqual(codes);
  });
});

describe('more guests than Calendar takes', () => {
  const guests = (count: number) =>
    Array.from({ length: count }, (_, index) => guest(`p${index}@other.example`, 'none'));
  const organizer = 'ann@old.example';
  const host = guest('ann@new.example', 'accepted');

  it.each([
    [230, 199, []],
    [200, 199, []],
    [199, 198, ['event-differs']],
    [230, 198, ['event-differs']],
  ])('of %i, %i beside the organiser are as many as there can be, or a difference', (had, has, codes) => {
    const source = occurrence({ organizer, attendees: guests(had) });
    const target = occurrence({ organizer: 'ann@new.example', attendees: [host, ...guests(has)] });

    expect(compareAttendees(source, target, scope).map(({ code }) => code)).toEqual(codes);
  });
});
