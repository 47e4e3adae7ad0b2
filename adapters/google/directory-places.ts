import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/directory_v1.js';
import { Rejected } from '../../src/core/errors.ts';
import type { DirectoryAction, GoogleCalendarResource } from '../../src/core/google.ts';
import type { JsonObject, Receipt } from '../../src/core/types.ts';
import {
  type ActionWriter,
  type DirectoryContext,
  isDuplicate,
  orNull,
  sameAddress,
  wroteBefore,
} from './directory-context.ts';
import { covers, type Fields, mergeFields } from './directory-merge.ts';

type OrgUnitAction = Extract<DirectoryAction, { action: 'org-unit' }>;
type BuildingAction = Extract<DirectoryAction, { action: 'building' }>;
type RoomAction = Extract<DirectoryAction, { action: 'room' }>;

/** Org units by path; parents come first by the rank of their rows. */
export const orgUnitWriter: ActionWriter<OrgUnitAction> = {
  put: async (context, { path }, _prior, signal) => {
    const receipt = { targetId: path, wrote: { path } };
    const cut = path.lastIndexOf('/');
    const name = path.slice(cut + 1);
    if (name === '') return receipt;
    const requestBody = { name, parentOrgUnitPath: cut <= 0 ? '/' : path.slice(0, cut) };
    try {
      await context.call(
        'directory.orgunits.insert',
        (options) =>
          context.apis.directory.orgunits.insert({ customerId: context.customer, requestBody }, options),
        signal,
      );
    } catch (error) {
      // An org unit that exists is refused with 409 or, as an invalid path, with 400.
      const exists = error instanceof Rejected && (error.status === 409 || error.status === 400);
      if (!exists || !(await hasOrgUnit(context, path, signal))) throw error;
    }
    return receipt;
  },
  find: async (context, { path }, signal) =>
    path === '/' || (await hasOrgUnit(context, path, signal)) ? { targetId: path, wrote: { path } } : null,
};

async function hasOrgUnit(context: DirectoryContext, path: string, signal: AbortSignal): Promise<boolean> {
  const orgUnitPath = path.replace(/^\//, '');
  const found = await orNull(
    context.call(
      'directory.orgunits.get',
      (options) =>
        context.apis.directory.orgunits.get({ customerId: context.customer, orgUnitPath }, options),
      signal,
    ),
  );
  return found !== null && sameAddress(found.orgUnitPath ?? path, path);
}

/** Buildings grow: floors are added, never taken away. */
export const buildingWriter: ActionWriter<BuildingAction> = {
  put: async (context, action, prior, signal) => {
    const { buildingId, buildingName, floorNames } = action;
    const { customer } = context;
    const { buildings } = context.apis.directory.resources;
    const receipt = { targetId: buildingId, wrote: { buildingName, floorNames: [...floorNames] } };
    if (prior === null) {
      try {
        await context.call(
          'directory.resources.buildings.insert',
          (options) =>
            buildings.insert(
              { customer, requestBody: { buildingId, buildingName, floorNames: [...floorNames] } },
              options,
            ),
          signal,
        );
        return receipt;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    }
    const held = (await readBuilding(context, buildingId, signal))?.floorNames ?? [];
    const floors = [...new Set([...held, ...floorNames])];
    if (floors.length > held.length) {
      await context.call(
        'directory.resources.buildings.patch',
        (options) => buildings.patch({ customer, buildingId, requestBody: { floorNames: floors } }, options),
        signal,
      );
    }
    return receipt;
  },
  find: async (context, { buildingId, buildingName, floorNames }, signal) => {
    const held = (await readBuilding(context, buildingId, signal))?.floorNames ?? [];
    const holds = floorNames.length > 0 && floorNames.every((floor) => held.includes(floor));
    return holds ? { targetId: buildingId, wrote: { buildingName, floorNames: [...floorNames] } } : null;
  },
};

function readBuilding(
  context: DirectoryContext,
  buildingId: string,
  signal: AbortSignal,
): Promise<admin_directory_v1.Schema$Building | null> {
  const { customer } = context;
  return orNull(
    context.call(
      'directory.resources.buildings.get',
      (options) => context.apis.directory.resources.buildings.get({ customer, buildingId }, options),
      signal,
    ),
  );
}

/** What a resource is before anybody chose a category. */
const ROOM_DEFAULTS = { resourceCategory: 'CATEGORY_UNKNOWN' };

/** Rooms by their own id; Google makes up the address, which the receipt's target id tells. */
export const roomWriter: ActionWriter<RoomAction> = {
  put: async (context, { resource }, prior, signal) => {
    if (prior === null) {
      const created = await insertRoom(context, resource, signal);
      if (created) return created;
    }
    const current = await readRoom(context, resource.resourceId, signal);
    if (current === null) {
      const again = await insertRoom(context, resource, signal);
      if (again) return again;
    }
    return updateRoom(context, resource, current ?? {}, prior, signal);
  },
  find: async (context, { resource }, signal) => {
    const current = await readRoom(context, resource.resourceId, signal);
    if (current === null || !covers(current, roomFields(resource))) return null;
    return roomReceipt(resource, current, roomFields(resource));
  },
};

function roomFields(resource: GoogleCalendarResource): JsonObject {
  const { resourceId: _key, ...fields } = resource;
  return fields as JsonObject;
}

function roomReceipt(
  resource: GoogleCalendarResource,
  stored: admin_directory_v1.Schema$CalendarResource,
  wrote: JsonObject,
): Receipt {
  return { targetId: stored.resourceEmail?.toLowerCase() ?? resource.resourceId, wrote };
}

/** Null when the id is taken. */
async function insertRoom(
  context: DirectoryContext,
  resource: GoogleCalendarResource,
  signal: AbortSignal,
): Promise<Receipt | null> {
  const { customer } = context;
  try {
    const stored = await context.call(
      'directory.resources.calendars.insert',
      (options) =>
        context.apis.directory.resources.calendars.insert(
          { customer, requestBody: { ...resource } },
          options,
        ),
      signal,
    );
    return roomReceipt(resource, stored, roomFields(resource));
  } catch (error) {
    if (isDuplicate(error)) return null;
    if (!isIncompleteRoom(resource, error)) throw error;
  }
  const plain = await insertRoom(context, { ...resource, resourceCategory: 'OTHER' }, signal);
  return plain && { ...plain, losses: [{ field: 'resourceCategory', kind: 'weakened', reason: 'refused' }] };
}

/** Google may ask a meeting room for its building and capacity, which the source need not know; `OTHER` needs none. */
function isIncompleteRoom(resource: GoogleCalendarResource, error: unknown): boolean {
  const { resourceCategory, buildingId, capacity } = resource;
  const lacks = buildingId === undefined || capacity === undefined;
  return lacks && resourceCategory === 'CONFERENCE_ROOM' && error instanceof Rejected && error.status === 400;
}

function readRoom(
  context: DirectoryContext,
  calendarResourceId: string,
  signal: AbortSignal,
): Promise<admin_directory_v1.Schema$CalendarResource | null> {
  const { customer } = context;
  return orNull(
    context.call(
      'directory.resources.calendars.get',
      (options) => context.apis.directory.resources.calendars.get({ customer, calendarResourceId }, options),
      signal,
    ),
  );
}

async function updateRoom(
  context: DirectoryContext,
  resource: GoogleCalendarResource,
  current: admin_directory_v1.Schema$CalendarResource,
  prior: Receipt | null,
  signal: AbortSignal,
): Promise<Receipt> {
  const { customer } = context;
  const merge = mergeFields(roomFields(resource), current as Fields, wroteBefore(prior), ROOM_DEFAULTS);
  if (Object.keys(merge.patch).length > 0) {
    await context.call(
      'directory.resources.calendars.patch',
      (options) =>
        context.apis.directory.resources.calendars.patch(
          { customer, calendarResourceId: resource.resourceId, requestBody: merge.patch },
          options,
        ),
      signal,
    );
  }
  return { ...roomReceipt(resource, current, merge.wrote), losses: merge.losses };
}
