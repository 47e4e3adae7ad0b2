import { NotFound } from '../../src/core/errors.ts';
import type { EventValue, ExceptionValue, GoogleAttendee } from '../../src/core/google.ts';
import type { Loss, Receipt } from '../../src/core/types.ts';
import type { GoogleConnection } from './client.ts';

/** Puts the addresses that Google made up for rooms in the place of their old ones. */
export interface RoomAddresses {
  /** Runs a write with the value as Google knows its rooms. A room that is not at Google keeps its old address. */
  resolved<V extends EventValue | ExceptionValue>(
    value: V,
    write: (value: V) => Promise<Receipt>,
    signal: AbortSignal,
  ): Promise<Receipt>;
}

/**
 * Reads each room's address once, by its resource id. `resourceIds` are looked up by the room's old address, lower
 * case. Google generates `resourceEmail`, so that nobody knows it before the room is there.
 * Source: Directory API v1, schema `CalendarResource`.
 */
export function createRoomAddresses(
  google: GoogleConnection,
  resourceIds: ReadonlyMap<string, string>,
): RoomAddresses {
  const known = new Map<string, Promise<string | null>>();
  const addressOf = async (resourceId: string, signal: AbortSignal): Promise<string | null> => {
    const pending = known.get(resourceId) ?? readAddress(google, resourceId, signal);
    known.set(resourceId, pending);
    try {
      return await pending;
    } catch (error) {
      if (known.get(resourceId) === pending) known.delete(resourceId);
      throw error;
    }
  };
  return {
    resolved: async (value, write, signal) => {
      const guests = guestsOf(value);
      const rooms = new Map<string, string | null>();
      for (const { email } of guests) {
        const resourceId = resourceIds.get(email.toLowerCase());
        if (resourceId !== undefined) rooms.set(email, await addressOf(resourceId, signal));
      }
      if (rooms.size === 0) return write(value);
      const attendees = guests.map((guest) => ({ ...guest, email: rooms.get(guest.email) ?? guest.email }));
      const receipt = await write(withGuests(value, attendees));
      const isUnknown = [...rooms.values()].includes(null);
      return isUnknown ? { ...receipt, losses: [...(receipt.losses ?? []), ROOM_UNKNOWN] } : receipt;
    },
  };
}

const ROOM_UNKNOWN: Loss = { field: 'attendees', kind: 'weakened', reason: 'room-not-at-target' };

function guestsOf(value: EventValue | ExceptionValue): readonly GoogleAttendee[] {
  return (value.kind === 'event' ? value.event : value.patch).attendees ?? [];
}

function withGuests<V extends EventValue | ExceptionValue>(value: V, attendees: GoogleAttendee[]): V {
  return value.kind === 'event'
    ? { ...value, event: { ...value.event, attendees } }
    : { ...value, patch: { ...value.patch, attendees } };
}

async function readAddress(
  google: GoogleConnection,
  calendarResourceId: string,
  signal: AbortSignal,
): Promise<string | null> {
  const { admin, apis, customer } = google;
  try {
    const room = await google.call(
      'directory.resources.calendars.get',
      admin,
      (options) => apis.directory.resources.calendars.get({ customer, calendarResourceId }, options),
      signal,
    );
    return room.resourceEmail?.toLowerCase() ?? null;
  } catch (error) {
    if (error instanceof NotFound) return null;
    throw error;
  }
}
