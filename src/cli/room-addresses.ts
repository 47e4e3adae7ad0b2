import type { GoogleConnection } from '../../adapters/google/client.ts';
import { readRoomAddresses } from '../../adapters/google/inventory/people.ts';
import { throwIfAborted } from '../core/clock.ts';
import { MigrationError } from '../core/errors.ts';
import type { RoomRow } from '../core/estate-rows.ts';
import type { Log } from '../core/log.ts';
import type { AddressBook } from '../core/types.ts';

/**
 * The address book with the rooms of `rooms.csv` in it, which Google gave addresses of its own: each is found at the
 * target by its resource id. Where the rooms cannot be read the book stays as it is; the directory's check says why.
 */
export async function withRoomAddresses(
  addresses: AddressBook,
  rooms: readonly RoomRow[],
  targets: readonly GoogleConnection[],
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<AddressBook> {
  const included = rooms.filter(({ include }) => include);
  if (included.length === 0) return addresses;
  const byId = new Map<string, string>();
  for (const target of new Set(targets)) {
    try {
      for (const [id, address] of await readRoomAddresses(target, signal)) byId.set(id, address);
    } catch (error) {
      throwIfAborted(signal);
      if (!(error instanceof MigrationError)) throw error;
      log('warn', 'room-addresses-unreadable', { code: error.code });
    }
  }
  const byOld = new Map(
    included.flatMap(({ source, resourceId }) => {
      const address = byId.get(resourceId);
      return address === undefined ? [] : [[source.toLowerCase(), address] as const];
    }),
  );
  return {
    resolve: (old) => addresses.resolve(old) ?? byOld.get(old.trim().toLowerCase()) ?? null,
    aliasesOf: (target) => addresses.aliasesOf(target),
  };
}
