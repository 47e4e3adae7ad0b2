import { each, fields } from '../shapes.ts';

const PERSON = fields('displayName email id', { self: 'boolean' });
const TIME = fields('date dateTime timeZone');
const REMINDER = fields('method', { minutes: 'integer' });
const CONFERENCE_PROPERTIES = fields('', { allowedConferenceSolutionTypes: { list: 'string' } });

/** Request bodies of Calendar v3 (discovery document, rev. 20260708), by schema name. */
export const ACL_RULE = fields('etag id kind role', { scope: fields('type value') });

export const CALENDAR = fields('dataOwner description etag id kind location summary timeZone', {
  autoAcceptInvitations: 'boolean',
  conferenceProperties: CONFERENCE_PROPERTIES,
  labelProperties: fields('', { eventLabels: { list: fields('backgroundColor id name') } }),
});

export const CALENDAR_LIST_ENTRY = fields(
  'accessRole backgroundColor colorId dataOwner description etag foregroundColor id kind location summary ' +
    'summaryOverride timeZone',
  {
    ...each('boolean', 'autoAcceptInvitations deleted hidden primary selected'),
    conferenceProperties: CONFERENCE_PROPERTIES,
    defaultReminders: { list: REMINDER },
    notificationSettings: fields('', { notifications: { list: fields('method type') } }),
  },
);

const ATTENDEE = fields('asyncOperation comment displayName email id responseStatus', {
  additionalGuests: 'integer',
  ...each('boolean', 'optional organizer resource self'),
});

const SOLUTION_KEY = fields('type');

const CONFERENCE = fields('conferenceId notes signature', {
  conferenceSolution: fields('iconUri name', { key: SOLUTION_KEY }),
  createRequest: fields('requestId', { conferenceSolutionKey: SOLUTION_KEY, status: fields('statusCode') }),
  entryPoints: {
    list: fields('accessCode entryPointType label meetingCode passcode password pin regionCode uri', {
      entryPointFeatures: { list: 'string' },
    }),
  },
  parameters: fields('', { addOnParameters: fields('', { parameters: 'texts' }) }),
});

export const EVENT = fields(
  'colorId created description etag eventLabelId eventType hangoutLink htmlLink iCalUID id kind location ' +
    'recurringEventId status summary transparency updated visibility',
  {
    ...each(
      'boolean',
      'anyoneCanAddSelf attendeesOmitted endTimeUnspecified guestsCanInviteOthers guestsCanModify',
    ),
    ...each('boolean', 'guestsCanSeeOtherGuests locked privateCopy'),
    sequence: 'integer',
    ...each(TIME, 'start end originalStartTime'),
    ...each(PERSON, 'creator organizer'),
    attachments: { list: fields('fileId fileUrl iconLink mimeType title') },
    attendees: { list: ATTENDEE },
    conferenceData: CONFERENCE,
    extendedProperties: fields('', each('texts', 'private shared')),
    recurrence: { list: 'string' },
    reminders: fields('', { overrides: { list: REMINDER }, useDefault: 'boolean' }),
    source: fields('title url'),
    gadget: fields('display iconLink link title type', {
      ...each('integer', 'height width'),
      preferences: 'texts',
    }),
    birthdayProperties: fields('contact customTypeName type'),
    focusTimeProperties: fields('autoDeclineMode chatStatus declineMessage'),
    outOfOfficeProperties: fields('autoDeclineMode declineMessage'),
    workingLocationProperties: fields('type', {
      customLocation: fields('label'),
      homeOffice: 'any',
      officeLocation: fields('buildingId deskId floorId floorSectionId label'),
    }),
  },
);
