import { describe, expect, it } from 'vitest';
import type { GraphEvent } from '../../src/core/microsoft.ts';
import { ANN, BOB, google, reasons, X500 } from './calendar-harness.ts';
import { attendee } from './samples.ts';

describe('participants', () => {
  const invitation = (over: Partial<GraphEvent> = {}): Partial<GraphEvent> => ({
    isOrganizer: false,
    organizer: BOB,
    attendees: [ANN],
    responseStatus: 'accepted',
    ...over,
  });

  it('the organiser’s own copy lists the organiser too', () => {
    const mapped = google({ attendees: [attendee('bob@contoso.com', { type: 'optional' })] });

    expect(mapped.organizer).toEqual({ email: 'ann@new.example', displayName: 'Ann' });
    expect(mapped.attendees).toEqual([
      { email: 'ann@new.example', displayName: 'Ann', responseStatus: 'accepted' },
      { email: 'bob@new.example', optional: true, responseStatus: 'needsAction' },
    ]);
    expect(mapped).toMatchObject({ guestsCanInviteOthers: true, guestsCanModify: false });
  });

  it.each([
    ['accepted', 'accepted'],
    ['tentativelyAccepted', 'tentative'],
    ['declined', 'declined'],
    ['notResponded', 'needsAction'],
  ])('the own answer %s → %s', (responseStatus, expected) => {
    const { attendees } = google(invitation({ responseStatus }));

    expect(attendees?.find(({ email }) => email === 'ann@new.example')?.responseStatus).toBe(expected);
  });

  it('case 73: a group, an X500 address, an empty one', () => {
    const empty = attendee(null, { emailAddress: { name: 'Someone', address: null } });
    const mapped = google({ attendees: [attendee('team@contoso.com'), attendee(X500.toUpperCase()), empty] });

    expect(mapped.attendees?.map(({ email }) => email)).toEqual([
      'ann@new.example',
      'team@new.example',
      'bob@new.example',
    ]);
    expect(mapped.description).toBe('Further attendees: Someone');
  });

  it('case 74: two that become one keep the stronger answer and the stronger role', () => {
    const { attendees } = google({
      attendees: [
        attendee('b@contoso.com', { type: 'optional' }),
        attendee('bob@contoso.com', { status: { response: 'accepted', time: null } }),
      ],
    });

    expect(attendees?.slice(1)).toEqual([{ email: 'bob@new.example', responseStatus: 'accepted' }]);
  });

  it('case 75: an owner who is not invited gets an appointment, people as text', () => {
    const over = invitation({ attendees: [attendee('x@out.example')], responseStatus: 'none' });

    expect(google(over)).not.toHaveProperty('attendees');
    expect(google(over).description).toBe('Organizer: Bob (bob@contoso.com)\nAttendees: x@out.example');
    expect(reasons(over)).toEqual(['attendees: owner-not-invited-as-text']);
  });

  it('an owner who answered but is not listed came in through a group', () => {
    const { attendees } = google(invitation({ attendees: [attendee('team@contoso.com')] }));

    expect(attendees).toContainEqual({ email: 'ann@new.example', responseStatus: 'accepted' });
  });

  it('case 76: an organiser from outside stays the organiser', () => {
    const over = invitation({ organizer: { name: 'Eve', address: 'Eve@Out.example' } });

    expect(google(over).organizer).toEqual({ email: 'eve@out.example', displayName: 'Eve' });
  });

  it('an organiser without address leaves an appointment', () => {
    const over = invitation({ organizer: { name: 'Gone', address: '/o=x/cn=gone' } });

    expect(google(over)).not.toHaveProperty('organizer');
    expect(google(over).description).toContain('Organizer: Gone');
  });

  it('case 86: a room is a resource at its new address', () => {
    const { attendees } = google({ attendees: [attendee('room1@contoso.com', { type: 'resource' })] });

    expect(attendees?.at(1)).toMatchObject({ email: 'c_123@resource.calendar.google.com', resource: true });
  });

  it('case 81: of 350 attendees 200 are guests, organiser and rooms among them, the rest text', () => {
    const many = Array.from({ length: 349 }, (_, index) => attendee(`p${index}@out.example`));
    const over = { attendees: [...many, attendee('room1@contoso.com', { type: 'resource' })] };
    const mapped = google(over);

    expect(mapped.attendees).toHaveLength(200);
    expect(mapped.attendees?.slice(0, 2).map(({ email }) => email)).toEqual([
      'ann@new.example',
      'c_123@resource.calendar.google.com',
    ]);
    expect(mapped.description).toContain('Further attendees: p198@out.example');
    expect(reasons(over)).toContain('attendees: limit-200');
  });

  it('drafts invite nobody', () => {
    expect(google({ isDraft: true, attendees: [attendee('bob@contoso.com')] })).not.toHaveProperty(
      'attendees',
    );
  });

  it('hidden guest lists stay hidden', () => {
    expect(
      google({ attendees: [attendee('bob@contoso.com')], hideAttendees: true }).guestsCanSeeOtherGuests,
    ).toBe(false);
  });
});
