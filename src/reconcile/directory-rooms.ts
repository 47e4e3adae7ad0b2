import type { RoomFact } from '../core/facts.ts';
import { type DirectoryScope, directoryUnit, isSourceDomain, leaveOut } from './directory-scope.ts';
import { fold } from './names.ts';

/** Compares rooms by name and capacity; what `rooms.csv` says goes before what the source's directory says. */
export function compareRooms(scope: DirectoryScope): void {
  const facts = new Map(scope.source.rooms.map((room) => [room.address.toLowerCase(), room]));
  const rows = scope.rooms.filter(({ source }) => isSourceDomain(scope.organisation, source));
  const free = new Set(scope.target.rooms);
  for (const row of rows) {
    const address = row.source.toLowerCase();
    const fact = facts.get(address);
    facts.delete(address);
    if (!row.include) leaveOut(scope, directoryUnit(address, 'room', address), 'not-included');
    else
      compareRoom(
        scope,
        { address, name: row.name || (fact?.name ?? ''), capacity: row.capacity ?? fact?.capacity ?? null },
        free,
      );
  }
  for (const address of facts.keys())
    if (isSourceDomain(scope.organisation, address))
      leaveOut(scope, directoryUnit(address, 'room', address), 'not-in-scope');
}

function compareRoom(scope: DirectoryScope, wanted: Omit<RoomFact, 'kind'>, free: Set<RoomFact>): void {
  const { check, addresses } = scope;
  const unit = directoryUnit(wanted.address, 'room', wanted.address);
  const moved = addresses.resolve(wanted.address)?.toLowerCase() ?? null;
  const found =
    [...free].find(({ address }) => address.toLowerCase() === moved) ??
    [...free].find(({ name }) => fold(name) === fold(wanted.name));
  check.count(1);
  if (found === undefined) {
    check.miss(unit, { code: 'room-missing', sourceValue: wanted.name });
    return;
  }
  free.delete(found);
  const sameName = fold(found.name) === fold(wanted.name) || wanted.name === '';
  const sameCapacity = wanted.capacity === null || wanted.capacity <= 0 || wanted.capacity === found.capacity;
  check.settle(unit, 'arrived', { differs: !sameName || !sameCapacity });
  if (!sameName)
    check.differ(unit, {
      code: 'room-differs',
      field: 'name',
      sourceValue: wanted.name,
      targetValue: found.name,
    });
  if (!sameCapacity)
    check.differ(unit, {
      code: 'room-differs',
      field: 'capacity',
      sourceValue: String(wanted.capacity),
      targetValue: String(found.capacity),
    });
}
