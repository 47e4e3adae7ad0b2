import type { RoomRow } from '../src/core/estate-rows.ts';
import type { GoogleCalendarResource } from '../src/core/google.ts';
import type { GraphRoom } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';
import { sha256Hex } from './digest.ts';
import { cleanLine, cutAtGrapheme, present } from './text.ts';

/** Ids and names of buildings and floors (Directory API v1, schema `Building`). */
const MAX_NAME = 100;
const ONLY_FLOOR = '1';

/** A building with its floors, as the action that makes it. */
export interface Building {
  buildingId: string;
  buildingName: string;
  floorNames: string[];
}

/** A calendar resource and what it has no field for. */
export interface MappedRoom {
  resource: GoogleCalendarResource;
  losses: Loss[];
}

/** The buildings that the rooms lie in, each with its floors (at least one), in the order of their names. */
export function buildingsOf(rooms: readonly { row: RoomRow; room: GraphRoom | null }[]): Building[] {
  const floors = new Map<string, Set<string>>();
  for (const { row, room } of rooms) {
    const name = buildingName(row);
    if (name === null) continue;
    floors.set(name, (floors.get(name) ?? new Set()).add(floorName(room)));
  }
  return [...floors]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, names]) => ({
      buildingId: buildingId(name),
      buildingName: name,
      floorNames: [...names].sort(),
    }));
}

/**
 * A room or piece of equipment as calendar resource (mapping 4.7). `room` is null for mailboxes that are no places:
 * their category follows `isEquipment`. What Google has no field for goes into the description.
 */
export function mapRoom(row: RoomRow, room: GraphRoom | null, isEquipment = false): MappedRoom {
  const building = buildingName(row);
  const description = room === null ? null : describeRoom(room);
  // The room's own copies of its bookings stay behind; the organisers' and guests' copies name the room.
  const losses: Loss[] = [{ field: 'calendar', kind: 'dropped', reason: 'room-bookings-not-moved' }];
  if (description !== null) losses.push({ field: 'equipment', kind: 'changed', reason: 'as-description' });
  if (room?.bookingType?.toLowerCase() === 'reserved')
    losses.push({ field: 'bookingType', kind: 'dropped', reason: 'no-equivalent' });
  const resource: GoogleCalendarResource = {
    resourceId: row.resourceId,
    resourceName: cutAtGrapheme(cleanLine(row.name) || row.source, MAX_NAME),
    resourceCategory: isEquipment ? 'OTHER' : 'CONFERENCE_ROOM',
    ...(row.capacity !== null && row.capacity > 0 ? { capacity: row.capacity } : {}),
    ...(building === null ? {} : { buildingId: buildingId(building), floorName: floorName(room) }),
    ...(description === null ? {} : { userVisibleDescription: description }),
  };
  return { resource, losses };
}

function buildingName(row: RoomRow): string | null {
  return present(cutAtGrapheme(cleanLine(row.building), MAX_NAME));
}

function buildingId(name: string): string {
  return `building-${sha256Hex(name).slice(0, 16)}`;
}

function floorName(room: GraphRoom | null): string {
  const label = present(cleanLine(room?.floorLabel ?? ''));
  return cutAtGrapheme(label ?? String(room?.floorNumber ?? ONLY_FLOOR), MAX_NAME);
}

function describeRoom(room: GraphRoom): string | null {
  const parts = [
    room.label,
    ...room.tags,
    room.audioDeviceName,
    room.videoDeviceName,
    room.displayDeviceName,
    room.isWheelChairAccessible ? 'wheelchair accessible' : null,
  ];
  return present(parts.flatMap((part) => present(cleanLine(part ?? '')) ?? []).join(', '));
}
