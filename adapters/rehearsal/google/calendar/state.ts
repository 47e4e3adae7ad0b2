import type { Json } from '../json.ts';
import type { Moment } from './expansion.ts';
import type { Recurrence } from './recurrence.ts';
import { createZones, type Zones } from './zones.ts';

export const ROLES = [
  'none',
  'freeBusyReader',
  'reader',
  'writerWithoutPrivateAccess',
  'writer',
  'owner',
] as const;
export type Role = (typeof ROLES)[number];

/** One access rule of a calendar; `value` is empty for the scope `default`. */
export interface AccessRule {
  id: string;
  role: Role;
  type: 'default' | 'user' | 'group' | 'domain';
  value: string;
}

/** An occurrence that differs from its series; `changes` holds the members that were written. */
export interface Override {
  /** `yyyymmddThhmmssZ` or `yyyymmdd` of the original start. */
  key: string;
  originalMs: number;
  changes: Json;
  start: Moment | null;
  end: Moment | null;
  isCancelled: boolean;
  updatedAt: number;
  revision: number;
  sequence: number;
}

/** A single event or the master of a series. */
export interface StoredEvent {
  id: string;
  uid: string;
  /** Writable members without `start`, `end`, `recurrence`, `status`. */
  fields: Json;
  start: Moment;
  end: Moment;
  lines: readonly string[];
  recurrence: Recurrence | null;
  overrides: Map<string, Override>;
  status: 'confirmed' | 'tentative' | 'cancelled';
  sequence: number;
  /** Null = the calendar itself. */
  organizer: Json | null;
  creator: string;
  createdAt: number;
  updatedAt: number;
  /** Number of the change that was the last, over the whole tenant; sync tokens compare it. */
  revision: number;
}

/** `key` is the user's id for a primary calendar (its id follows the address), else the calendar's id. */
export interface StoredCalendar {
  key: string;
  kind: 'primary' | 'secondary' | 'resource';
  /** Null for resources. */
  ownerId: string | null;
  /** Null = the primary address. */
  summary: string | null;
  description: string;
  location: string;
  timeZone: string;
  rules: Map<string, AccessRule>;
  events: Map<string, StoredEvent>;
  byUid: Map<string, string>;
}

/** All calendars of a tenant and each user's list of them. */
export interface CalendarState {
  calendars: Map<string, StoredCalendar>;
  /** User id → calendar key → what the user set for it (colours, hidden, selected …). */
  lists: Map<string, Map<string, Json>>;
  zones: Zones;
  revision: number;
}

/** Creates the empty calendars of a tenant. */
export function createCalendarState(): CalendarState {
  return { calendars: new Map(), lists: new Map(), zones: createZones(), revision: 1 };
}

/** Adds the calendar that every user has from the start. */
export function addPrimaryCalendar(state: CalendarState, userId: string, timeZone: string): void {
  addCalendar(state, { key: userId, kind: 'primary', ownerId: userId, summary: null, timeZone });
}

/** Adds the calendar of a room. */
export function addResourceCalendar(
  state: CalendarState,
  email: string,
  name: string,
  timeZone: string,
): void {
  addCalendar(state, { key: email, kind: 'resource', ownerId: null, summary: name, timeZone });
}

/** Adds an empty calendar and, where somebody owns it, puts it on that person's list. */
export function addCalendar(
  state: CalendarState,
  calendar: Pick<StoredCalendar, 'key' | 'kind' | 'ownerId' | 'summary' | 'timeZone'>,
): StoredCalendar {
  const added: StoredCalendar = {
    ...calendar,
    description: '',
    location: '',
    rules: new Map(),
    events: new Map(),
    byUid: new Map(),
  };
  state.calendars.set(added.key, added);
  if (added.ownerId !== null) listOf(state, added.ownerId).set(added.key, { selected: true });
  return added;
}

/** The calendar list of a user. */
export function listOf(state: CalendarState, userId: string): Map<string, Json> {
  const known = state.lists.get(userId) ?? new Map<string, Json>();
  state.lists.set(userId, known);
  return known;
}
