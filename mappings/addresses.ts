import type { GraphUser } from '../src/core/microsoft.ts';
import type { Loss } from '../src/core/types.ts';

/** Local parts that can be neither user nor alias at Google (support.google.com/a/answer/6093413). */
export const RESERVED_LOCAL_PARTS: readonly string[] = ['abuse', 'postmaster'];

/** Words that an administrator may use as a group's address but not as its alias (same page). */
export const RESERVED_GROUP_ALIASES: readonly string[] = [
  ...RESERVED_LOCAL_PARTS,
  'admin',
  'administrator',
  'hostmaster',
  'majordomo',
  'root',
  'ssl-admin',
  'webmaster',
];

/** Aliases that one user or group may have (support.google.com/a/answer/33327). */
export const MAX_ALIASES = 30;

const MAX_LOCAL_PART = 64;
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
  ħ: 'h',
};

/** A rewritten address, or the rule by which there is none. */
export type Rewritten =
  | { address: string; losses: readonly Loss[] }
  | { address: null; rule: 'not-an-address' | 'domain-not-mapped' | 'local-part-empty' };

/**
 * The address at the target for an address at the source: domain by the map (`drop` or nothing = none), local part
 * lower case, folded to ASCII, other characters than letters, digits and `-_'.` as `-`, single dots inside only, at
 * most 64 long. A local part that had to change leaves a loss.
 */
export function rewriteAddress(address: string, domains: Readonly<Record<string, string>>): Rewritten {
  const lower = address.trim().toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 1 || at === lower.length - 1) return { address: null, rule: 'not-an-address' };
  const domain = domains[lower.slice(at + 1)];
  if (domain === undefined || domain === '' || domain === 'drop')
    return { address: null, rule: 'domain-not-mapped' };
  const local = rewriteLocalPart(lower.slice(0, at));
  if (local === '') return { address: null, rule: 'local-part-empty' };
  const changed = local !== lower.slice(0, at);
  return {
    address: `${local}@${domain.toLowerCase()}`,
    losses: changed ? [{ field: 'address', kind: 'changed', reason: 'local-part-not-allowed' }] : [],
  };
}

/** A local part that Google accepts (support.google.com/a/answer/9193374); empty when no letter or digit remains. */
export function rewriteLocalPart(local: string): string {
  const folded = local
    .toLowerCase()
    .replace(/[ßæœøđðłþıħ]/g, (letter) => LETTERS[letter] ?? letter)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_'.-]/gu, '-');
  if (!/[a-z0-9]/.test(folded)) return '';
  return trimDots(trimDots(folded).slice(0, MAX_LOCAL_PART));
}

function trimDots(text: string): string {
  return text.replace(/\.{2,}/g, '.').replace(/^\.|\.$/g, '');
}

/** The primary SMTP address in lower case: the `SMTP:` entry, else `mail`, else the UPN; null where there is none. */
export function primarySmtp(holder: {
  proxyAddresses: readonly string[];
  mail: string | null;
  userPrincipalName?: string;
}): string | null {
  const primary = holder.proxyAddresses.find((proxy) => proxy.startsWith('SMTP:'))?.slice(5);
  const chosen = [primary, holder.mail, holder.userPrincipalName].find((value) => value?.includes('@'));
  return chosen?.trim().toLowerCase() ?? null;
}

/** All SMTP proxy addresses in lower case, each once, in the order of the source. */
export function smtpProxies(proxyAddresses: readonly string[]): string[] {
  const smtp = proxyAddresses.filter((proxy) => /^smtp:.+@/i.test(proxy));
  return [...new Set(smtp.map((proxy) => proxy.slice(5).trim().toLowerCase()))];
}

/** True for guests of the tenant, who get no account of their own. */
export function isGuest(user: Pick<GraphUser, 'userType' | 'userPrincipalName'>): boolean {
  return user.userType?.toLowerCase() === 'guest' || user.userPrincipalName.toLowerCase().includes('#ext#');
}

/** True for something that can stand as an address in a member list or an invitation. */
export function isMailAddress(text: string | null | undefined): text is string {
  return text !== null && text !== undefined && /^[^\s@,;<>"()]+@[^\s@,;<>"()]+\.[^\s@,;<>"()]+$/.test(text);
}
