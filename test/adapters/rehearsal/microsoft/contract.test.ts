import { beforeAll, describe, expect, it } from 'vitest';
import { createEstate } from '../../../../adapters/rehearsal/estate/estate.ts';
import { DEFAULT_ESTATE, type Resource } from '../../../../adapters/rehearsal/estate/types.ts';
import { TYPES } from '../../../../adapters/rehearsal/microsoft/properties.ts';
import { loadCsdl, validatePath, validateResource } from '../../../support/csdl.ts';
import { type Asker, IMMUTABLE, openTenant, valuesOf } from './ask.ts';
import { fixtureEstate } from './estate-fixture.ts';

const WINDOW = 'startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-05-01T00:00:00Z&$top=500';
const PROPERTIES = "singleValueExtendedProperties($filter=id eq 'Long 0x0E08')";

/** Path below `/v1.0` and the type of the answer (or of its values). `{user}`, `{group}` … are filled in. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ['/organization', 'organization'],
  ['/domains', 'domain'],
  ['/users', 'user'],
  ['/users?$select=id,proxyAddresses,assignedLicenses,employeeOrgData,userType&$expand=manager', 'user'],
  ['/users/{user}', 'user'],
  ['/users/{user}/manager', 'directoryObject'],
  ['/users/{user}/mailboxSettings', 'mailboxSettings'],
  ['/subscribedSkus', 'subscribedSku'],
  ['/contacts', 'orgContact'],
  ['/groups', 'group'],
  ['/groups/{group}', 'group'],
  ['/groups/{group}/members', 'directoryObject'],
  ['/groups/{group}/owners', 'directoryObject'],
  ['/groups/{group}/transitiveMembers', 'directoryObject'],
  ['/users/{user}/mailFolders?includeHiddenFolders=true&$top=50', 'mailFolder'],
  ['/users/{user}/mailFolders/msgfolderroot', 'mailFolder'],
  ['/users/{user}/mailFolders/inbox/childFolders', 'mailFolder'],
  ['/users/{user}/mailFolders/inbox/messages?$top=50', 'message'],
  [`/users/{user}/mailFolders/inbox/messages?$top=50&$expand=${encodeURIComponent(PROPERTIES)}`, 'message'],
  ['/users/{user}/mailFolders/inbox/messages/delta?$select=id,isRead,flag', 'message'],
  ['/users/{user}/messages?$top=5&$expand=attachments', 'message'],
  ['/users/{user}/messages/{message}?$select=body,internetMessageHeaders', 'message'],
  ['/users/{user}/messages/{message}/attachments', 'attachment'],
  ['/users/{user}/calendars', 'calendar'],
  ['/users/{user}/calendar', 'calendar'],
  ['/users/{user}/calendars/{calendar}/events?$top=500', 'event'],
  ['/users/{user}/events/{event}?$select=cancelledOccurrences,subject&$expand=exceptionOccurrences', 'event'],
  [`/users/{user}/calendars/{calendar}/calendarView?${WINDOW}`, 'event'],
  [`/users/{user}/calendarView?${WINDOW}`, 'event'],
];

describe.skipIf(loadCsdl() === null)('held against the service metadata (../shared/contracts), ', () => {
  it.each(Object.values(TYPES).filter((type) => !/directoryObject|attachment/.test(type.name)))(
    'the tenant knows exactly the properties of $name',
    (type) => {
      const csdl = loadCsdl()!;
      const known: string[] = [];
      for (let name: string | null = type.name; name; name = csdl.types.get(name)?.base ?? null) {
        for (const [property, kind] of csdl.types.get(name)!.properties) {
          known.push(kind.startsWith('Collection(') ? `${property}[]` : property);
        }
      }
      const served = [...type.properties.values()].map(({ name, isCollection }) =>
        isCollection ? `${name}[]` : name,
      );

      expect(served.toSorted()).toEqual(known.toSorted());
    },
  );

  describe.each([
    ['fixture', () => fixtureEstate()],
    ['generated estate', () => createEstate(DEFAULT_ESTATE, Date.parse('2026-04-01T00:00:00Z'))],
  ])('over the %s', (_name, makeEstate) => {
    let asker: Asker;
    const names: Record<string, string> = {};

    beforeAll(async () => {
      const estate = makeEstate();
      asker = await openTenant(undefined, estate);
      const user = estate.users.find((one) => one.managerId !== null && one.userPurpose === 'user')!;
      const mailbox = estate.mailbox(user.id)!;
      const folder = mailbox.folders.find((one) => one.wellKnown === 'inbox')!;
      const calendar = mailbox.calendars[0]!;
      const series = mailbox.events(calendar.id).find((event) => event.exceptions.length > 0);
      names['user'] = user.id;
      names['group'] = estate.groups[0]!.id;
      names['message'] = mailbox.messages(folder.id, 0, 1)[0]!.id;
      names['calendar'] = calendar.id;
      names['event'] = series?.id ?? mailbox.events(calendar.id)[0]!.id;
    });

    it.each(ANSWERS)('%s answers with what a %s has', async (template, type) => {
      const path = `/v1.0${template.replace(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(names[name]!))}`;

      const { status, body } = await asker.ask(path, { headers: IMMUTABLE });
      const resources: Resource[] = 'value' in body ? valuesOf(body) : [body];

      expect(status).toBe(200);
      expect(validatePath(path)).toEqual([]);
      expect([...new Set(resources.flatMap((one) => validateResource(type, one)))]).toEqual([]);
    });

    it('/places/microsoft.graph.room answers with what a room has', async () => {
      const { body } = await asker.ask('/v1.0/places/microsoft.graph.room');

      expect(valuesOf(body).flatMap((one) => validateResource('room', one))).toEqual([]);
    });
  });
});
