import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { ConfigFault } from '../core/errors.ts';
import type { CredentialContext } from './credentials.ts';
import type { FerryYaml } from './ferry-yaml-schema.ts';

/** Where a working folder's ledger is kept: in a file of its own, or in a schema of a PostgreSQL database. */
export type LedgerPlace =
  | { kind: 'file'; path: string }
  /** `url` may hold a password: never shown. */
  | { kind: 'postgres'; url: string; schema: string };

const VARIABLE = 'FERRY_LEDGER';
const ALLOWED = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE';
const LONGEST_SLUG = 40;
const HASH_DIGITS = 8;

/**
 * What `FERRY_LEDGER`, else `ledger:` in `ferry.yaml` says; `.ferry/ledger.db` when neither does. Adds a fault, without
 * the address in it, for what is no address of a PostgreSQL database.
 */
export function ledgerPlace(
  { ledger, programme }: Pick<FerryYaml, 'ledger' | 'programme'>,
  { dir, file, line, env, faults }: CredentialContext,
): LedgerPlace {
  const ofFile: LedgerPlace = { kind: 'file', path: join(dir, '.ferry', 'ledger.db') };
  const named = typeof ledger === 'object' ? ledger.env : VARIABLE;
  const address = env[VARIABLE] || (typeof ledger === 'object' ? env[ledger.env] : ledger);
  if (!address && ledger === undefined) return ofFile;
  const fault = address ? faultOf(address) : `the variable ${named} is not set`;
  if (address && fault === null)
    return { kind: 'postgres', url: address, schema: programmeSchema(programme ?? basename(dir)) };
  const at = env[VARIABLE] ? { file: VARIABLE, line: 0 } : { file, line };
  faults.push({ ...at, found: fault ?? 'nothing', allowed: ALLOWED } satisfies ConfigFault);
  return ofFile;
}

/**
 * The name of a programme's schema: `ferry_` and the name folded to letters and digits, with a hash of the name where
 * folding changed it, so that two programmes never share one.
 */
export function programmeSchema(programme: string): string {
  const slug = programme
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_SLUG);
  if (slug === programme) return `ferry_${slug}`;
  const hash = createHash('sha256').update(programme).digest('hex').slice(0, HASH_DIGITS);
  return `ferry_${slug}_${hash}`;
}

function faultOf(address: string): string | null {
  if (!URL.canParse(address)) return 'ledger: no address';
  const { protocol } = new URL(address);
  return /^postgres(?:ql)?:$/.test(protocol) ? null : `ledger: an address that starts with ${protocol}`;
}
