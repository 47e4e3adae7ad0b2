import { describe, expect, it } from 'vitest';
import { loadCsdl, validatePath, validateResource } from './csdl.ts';

describe.skipIf(loadCsdl() === null)('the Graph metadata (skipped where ../shared is absent)', () => {
  it.each([
    '/v1.0/users?$select=id,mail,employeeOrgData&$expand=manager($select=id)&$top=999',
    '/users/a/mailFolders/inbox/messages/delta?$select=id,changeKey',
    '/users/a/messages/b/$value',
    '/users/a/events/b/instances?startDateTime=x&endDateTime=y',
    '/users/a/mailboxSettings/userPurpose',
    '/places/microsoft.graph.room?$top=100',
    '/groups/a/members?$select=id,userPrincipalName',
  ])('knows %s', (path) => {
    expect(validatePath(path)).toEqual([]);
  });

  it.each([
    '/people-of-mine',
    '/users/a/inboxes',
    '/users?$select=id,shoeSize',
    '/users?$expand=boss',
    '/users?$expand=manager($select=shoeSize)',
    '/users?$colour=red',
  ])('does not know %s', (path) => {
    expect(validatePath(path)).toHaveLength(1);
  });

  it('accepts a resource with derived types, enums and dates', () => {
    const folder = {
      '@odata.type': '#microsoft.graph.mailSearchFolder',
      id: 'a',
      isHidden: false,
      filterQuery: '',
    };
    const event = {
      id: 'a',
      type: 'seriesMaster',
      start: { dateTime: 'x', timeZone: 'UTC' },
      cancelledOccurrences: [],
    };

    expect([...validateResource('mailFolder', folder), ...validateResource('event', event)]).toEqual([]);
  });

  it.each([
    [{ shoeSize: 46 }, 'no property shoeSize'],
    [{ isRead: 'yes' }, 'no Edm.Boolean'.slice(3)],
    [{ importance: 'huge' }, 'is no microsoft.graph.importance'],
    [{ receivedDateTime: 'yesterday' }, 'Edm.DateTimeOffset'],
    [{ categories: 'red' }, 'no list'],
  ])('refuses the message %j', (message, fault) => {
    expect(validateResource('message', message)[0]).toContain(fault);
  });
});
