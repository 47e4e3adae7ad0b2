import { MigrationError, NotFound, Rejected } from '../../../src/core/errors.ts';
import type { DirectoryFact, RoomFact, UserFact } from '../../../src/core/facts.ts';
import type { Organisation } from '../../../src/core/types.ts';
import type { GraphClient } from '../client.ts';
import { mapParallel } from '../parallel.ts';
import { aliasesOf, domainOf, isGuest, primaryOf } from './addresses.ts';
import { type Answer, asAnswer, numberOrNull, textOf } from './answers.ts';
import { readGroups } from './groups.ts';

const USER_SELECT =
  'id,userPrincipalName,mail,givenName,surname,displayName,jobTitle,department,accountEnabled,proxyAddresses,userType';
const MANAGERS_AT_ONCE = 4;

/** People, groups with direct and transitive members, and rooms of one organisation, by its source domains. */
export async function* readDirectory(
  client: GraphClient,
  organisation: Organisation,
  signal: AbortSignal,
): AsyncIterable<DirectoryFact> {
  const owns = (address: string) => Object.hasOwn(organisation.domains, domainOf(address));
  const addresses = new Map<string, string>();
  const people: Person[] = [];
  for await (const answer of readUsers(client, signal)) {
    if (isGuest(answer)) continue;
    const fact = userOf(answer);
    addresses.set(textOf(answer.id), fact.address);
    if (owns(fact.address) || owns(textOf(answer.userPrincipalName)) || owns(textOf(answer.mail)))
      people.push({ fact, managerId: textOf(asAnswer(answer.manager).id) });
  }
  for (const { fact, managerId } of await withManagers(client, people, signal))
    yield { ...fact, managerAddress: addresses.get(managerId) ?? null };
  yield* readGroups(client, { owns, addresses }, signal);
  yield* readRooms(client, owns, signal);
}

interface Person {
  fact: UserFact;
  /** Empty where there is none, or the list does not show it. */
  managerId: string;
}

/** Pages of `/users` with their managers; without them where the service refuses to expand. */
async function* readUsers(client: GraphClient, signal: AbortSignal): AsyncIterable<Answer> {
  const plain = { $top: '999', $select: USER_SELECT };
  const request = { method: 'users.list', path: '/users', priority: 'check' as const };
  let count = 0;
  try {
    const query = { ...plain, $expand: 'manager($select=id)' };
    for await (const page of client.pages({ ...request, query }, signal)) {
      count += page.value.length;
      yield* page.value.map(asAnswer);
    }
  } catch (error) {
    if (count > 0 || !(error instanceof Rejected) || error.status !== 400) throw error;
    for await (const page of client.pages({ ...request, query: plain }, signal))
      yield* page.value.map(asAnswer);
  }
}

/** Where no manager at all was listed, each is asked for: the list may not show them. */
async function withManagers(
  client: GraphClient,
  people: readonly Person[],
  signal: AbortSignal,
): Promise<readonly Person[]> {
  if (people.some(({ managerId }) => managerId !== '')) return people;
  return mapParallel(people, MANAGERS_AT_ONCE, async (person) => ({
    ...person,
    managerId: await readManager(client, person.fact.id ?? '', signal),
  }));
}

async function readManager(client: GraphClient, id: string, signal: AbortSignal): Promise<string> {
  const path = `/users/${encodeURIComponent(id)}/manager`;
  const request = { method: 'users.manager', path, query: { $select: 'id' }, priority: 'check' as const };
  try {
    return textOf(asAnswer(await client.get(request, signal)).id);
  } catch (error) {
    if (error instanceof NotFound) return '';
    throw error;
  }
}

function userOf(answer: Answer): UserFact {
  const address = primaryOf(answer);
  return {
    kind: 'user',
    id: textOf(answer.id),
    address,
    givenName: textOf(answer.givenName),
    familyName: textOf(answer.surname),
    title: textOf(answer.jobTitle),
    department: textOf(answer.department),
    suspended: answer.accountEnabled === false,
    aliases: aliasesOf(answer, address),
    managerAddress: null,
  };
}

/** Rooms are a permission of their own; where they may not be read none is listed, here as by the mover. */
async function* readRooms(
  client: GraphClient,
  owns: (address: string) => boolean,
  signal: AbortSignal,
): AsyncIterable<RoomFact> {
  const query = { $top: '100' };
  const request = { method: 'places.rooms', path: '/places/microsoft.graph.room', query };
  try {
    for await (const page of client.pages({ ...request, priority: 'check' }, signal)) {
      for (const answer of page.value.map(asAnswer)) {
        const address = textOf(answer.emailAddress).toLowerCase();
        if (owns(address)) yield roomOf(answer, address);
      }
    }
  } catch (error) {
    const isRefused = error instanceof MigrationError && [400, 403, 404].includes(error.status ?? 0);
    if (!isRefused || error.retryable) throw error;
    client.log('warn', 'inventory.rooms-not-readable', { code: error.code });
  }
}

function roomOf(answer: Answer, address: string): RoomFact {
  return {
    kind: 'room',
    address,
    name: textOf(answer.displayName),
    capacity: numberOrNull(answer.capacity),
  };
}
