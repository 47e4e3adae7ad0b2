import type { AddressRow } from './estate-rows.ts';
import type { AddressBook } from './types.ts';

/** The address without the prefix of its type (`smtp:`, `x500:`, `ex:`, `mailto:`), trimmed, lower case. */
export function bareAddress(address: string): string {
  return address
    .trim()
    .toLowerCase()
    .replace(/^(?:smtp|x500|ex|mailto):/, '');
}

/** The address book of `addresses.csv`: old address in any case, with or without its type prefix → new primary. */
export function addressBook(rows: readonly AddressRow[]): AddressBook {
  const forward = new Map<string, string>();
  const backward = new Map<string, string[]>();
  for (const row of rows) {
    const old = bareAddress(row.old);
    const next = row.new.trim().toLowerCase();
    if (next === '' || forward.has(old)) continue;
    forward.set(old, next);
    backward.set(next, [...(backward.get(next) ?? []), old]);
  }
  return {
    resolve: (old) => forward.get(bareAddress(old)) ?? null,
    aliasesOf: (target) => backward.get(target.trim().toLowerCase()) ?? [],
  };
}
