import type { Copy, MapContext, Workload } from '../../src/core/ports.ts';
import type { Mapped } from '../../src/core/types.ts';
import type { MailBody, MailEstate } from './mail-estate.ts';
import type { MailPut, MailTenant } from './mail-tenant.ts';

/** The mail workload in small: folders become labels, copies one message with the union of them. */
export function mailWorkload(source: MailEstate, target: MailTenant): Workload<MailBody, MailPut> {
  return {
    name: 'mail',
    source,
    target,
    containerRank: 100,
    prepare: () => null,
    groups: true,
    fingerprint: async ({ body }) => body,
    needsResource: (item, prior) => item.state.kind === 'message' && prior === null,
    map,
  };
}

function map(
  copies: readonly [Copy<MailBody>, ...Copy<MailBody>[]],
  { variant }: MapContext<unknown>,
): Mapped<MailPut> {
  const [{ item, resource }] = copies;
  const { kind, name } = item.state;
  if (kind === 'folder') return { kind: 'value', value: { kind: 'label', name: String(name) }, losses: [] };
  const moved = copies.filter((copy) => copy.item.container !== 'junk');
  if (moved.length === 0) return { kind: 'skip', reason: { outcome: 'excluded', rule: 'junk' } };
  const unread = moved.every((copy) => !copy.item.state.read) ? ['UNREAD'] : [];
  const places = moved.flatMap(({ parent }) => parent?.targetId ?? []);
  return {
    kind: 'value',
    value: {
      kind: 'message',
      identity: item.identity ?? item.key,
      body: resource?.body ?? null,
      labels: [...new Set([...places, ...unread])].sort(),
      variant,
    },
    losses: [],
  };
}
