import { NotFound } from '../../../src/core/errors.ts';
import type { ContainerFact } from '../../../src/core/facts.ts';
import type { Principal } from '../../../src/core/types.ts';
import type { GoogleConnection } from '../client.ts';
import { mapInOrder, numberOrNull } from './answers.ts';

/**
 * Every label with the service's own count of messages, which only a get shows; a system label's path is its id alone.
 * A label that is deleted meanwhile is left out.
 */
export async function* readLabels(
  google: GoogleConnection,
  principal: Principal,
  signal: AbortSignal,
): AsyncIterable<ContainerFact> {
  const listed = await google.call(
    'gmail.labels.list',
    principal.target,
    (options) => google.apis.gmail.users.labels.list({ userId: 'me' }, options),
    signal,
    'check',
  );
  const facts = await mapInOrder(listed.labels ?? [], async ({ id, name, type }) => {
    if (!id) return null;
    const count = await countMessages(google, principal, id, signal);
    return count === undefined ? null : labelOf(id, name ?? '', type === 'system', count);
  });
  yield* facts.filter((fact) => fact !== null);
}

function labelOf(id: string, name: string, isSystem: boolean, serviceCount: number | null): ContainerFact {
  return {
    kind: 'container',
    id,
    path: isSystem ? [id] : name.split('/'),
    wellKnown: isSystem ? `label:${id}` : null,
    root: null,
    hidden: false,
    virtual: false,
    serviceCount,
  };
}

/** Undefined where the label has gone. */
async function countMessages(
  google: GoogleConnection,
  principal: Principal,
  id: string,
  signal: AbortSignal,
): Promise<number | null | undefined> {
  try {
    const label = await google.call(
      'gmail.labels.get',
      principal.target,
      (options) => google.apis.gmail.users.labels.get({ userId: 'me', id }, options),
      signal,
      'check',
    );
    return numberOrNull(label.messagesTotal);
  } catch (error) {
    if (error instanceof NotFound && error.scope === 'item') return undefined;
    throw error;
  }
}
