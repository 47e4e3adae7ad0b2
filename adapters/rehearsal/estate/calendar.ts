import { createRandom, hash } from '../service/random.ts';
import { type Change, type Meeting, planMeeting, times } from './meeting.ts';
import type { Cast } from './people.ts';
import type { EstateCalendar, EstateEvent, EstateOptions, EstateUser, Resource } from './types.ts';
import { instantOf } from './zoned-time.ts';

export interface Calendars {
  of(user: EstateUser): readonly EstateCalendar[];
  events(user: EstateUser, calendarId: string): readonly EstateEvent[];
}

/** Plans all meetings once (they are small) and gives each mailbox its own copies on demand. */
export function createCalendars(options: EstateOptions, cast: Cast, today: number): Calendars {
  const people = cast.users.filter((user) => user.userPurpose === 'user');
  const roomAddresses = cast.rooms.map((room) => String(room.emailAddress));
  const byUser = new Map<string, Meeting[]>();
  let copies = 0;
  for (let index = 0; copies < options.events && people.length > 0; index++) {
    const organiser = people[index % people.length];
    if (organiser === undefined) break;
    const domain = String(organiser.resource.mail).split('@')[1];
    const colleagues = people
      .filter((user) => String(user.resource.mail).endsWith(`@${domain}`))
      .map((user) => user.id);
    const locale = cast.localeOf(organiser.id);
    const meeting = planMeeting({
      seed: options.seed,
      index,
      organiserId: organiser.id,
      colleagues: colleagues.slice(0, 12),
      roomAddresses,
      locale,
      today,
    });
    for (const id of [meeting.organiserId, ...meeting.attendeeIds]) {
      byUser.set(id, [...(byUser.get(id) ?? []), meeting]);
      copies += 1;
    }
  }
  return {
    of: (user) => calendarsOf(user, cast),
    events: (user, calendarId) => eventsOn(user, calendarId, byUser.get(user.id) ?? [], cast),
  };
}

function calendarId(userId: string, key: string): string {
  return `AQMkCal${hash(userId, 'calendar', key).slice(0, 40)}AAA=`;
}

function calendarsOf(user: EstateUser, cast: Cast): EstateCalendar[] {
  const mail = String(user.resource.mail);
  const owner = { name: user.resource.displayName, address: mail };
  const base = {
    color: 'auto',
    hexColor: '',
    canShare: true,
    canViewPrivateItems: true,
    canEdit: true,
    owner,
  };
  const calendar = (key: string, name: string, change: Resource = {}): EstateCalendar => {
    const id = calendarId(user.id, key);
    return {
      id,
      resource: {
        ...base,
        id,
        name,
        changeKey: hash(id).slice(0, 12),
        isDefaultCalendar: key === 'default',
        ...change,
      },
    };
  };
  return [
    calendar('default', cast.localeOf(user.id).calendar),
    ...(user.userPurpose === 'user' && hash(user.id).charCodeAt(1) % 3 === 0
      ? [calendar('project', 'Project plan', { color: 'lightGreen', hexColor: '#b3dc6c' })]
      : []),
    ...(user.userPurpose === 'user'
      ? [calendar('birthdays', 'Birthdays', { canEdit: false, isRemovable: false })]
      : []),
  ];
}

function eventsOn(user: EstateUser, id: string, meetings: readonly Meeting[], cast: Cast): EstateEvent[] {
  const hasSecond = calendarsOf(user, cast).some(
    (calendar) => calendar.id === calendarId(user.id, 'project'),
  );
  const second = (meeting: Meeting) =>
    hasSecond && meeting.attendeeIds.length === 0 && hash(meeting.name).charCodeAt(0) % 4 === 0;
  if (id === calendarId(user.id, 'default'))
    return meetings.filter((meeting) => !second(meeting)).map((meeting) => copyOf(meeting, user, id, cast));
  if (id === calendarId(user.id, 'project'))
    return meetings.filter(second).map((meeting) => copyOf(meeting, user, id, cast));
  return [];
}

function copyOf(meeting: Meeting, user: EstateUser, calendar: string, cast: Cast): EstateEvent {
  const id = `AAkALgEv${Buffer.from(hash(user.id, meeting.name).slice(0, 40)).toString('base64url')}AAA`;
  const base = eventBase(meeting, user, cast);
  const { start, end } = times(meeting, meeting.date, meeting.time);
  const master: Resource = {
    ...base,
    id,
    type: meeting.pattern === null ? 'singleInstance' : 'seriesMaster',
    iCalUId: meeting.uid,
    seriesMasterId: null,
    start: { dateTime: start, timeZone: 'UTC' },
    end: { dateTime: end, timeZone: 'UTC' },
    recurrence: meeting.pattern === null ? null : recurrenceOf(meeting),
  };
  return {
    id,
    calendarId: calendar,
    resource: master,
    cancelled: meeting.cancelled,
    exceptions: meeting.changed.map((change, index) => exceptionOf(meeting, master, change, index)),
  };
}

function recurrenceOf(meeting: Meeting): Resource {
  const { range } = meeting;
  return {
    pattern: meeting.pattern,
    range: { ...range, startDate: meeting.date, recurrenceTimeZone: meeting.zone.windows },
  };
}

/** An exception's UID carries the date of its occurrence inside, as Exchange writes it. */
function exceptionOf(meeting: Meeting, master: Resource, change: Change, index: number): Resource {
  const { start, end } = times(meeting, change.newDate, change.newTime);
  const original = new Date(instantOf(change.date, meeting.time, meeting.zone.iana))
    .toISOString()
    .replace('.000Z', 'Z');
  const [year = '', month = '', day = ''] = change.date.split('-');
  const hex = (text: string, width: number) => Number(text).toString(16).padStart(width, '0').toUpperCase();
  const uid = `${meeting.uid.slice(0, 32)}${hex(year, 4)}${hex(month, 2)}${hex(day, 2)}${meeting.uid.slice(40)}`;
  return {
    ...master,
    id: `${String(master.id).slice(0, -3)}x${index}AAA`,
    type: 'exception',
    iCalUId: uid,
    seriesMasterId: master.id,
    recurrence: null,
    occurrenceId: `OID.${Buffer.from(String(master.id)).toString('base64url').slice(0, 24)}.${change.date}`,
    originalStart: meeting.allDay ? `${change.date}T00:00:00Z` : original,
    subject: change.subject ?? master.subject,
    start: { dateTime: start, timeZone: 'UTC' },
    end: { dateTime: end, timeZone: 'UTC' },
  };
}

function eventBase(meeting: Meeting, user: EstateUser, cast: Cast): Resource {
  const organiser = userOf(cast, meeting.organiserId);
  const isOrganizer = organiser.id === user.id;
  const location =
    meeting.roomAddress === null ? (meeting.teams ? 'Microsoft Teams Meeting' : '') : 'Meeting room';
  const joinUrl = `https://teams.microsoft.com/l/meetup-join/${hash(meeting.name).slice(0, 32)}`;
  const place = { displayName: location, locationType: 'default', uniqueIdType: 'unknown' };
  return {
    createdDateTime: '2025-09-01T08:00:00Z',
    lastModifiedDateTime: '2025-09-01T08:00:00Z',
    changeKey: `CQEv${hash(meeting.name, user.id).slice(0, 16)}`,
    categories: hash(meeting.name).charCodeAt(2) % 9 === 0 ? ['Red category'] : [],
    originalStartTimeZone: meeting.allDay ? 'UTC' : meeting.zone.windows,
    originalEndTimeZone: meeting.allDay ? 'UTC' : meeting.zone.windows,
    reminderMinutesBeforeStart: meeting.reminderMinutes ?? 15,
    isReminderOn: meeting.reminderMinutes !== null,
    hasAttachments: false,
    subject: meeting.subject,
    bodyPreview: '',
    importance: 'normal',
    sensitivity: meeting.sensitivity,
    isAllDay: meeting.allDay,
    isCancelled: meeting.isCancelled && !isOrganizer,
    isOrganizer,
    isDraft: false,
    responseRequested: true,
    showAs: meeting.showAs,
    webLink: 'https://outlook.office365.com/owa/',
    isOnlineMeeting: meeting.teams,
    onlineMeetingUrl: null,
    onlineMeetingProvider: meeting.teams ? 'teamsForBusiness' : 'unknown',
    onlineMeeting: meeting.teams ? { joinUrl } : null,
    allowNewTimeProposals: true,
    hideAttendees: false,
    body: { contentType: 'html', content: meeting.body },
    responseStatus: {
      response: isOrganizer ? 'organizer' : responseOf(meeting, user.id),
      time: '2025-09-02T08:00:00Z',
    },
    location: place,
    locations: location === '' ? [] : [place],
    attendees: attendeesOf(meeting, cast),
    organizer: { emailAddress: { name: organiser.resource.displayName, address: organiser.resource.mail } },
  };
}

function attendeesOf(meeting: Meeting, cast: Cast): Resource[] {
  const status = (response: string) => ({
    response,
    time: response === 'none' ? '0001-01-01T00:00:00Z' : '2025-09-02T08:00:00Z',
  });
  const people = meeting.attendeeIds.map((id, index) => {
    const user = userOf(cast, id);
    const x500 = (user.resource.proxyAddresses as string[])
      .find((address) => address.startsWith('X500:'))
      ?.slice(5);
    const address = index === 2 && x500 !== undefined ? x500 : user.resource.mail;
    return {
      type: index === 1 ? 'optional' : 'required',
      status: status(responseOf(meeting, id)),
      emailAddress: { name: user.resource.displayName, address },
    };
  });
  const external = meeting.external.map((address) => ({
    type: 'required',
    status: status('none'),
    emailAddress: { name: 'Guest', address },
  }));
  const room =
    meeting.roomAddress === null
      ? []
      : [
          {
            type: 'resource',
            status: status('accepted'),
            emailAddress: { name: 'Meeting room', address: meeting.roomAddress },
          },
        ];
  return [...people, ...external, ...room];
}

function responseOf(meeting: Meeting, userId: string): string {
  const random = createRandom(Number.parseInt(hash(meeting.name, userId).slice(0, 8), 16));
  return random.pick(['accepted', 'tentativelyAccepted', 'declined', 'notResponded', 'accepted']);
}

function userOf(cast: Cast, id: string): EstateUser {
  const user = cast.users.find((each) => each.id === id);
  if (user === undefined) throw new RangeError('an attendee who is nobody');
  return user;
}
