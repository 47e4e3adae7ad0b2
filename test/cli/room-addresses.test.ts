import { describe, expect, it } from 'vitest';
import { withRoomAddresses } from '../../src/cli/room-addresses.ts';
import { silent } from '../../src/core/log.ts';
import type { AddressBook } from '../../src/core/types.ts';
import { failure, never, type Reply, ScriptedTenant } from '../adapters/google/tenant.ts';

const RESOURCES = 'GET /admin/directory/v1/customer/my_customer/resources/calendars';
const addresses: AddressBook = {
  resolve: (old) => (old === 'ann@old.example' ? 'ann@new.example' : null),
  aliasesOf: () => ['ann@old.example'],
};
const row = {
  source: 'room@old.example',
  resourceId: 'r1',
  name: '',
  building: '',
  capacity: null,
  include: true,
};

async function bookOf(answer: Reply | Reply[], rooms = [row]) {
  const { google } = new ScriptedTenant({ [RESOURCES]: answer });
  return withRoomAddresses(addresses, rooms, [google], { log: silent, signal: never });
}

describe('the checker’s address book', () => {
  it('leads from the old address of a room to the one that Google gave it', async () => {
    const book = await bookOf([
      { json: { items: [{ resourceId: 'other', resourceEmail: 'x@y' }], nextPageToken: 't' } },
      { json: { items: [{ resourceId: 'r1', resourceEmail: 'C_1@resource.calendar.google.com' }, {}] } },
    ]);

    expect(book.resolve('Room@old.example')).toBe('c_1@resource.calendar.google.com');
    expect(book.resolve('ann@old.example')).toBe('ann@new.example');
    expect(book.aliasesOf('ann@new.example')).toEqual(['ann@old.example']);
  });

  it.each<[string, Reply, (typeof row)[]]>([
    ['the room is not there', { json: {} }, [row]],
    [
      'the room stays behind',
      { json: { items: [{ resourceId: 'r1', resourceEmail: 'x@y' }] } },
      [{ ...row, include: false }],
    ],
    ['rooms may not be read', failure(403, 'forbidden', 'Not Authorized'), [row]],
  ])('knows no new address where %s', async (_, answer, rooms) => {
    const book = await bookOf(answer, rooms);

    expect(book.resolve('room@old.example')).toBeNull();
  });
});
