/** `account`: without a mailbox, so that only the directory entry moves. */
export type PersonKind = 'person' | 'shared' | 'account';

/** One line of `people.csv`; include `false` leaves the person behind. */
export interface PersonRow {
  /** UPN, lower case: the name under which Graph finds the mailbox. */
  source: string;
  /** Primary address at Google; empty where the rules give none. */
  target: string;
  organisation: string;
  wave: string;
  kind: PersonKind;
  include: boolean;
  /** Path starting with `/`; empty = the organisation's own. */
  orgUnit: string;
  licence: string;
  note: string;
}

/** One line of `groups.csv`. `source` is the group's address, or its object id where it has none. */
export interface GroupRow {
  source: string;
  target: string;
  organisation: string;
  /** `unified`, `distribution`, `mail-security`, `security`, `dynamic`. */
  type: string;
  include: boolean;
  note: string;
}

/** One line of `rooms.csv`: a room or piece of equipment by its mailbox address. */
export interface RoomRow {
  source: string;
  resourceId: string;
  name: string;
  building: string;
  capacity: number | null;
  include: boolean;
}

/** One line of `addresses.csv`: where an old address leads. */
export interface AddressRow {
  /** Lower case. */
  old: string;
  /** The new primary address; empty where the old one leads nowhere. */
  new: string;
  /** `smtp`, `upn`, `mail` or `x500`. */
  kind: string;
  /** Why it leads there; `AddressRule` of `addresses.ts`. */
  rule: string;
}
