import { expect, it } from 'vitest';
import { createGoogleInventory } from '../../../../adapters/google/inventory/inventory.ts';
import { CHECK_SCOPES } from '../../../../adapters/google/inventory/scopes.ts';
import type { MailReadOptions } from '../../../../src/core/facts.ts';
import type { Principal } from '../../../../src/core/types.ts';
import { ANN, faults, hasContracts, type Script, ScriptedTenant, target } from '../tenant.ts';

export const ann: Principal = {
  kind: 'person',
  id: 'oid-ann',
  source: 'ann@old.example',
  target: ANN,
  organisation: 'regulator',
  wave: '1',
};

export const GMAIL = 'GET /gmail/v1/users/me';
export const CALENDAR = 'GET /calendar/v3';
export const DIRECTORY = 'GET /admin/directory/v1';

export const ITEMS: MailReadOptions = { depth: 'items', needsContent: () => false };

/** The checker's reader, with its own scopes, over a tenant of scripted answers. */
export function inventoryOf(script: Script) {
  const tenant = new ScriptedTenant(script, target(), { scopes: CHECK_SCOPES });
  return { tenant, inventory: createGoogleInventory(tenant.google) };
}

export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of iterable) all.push(each);
  return all;
}

/** To be called after the other tests of a file: the tenant has held every request against the descriptions. */
export function requestsFollowTheDescriptions(): void {
  it.skipIf(!hasContracts)('every request follows the descriptions (needs ../shared/contracts)', () => {
    expect(faults).toEqual([]);
  });
}
