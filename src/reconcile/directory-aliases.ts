import { type DirectoryScope, directoryUnit, domainOf, leaveOut, onNewDomain } from './directory-scope.ts';

/** Local parts that Google keeps for itself (support.google.com/a/answer/6093413). */
const RESERVED = new Set(['abuse', 'postmaster']);

/** Further addresses of one account or group at both ends. */
export interface AliasSides {
  /** Primary addresses. */
  source: string;
  target: string;
  sourceAliases: readonly string[];
  /** Null where the account or group itself is not at the target. */
  targetAliases: readonly string[] | null;
}

/**
 * Compares further addresses. Each address of the source is a unit; one that becomes the primary address at the
 * target is none. Addresses that the target made by itself (domain aliases, test domains) are not held against it.
 */
export function compareAliases(scope: DirectoryScope, sides: AliasSides): void {
  const { check, organisation, addresses } = scope;
  const target = sides.target.toLowerCase();
  const present = new Set((sides.targetAliases ?? []).map((alias) => alias.toLowerCase()));
  const wanted = new Set<string>();
  for (const alias of new Set(sides.sourceAliases.map((address) => address.toLowerCase()))) {
    if (alias === sides.source.toLowerCase()) continue;
    const unit = directoryUnit(sides.source, 'alias', alias);
    const moved = onNewDomain(alias, organisation);
    if (moved === target || (moved !== null && wanted.has(moved))) continue;
    const leadsTo = addresses.resolve(alias)?.toLowerCase() ?? null;
    if (moved === null) leaveOut(scope, unit, 'unmapped-domain');
    else if (leadsTo !== target) leaveOut(scope, unit, 'address-dropped');
    else {
      wanted.add(moved);
      check.count(1);
      if (present.has(moved)) check.settle(unit, 'arrived');
      else if (RESERVED.has(moved.slice(0, moved.indexOf('@'))))
        check.settle(unit, 'unsupported', { rule: 'reserved-address' });
      else check.miss(unit, { code: 'alias-missing', field: 'alias', sourceValue: moved });
    }
  }
  for (const alias of present)
    if (!isTolerated(scope, sides, alias, wanted))
      check.surplus(directoryUnit(sides.source, 'alias', alias), {
        code: 'alias-extra',
        field: 'alias',
        targetValue: alias,
      });
}

function isTolerated(
  { organisation, addresses }: DirectoryScope,
  { source, target }: AliasSides,
  alias: string,
  wanted: ReadonlySet<string>,
): boolean {
  if (alias === target.toLowerCase() || wanted.has(alias)) return true;
  const old = [source, ...addresses.aliasesOf(target)];
  if (old.some((address) => onNewDomain(address, organisation) === alias)) return true;
  const isOwnDomain = Object.values(organisation.domains).some(
    (domain) => domain.toLowerCase() === domainOf(alias),
  );
  if (isOwnDomain) return false;
  const local = alias.slice(0, alias.lastIndexOf('@') + 1);
  return [target.toLowerCase(), ...wanted].some((address) => address.startsWith(local));
}
