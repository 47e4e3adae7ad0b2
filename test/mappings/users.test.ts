import { describe, expect, it } from 'vitest';
import { mapUser, splitName } from '../../mappings/users.ts';
import { user } from './samples.ts';

const ADDRESS = 'ann@new.example';

describe('mapUser', () => {
  it('maps every field that has a place', () => {
    const { user: mapped, losses } = mapUser(
      user('oid-1', {
        jobTitle: 'Clerk',
        department: 'Legal',
        companyName: 'Regulator',
        employeeId: '4711',
        employeeType: 'Employee',
        employeeOrgData: { costCenter: 'C1', division: 'North' },
        officeLocation: 'Room 5',
        streetAddress: 'Main Street 1',
        city: 'Bern',
        state: 'BE',
        postalCode: '3000',
        country: 'Switzerland',
        businessPhones: ['+41 31 1'],
        mobilePhone: '+41 79 2',
        faxNumber: '+41 31 3',
        preferredLanguage: 'de-CH',
      }),
      ADDRESS,
      '/Body',
    );

    expect(mapped).toEqual({
      primaryEmail: ADDRESS,
      name: { givenName: 'Ann', familyName: 'Example', displayName: 'Ann Example' },
      orgUnitPath: '/Body',
      externalIds: [
        { type: 'custom', customType: 'm365_oid', value: 'oid-1' },
        { type: 'organization', value: '4711' },
      ],
      organizations: [
        {
          primary: true,
          type: 'work',
          title: 'Clerk',
          department: 'Legal',
          name: 'Regulator',
          costCenter: 'C1',
          description: 'North; Employee',
        },
      ],
      phones: [
        { type: 'work', value: '+41 31 1', primary: true },
        { type: 'mobile', value: '+41 79 2' },
        { type: 'work_fax', value: '+41 31 3' },
      ],
      addresses: [
        {
          type: 'work',
          streetAddress: 'Main Street 1',
          locality: 'Bern',
          region: 'BE',
          postalCode: '3000',
          country: 'Switzerland',
          formatted: 'Main Street 1\n3000 Bern\nBE\nSwitzerland',
        },
      ],
      locations: [{ type: 'desk', area: 'Room 5' }],
      languages: [{ languageCode: 'de', preference: 'preferred' }],
    });
    expect(losses).toEqual([{ field: 'languages', kind: 'changed', reason: 'region-not-supported' }]);
  });

  it('leaves out what the source does not have', () => {
    const { user: mapped, losses } = mapUser(user('o'), ADDRESS, '/');

    expect(Object.keys(mapped).sort()).toEqual(['externalIds', 'name', 'orgUnitPath', 'primaryEmail']);
    expect(losses).toEqual([]);
  });

  it.each([
    ['case 7: one word', { displayName: 'Prince', givenName: 'Prince', surname: null }, 'Prince', '.'],
    ['no given name', { displayName: 'Prince', givenName: null, surname: null }, 'Prince', '.'],
    [
      'last blank',
      { displayName: 'Ann Marie Example', givenName: null, surname: null },
      'Ann Marie',
      'Example',
    ],
    ['comma', { displayName: 'Example, Ann', givenName: null, surname: null }, 'Ann', 'Example'],
    ['nothing at all', { displayName: null, givenName: null, surname: null }, 'ann', '.'],
    ['angle brackets', { displayName: 'x', givenName: '<Ann>', surname: 'Ex>ample' }, 'Ann', 'Example'],
  ])('name, %s', (_, over, givenName, familyName) => {
    expect(mapUser(user('o', over), ADDRESS, '/').user.name).toMatchObject({ givenName, familyName });
  });

  it('reports a name that had to be made up', () => {
    const { losses } = mapUser(
      user('o', { displayName: 'Prince', surname: null, givenName: 'Prince' }),
      ADDRESS,
      '/',
    );

    expect(losses).toEqual([{ field: 'name.familyName', kind: 'added', reason: 'missing-in-source' }]);
  });

  it('case 8: cuts a long name before an emoji that does not fit', () => {
    const givenName = `${'a'.repeat(59)}👩‍💻bb`;

    const { user: mapped, losses } = mapUser(user('o', { givenName }), ADDRESS, '/');

    expect(mapped.name.givenName).toBe('a'.repeat(59));
    expect(losses).toEqual([{ field: 'name.givenName', kind: 'changed', reason: 'limit-60' }]);
  });

  it.each([
    ['en-GB', 'en-GB'],
    ['en-US', 'en'],
    ['pt-br', 'pt-BR'],
    ['de', 'de'],
    ['es-419', 'es-419'],
    ['case 14: no-NO', 'no'],
  ])('language %s → %s', (tag, languageCode) => {
    const preferredLanguage = tag.replace('case 14: ', '');

    expect(mapUser(user('o', { preferredLanguage }), ADDRESS, '/').user.languages).toEqual([
      { languageCode, preference: 'preferred' },
    ]);
  });

  it('drops a language that is none, which would make Google refuse the user', () => {
    const { user: mapped, losses } = mapUser(user('o', { preferredLanguage: 'x1' }), ADDRESS, '/');

    expect(mapped.languages).toBeUndefined();
    expect(losses).toEqual([{ field: 'languages', kind: 'dropped', reason: 'language-not-valid' }]);
  });

  it('keeps the list of phones below one kilobyte', () => {
    const businessPhones = Array.from({ length: 40 }, (_, index) => `+41 31 000 00 ${index}`);

    const { user: mapped, losses } = mapUser(user('o', { businessPhones }), ADDRESS, '/');

    expect(JSON.stringify(mapped.phones).length).toBeLessThanOrEqual(1024);
    expect(losses).toEqual([{ field: 'phones', kind: 'dropped', reason: 'limit-1024-bytes' }]);
  });
});

describe('splitName', () => {
  it('does not take a list of names for one with a comma', () => {
    expect(splitName('A, B, C')).toEqual({ given: 'A, B,', family: 'C' });
  });
});
