import type { DirectoryResource } from '../core/microsoft.ts';
import type { Ledger } from '../core/ports.ts';

/** What a directory row of the ledger is about, in the checker's words: addresses instead of object ids. */
export interface DirectoryPlace {
  container: string;
  itemKey: string;
}

/**
 * Reads who stands behind the object ids of an organisation, from the estate that `ferry discover` has saved. The
 * result turns ledger keys (`member:<gid>/<oid>`) into the checker's items (`member:<address>` in its group).
 */
export async function directoryPlaces(
  ledger: Ledger,
  organisation: string,
): Promise<(key: string) => DirectoryPlace | null> {
  const addresses = new Map<string, string>();
  for await (const { id, value } of ledger.estate(organisation)) {
    const resource = value as unknown as DirectoryResource;
    const address = addressOf(resource);
    if (address !== null) addresses.set(id, address);
    if (resource.kind !== 'group') continue;
    for (const member of [...resource.members, ...resource.owners]) {
      const own = member.mail ?? member.userPrincipalName;
      if (own !== null && !addresses.has(member.id)) addresses.set(member.id, own.toLowerCase());
    }
  }
  return (key) => placeOf(key, addresses);
}

function addressOf(resource: DirectoryResource): string | null {
  if (resource.kind === 'user') return resource.userPrincipalName.toLowerCase();
  if (resource.kind === 'room') return resource.emailAddress.toLowerCase();
  return resource.kind === 'group' ? (resource.mail?.toLowerCase() ?? resource.id) : null;
}

function placeOf(key: string, addresses: ReadonlyMap<string, string>): DirectoryPlace | null {
  const [, kind = '', name = ''] = /^([a-z-]+):(.*)$/.exec(key) ?? [];
  const [owner = '', member] = name.split('/');
  const container = addresses.get(owner);
  if (container === undefined) return null;
  const subject = member === undefined ? container : addresses.get(member);
  return subject === undefined ? null : { container, itemKey: `${kind}:${subject}` };
}
