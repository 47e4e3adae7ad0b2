/**
 * Exchange's two id formats. Immutable ids are the estate's own; ordinary ids name the container too, so that they
 * change when an item moves, and only clients that ask for `IdType="ImmutableId"` can follow it.
 */
const ORDINARY = 'AAMk';
const OCCURRENCE = 'AAkO';

/** The id of an item as a client sees it. */
export function exposeId(isImmutable: boolean, containerId: string, id: string): string {
  return isImmutable ? id : ORDINARY + pack(containerId, id);
}

/** Container and immutable id of an ordinary id; null for an id in another format. */
export function readOrdinaryId(given: string): { containerId: string; id: string } | null {
  const parts = given.startsWith(ORDINARY) ? unpack(given.slice(ORDINARY.length)) : null;
  return parts ? { containerId: parts[0], id: parts[1] } : null;
}

/** The immutable id of an occurrence that has no item of its own. */
export function occurrenceId(masterId: string, date: string): string {
  return OCCURRENCE + pack(masterId, date);
}

/** Master and local date of an occurrence's id; null for any other. */
export function readOccurrenceId(id: string): { masterId: string; date: string } | null {
  const parts = id.startsWith(OCCURRENCE) ? unpack(id.slice(OCCURRENCE.length)) : null;
  return parts ? { masterId: parts[0], date: parts[1] } : null;
}

function pack(one: string, other: string): string {
  return Buffer.from(`${one}\n${other}`).toString('base64url');
}

function unpack(text: string): [string, string] | null {
  const [one, other, ...rest] = Buffer.from(text, 'base64url').toString('utf8').split('\n');
  return one && other && rest.length === 0 ? [one, other] : null;
}
